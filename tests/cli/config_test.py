"""`.keytrail.toml`: found upwards, refused with file and line when wrong."""
from support import Case, main, places


class Config(Case):
    def setUp(self):
        super().setUp()
        self.value = self.github()
        self.write("src/a.env", f"token = {self.value}\n")
        self.write("docs/b.env", f"token = {self.secret('stripe')}\n")

    def fingerprint(self):
        return self.scan("src", code=1)["findings"][0]["fingerprint"]

    def test_an_allowed_path_is_suppressed_with_its_reason(self):
        self.write(".keytrail.toml", '[[allow]]\npaths = ["docs/"]\nreason = "made up for the manual"\n')
        report = self.scan(".", code=1)
        self.assertEqual([path for _, path, _, _ in places(report)], ["src/a.env"])
        suppressed = [finding["suppressed"] for finding in report["findings"] if finding["suppressed"]]
        self.assertEqual([(entry["kind"], entry["reason"]) for entry in suppressed],
                         [("configuration", "made up for the manual")])

    def test_an_allowed_rule_and_fingerprint(self):
        rule = self.scan("src", code=1)["findings"][0]["rule"]
        self.write(".keytrail.toml", f'[[allow]]\nrules = ["{rule}"]\nreason = "accepted"\n')
        self.assertEqual([path for _, path, _, _ in places(self.scan(".", code=1))], ["docs/b.env"])
        (self.tree / ".keytrail.toml").unlink()
        fingerprint = self.fingerprint()
        self.write(".keytrail.toml", f'[[allow]]\nfingerprints = ["{fingerprint}"]\nreason = "accepted"\n')
        self.assertEqual([path for _, path, _, _ in places(self.scan(".", code=1))], ["docs/b.env"])
        self.write("src/a.env", f"token = {self.github()}\n")
        self.assertEqual(len(places(self.scan(".", code=1))), 2)

    def test_it_is_found_upwards_from_the_scanned_path(self):
        self.write(".keytrail.toml", '[[allow]]\npaths = ["*.env"]\nreason = "accepted"\n')
        self.scan("src", code=0)
        self.scan(".", code=0, folder=self.tree / "src")
        self.scan(self.tree / "src", code=0, folder=self.base)

    def test_config_names_another_file(self):
        other = self.base / "other.toml"
        other.write_text('[[allow]]\npaths = ["*.env"]\nreason = "accepted"\n')
        self.scan("--config", other, ".", code=0)

    def test_what_is_wrong_is_refused_with_file_and_line(self):
        for text, line, word in (
                ('[[allow]]\npaths = ["docs/"]\n', 1, "reason"),
                ('[[allow]]\nreason = ""\npaths = ["docs/"]\n', 1, "reason"),
                ('[[allow]]\npaths = "docs/"\nreason = "x"\n', 2, "paths"),
                ('[[allow]]\npath = ["docs/"]\nreason = "x"\n', 2, "path"),
                ('\n\nallow_everything = true\n', 3, "allow_everything"),
                ('[[allow]\n', 1, ""),
                ('[[allow]]\nreason = "everything"\n', 1, ""),
        ):
            with self.subTest(text):
                self.write(".keytrail.toml", text)
                run = self.keytrail("scan", ".", code=2)
                self.assertRegex(run.stderr, rf"\.keytrail\.toml:{line}\b")
                self.assertIn(word, run.stderr)
                self.assertEqual(run.stdout, "")

    def test_an_entry_that_suppressed_nothing_is_named(self):
        self.write(".keytrail.toml", '\n[[allow]]\nrules = ["no-such-rule"]\nreason = "x"\n')
        self.assertTrue(any(".keytrail.toml:2" in note for note in self.scan(".", code=1)["notes"]))

    def test_a_config_that_is_not_there_is_refused(self):
        self.assertIn("nowhere.toml", self.keytrail("scan", "--config", "nowhere.toml", ".", code=2).stderr)


if __name__ == "__main__":
    main()
