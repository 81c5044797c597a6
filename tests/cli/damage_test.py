"""Repositories that are damaged: what is left is scanned, what is missing is named."""
from support import Case, main, places


class Damage(Case):
    def setUp(self):
        super().setUp()
        for number in range(5):
            self.write(f"{number}.env", f"token = {self.github()}\n")
            self.commit(f"Change {number}")

    def object_path(self, name):
        return self.tree / ".git/objects" / name[:2] / name[2:]

    def check_rest(self, reason, name, want):
        report = self.scan("--history", ".", code=1)
        self.assertEqual(len(places(report)), want)
        self.assertTrue(report["incomplete"])
        self.assertIn((reason, name), [(skip["reason"], skip["path"]) for skip in report["skipped"]])

    def test_a_missing_blob_is_named_and_the_rest_is_scanned(self):
        blob = self.git("rev-parse", "HEAD:2.env")
        self.object_path(blob).unlink()
        self.check_rest("missing-object", blob, 4)

    def test_an_empty_object_file(self):
        blob = self.git("rev-parse", "HEAD:2.env")
        path = self.object_path(blob)
        path.chmod(0o644)
        path.write_bytes(b"")
        self.check_rest("corrupt-object", blob, 4)

    def test_a_truncated_object_file(self):
        blob = self.git("rev-parse", "HEAD:2.env")
        path = self.object_path(blob)
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:20])
        self.check_rest("corrupt-object", blob, 4)

    def test_a_missing_tree_hides_no_blob(self):
        tree = self.git("rev-parse", "HEAD~1^{tree}")
        self.object_path(tree).unlink()
        report = self.scan("--history", ".", code=1)
        self.assertEqual(len(report["findings"]), 5)
        self.assertIn(("missing-object", tree), [(skip["reason"], skip["path"]) for skip in report["skipped"]])

    def test_a_missing_commit_hides_no_blob(self):
        commit = self.git("rev-parse", "HEAD~2")
        self.object_path(commit).unlink()
        report = self.scan("--history", ".", code=1)
        self.assertEqual(len(report["findings"]), 5)
        self.assertIn(("missing-object", commit), [(skip["reason"], skip["path"]) for skip in report["skipped"]])

    def test_a_clean_repository_that_lacks_an_object_is_not_clean(self):
        for number, what in enumerate(("HEAD:a.txt", "HEAD^{tree}", "HEAD~1")):
            with self.subTest(what):
                folder = self.base / f"clean{number}"
                self.git("init", "-q", "-b", "main", str(folder))
                for line in ("one", "two", "three"):
                    (folder / "a.txt").write_text(f"nothing {line}\n")
                    self.git("add", "-A", folder=folder)
                    self.git("commit", "-q", "-m", line, folder=folder)
                self.scan("--history", folder, code=0)
                name = self.git("rev-parse", what, folder=folder)
                (folder / ".git/objects" / name[:2] / name[2:]).unlink()
                report = self.scan("--history", folder, code=3)
                self.assertEqual([(skip["reason"], skip["path"]) for skip in report["skipped"]], [("missing-object", name)])

    def test_damage_in_the_middle_of_a_pack(self):
        self.git("repack", "-a", "-d", "-q")
        pack = next((self.tree / ".git/objects/pack").glob("*.pack"))
        content = bytearray(pack.read_bytes())
        for at in range(len(content) // 3, len(content) // 3 + 40):
            content[at] ^= 0x5A
        pack.chmod(0o644)
        pack.write_bytes(bytes(content))
        report = self.scan("--history", ".")
        self.assertTrue(report["incomplete"])
        self.assertTrue(any(skip["reason"] in ("corrupt-object", "missing-object") for skip in report["skipped"]))

    def test_a_pack_cut_at_any_length_is_no_crash_and_never_clean(self):
        self.git("repack", "-a", "-d", "-q")
        pack = next((self.tree / ".git/objects/pack").glob("*.pack"))
        content = pack.read_bytes()
        pack.chmod(0o644)
        for length in range(0, len(content), max(1, len(content) // 25)):
            pack.write_bytes(content[:length])
            run = self.keytrail("scan", "--history", ".")
            self.assertIn(run.code, (1, 2, 3), f"{length} bytes of the pack: {run.describe()}")

    def test_a_broken_head_and_reference(self):
        (self.tree / ".git/HEAD").write_text("ref: refs/heads/nowhere\n")
        self.assertEqual(len(self.scan("--history", ".", code=1)["findings"]), 5)
        (self.tree / ".git/refs/heads/broken").write_text("1" * 40 + "\n")
        self.assertEqual(len(self.scan("--history", ".", code=1)["findings"]), 5)


if __name__ == "__main__":
    main()
