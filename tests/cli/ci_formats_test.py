"""The formats that CI systems read, held against what their readers demand (docs/formats.md)."""
import os
import re
import xml.etree.ElementTree as xml

from support import Case, main

ALLOW = "keytrail" + ":allow"
ODD = ["two words.env", "a,b:c%.env", "pipe|tick`<b>.env", "new\nline.env", "::error::x.env", "##[set-env name=A]b.env",
       "@someone #1 [x](http:x).env", "&amp;\"q'.env", "caf\u00e9\U0001f511.env", "\x1b[31mred.env"]


class Formats(Case):
    def setUp(self):
        super().setUp()
        for number, name in enumerate(ODD):
            self.write("odd/" + name, "line\n" * number + f"token = {self.github()}\n")
        with open(os.fsencode(self.tree / "odd") + b"/bad-\xff.env", "w") as out:
            out.write(f"token = {self.github()}\n")
        self.write("accepted.env", f"token = {self.github()}  # {ALLOW} -- <it's> a \"test\"\n")
        self.active = len(ODD) + 1

    def report(self, name, *arguments, code=1, **more):
        return self.keytrail("scan", "--format", name, *arguments, code=code, **more)

    def history(self):
        """A repository with a secret that is gone, one that is there, one in a message."""
        self.commit("First")
        self.write("gone.env", f"token = {self.github()}\n")
        self.commit("A secret: token = " + self.github())
        (self.tree / "gone.env").unlink()
        self.commit("Gone")


class Github(Formats):
    """https://docs.github.com/actions: workflow commands."""

    def unescape(self, text, more=()):
        for code, character in (*more, ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            text = text.replace(code, character)
        return text

    def test_each_finding_is_one_command_with_its_file_and_line(self):
        found = {}
        for line in self.report("github", ".").stdout.splitlines():
            if not line.startswith("::"):
                self.assertNotIn("##[", line)
                continue
            level, properties, message = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line).groups()
            pairs = dict(pair.split("=", 1) for pair in properties.split(","))
            self.assertEqual(level, "error")
            self.assertEqual(pairs["col"], "9")
            found[self.unescape(pairs["file"], (("%3A", ":"), ("%2C", ",")))] = int(pairs["line"])
            self.assertIn("Rotate or revoke", self.unescape(message))
        self.assertEqual(len(found), self.active)
        self.assertEqual(found["odd/a,b:c%.env"], 2)
        self.assertEqual(found["odd/::error::x.env"], 5)

    def test_what_is_gone_has_no_file_to_stand_beside(self):
        self.history()
        lines = self.report("github", "--history").stdout.splitlines()
        [gone] = [line for line in lines if " at gone.env" in line]
        self.assertNotIn("file=", gone)
        [message] = [line for line in lines if " at git/commit/" in line]
        self.assertNotIn("file=", message)

    def test_what_was_not_scanned_is_a_warning(self):
        self.write("broken.zip", b"PK\x03\x04" + b"\0" * 40)
        self.assertIn("::warning title=Not scanned::broken.zip", self.report("github", "broken.zip", code=3).stdout)

    def test_a_clean_scan_has_no_command(self):
        self.assertEqual(self.report("github", "-", code=0, stdin=b"").stdout, "No secrets found.\n")


