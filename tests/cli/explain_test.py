"""`keytrail scan --explain`: what became of each candidate."""
from support import Case, main, tokens

GITHUB = tokens.RULES["github"]


class Explain(Case):
    def outcomes(self, *arguments, **more):
        report = self.keytrail("scan", "--format", "json", *arguments, code=0, **more).json
        self.assertEqual(report["schema_version"], 1)
        return {(item["rule"], item["start_line"], item["outcome"]) for item in report["candidates"]}

    def test_what_is_reported_and_what_is_not_is_told_with_the_reason(self):
        short = self.github()
        self.write("a.env", f"a = {self.github()}\nb = {self.github()}  # keytrail:allow -- made up\nc = {short}abc\n")
        self.assertIn((GITHUB, 1, "reported"), self.outcomes("--explain", "a.env:1"))
        self.assertIn((GITHUB, 2, "suppressed"), self.outcomes("--explain", "a.env:2"))
        self.assertIn((GITHUB, 3, "border-behind"), self.outcomes("--explain", "a.env:3"))
        self.assertEqual({line for _, line, _ in self.outcomes("--explain", "a.env")}, {1, 2, 3})
        text = self.keytrail("scan", "--explain", "a.env:2", code=0).stdout
        self.assertIn("a.env:2:5", text)
        self.assertIn("made up", text)

    def test_the_configuration_counts_as_for_a_scan(self):
        self.write(".keytrail.toml", '[scan]\nexclude = ["out"]\n[[allow]]\npaths = ["docs"]\nreason = "pages"\n')
        self.write("docs/a.md", f"{self.github()}\n")
        self.write("out/a.md", f"{self.github()}\n")
        self.assertEqual(self.outcomes("--explain", "docs/a.md:1"), {(GITHUB, 1, "suppressed")})
        self.assertEqual(self.outcomes("--explain", "out/a.md:1"), {(GITHUB, 1, "excluded")})
        self.assertEqual(self.outcomes("--no-config", "--explain", "out/a.md:1"), {(GITHUB, 1, "reported")})

    def test_standard_input_is_explained(self):
        value = self.github()
        self.assertEqual(self.outcomes("--explain", "-:2", stdin=f"\n{value}\n".encode()), {(GITHUB, 2, "reported")})

    def test_an_ignored_file_is_said_to_be_one(self):
        self.write(".gitignore", "*.env\n")
        self.commit()
        self.write("a.env", f"{self.github()}\n")
        self.assertIn("--no-ignore", self.keytrail("scan", "--explain", "a.env", code=0).stdout)

    def test_a_line_without_candidates_is_answered_too(self):
        self.write("a.env", "nothing\n")
        self.assertIn("no candidate", self.keytrail("scan", "--explain", "a.env:1", code=0).stdout)

    def test_what_cannot_be_explained_is_refused(self):
        self.write("a.env", "nothing\n")
        for arguments in (["--explain", "b.env:1"], ["--explain", "a.env:1", "--history"], ["--explain", ""],
                          ["--explain", "a.env", "--format", "sarif"]):
            with self.subTest(arguments):
                self.assertTrue(self.keytrail("scan", *arguments, code=2).stderr.startswith("keytrail: "))


if __name__ == "__main__":
    main()
