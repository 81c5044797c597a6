"""`scan --range`: what the commits of a range bring, and nothing else."""
import random
import re
import shutil
import subprocess

from support import KEYTRAIL, SLOW, Case, main, places, tokens

import planted  # noqa: E402  (support knows where it is)

GITHUB = tokens.RULES["github"]


class Range(Case):
    def setUp(self):
        super().setUp()
        self.write("README", "nothing\n")
        self.base_commit = self.commit("Begin")
        self.git("tag", "base")

    def range(self, text="base..HEAD", code=None, *more, **options):
        return self.scan("--range", text, *more, code=code, **options)

    def paths(self, text="base..HEAD", code=None):
        """The paths of what is introduced, by the subject of the commit: {("Add", "a.env")}."""
        report = self.range(text, code)
        return sorted((self.git("log", "-1", "--format=%s", occurrence["commit"]), occurrence["path"])
                      for finding in report["findings"] for occurrence in finding["occurrences"])

    def line(self, secret=None):
        return f"token = {secret or self.github()}\n"

    def merge(self, *branches, strategy=()):
        subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "merge", "-q", "--no-commit",
                        "--no-ff", *strategy, *branches], cwd=self.tree, capture_output=True, env=self.environment())

    # -- what is introduced

    def test_added_and_removed_within_the_range_is_reported_with_both_commits(self):
        self.write("a.env", "first\n" + self.line())
        added = self.commit("Add")
        (self.tree / "a.env").unlink()
        removed = self.commit("Remove")
        self.commit("After")
        report = self.range(code=1)
        self.assertEqual(report["mode"], "range")
        self.assertEqual(report["revision"], self.git("rev-parse", "HEAD"))
        [finding] = report["findings"]
        [occurrence] = finding["occurrences"]
        self.assertEqual((finding["rule"], occurrence["path"], occurrence["start_line"]), (GITHUB, "a.env", 2))
        self.assertEqual((occurrence["commit"], occurrence["removed_by"], occurrence["at_tip"]), (added, removed, False))
        self.assertEqual(occurrence["author"], "Ada <ada@example.org>")
        self.assertEqual(occurrence["blob"], self.git("rev-parse", f"{added}:a.env"))
        self.assertEqual(report["stats"]["commits"], 3)

    def test_what_is_still_there_is_at_the_tip(self):
        self.write("deep/er/a.env", self.line())
        self.commit("Add")
        self.write("deep/er/b.txt", "nothing\n")
        self.commit("Other")
        [finding] = self.range(code=1)["findings"]
        self.assertEqual([(o["path"], o["at_tip"], o["removed_by"]) for o in finding["occurrences"]],
                         [("deep/er/a.env", True, None)])

    def test_what_stood_there_before_is_not_introduced(self):
        secret = self.github()
        self.write("old.env", self.line(secret))
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.write("old.env", "an edit beside it\n" + self.line(secret))
        self.commit("Edit")
        (self.tree / "old.env").chmod(0o755)
        self.commit("Mode")
        self.assertEqual(self.paths(code=0), [])
        # A second one in the same file is, and it alone.
        self.write("old.env", self.line(secret) + self.line())
        self.commit("Second")
        report = self.range(code=1)
        self.assertEqual(places(report), [(GITHUB, "old.env", 2, 9)])

    def test_what_only_moved_is_not_introduced(self):
        secret = self.github()
        self.write("one.env", self.line(secret) + "more text\n" * 20)
        self.write("dir/two.env", self.line())
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.git("mv", "one.env", "moved.env")
        self.git("mv", "dir", "folder")
        self.commit("Move")
        self.git("mv", "moved.env", "again.env")
        self.write("again.env", "edited\n" + self.line(secret))
        self.commit("Move and edit")
        self.write("other.txt", "moved from one file to another: " + self.line(secret))
        self.write("again.env", "edited\n")
        self.commit("Cut and paste")
        self.assertEqual(self.paths(code=0), [])

    def test_a_rename_that_brings_a_secret_is_introduced(self):
        secret = self.github()
        self.write("one.env", self.line(secret) + "more text\n" * 20)
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.git("mv", "one.env", "moved.env")
        self.write("moved.env", self.line(secret) + "more text\n" * 20 + self.line())
        self.commit("Rename")
        self.assertEqual(places(self.range(code=1)), [(GITHUB, "moved.env", 22, 9)])

    def test_a_copy_is_introduced(self):
        secret = self.github()
        self.write("one.env", self.line(secret))
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.write("copy.env", self.line(secret))
        self.commit("Copy")
        self.assertEqual(self.paths(code=1), [("Copy", "copy.env")])
        # Whatever else happens to the original.
        self.git("reset", "-q", "--hard", "base")
        self.write("copy.env", self.line(secret))
        self.write("one.env", "edited\n" + self.line(secret))
        self.commit("Copy and edit")
        self.assertEqual(self.paths(code=1), [("Copy and edit", "copy.env")])

    def test_what_comes_back_is_introduced_again(self):
        self.write("a.env", self.line())
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.git("rm", "-q", "a.env")
        self.commit("Remove")
        self.git("revert", "--no-edit", "HEAD")
        self.assertEqual([path for _, path in self.paths(code=1)], ["a.env"])

    def test_a_deletion_brings_nothing(self):
        self.write("a.env", self.line())
        self.write("dir/b.env", self.line())
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.git("rm", "-q", "-r", "a.env", "dir")
        self.commit("Remove")
        self.assertEqual(self.paths(code=0), [])

    def test_one_blob_at_two_paths_is_one_finding(self):
        text = self.line()
        self.write("a.env", text)
        self.write("b/c.env", text)
        self.commit("Add")
        self.assertEqual(self.paths(code=1), [("Add", "a.env"), ("Add", "b/c.env")])
        self.assertEqual(len(self.range()["findings"]), 1)

    def test_a_file_that_becomes_a_link_or_a_folder(self):
        secret = self.github()
        self.write("a", self.line(secret))
        self.commit("Old")
        self.git("tag", "-f", "base")
        (self.tree / "a").unlink()
        self.write("a/b.env", self.line(secret))
        self.commit("Folder")
        self.assertEqual(self.paths(code=0), [])
        shutil.rmtree(self.tree / "a")
        (self.tree / "a").symlink_to(self.line())
        self.commit("Link")
        self.assertEqual(self.paths(code=1), [("Link", "a")])

    # -- messages, binaries, archives

    def test_messages_of_the_range_are_scanned(self):
        before, within = self.github(), self.github()
        self.commit(f"Old {before}")
        self.git("tag", "-f", "base")
        commit = self.commit(f"Use {within} now")
        report = self.range(code=1)
        [finding] = report["findings"]
        [occurrence] = finding["occurrences"]
        self.assertEqual((occurrence["kind"], occurrence["commit"], occurrence["at_tip"]), ("commit-message", commit, True))
        self.assertEqual(occurrence["path"], "")

    def test_binaries_and_archives(self):
        self.write("program.bin", b"\0\1\2" * 100 + self.line().encode() + b"\0" * 50)
        self.write("lib.zip", planted.zip_of({"conf/a.env": self.line()}))
        self.commit("Add")
        self.assertEqual([path for _, path in self.paths(code=1)], ["lib.zip!/conf/a.env", "program.bin"])

    def test_an_archive_that_keeps_its_secret_brings_none(self):
        text = self.line()
        self.write("lib.zip", planted.zip_of({"conf/a.env": text}))
        self.commit("Old")
        self.git("tag", "-f", "base")
        self.write("lib.zip", planted.zip_of({"conf/a.env": text, "more.txt": "nothing\n"}))
        self.commit("New archive")
        self.git("mv", "lib.zip", "other.zip")
        self.commit("Move")
        self.assertEqual(self.paths(code=0), [])

    # -- merges

    def side(self, name, path, text, start="base"):
        self.git("checkout", "-q", "-B", name, start)
        self.write(path, text)
        return self.commit(name)

    def test_a_merge_brings_what_its_branch_brought_once(self):
        self.side("side", "side.env", self.line())
        self.side("other", "other.txt", "nothing\n")
        self.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
        self.assertEqual(self.paths(code=1), [("side", "side.env")])
        # From the other's side the merge is what brings it: by the commit of the side, which is in the range.
        self.assertEqual(self.paths("HEAD^1..HEAD", 1), [("side", "side.env")])
        self.assertEqual(self.paths("HEAD^2..HEAD", 0), [])

    def test_an_evil_merge_brings_what_no_parent_has(self):
        secret = self.github()
        self.side("side", "same.txt", "side\n" + self.line(secret))
        self.side("other", "same.txt", "other\n")
        self.merge("side")
        self.write("same.txt", "both\n" + self.line(secret))
        self.write("evil.env", self.line())
        self.commit("Merge")
        self.assertEqual(self.paths(code=1), [("Merge", "evil.env"), ("side", "same.txt")])
        self.assertEqual(self.paths("HEAD^!", 1), [("Merge", "evil.env")])

    def test_an_octopus(self):
        for name in ("one", "two", "three"):
            self.side(name, f"{name}.env", self.line())
        self.git("checkout", "-q", "-B", "main", "base")
        self.git("merge", "-q", "-m", "Octopus", "one", "two", "three")
        self.assertEqual(self.paths(code=1), [(name, f"{name}.env") for name in ("one", "three", "two")])
        self.assertEqual(self.paths("HEAD^!", 0), [])

    def test_a_criss_cross(self):
        self.side("left", "left.env", self.line())
        self.side("right", "right.env", self.line())
        self.git("checkout", "-q", "-B", "left2", "left")
        self.git("merge", "-q", "-m", "One", "right")
        self.git("checkout", "-q", "-B", "right2", "right")
        self.git("merge", "-q", "-m", "Two", "left")
        self.write("last.env", self.line())
        self.commit("Last")
        self.assertEqual(self.paths("left2..right2", 1), [("Last", "last.env")])
        self.assertEqual(self.paths("left2...right2", 1), [("Last", "last.env")])
        self.assertEqual(self.paths("base..right2", 1), [("Last", "last.env"), ("left", "left.env"), ("right", "right.env")])

    def test_three_dots_are_both_sides_from_where_they_part(self):
        self.side("left", "left.env", self.line())
        self.side("right", "right.env", self.line())
        self.assertEqual(self.paths("left..right", 1), [("right", "right.env")])
        self.assertEqual(self.paths("left...right", 1), [("left", "left.env"), ("right", "right.env")])

    # -- the words for ranges

    def test_one_commit_the_root_commit_and_nothing(self):
        self.write("a.env", self.line())
        self.commit("Add")
        self.commit("After")
        self.assertEqual(self.paths("HEAD~2..HEAD~1", 1), [("Add", "a.env")])
        self.assertEqual(self.paths("HEAD~1^!", 1), [("Add", "a.env")])
        self.assertEqual(self.paths("HEAD..HEAD", 0), [])
        self.assertEqual(self.paths("HEAD..base", 0), [])
        self.git("checkout", "-q", "--orphan", "island")
        self.commit("Root")
        self.assertEqual(self.paths("island^!", 1), [("Root", "a.env")])
        self.assertEqual(self.paths("main..island", 1), [("Root", "a.env")])

    def test_empty_sides_are_head_and_zeros_are_nothing(self):
        self.write("a.env", self.line())
        head = self.commit("Add")
        zeros = "0" * 40
        self.assertEqual(self.paths("base..", 1), [("Add", "a.env")])
        self.assertEqual(self.paths("..base", 0), [])
        self.assertEqual(self.paths(f"{zeros}..{head}", 1), [("Add", "a.env")])
        self.assertEqual(self.paths(f"{head}..{zeros}", 0), [])

    def test_revisions_of_all_kinds(self):
        self.write("a.env", self.line())
        head = self.commit("Add")
        self.git("tag", "-a", "-m", "Annotated", "annotated", "base")
        for text in (f"annotated..{head[:8]}", "main~1..main", "base..main^{commit}", "HEAD^..@"):
            self.assertEqual(self.paths(text, 1), [("Add", "a.env")], text)
        self.git("gc", "-q")
        self.assertEqual(self.paths(f"base..{head[:8]}", 1), [("Add", "a.env")])

    def test_since_ref(self):
        self.write("a.env", self.line())
        self.commit("Add")
        self.assertEqual(len(self.scan("--since-ref", "base", code=1)["findings"]), 1)
        self.scan("--since-ref", "HEAD", code=0)

    def test_wrong_ranges_say_what_is_wrong_in_one_line(self):
        blob = self.git("rev-parse", "HEAD:README")
        for arguments, words in (
                (("--range", "nowhere..HEAD"), ("nowhere", "no such revision", "git fetch origin nowhere")),
                (("--range", "HEAD..origin/main"), ("origin/main", "git fetch")),
                (("--range", "base..HEAD~7"), ("HEAD~7", "no such revision")),
                (("--range", f"{blob}..HEAD"), (blob, "names no commit")),
                (("--range", "HEAD"), ("HEAD", "no range", "A..B")),
                (("--range", ""), ("--range",)),
                (("--since-ref", ""), ("--since-ref",)),
                (("--since-ref", "nowhere"), ("nowhere", "no such revision")),
                (("--since-ref", "a..b"), ("a..b", "--range")),
                (("--range", "base..HEAD", "--staged"), ("--staged", "--range", "do not go together")),
                (("--range", "base..HEAD", "--history"), ("--history", "--range")),
                (("--range", "base..HEAD", "--since-ref", "base"), ("--range", "--since-ref")),
                (("--range", "base..HEAD", ".", "."), ("--range", "one repository")),
                (("--range", "base..HEAD", "-"), ("standard input",)),
        ):
            with self.subTest(arguments):
                run = self.keytrail("scan", *arguments, code=2)
                self.assertEqual(run.stdout, "")
                self.assertLessEqual(len(run.stderr.splitlines()), 2, run.stderr)
                for word in words:
                    self.assertIn(word, run.stderr)
        run = self.keytrail("scan", "--range", "a..b", self.base, code=2)
        self.assertIn("no git repository", run.stderr)

    def test_a_repository_without_commits(self):
        self.git("init", "-q", str(self.base / "empty"))
        run = self.keytrail("scan", "--range", "HEAD~1..HEAD", self.base / "empty", code=2)
        self.assertIn("HEAD", run.stderr)
        self.assertIn("--staged", self.keytrail("scan", "--range", "..HEAD", self.base / "empty", code=2).stderr)

    # -- what is not here

    def test_a_shallow_clone_is_incomplete_and_says_how_to_deepen_it(self):
        self.write("old.env", self.line())
        self.commit("Old")
        self.git("branch", "target")
        self.write("new.txt", "nothing\n")
        for number in range(4):
            self.commit(f"Change {number}")
        shallow = self.base / "shallow"
        self.git("clone", "-q", "--depth", "2", "--no-single-branch", f"file://{self.tree}", str(shallow))
        report = self.scan("--range", "origin/target..HEAD", shallow, code=3)
        # What the target has is not taken for new, though the commits between are not here.
        self.assertEqual(report["findings"], [])
        self.assertIn("shallow", [skip["reason"] for skip in report["skipped"]])
        self.assertIn("git fetch --unshallow", " ".join(skip["detail"] for skip in report["skipped"]))
        self.assertIn("git fetch --unshallow", self.keytrail("scan", "--range", "HEAD~4..HEAD", shallow, code=2).stderr)
        # A range that does not reach the boundary is complete.
        self.scan("--range", "HEAD~1..HEAD", shallow, code=0)
        self.git("fetch", "-q", "--unshallow", folder=shallow)
        self.scan("--range", "origin/target..HEAD", shallow, code=0)

    def test_a_secret_in_a_shallow_range_blocks(self):
        self.git("branch", "target")
        self.commit("Between")
        self.commit("Between")
        self.write("new.env", self.line())
        self.commit("Add")
        shallow = self.base / "shallow"
        self.git("clone", "-q", "--depth", "1", "--no-single-branch", f"file://{self.tree}", str(shallow))
        report = self.scan("--range", "origin/target..HEAD", shallow, code=1)
        self.assertEqual([path for _, path, _, _ in places(report)], ["new.env"])
        self.assertTrue(report["incomplete"])

    def test_a_partial_clone_without_blobs_is_incomplete(self):
        self.write("a.env", self.line())
        self.commit("Add")
        self.git("config", "uploadpack.allowFilter", "true")
        partial = self.base / "partial"
        self.git("clone", "-q", "--bare", "--filter=blob:none", f"file://{self.tree}", str(partial))
        report = self.scan("--range", "base..HEAD", partial, code=3)
        self.assertIn("missing-object", [skip["reason"] for skip in report["skipped"]])

    def test_a_damaged_object_costs_nothing_else(self):
        self.write("a.env", self.line())
        self.write("b.txt", "to be cut off\n" * 100)
        self.commit("Add")
        name = self.git("rev-parse", "HEAD:b.txt")
        path = self.tree / ".git/objects" / name[:2] / name[2:]
        path.chmod(0o644)
        for damage in (b"", path.read_bytes()[:20]):
            path.write_bytes(damage)
            report = self.range(code=1)
            self.assertEqual([path for _, path, _, _ in places(report)], ["a.env"])
            self.assertEqual([(skip["reason"], skip["path"]) for skip in report["skipped"]], [("corrupt-object", name)])

    # -- where the repository is

    def test_bare_repositories_work_trees_and_subfolders(self):
        self.write("sub/a.env", self.line())
        self.commit("Add")
        self.git("clone", "-q", "--bare", str(self.tree), str(self.base / "bare.git"))
        self.git("worktree", "add", "-q", str(self.base / "linked"), "-b", "other")
        want = places(self.range(code=1))
        self.assertEqual([path for _, path, _, _ in want], ["sub/a.env"])
        for where in ("bare.git", "linked", "tree/sub", "tree/.git"):
            self.assertEqual(places(self.scan("--range", "base..HEAD", self.base / where, code=1)), want, where)
            self.assertEqual(places(self.scan("--range", "base..HEAD", folder=self.base / where, code=1)), want, where)

    def test_the_checkout_is_left_alone(self):
        self.write("a.env", self.line())
        self.commit("Add")
        self.write("README", "an edit\n")
        before = {path: path.stat().st_mtime_ns for path in self.tree.rglob("*")}
        self.range(code=1)
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.tree.rglob("*")}, before)

    def test_a_pre_receive_hook_sees_the_quarantine(self):
        bare = self.base / "server.git"
        self.git("clone", "-q", "--bare", str(self.tree), str(bare))
        hook = bare / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nread old new ref\nexec "{KEYTRAIL}" scan --range "$old..$new" --format csv\n')
        hook.chmod(0o755)
        environment = self.environment() | {"GIT_CONFIG_GLOBAL": "/dev/null"}
        push = ["git", "push", "-q", str(bare), "HEAD:main"]
        self.write("a.env", self.line())
        self.commit("Add")
        run = subprocess.run(push, cwd=self.tree, env=environment, capture_output=True, text=True)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("a.env", run.stderr)
        self.git("reset", "-q", "--hard", "base")
        self.write("a.txt", "nothing\n")
        self.commit("Clean")
        run = subprocess.run(push, cwd=self.tree, env=environment, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_variables_of_another_repository_do_not_count_for_a_named_one(self):
        self.write("a.env", self.line())
        self.commit("Add")
        other = self.base / "other"
        self.git("init", "-q", "-b", "main", str(other))
        environment = {"GIT_DIR": str(other / ".git"), "GIT_OBJECT_DIRECTORY": str(other / ".git/objects")}
        self.scan("--range", "base..HEAD", self.tree, code=1, env=environment)
        self.keytrail("scan", "--range", "base..HEAD", code=2, env=environment)
        self.scan("--range", "base..HEAD", code=1, folder=self.base, env={"GIT_DIR": str(self.tree / ".git")})

    # -- together with the rest

    def test_configuration_baseline_and_comments_count(self):
        for name in ("excluded/a.env", "allowed.env", "accepted.env"):
            self.write(name, self.line())
        self.write("comment.env", f"token = {self.github()}  # keytrail:allow\n")
        self.commit("Add")
        self.write(".keytrail.toml", '[scan]\nexclude = ["excluded/"]\n[[allow]]\npaths = ["allowed.env"]\nreason = "x"\n')
        self.keytrail("baseline", "create", "--range", "base..HEAD", "--output", self.base / "accepted", "--reason", "x", code=0)
        report = self.range("base..HEAD", 0, "--baseline", self.base / "accepted")
        self.assertEqual(sorted(finding["suppressed"]["kind"] for finding in report["findings"]),
                         ["baseline", "comment", "configuration"])
        # What of a baseline a range has no use for is not stale.
        report = self.range("HEAD..HEAD", 0, "--baseline", self.base / "accepted")
        self.assertEqual(report["notes"], [])

    def test_every_format(self):
        self.write("a.env", self.line())
        self.commit(f"Add {self.github()}")
        for name in ("text", "json", "jsonl", "sarif", "csv"):
            run = self.keytrail("scan", "--range", "base..HEAD", "--format", name, code=1)
            self.assertIn("a.env", run.stdout)
            again = self.keytrail("scan", "--range", "base..HEAD", "--format", name, "--threads", "1", code=1)
            self.assertEqual(run.stdout, again.stdout, name)

    def test_submodules_are_named_and_not_entered(self):
        commit = self.git("rev-parse", "HEAD")
        self.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/sub")
        self.git("commit", "-q", "-m", "Submodule")
        report = self.range(code=0)
        self.assertEqual([skip["reason"] for skip in report["skipped"]], ["submodule"])

    # -- many commits, and two ways to one answer

    def test_a_thousand_commits(self):
        lines = []
        for number in range(2000):
            text = f"line {number}\n" + (self.line() if number % 400 == 7 else "")
            lines.append(f"commit refs/heads/many\ncommitter Ada <ada@example.org> {1700000000 + number} +0000\n"
                         f"data 2\nx\n" + ("from refs/tags/base^0\n" if number == 0 else "") +
                         f"M 644 inline dir{number % 13}/file{number % 7}\ndata {len(text)}\n{text}\n")
        subprocess.run(["git", "fast-import", "--quiet"], cwd=self.tree, input="".join(lines).encode(), check=True,
                       env=self.environment())
        report = self.range("base..many", 1)
        self.assertEqual((report["stats"]["commits"], len(report["findings"])), (2000, 5))
        self.assertEqual(len(self.range("many~1000..many", 1)["findings"]), 2)

    def test_packed_loose_and_exhaustive_say_the_same(self):
        choose = random.Random(self.id())
        files = {f"dir{number}/file.txt": [f"line {line} of file {number}\n" for line in range(300)] for number in range(6)}
        stream = []
        for number in range(400):
            path = choose.choice(list(files))
            lines = files[path]
            at = choose.randrange(len(lines))
            if choose.random() < 0.1:
                lines.insert(at, self.line())
            elif choose.random() < 0.3:
                del lines[at:at + 3]
            else:
                lines[at] = f"change {number} {choose.random()}\n"
            text = "".join(lines)
            message = f"Change {number}" + (f" {self.github()}" if choose.random() < 0.02 else "")
            stream.append(f"commit refs/heads/many\ncommitter Ada <ada@example.org> {1700000000 + number} +0000\n"
                          f"data {len(message)}\n{message}\n" + ("from refs/tags/base^0\n" if number == 0 else "") +
                          f"M 644 inline {path}\ndata {len(text)}\n{text}\n")
        subprocess.run(["git", "fast-import", "--quiet"], cwd=self.tree, input="".join(stream).encode(), check=True,
                       env=self.environment())
        for text in ("base..many", "many~150..many", "many~300..many~120"):
            reports, fresh = set(), {}
            for name, repack in (("unpacked", None), ("long", "-f --depth=50 --window=20"), ("short", "-f --depth=2"),
                                 ("named", "-f --depth=20")):
                if repack:
                    offset = "true" if name != "named" else "false"
                    self.git("-c", f"repack.useDeltaBaseOffset={offset}", "repack", "-q", "-a", "-d", *repack.split())
                for more in ([], ["--exhaustive"]):
                    for threads in ("1", "4"):
                        report = self.keytrail("scan", "--range", text, "--format", "json", "--threads", threads, "--stats",
                                               *more).stdout
                        fresh[name, bool(more)] = int(re.search(r'"fresh_bytes": (\d+)', report)[1])
                        reports.add(re.sub(r'\n *"fresh_bytes": \d+,', "", report))
            self.assertEqual(len(reports), 1, text)
            self.assertIn("fingerprint", reports.pop())
            self.assertLess(fresh["long", False], fresh["long", True] / 5)
            self.assertLess(fresh["named", False], fresh["named", True] / 5)

    def random_history(self, seed):
        """Commits that add, edit, move, copy and remove a few secrets in a few files, with branches and merges."""
        choose = random.Random(seed)
        secrets = [self.github() for _ in range(4)]
        names = ["a.env", "b.env", "dir/c.env", "dir/d.env"]
        heads = ["main"]
        for number in range(choose.randint(12, 18)):
            self.git("checkout", "-q", choose.choice(heads))
            if choose.random() < 0.2:
                heads.append(f"branch{number}")
                self.git("checkout", "-q", "-b", heads[-1])
            if choose.random() < 0.3:
                self.merge(choose.choice(heads), strategy=("-s", "ours") if choose.random() < 0.3 else ("-X", "theirs"))
            for _ in range(choose.randint(1, 2)):
                path = self.tree / choose.choice(names)
                action = choose.random()
                if action < 0.25 and path.is_file():
                    path.unlink()
                elif action < 0.45 and path.is_file():
                    target = self.tree / choose.choice(names)
                    target.parent.mkdir(exist_ok=True)
                    path.rename(target)
                else:
                    lines = [self.line(choose.choice(secrets)) for _ in range(choose.randint(0, 2))]
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(f"version {choose.randint(0, 3)}\n" + "".join(lines))
            self.commit(f"Change {number}")
        return heads

    def expected(self, commit):
        """(secret, path) that one commit introduces, by the definition, from `git ls-tree` and `git cat-file`."""
        def tree(revision):
            files = {}
            for entry in self.git("ls-tree", "-r", revision).splitlines():
                head, path = entry.split("\t")
                blob = head.split()[2]
                text = self.contents.setdefault(blob, None)
                if text is None:
                    text = self.contents[blob] = self.git("cat-file", "blob", blob)
                files[path] = (blob, {secret for secret in self.secrets if secret in text})
            return files
        now = tree(commit)
        parents = [tree(parent) for parent in self.git("log", "-1", "--format=%P", commit).split()]
        found = set()
        for path, (blob, secrets) in now.items():
            if any(parent.get(path, ("", ()))[0] == blob for parent in parents):
                continue
            for secret in secrets:
                stayed = any(secret in parent.get(path, ("", ()))[1] for parent in parents)
                moved = any(secret in there and secret not in now.get(other, ("", ()))[1]
                            for parent in parents for other, (_, there) in parent.items())
                if not stayed and not moved:
                    found.add((secret, path))
        return found

    def reported(self, text):
        report = self.scan("--range", text, "--show-secrets", secrets_may_show=True)
        return {(finding["value"], occurrence["path"], occurrence["commit"])
                for finding in report["findings"] for occurrence in finding["occurrences"]}

    def test_the_union_over_single_commits_is_the_range_and_lies_in_the_history(self):
        for seed in range(3 if SLOW == 1 else 1):
            with self.subTest(seed):
                shutil.rmtree(self.tree)
                self.tree.mkdir()
                self.secrets, self.contents = [], {}
                self.write("README", "nothing\n")
                self.commit("Begin")
                self.git("tag", "base")
                heads = self.random_history(f"{self.id()} {seed}")
                tip = self.git("checkout", "-q", "main") or "main"
                commits = self.git("rev-list", f"base..{tip}").split()
                union = set()
                for commit in commits:
                    one = self.reported(f"{commit}^!")
                    self.assertEqual({(secret, path) for secret, path, _ in one}, self.expected(commit), commit)
                    union |= one
                self.assertEqual(self.reported(f"base..{tip}"), union)
                self.assertGreater(len(union), 2)
                history = self.scan("--history", ".", "--show-secrets", secrets_may_show=True)
                homes = {(finding["value"], occurrence["path"], occurrence["commit"]): occurrence
                         for finding in history["findings"] for occurrence in finding["occurrences"]}
                self.assertLessEqual(union, set(homes))
                # Without branches that a range does not see, both say the same of what became of a blob.
                if len(heads) == 1:
                    for finding in self.range(f"base..{tip}")["findings"]:
                        for occurrence in finding["occurrences"]:
                            other = next(o for f in history["findings"] for o in f["occurrences"]
                                         if all(o[k] == occurrence[k] for k in ("blob", "path", "commit")))
                            self.assertEqual((occurrence["removed_by"], occurrence["at_tip"]),
                                             (other["removed_by"], other["at_tip"]))


if __name__ == "__main__":
    main()
