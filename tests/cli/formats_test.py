"""All formats tell the same of the same scan."""
import json
import re

from support import FORMATS, Case, csv_rows, main, places


def sarif_places(document):
    found = []
    for result in document["runs"][0]["results"]:
        if result.get("suppressions"):
            continue
        for location in result["locations"]:
            physical = location["physicalLocation"]
            region = physical["region"]
            found.append((result["ruleId"], physical["artifactLocation"]["uri"], region["startLine"],
                          region["startColumn"]))
    return sorted(found)


class Formats(Case):
    def setUp(self):
        super().setUp()
        kinds = ["github", "npm", "slack", "stripe", "gitlab", "sendgrid"]
        for number in range(24):
            self.write(f"folder{number % 4}/file{number}.env", "line\n" * number + f'key = "{self.secret(kinds[number % 6])}"\n')
        twice = self.github()
        self.write("twice.env", f"a = {twice}\nb = {twice}\n")
        self.write("allowed.env", f"a = {self.github()}  # keytrail:allow\n")

    def test_all_formats_tell_the_same(self):
        want = places(self.scan(".", code=1))
        self.assertEqual(len(want), 26)

        lines = [json.loads(line) for line in
                 self.keytrail("scan", "--format", "jsonl", ".", code=1).stdout.splitlines()]
        self.assertEqual(places({"findings": [line for line in lines if line["type"] == "finding"]}), want)

        self.assertEqual(sarif_places(self.keytrail("scan", "--format", "sarif", ".", code=1).json), want)

        rows = csv_rows(self.keytrail("scan", "--format", "csv", ".", code=1).stdout)
        self.assertEqual(sorted((row["rule"], row["path"], int(row["start_line"]), int(row["start_column"]))
                                for row in rows if not row["suppressed"]), want)

        text = self.keytrail("scan", "--format", "text", ".", code=1).stdout
        shown = re.findall(r"((?:folder\d/)?\w+\.env):(\d+):(\d+)", text)
        self.assertEqual(sorted((path, int(line), int(column)) for path, line, column in shown
                                if path != "allowed.env"), sorted(place[1:] for place in want))
        self.assertEqual(self.keytrail("scan", ".", code=1).stdout, text)

    def test_several_reports_of_one_scan_equal_those_of_several_scans(self):
        options = [option for name in FORMATS for option in ("--report", f"{name}={self.base}/report.{name}")]
        run = self.keytrail("scan", *options, ".", code=1)
        self.assertEqual(run.stdout, self.keytrail("scan", ".", code=1).stdout)
        for name in FORMATS:
            written = (self.base / f"report.{name}").read_bytes()
            self.assert_no_secret(written, name)
            self.assertEqual(written.decode(), self.keytrail("scan", "--format", name, ".", code=1).stdout, name)

    def test_a_report_that_cannot_be_written_is_an_error_before_the_scan(self):
        run = self.keytrail("scan", "--report", f"json={self.base}/no/such/folder/report.json", ".", code=2)
        self.assertIn("report.json", run.stderr)

    def test_a_report_file_inside_the_tree_is_no_finding_of_the_next_scan(self):
        want = places(self.scan("--report", "json=report.json", "--report", "csv=report.csv", ".", code=1))
        self.assertEqual(places(self.scan(".", code=1)), want)

    def test_odd_names_keep_every_format_well_formed(self):
        for name in ("two words.env", "a,b;\"c\".env", "line\nbreak.env", "caf\u00e9.env", "\x1b[31mred.env", "=1+1.env",
                     "%41.env"):
            self.write("odd/" + name, f"a = {self.github()}\n")
        import os
        with open(os.fsencode(self.tree / "odd") + b"/bad-\xff\xfe.env", "w") as out:
            out.write(f"a = {self.github()}\n")
        for name in FORMATS:
            run = self.keytrail("scan", "--format", name, "odd", code=1)
            text = run.out_bytes.decode("utf-8")  # valid UTF-8
            self.assertNotIn("\x1b", text, name)
            if name in ("json", "sarif"):
                json.loads(text)
            if name == "csv":
                self.assertEqual(len(csv_rows(text)), 8)
            if name == "jsonl":
                self.assertEqual(sum(json.loads(line)["type"] == "finding" for line in text.splitlines()), 8)

    def test_min_confidence_hides_and_says_so(self):
        report = self.scan("--min-confidence", "high", ".")
        self.assertTrue(all(finding["confidence"] == "high" for finding in report["findings"]))

    def test_a_broken_checksum_lowers_or_drops_but_never_raises(self):
        value = self.github()
        broken = value[:-1] + ("a" if value[-1] != "a" else "b")
        self.secrets.append(broken)
        self.write("one/a.env", f"a = {value}\n")
        self.write("two/a.env", f"a = {broken}\n")
        self.assertEqual(self.scan("one", code=1)["findings"][0]["confidence"], "high")
        self.assertTrue(all(finding["confidence"] != "high" or finding["severity"] == "info" for finding in self.scan("two")["findings"]))

    def test_a_fingerprint_follows_the_value_and_not_the_place(self):
        value = self.github()
        self.write("one/a.env", f"a = {value}\n")
        self.write("two/sub/b.txt", f"\n\n\nmoved to = {value}\n")
        self.write("three/a.env", f"a = {self.github()}\n")
        one, two, three = (self.scan(name, code=1)["findings"][0]["fingerprint"] for name in ("one", "two", "three"))
        self.assertEqual(one, two)
        self.assertNotEqual(one, three)
        self.assertRegex(one, "^[0-9a-f]{32}$")


if __name__ == "__main__":
    main()
