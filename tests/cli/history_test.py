"""Histories of odd shape."""
import subprocess

from support import Case, main, places


class History(Case):
    def test_an_empty_repository_is_clean(self):
        self.git("init", "-q")
        self.scan("--history", ".", code=0)

    def test_the_same_findings_whether_packed_or_loose(self):
        for number in range(6):
            self.write("a.env", f"line\n" * number + f"token = {self.github()}\n")
            self.commit(f"Change {number}")
        loose = self.scan("--history", ".", code=1)["findings"]
        self.assertEqual(len(loose), 6)
        self.git("repack", "-a", "-d", "-q", "-f")
        self.assertEqual(self.scan("--history", ".", code=1)["findings"], loose)
        # In two packs and loose at once.
        self.git("unpack-objects", "-q", folder=self.tree) if False else None
        self.git("pack-refs", "--all")
        self.assertEqual(self.scan("--history", ".", code=1)["findings"], loose)

    def test_a_bare_clone_and_a_work_tree_tell_the_same(self):
        self.write("a.env", f"token = {self.github()}\n")
        self.commit("Begin")
        self.git("clone", "-q", "--bare", str(self.tree), str(self.base / "bare.git"))
        self.git("worktree", "add", "-q", str(self.base / "linked"), "-b", "other")
        want = places(self.scan("--history", ".", code=1))
        self.assertEqual(len(want), 1)
        self.assertEqual(places(self.scan("--history", self.base / "bare.git", code=1)), want)
        self.assertEqual(places(self.scan("--history", self.base / "linked", code=1)), want)

    def test_a_shallow_clone_is_incomplete_and_says_so(self):
        for number in range(3):
            self.write("a.txt", f"nothing {number}\n")
            self.commit(f"Change {number}")
        self.git("clone", "-q", "--depth", "1", f"file://{self.tree}", str(self.base / "shallow"))
        report = self.scan("--history", self.base / "shallow", code=3)
        self.assertIn("shallow", [skip["reason"] for skip in report["skipped"]])

    def test_only_new_credentials_of_one_blob_at_two_paths_count_once(self):
        text = f"token = {self.github()}\n"
        self.write("a.env", text)
        self.write("b/c.env", text)
        self.commit("Begin")
        report = self.scan("--history", ".", code=1)
        self.assertEqual(len(report["findings"]), 1)
        self.assertEqual([path for _, path, _, _ in places(report)], ["a.env", "b/c.env"])

    def test_symlinks_and_submodules_are_no_trouble(self):
        self.write("a.txt", "nothing\n")
        (self.tree / "link").symlink_to("a.txt")
        self.commit("Begin")
        other = self.base / "other"
        self.git("init", "-q", "-b", "main", str(other))
        (other / "x.env").write_text(f"token = {self.github()}\n")
        self.git("add", "-A", folder=other)
        self.git("commit", "-q", "-m", "Other", folder=other)
        self.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", str(other), "sub")
        self.commit("Add a submodule")
        report = self.scan("--history", ".", code=0)
        self.assertEqual(report["findings"], [])
        self.assertIn("submodule", [skip["reason"] for skip in report["skipped"]])

    def test_many_roots_and_an_octopus_merge(self):
        self.write("base.txt", "base\n")
        self.commit("Begin")
        for name in ("one", "two", "three"):
            self.git("checkout", "-q", "-b", name, "main")
            self.write(f"{name}.env", f"token = {self.github()}\n")
            self.commit(name)
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "-m", "Octopus", "one", "two", "three")
        self.git("checkout", "-q", "--orphan", "island")
        self.write("island.env", f"token = {self.github()}\n")
        self.commit("Island")
        paths = {path for _, path, _, _ in places(self.scan("--history", ".", code=1))}
        self.assertEqual(paths, {"one.env", "two.env", "three.env", "island.env"})

    def test_a_sha_256_repository_is_scanned_or_refused_but_never_clean(self):
        if subprocess.run(["git", "init", "-q", "--object-format=sha256", str(self.tree)], capture_output=True).returncode != 0:
            self.skipTest("this git makes no SHA-256 repositories")
        self.write("a.env", f"token = {self.github()}\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Begin")
        run = self.keytrail("scan", "--history", ".")
        self.assertIn(run.code, (1, 2, 3), run.describe())


if __name__ == "__main__":
    main()
