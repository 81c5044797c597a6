"""`keytrail scan --explain`: what became of each candidate."""
import base64
import io
import zipfile

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

    def test_a_member_of_an_archive_is_explained(self):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("b/c.env", f"\n{self.github()}\n")
            archive.writestr("big.env", f"{self.github()}\n" + "x = 1\n" * 400_000)
        self.write("dist/a.zip", data.getvalue())
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("a.zip", data.getvalue())
        self.write("outer.zip", outer.getvalue())
        for place in ("dist/a.zip!/b/c.env:2", "outer.zip!/a.zip!/b/c.env:2"):
            self.assertEqual(self.outcomes("--explain", place), {(GITHUB, 2, "reported")})
            occurrence = f"{place.rsplit(':', 1)[0]}"
            report = self.keytrail("scan", "--explain", place, code=0).stdout
            self.assertTrue(report.startswith(occurrence), report)
        self.assertEqual(self.outcomes("--explain", "dist/a.zip!/big.env:1"), {(GITHUB, 1, "reported")})
        for place, word in (("dist/a.zip:1", "!/"), ("dist/a.zip!/none:1", "no such member"), ("none!/a:1", "none")):
            self.assertIn(word, self.keytrail("scan", "--explain", place, code=2).stderr)

    def test_a_text_of_the_history_is_explained(self):
        self.write("a/b.env", f"\n{self.github()}\n")
        first = self.commit(f"Add it: {self.github()}")
        blob = self.git("rev-parse", "HEAD:a/b.env")
        (self.tree / "a/b.env").unlink()
        self.commit("Drop it")
        places = {f"{first[:10]}:a/b.env:2": 2, "HEAD~:a/b.env": 2, f"{blob}:2": 2, f"{first}:1": 1, first[:12]: 1}
        for place, line in places.items():
            with self.subTest(place):
                self.assertEqual(self.outcomes("--history", "--explain", place), {(GITHUB, line, "reported")})
        self.write(".keytrail.toml", '[scan]\nexclude = ["a"]\n')
        self.assertEqual(self.outcomes("--history", "--explain", "HEAD~:a/b.env:2"), {(GITHUB, 2, "excluded")})
        for place in ("HEAD:a/b.env:2", "HEAD~:a", "nothing:a", ":"):
            with self.subTest(place):
                self.keytrail("scan", "--history", "--explain", place, code=2)

    def test_decoded_text_is_explained_too(self):
        def encoded(text):
            return base64.b64encode(text.encode()).decode()

        value = self.github()
        self.write("a.txt", f"data = {encoded('token: ' + value + ' and more text')}\n"
                            f"data = {encoded('token: ' + value + 'abcd and more text')}\n")
        self.assertIn((GITHUB, 1, "reported"), self.outcomes("--explain", "a.txt:1"))
        self.assertIn((GITHUB, 2, "border-behind"), self.outcomes("--explain", "a.txt:2"))
        text = self.keytrail("scan", "--explain", "a.txt:2", code=0).stdout
        self.assertIn("in decoded text: ", text)
        finding = self.scan("a.txt")["findings"][0]
        told = [item for item in self.keytrail("scan", "--format", "json", "--explain", "a.txt:1").json["candidates"]
                if item["outcome"] == "reported"]
        self.assertEqual((told[0]["fingerprint"], told[0]["secret"]), (finding["fingerprint"], finding["secret"]))

    def test_what_cannot_be_explained_is_refused(self):
        self.write("a.env", "nothing\n")
        for arguments in (["--explain", "b.env:1"], ["--explain", "a.env:1", "--history"], ["--explain", ""],
                          ["--explain", "a.env", "--format", "sarif"]):
            with self.subTest(arguments):
                self.assertTrue(self.keytrail("scan", *arguments, code=2).stderr.startswith("keytrail: "))


if __name__ == "__main__":
    main()