class Gitlab(Formats):
    """Security report schemas 15.0.7: secret-detection-report-format.json."""

    def check_text(self, text, least=0, most=1 << 30, pattern=None):
        self.assertIsInstance(text, str)
        self.assertTrue(least <= len(text) <= most, text)
        if pattern:
            self.assertRegex(text, pattern)

    def check_program(self, program):
        for name in ("id", "name", "version"):
            self.check_text(program[name], 1)
        self.check_text(program["vendor"]["name"], 1)

    def check_schema(self, document):
        self.check_text(document["version"], pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
        scan = document["scan"]
        self.check_program(scan["analyzer"])
        self.check_program(scan["scanner"])
        self.assertEqual(scan["type"], "secret_detection")
        self.assertIn(scan["status"], ("success", "failure"))
        for name in ("start_time", "end_time"):
            self.check_text(scan[name], pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$")
        for message in scan["messages"]:
            self.assertIn(message["level"], ("info", "warn", "fatal"))
            self.check_text(message["value"], 1)
        for found in document["vulnerabilities"]:
            self.check_text(found["id"], 1, pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            self.check_text(found["name"], most=255)
            self.check_text(found["description"], most=1 << 20)
            self.check_text(found["solution"], most=7000)
            self.assertIn(found["severity"], ("Info", "Unknown", "Low", "Medium", "High", "Critical"))
            self.assertTrue(found["identifiers"])
            for identifier in found["identifiers"]:
                for name in ("type", "name", "value"):
                    self.check_text(identifier[name], 1)
                if "url" in identifier:
                    self.check_text(identifier["url"], pattern=r"^(https?|ftp)://.+")
            location = found["location"]
            self.check_text(location["file"], 1)
            self.check_text(location["commit"]["sha"], 1)
            for name in ("start_line", "end_line"):
                self.assertIsInstance(location[name], int)
            for name in set(location["commit"]) - {"sha"}:
                self.check_text(location["commit"][name])
        ids = [found["id"] for found in document["vulnerabilities"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_files(self):
        document = self.report("gitlab", ".").json
        self.check_schema(document)
        self.assertEqual(len(document["vulnerabilities"]), self.active)
        self.assertEqual(document["scan"]["start_time"], "2027-01-15T08:00:00")
        self.assertIn("1 accepted", document["scan"]["messages"][0]["value"])

    def test_history(self):
        self.history()
        document = self.report("gitlab", "--history").json
        self.check_schema(document)
        [gone] = [found for found in document["vulnerabilities"] if found["location"]["file"] == "gone.env"]
        self.assertEqual(gone["location"]["commit"]["sha"], self.git("rev-parse", "HEAD~1"))

    def test_an_incomplete_scan_says_so(self):
        self.write("broken.zip", b"PK\x03\x04" + b"\0" * 40)
        document = self.report("gitlab", "broken.zip", code=3).json
        self.check_schema(document)
        self.assertEqual([message["level"] for message in document["scan"]["messages"]], ["warn"])

    def test_the_time_is_that_of_the_run(self):
        document = self.report("gitlab", "-", code=0, stdin=b"", env={"SOURCE_DATE_EPOCH": ""}).json
        self.check_schema(document)
        self.assertNotEqual(document["scan"]["end_time"][:4], "1970")


class Junit(Formats):
    """The schema that Jenkins and JUnit have (jenkins-junit.xsd): names, attributes and the order of elements."""

    ATTRIBUTES = {"testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
                  "testsuite": {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp",
                                "hostname", "id", "package"},
                  "testcase": {"name", "assertions", "time", "classname", "status"},
                  "failure": {"type", "message"}, "error": {"type", "message"}, "skipped": set()}
    REQUIRED = {"testsuite": {"name", "tests"}, "testcase": {"name"}}
    CHILDREN = {"testsuites": ["testsuite"], "testsuite": ["testcase"], "testcase": ["skipped", "error", "failure"]}

    def check_schema(self, element):
        attributes = set(element.attrib)
        self.assertLessEqual(attributes, self.ATTRIBUTES[element.tag])
        self.assertGreaterEqual(attributes, self.REQUIRED.get(element.tag, set()))
        order = [self.CHILDREN.get(element.tag, []).index(child.tag) for child in element]
        self.assertEqual(order, sorted(order))
        for child in element:
            self.check_schema(child)

    def cases(self, *arguments, code=1):
        root = xml.fromstring(self.report("junit", *arguments, code=code).out_bytes)
        self.check_schema(root)
        [suite] = root
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            self.assertEqual(int(suite.get(name)), len(suite.findall(f"testcase/{tag}")))
        self.assertEqual(int(suite.get("tests")), len(suite))
        return list(suite)

    def test_files(self):
        cases = self.cases(".")
        self.assertEqual(len(cases), self.active + 1)
        self.assertIn("odd/pipe|tick`<b>.env:3:9", [case.get("name") for case in cases])
        [skipped] = [case.find("skipped").text for case in cases if case.find("skipped") is not None]
        self.assertEqual(skipped, "accepted by comment: <it's> a \"test\"")

    def test_history_incomplete_and_clean(self):
        self.history()
        self.assertEqual(len(self.cases("--history")), self.active + 3)
        self.write("broken.zip", b"PK\x03\x04" + b"\0" * 40)
        [case] = self.cases("broken.zip", code=3)
        self.assertEqual(case.get("name"), "broken.zip")
        [case] = self.cases("accepted.env", code=0)
        self.write("clean.txt", "nothing\n")
        [case] = self.cases("clean.txt", code=0)
        self.assertEqual(len(case), 0)


class Sonarqube(Formats):
    """Generic issue data of SonarQube 10.3: rules and issues."""

    def check_schema(self, document):
        self.assertEqual(set(document), {"rules", "issues"})
        rules = {rule["id"] for rule in document["rules"]}
        for rule in document["rules"]:
            for name in ("name", "description", "engineId"):
                self.assertTrue(rule[name])
            self.assertEqual(rule["cleanCodeAttribute"], "TRUSTWORTHY")
            for impact in rule["impacts"]:
                self.assertIn(impact["softwareQuality"], ("MAINTAINABILITY", "RELIABILITY", "SECURITY"))
                self.assertIn(impact["severity"], ("HIGH", "MEDIUM", "LOW"))
        for issue in document["issues"]:
            self.assertIn(issue["ruleId"], rules)
            location = issue["primaryLocation"]
            self.assertTrue(location["message"])
            path = self.tree / location["filePath"]
            if "textRange" not in location:
                continue
            lines = path.read_text().split("\n")
            span = location["textRange"]
            self.assertLessEqual(1, span["startLine"])
            self.assertLessEqual(span["endLine"], len(lines))
            self.assertLess(span["startColumn"], span["endColumn"])
            self.assertLessEqual(span["endColumn"], len(lines[span["endLine"] - 1]))
            self.assertEqual(lines[span["startLine"] - 1][span["startColumn"]:span["startColumn"] + 4], "ghp_")

    def test_files(self):
        os.unlink(os.fsencode(self.tree / "odd") + b"/bad-\xff.env")
        document = self.report("sonarqube", ".").json
        self.check_schema(document)
        self.assertEqual(len(document["issues"]), self.active - 1)

    def test_only_what_is_in_the_tree(self):
        import planted
        os.unlink(os.fsencode(self.tree / "odd") + b"/bad-\xff.env")
        self.write("lib.zip", planted.zip_of({"a.env": f"token = {self.github()}\n"}))
        self.history()
        document = self.report("sonarqube", "--history").json
        self.check_schema(document)
        paths = {issue["primaryLocation"]["filePath"] for issue in document["issues"]}
        self.assertNotIn("gone.env", paths)
        self.assertIn("lib.zip", paths)
        self.assertEqual(len(document["issues"]), self.active)


class Markdown(Formats):
    def test_every_row_has_five_cells_and_nothing_of_a_path_is_markup(self):
        text = self.report("markdown", ".").stdout
        rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
        self.assertEqual(len(rows), self.active)
        for row in rows:
            cells = row.strip("|").split("|")
            self.assertEqual(len(cells), 5, row)
            inside = "".join(re.findall(r"<code>(.*?)</code>", row))
            self.assertRegex(inside, r"\A(?:[A-Za-z0-9 /\-\u0080-\U0010ffff]|&#\d+;)*\Z")
            outside = re.sub(r"<code>.*?</code>", "", row)
            self.assertRegex(outside, r"\A[A-Za-z |()&#0-9;]*\Z")
        self.assertIn(f"### keytrail: {self.active} secrets at {self.active} places", text)

    def test_it_stays_short(self):
        self.write("many.env", "".join(f"token = {self.github()}\n" for _ in range(300)))
        text = self.report("markdown", "many.env").stdout
        self.assertIn("and 200 more places", text)
        self.assertLess(len(text), 65536)

    def test_clean_and_incomplete(self):
        self.assertEqual(self.report("markdown", "-", code=0, stdin=b"").stdout, "### keytrail: no secrets found\n")
        self.write("broken.zip", b"PK\x03\x04" + b"\0" * 40)
        text = self.report("markdown", "broken.zip", code=3).stdout
        self.assertIn("incomplete", text)
        self.assertIn("<code>broken&#46;zip</code>", text)


class Sarif(Formats):
    def test_more_than_is_shown_is_said(self):
        self.write("many.env", "".join(f"token = {self.github()}\n" for _ in range(20)) * 260)
        [run] = self.report("sarif", "many.env").json["runs"]
        self.assertEqual(len(run["results"]), 5200)
        notes = [note["descriptor"]["id"] for note in run["invocations"][0]["toolExecutionNotifications"]]
        self.assertIn("result-display-limit", notes)

    def test_the_most_severe_come_first(self):
        order = ["critical", "high", "medium", "low", "info"]
        self.write("a.env", f"x = {self.secret('slack')}\ny = {self.secret('stripe')}\n")
        [run] = self.report("sarif", ".").json["runs"]
        ranks = [order.index(result["properties"]["severity"]) for result in run["results"]]
        self.assertEqual(ranks, sorted(ranks))


if __name__ == "__main__":
    main()
