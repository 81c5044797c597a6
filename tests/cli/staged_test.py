"""`scan --staged`: what the next commit would bring, and nothing of the work tree."""
import os
import subprocess

from support import KEYTRAIL, Case, main, places, tokens

import planted  # noqa: E402  (support knows where it is)

GITHUB = tokens.RULES["github"]


class Staged(Case):
    def setUp(self):
        super().setUp()
        self.write("README", "nothing\n")
        self.write("dir/sub/file.txt", "nothing\n")
        self.commit("Begin")

    def staged(self, code=None, *more, **options):
        return self.scan("--staged", *more, code=code, **options)

    def paths(self, code=None, **options):
        return [path for _, path, _, _ in places(self.staged(code, **options))]

    def line(self, secret=None):
        return f"token = {secret or self.github()}\n"

    def stage(self, name, content):
        self.write(name, content)
        self.git("add", name)

    # -- what counts

    def test_nothing_staged_is_clean(self):
        report = self.staged(0)
        self.assertEqual((report["mode"], report["findings"], report["stats"]["blobs_seen"]), ("staged", [], 0))

    def test_what_is_staged_is_reported_where_it_stands(self):
        self.stage("dir/new/a.env", "first\n" + self.line())
        report = self.staged(1)
        self.assertEqual(places(report), [(GITHUB, "dir/new/a.env", 2, 9)])
        [occurrence] = report["findings"][0]["occurrences"]
        self.assertEqual(occurrence["kind"], "file")
        self.assertEqual(report["revision"], self.git("rev-parse", "HEAD"))

    def test_unstaged_edits_have_no_influence(self):
        self.stage("a.env", self.line())
        self.write("a.env", "taken out again, but not staged\n")
        self.write("README", self.line())
        self.write("untracked.env", self.line())
        self.assertEqual(self.paths(1), ["a.env"])
        (self.tree / "a.env").unlink()
        self.assertEqual(self.paths(1), ["a.env"])

    def test_the_part_that_git_add_p_left_over_does_not_count(self):
        self.write("a.txt", "one\n" + "same\n" * 20 + "two\n")
        self.commit("File")
        self.write("a.txt", "one, staged\n" + "same\n" * 20 + self.line())
        subprocess.run(["git", "add", "-p"], cwd=self.tree, input=b"y\nn\n", capture_output=True, check=True,
                       env=self.environment())
        self.assertEqual(self.paths(0), [])
        self.git("add", "a.txt")
        self.assertEqual(self.paths(1), ["a.txt"])

    def test_a_file_too_large_to_be_held_is_read_to_its_end(self):
        line = b"a line of text that is repeated more often than anybody would read it\n"
        with open(self.tree / "big.txt", "wb") as file:
            for _ in range(260):
                file.write(line * ((1 << 20) // len(line) + 1))
            file.write(self.line().encode())
        self.git("-c", "core.compression=1", "add", "big.txt")
        [(rule, path, _, column)] = places(self.staged(1))
        self.assertEqual((rule, path, column), (GITHUB, "big.txt", 9))

    def test_what_head_has_there_already_is_not_new(self):
        secret = self.github()
        self.write("a.env", self.line(secret))
        self.commit("Old")
        self.stage("a.env", "an edit\n" + self.line(secret))
        self.assertEqual(self.paths(0), [])
        self.stage("a.env", self.line(secret) + self.line())
        self.assertEqual(places(self.staged(1)), [(GITHUB, "a.env", 2, 9)])

    def test_what_only_moves_is_not_new_and_a_copy_is(self):
        secret, other = self.github(), self.github()
        self.write("a.env", self.line(secret) + "text\n" * 20)
        self.write("gone/deep/b.env", self.line(other))
        self.commit("Old")
        self.git("mv", "a.env", "dir/moved.env")
        self.git("mv", "gone", "elsewhere")
        self.assertEqual(self.paths(0), [])
        self.stage("dir/moved.env", "edited\n" + self.line(secret))
        self.assertEqual(self.paths(0), [])
        self.stage("copy.env", self.line(secret))
        self.stage("a.env", "an edit\n" + self.line(secret))
        self.assertEqual(self.paths(1), ["copy.env", "dir/moved.env"])

    def test_modes_and_deletions_bring_nothing(self):
        self.write("a.env", self.line())
        self.write("b.env", self.line())
        self.commit("Old")
        (self.tree / "a.env").chmod(0o755)
        self.git("add", "a.env")
        self.git("rm", "-q", "b.env")
        self.assertEqual(self.paths(0), [])

    def test_before_the_first_commit_everything_is_new(self):
        other = self.base / "new"
        self.git("init", "-q", str(other))
        (other / "a.env").write_text(self.line())
        self.assertEqual(self.paths(0, folder=other), [])
        self.git("add", "a.env", folder=other)
        self.assertEqual(self.paths(1, folder=other), ["a.env"])

    def test_everything_but_the_message_is_what_the_range_of_the_commit_says(self):
        self.write("old.env", self.line())
        self.commit("Old")
        self.stage("old.env", "edited\n" + (self.tree / "old.env").read_text())
        self.stage("new.env", self.line())
        self.stage("lib.zip", planted.zip_of({"a.env": self.line()}))
        before = places(self.staged(1))
        self.git("commit", "-q", "-m", "Commit")
        self.assertEqual(places(self.scan("--range", "HEAD^..HEAD", code=1)), before)
        self.assertEqual(self.paths(0), [])

    # -- entries of all kinds

    def test_both_sides_of_a_conflict_are_scanned(self):
        self.write("a.env", "base\n")
        self.commit("Base")
        self.git("checkout", "-q", "-b", "theirs")
        self.write("a.env", "theirs " + self.line())
        self.commit("Theirs")
        self.git("checkout", "-q", "main")
        self.write("a.env", "ours\n")
        self.commit("Ours")
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", "merge", "-q", "theirs"], cwd=self.tree,
                       capture_output=True, env=self.environment())
        self.assertIn("a.env", self.git("ls-files", "-u"))
        self.assertEqual(places(self.staged(1)), [(GITHUB, "a.env", 1, 16)])
        self.stage("a.env", "resolved\n")
        self.assertEqual(self.paths(0), [])

    def test_a_merge_in_progress_is_judged_by_head(self):
        self.git("checkout", "-q", "-b", "theirs")
        self.write("theirs.env", self.line())
        self.commit("Theirs")
        self.git("checkout", "-q", "main")
        self.commit("Ours")
        self.git("merge", "-q", "--no-commit", "--no-ff", "theirs")
        self.assertEqual(self.paths(1), ["theirs.env"])

    def test_an_intent_to_add_is_not_staged(self):
        self.write("a.env", self.line())
        self.git("add", "-N", "a.env")
        self.assertEqual(self.paths(0), [])
        self.git("add", "a.env")
        self.assertEqual(self.paths(1), ["a.env"])

    def test_links_are_scanned_and_submodules_left_out(self):
        (self.tree / "link").symlink_to(self.github())
        self.git("add", "link")
        self.git("update-index", "--add", "--cacheinfo", f"160000,{self.git('rev-parse', 'HEAD')},vendor/sub")
        report = self.staged(1)
        self.assertEqual([path for _, path, _, _ in places(report)], ["link"])
        self.assertEqual(report["skipped"], [])

    def test_archives_and_binaries(self):
        self.stage("lib.zip", planted.zip_of({"a.env": self.line()}))
        self.stage("program.bin", b"\0\1\2" * 100 + self.line().encode() + b"\0" * 50)
        self.assertEqual(self.paths(1), ["lib.zip!/a.env", "program.bin"])
        self.git("commit", "-q", "-m", "Commit")
        self.git("mv", "lib.zip", "odd!")
        self.assertEqual(self.paths(0), [])

    def test_an_archive_that_keeps_its_secret_brings_none(self):
        text = self.line()
        self.write("odd!/lib.zip", planted.zip_of({"a.env": text}))
        self.commit("Old")
        self.stage("odd!/lib.zip", planted.zip_of({"a.env": text, "b.txt": "nothing\n"}))
        self.assertEqual(self.paths(0), [])

    def test_odd_names(self):
        for name in ("with space.env", "quo\"te.env", "new\nline.env", "ünï.env", "!bang!/x.env"):
            self.stage(name, self.line())
        self.assertEqual(len(self.paths(1)), 5)

    # -- forms of the index

    def test_all_versions_of_the_index(self):
        secret = self.github()
        for number in range(30):
            self.write(f"dir/{'x' * number}/file{number}.txt", f"nothing {number}\n")
        self.commit("Files")
        self.stage("dir/xxx/new.env", self.line(secret))
        self.stage("z.env", self.line())
        for version in ("2", "3", "4"):
            self.git("update-index", "--index-version", version)
            self.assertEqual(self.paths(1), ["dir/xxx/new.env", "z.env"], version)
        # Without cached trees.
        self.git("read-tree", "HEAD")
        self.git("add", "dir/xxx/new.env")
        self.assertEqual(self.paths(1), ["dir/xxx/new.env"])

    def test_a_sparse_index(self):
        for name in ("in/a.txt", "out/b.txt", "out/deep/c.txt"):
            self.write(name, "nothing\n")
        self.commit("Files")
        self.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
        self.stage("in/new.env", self.line())
        self.assertEqual(self.paths(1), ["in/new.env"])
        self.git("commit", "-q", "-m", "In")
        # A folder that is not checked out and yet differs from HEAD.
        self.git("sparse-checkout", "disable")
        self.write("out/deep/c.env", self.line())
        self.commit("Out")
        self.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
        self.git("reset", "-q", "--soft", "HEAD~1")
        self.assertEqual(self.paths(1), ["out/deep/c.env"])

    def test_a_split_index_is_one_with_its_shared_part(self):
        for number in range(200):
            self.write(f"dir{number % 7}/file{number:03}.txt", f"nothing {number}\n")
        self.commit("Files")
        for version in ("2", "4"):
            self.git("reset", "-q", "--hard")
            self.git("update-index", "--index-version", version)
            self.git("update-index", "--split-index")
            self.assertEqual(self.paths(0), [], version)
            self.stage("dir3/file003.txt", self.line())
            self.stage("new.env", self.line())
            self.stage("a/first.env", self.line())
            for number in range(70, 150):
                self.git("rm", "-q", f"dir{number % 7}/file{number:03}.txt")
            self.assertTrue(list((self.tree / ".git").glob("sharedindex.*")))
            self.assertEqual(self.paths(1), ["a/first.env", "dir3/file003.txt", "new.env"], version)
            self.git("reset", "-q", "--", "new.env")
            self.assertEqual(self.paths(1), ["a/first.env", "dir3/file003.txt"], version)
            self.git("update-index", "--no-split-index")
            self.assertEqual(self.paths(1), ["a/first.env", "dir3/file003.txt"], version)
        # In a linked work tree the shared part is there too.
        self.git("worktree", "add", "-q", str(self.base / "linked"))
        linked = self.base / "linked"
        self.git("update-index", "--split-index", folder=linked)
        (linked / "c.env").write_text(self.line())
        self.git("add", "c.env", folder=linked)
        self.assertEqual([o["path"] for f in self.scan("--staged", folder=linked)["findings"]
                          for o in f["occurrences"]], ["c.env"])

    def test_a_split_index_without_its_shared_part_is_damaged(self):
        self.git("update-index", "--split-index")
        [shared] = (self.tree / ".git").glob("sharedindex.*")
        good = shared.read_bytes()
        for bad in (b"", good[:-30], None):
            shared.unlink()
            if bad is not None:
                shared.write_bytes(bad)
            run = self.keytrail("scan", "--staged", code=2)
            self.assertIn(shared.name, run.stderr)

    def test_a_damaged_index_is_no_clean_one(self):
        index = self.tree / ".git/index"
        good = index.read_bytes()
        for bad in (b"X" * 40, good[:len(good) // 2], good[:40], good[:8] + b"\xff" * 4 + good[12:]):
            index.write_bytes(bad)
            run = self.keytrail("scan", "--staged", code=2)
            self.assertIn("index", run.stderr)
        index.write_bytes(b"")
        self.keytrail("scan", "--staged", code=0)
        index.unlink()
        self.keytrail("scan", "--staged", code=0)

    def test_a_staged_object_that_is_not_there_is_incomplete(self):
        self.stage("a.txt", "nothing, but lost\n")
        name = self.git("rev-parse", ":a.txt")
        path = self.tree / ".git/objects" / name[:2] / name[2:]
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:10])
        self.assertEqual([(skip["reason"], skip["path"]) for skip in self.staged(3)["skipped"]], [("corrupt-object", "a.txt")])
        path.unlink()
        self.assertEqual([(skip["reason"], skip["path"]) for skip in self.staged(3)["skipped"]], [("missing-object", "a.txt")])

    # -- where the repository is

    def test_a_bare_repository_is_wrong_usage(self):
        self.git("clone", "-q", "--bare", str(self.tree), str(self.base / "bare.git"))
        for options in ({"folder": self.base / "bare.git"}, {}):
            arguments = ("scan", "--staged") if options else ("scan", "--staged", self.base / "bare.git")
            run = self.keytrail(*arguments, code=2, **options)
            self.assertIn("bare", run.stderr)
            self.assertIn("--range", run.stderr)

    def test_a_linked_work_tree_has_an_index_of_its_own(self):
        linked = self.base / "linked"
        self.git("worktree", "add", "-q", str(linked), "-b", "other")
        (linked / "a.env").write_text(self.line())
        self.git("add", "a.env", folder=linked)
        self.assertEqual(self.paths(0), [])
        self.assertEqual(self.paths(1, folder=linked), ["a.env"])
        self.assertEqual([path for _, path, _, _ in places(self.staged(1, linked))], ["a.env"])

    def test_from_a_subfolder_the_whole_index_counts(self):
        self.stage("a.env", self.line())
        self.stage("dir/b.env", self.line())
        self.assertEqual(self.paths(1, folder=self.tree / "dir/sub"), ["a.env", "dir/b.env"])
        self.assertEqual([path for _, path, _, _ in places(self.staged(1, "dir"))], ["a.env", "dir/b.env"])

    def hook(self):
        hook = self.tree / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nexec "{KEYTRAIL}" scan --staged --format csv >&2\n')
        hook.chmod(0o755)

    def commit_with_hook(self, *arguments, folder=None):
        run = subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-m", "x",
                              *arguments], cwd=folder or self.tree, env=self.environment(), capture_output=True, text=True)
        self.assert_no_secret(run.stderr.encode(), "standard error")
        return run

    def test_a_pre_commit_hook_sees_what_will_be_committed(self):
        self.hook()
        self.stage("a.env", self.line())
        self.assertIn("a.env", self.commit_with_hook().stderr)
        self.assertIn("a.env", self.commit_with_hook(folder=self.tree / "dir").stderr)
        # A partial commit has an index of its own, and so has `commit -a`.
        self.write("README", "an edit\n")
        run = self.commit_with_hook("README")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.write("README", self.line())
        self.git("rm", "-q", "--cached", "a.env")
        run = self.commit_with_hook("-a")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("README", run.stderr)
        self.git("checkout", "-q", "--", "README")
        self.write("README", "clean\n")
        run = self.commit_with_hook("-a")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_a_hook_in_a_linked_work_tree(self):
        self.hook()
        linked = self.base / "linked"
        self.git("worktree", "add", "-q", str(linked), "-b", "other")
        (linked / "a.env").write_text(self.line())
        self.git("add", "a.env", folder=linked)
        self.assertIn("a.env", self.commit_with_hook(folder=linked).stderr)

    def test_the_variables_of_git_are_honoured(self):
        self.stage("a.env", self.line())
        other = self.base / "other.index"
        git_dir = str(self.tree / ".git")
        self.paths(1)
        self.assertEqual(self.paths(0, env={"GIT_INDEX_FILE": str(other)}), [])
        other.write_bytes((self.tree / ".git/index").read_bytes())
        self.git("rm", "-q", "--cached", "a.env")
        self.assertEqual(self.paths(1, env={"GIT_INDEX_FILE": str(other)}), ["a.env"])
        self.assertEqual(self.paths(1, folder=self.base, env={"GIT_DIR": git_dir, "GIT_INDEX_FILE": str(other)}), ["a.env"])
        self.assertEqual(self.paths(1, env={"GIT_DIR": git_dir, "GIT_WORK_TREE": str(self.tree), "GIT_INDEX_FILE": str(other)}),
                         ["a.env"])
        self.keytrail("scan", "--staged", code=2, env={"GIT_DIR": str(self.base / "nowhere")})

    def test_objects_in_other_folders(self):
        objects = self.base / "objects"
        objects.mkdir()
        self.write("a.env", self.line())
        environment = {"GIT_OBJECT_DIRECTORY": str(objects),
                       "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{self.tree}/.git/objects"}
        subprocess.run(["git", "add", "a.env"], cwd=self.tree, env=self.environment() | environment, check=True)
        self.staged(3)
        self.assertEqual(self.paths(1, env=environment), ["a.env"])
        # As a borrowed store of its own.
        (self.tree / ".git/objects/info/alternates").write_text(f"{objects}\n")
        self.assertEqual(self.paths(1), ["a.env"])

    def test_the_repository_is_left_alone(self):
        self.stage("a.env", self.line())
        self.write("README", "an edit\n")
        os.utime(self.tree / "dir/sub/file.txt", (1, 1))
        before = {path: path.stat().st_mtime_ns for path in self.tree.rglob("*")}
        self.staged(1)
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.tree.rglob("*")}, before)

    # -- together with the rest

    def test_configuration_baseline_and_comments_count(self):
        for name in ("excluded/a.env", "allowed.env", "accepted.env"):
            self.stage(name, self.line())
        self.stage("comment.env", f"token = {self.github()}  # keytrail:allow\n")
        self.write(".keytrail.toml", '[scan]\nexclude = ["excluded/"]\n[[allow]]\npaths = ["allowed.env"]\nreason = "x"\n')
        self.keytrail("baseline", "create", "--staged", "--output", self.base / "accepted", "--reason", "x", code=0)
        report = self.staged(0, "--baseline", self.base / "accepted", folder=self.tree / "dir")
        self.assertEqual(sorted(finding["suppressed"]["kind"] for finding in report["findings"]),
                         ["baseline", "comment", "configuration"])

    def test_every_format(self):
        for number in range(40):
            self.stage(f"a{number}.env", self.line())
        for name in ("text", "json", "jsonl", "sarif", "csv"):
            run = self.keytrail("scan", "--staged", "--format", name, code=1)
            self.assertIn("a7.env", run.stdout)
            again = self.keytrail("scan", "--staged", "--format", name, "--threads", "1", code=1)
            self.assertEqual(run.stdout, again.stdout, name)


if __name__ == "__main__":
    main()
