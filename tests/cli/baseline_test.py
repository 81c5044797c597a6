"""Accepting what is there, without hiding what comes."""
from support import Case, main, places


class Baseline(Case):
    def setUp(self):
        super().setUp()
        self.old = self.github()
        self.write("src/a.env", f"token = {self.old}\n")
        self.write("src/b.env", f"token = {self.secret('stripe')}\n")

    def create(self):
        run = self.keytrail("baseline", "create", "--output", "-", "src", code=0)
        self.baseline = self.base / "accepted.baseline"
        self.baseline.write_bytes(run.out_bytes)
        return run.stdout

    def scan_with(self, *arguments, code=None):
        return self.scan("--baseline", self.baseline, *arguments, code=code)

    def test_what_is_accepted_blocks_no_more_and_is_still_reported(self):
        self.create()
        report = self.scan_with("src", code=0)
        self.assertEqual(places(report), [])
        self.assertEqual([finding["suppressed"]["kind"] for finding in report["findings"]], ["baseline"] * 2)

    def test_a_new_credential_is_found_beside_the_old_one(self):
        self.create()
        new = self.github()
        self.write("src/a.env", f"token = {self.old}\ntoken = {new}\n")
        report = self.scan_with("src", code=1)
        self.assertEqual([place[1:3] for place in places(report)], [("src/a.env", 2)])

    def test_a_new_credential_on_the_old_ones_place_is_found(self):
        self.create()
        self.write("src/a.env", f"token = {self.github()}\n")
        self.scan_with("src", code=1)

    def test_moved_lines_and_files_change_nothing(self):
        self.create()
        (self.tree / "src/a.env").unlink()
        self.write("src/deep/er.txt", f"\n\n\n   moved = '{self.old}'\n")
        self.scan_with("src", code=0)

    def test_unused_entries_are_named(self):
        self.create()
        notes = self.scan_with(".", code=0)["notes"]
        self.assertFalse([note for note in notes if "baseline" in note], notes)
        (self.tree / "src/b.env").unlink()
        notes = [note for note in self.scan_with(".", code=0)["notes"] if "baseline" in note]
        self.assertEqual(len(notes), 1, notes)
        self.assertIn("src/b.env", notes[0])

    def test_the_file_is_sorted_has_no_positions_and_comes_out_the_same(self):
        text = self.create()
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines, sorted(lines, key=lambda line: line.split("\t")[1:3]))
        self.assertEqual([len(line.split("\t")) for line in lines], [6, 6])
        self.write("src/a.env", f"\n\n\n\ntoken = {self.old}\n")
        self.assertEqual(self.create(), text)

    def test_an_expired_entry_counts_no_more(self):
        lines = self.create().splitlines()
        for date, code in (("2000-01-31", 1), ("2999-12-31", 0)):
            dated = [line if line.startswith("#") or not line else "\t".join(line.split("\t")[:5] + [date]) for line in lines]
            self.baseline.write_text("\n".join(dated) + "\n")
            self.scan_with("src", code=code)

    def test_without_output_it_goes_to_a_file_of_its_own(self):
        text = self.create()
        run = self.keytrail("baseline", "create", "src", code=0)
        self.assertEqual(run.stdout, "")
        self.assertEqual((self.tree / ".keytrail.baseline").read_text(), text)

    def test_a_bad_line_is_refused_with_its_number(self):
        text = self.create()
        self.baseline.write_text(text + "not a baseline line\n")
        run = self.keytrail("scan", "--baseline", self.baseline, "src", code=2)
        self.assertIn(f"accepted.baseline:{len(text.splitlines()) + 1}", run.stderr)

    def test_a_baseline_that_is_not_there_is_refused(self):
        run = self.keytrail("scan", "--baseline", "nowhere.baseline", "src", code=2)
        self.assertIn("nowhere.baseline", run.stderr)

    def test_a_baseline_of_the_history(self):
        self.commit("Begin")
        (self.tree / "src/a.env").unlink()
        self.commit("Remove it")
        run = self.keytrail("baseline", "create", "--output", "-", "--history", ".", code=0)
        (self.base / "history.baseline").write_bytes(run.out_bytes)
        self.scan("--history", "--baseline", self.base / "history.baseline", ".", code=0)
        self.write("new.env", f"token = {self.github()}\n")
        self.commit("Leak")
        self.scan("--history", "--baseline", self.base / "history.baseline", ".", code=1)


if __name__ == "__main__":
    main()
