"""A sweep of a history that begins where an earlier one ended says what a sweep of all of it says, byte for byte."""
import os
import random
import re
import signal
import subprocess
import time

from support import KEYTRAIL, SANITIZED, SLOW, Case, main


class Incremental(Case):
    def sweep(self, *arguments, repository=".", format="json"):
        """The report, and how many blobs were known."""
        run = self.keytrail("scan", "--history", repository, "--format", format, "--stats", *arguments)
        self.assertIn(run.code, (0, 1, 3), run.describe())
        # What was looked at is told with --stats, and is not the same.
        report = re.sub(rb'\n *"fresh_bytes": \d+,', b"", run.out_bytes)
        return report, int(re.search(r"^known +(\d+)", run.stderr, re.M).group(1))

    def check(self, repository=".", known=None, what=""):
        """A sweep with what is known, and one without: the same. Returns how much was known."""
        warm, count = self.sweep(repository=repository)
        cold, nothing = self.sweep("--no-cache", repository=repository)
        self.assertEqual(nothing, 0)
        self.assertEqual(warm.decode(), cold.decode(), what)
        if known is not None:
            self.assertEqual(count > 0, known, f"{what}: {count} blobs were known")
        return count

    def states(self):
        return sorted((self.base / "cache/keytrail/sweeps").glob("*"))

    def begin(self, commits=5):
        for number in range(commits):
            self.write("a.env", f"line {number}\n" * number + f"token = {self.github()}\n")
            self.write(f"folder/{number}/b.txt", f"text {number}\n")
            self.commit(f"Change {number}")

    def dated(self, folder, seconds, *arguments):
        environment = self.environment() | {"GIT_COMMITTER_DATE": f"{seconds} +0000", "GIT_CONFIG_GLOBAL": os.devnull}
        run = subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments], cwd=folder,
                             env=environment, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)

    # -- what may happen between two sweeps

    def test_an_unchanged_repository(self):
        self.begin()
        self.check(known=False)
        blobs = self.check(known=True)
        self.assertGreater(blobs, 10)
        for format in ("text", "sarif", "csv"):
            self.assertEqual(self.sweep(format=format)[0], self.sweep("--no-cache", format=format)[0])

    def test_a_report_follows_options_and_configuration_that_change_after_a_sweep(self):
        self.begin()
        self.check(known=False)
        for more in (["--min-confidence", "low"], ["--exclude", "a.env"], ["--fail-on", "never"]):
            warm, known = self.sweep(*more)
            self.assertGreater(known, 0)
            self.assertEqual(warm, self.sweep("--no-cache", *more)[0])

    def test_new_commits_that_are_loose(self):
        self.begin()
        self.check(known=False)
        for number in range(4):
            self.write("a.env", f"other {number}\ntoken = {self.github()}\n")
            self.commit(f"More {number}")
            self.check(known=True, what=f"commit {number}")

    def test_a_secret_that_goes_and_comes_back(self):
        text = f"token = {self.github()}\n"
        self.write("a.env", text)
        self.commit("Begin")
        self.check(known=False)
        (self.tree / "a.env").unlink()
        self.commit("Remove")
        self.check(known=True)
        self.write("b/c/a.env", text)
        self.commit("At another place")
        self.check(known=True)
        self.write("a.env", text)
        self.commit("And back")
        self.check(known=True)
        self.git("revert", "--no-edit", "HEAD")
        self.check(known=True)

    def test_a_removal_that_is_dated_before_another_counts_first(self):
        self.write("a.env", f"token = {self.github()}\n")
        self.commit("Begin")
        (self.tree / "a.env").unlink()
        self.commit("Remove")
        self.check(known=False)
        self.git("checkout", "-q", "-b", "side", "HEAD^")
        self.git("rm", "-q", "a.env")
        self.dated(self.tree, 978_307_200, "commit", "-q", "-m", "Remove it, long before")
        self.check(known=True)

    def test_merges_tags_notes_and_stashes(self):
        self.begin()
        self.check(known=False)
        self.git("checkout", "-q", "-b", "side", "HEAD~2")
        self.write("side.env", f"token = {self.github()}\n")
        self.commit("Side")
        self.check(known=True)
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "-m", f"Merge {self.github()}", "side")
        self.check(known=True)
        self.git("tag", "-a", "-m", f"token = {self.github()}", "v1")
        self.check(known=True)
        self.git("notes", "add", "-m", f"token = {self.github()}")
        self.check(known=True)
        self.write("a.env", f"token = {self.github()}\n")
        self.git("stash", "-q")
        self.check(known=True)
        self.git("stash", "drop", "-q")
        self.check(known=True)

    def test_a_pack_that_a_fetch_brings(self):
        self.begin()
        clone = self.base / "clone.git"
        self.git("clone", "-q", "--bare", f"file://{self.tree}", str(clone))
        self.check(clone, known=False)
        for number in range(6):
            self.write("a.env", "line\n" * 40 + f"other {number}\ntoken = {self.github()}\n")
            self.commit(f"More {number}")
        self.git("-c", "fetch.unpackLimit=1", "fetch", "-q", "origin", "main:main", folder=clone)
        self.assertEqual(len(list((clone / "objects/pack").glob("*.pack"))), 2)
        self.check(clone, known=True)
        self.check(clone, known=True)

    def test_repacking_and_collecting(self):
        self.begin()
        self.check(known=False)
        self.git("repack", "-q", "-d")
        self.check(known=True, what="loose objects that were packed")
        self.write("c.env", f"token = {self.github()}\n")
        self.commit("More")
        self.check(known=True)
        self.git("gc", "-q")
        self.check()
        self.check(known=True)
        self.git("pack-refs", "--all")
        self.check(known=True)

    def packs(self, folder=None):
        return sorted(path.name for path in ((folder or self.tree) / ".git/objects/pack").glob("*.pack"))

    def test_everything_packed_anew_is_still_known(self):
        self.begin(12)
        self.git("repack", "-q", "-a", "-d")
        self.check(known=False)
        ways = (["repack", "-a", "-d", "-f", "--depth=1", "--window=3"], ["gc", "--prune=now"],
                ["repack", "-a", "-d", "-f", "--depth=50", "--window=20"], ["gc", "--aggressive", "--prune=now"])
        for number, way in enumerate(ways):
            before = self.packs()
            self.git(way[0], "-q", *way[1:])
            if number % 2:
                self.assertNotEqual(self.packs(), before)
            self.check(known=True, what=way)
            self.check(known=True, what=f"after {way}")
            self.write("a.env", "line\n" * 30 + f"other {number}\ntoken = {self.github()}\n")
            self.write(f"folder/{number}/new.txt", f"more text {number}\n")
            self.commit(f"More {number} {self.github()}")

    def test_new_objects_in_a_pack_of_old_ones_are_found(self):
        self.begin(8)
        self.git("repack", "-q", "-a", "-d")
        self.check(known=False)
        for number in range(5):
            self.write("a.env", "line\n" * number + f"other {number}\ntoken = {self.github()}\n")
            self.commit(f"More {number}")
            self.git("tag", "-a", "-m", f"token = {self.github()}", f"v{number}")
        self.git("repack", "-q", "-a", "-d", "-f", "--depth=50")
        self.git("prune-packed")
        self.assertEqual(len(self.packs()), 1)
        found = len(re.findall(rb'"fingerprint"', self.sweep("--no-cache")[0]))
        self.check(known=True)
        self.assertEqual(len(re.findall(rb'"fingerprint"', self.sweep()[0])), found)
        self.assertGreaterEqual(found, 8 + 10)

    def test_several_packs_become_one_and_one_becomes_several(self):
        self.begin(3)
        self.git("repack", "-q", "-d")
        for number in range(3):
            self.write(f"{number}.env", f"token = {self.github()}\n")
            self.commit(f"More {number}")
            self.git("repack", "-q", "-d")
        self.assertGreaterEqual(len(self.packs()), 4)
        self.check(known=False)
        self.git("repack", "-q", "-a", "-d")
        self.assertEqual(len(self.packs()), 1)
        self.check(known=True, what="one")
        self.write("b.env", f"token = {self.github()}\n")
        self.commit("More")
        self.git("-c", "pack.packSizeLimit=1m", "repack", "-q", "-a", "-d")
        self.check(known=True, what="another one")
        [pack] = (self.tree / ".git/objects/pack").glob("*.pack")
        self.git("config", "pack.writeReverseIndex", "false")
        loose = self.base / "loose"
        pack.rename(loose)
        for other in pack.parent.glob(pack.stem + ".*"):
            other.unlink()
        with open(loose, "rb") as stream:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=self.tree, stdin=stream, check=True)
        self.check(known=True, what="every object in a file of its own")

    def test_objects_that_packing_anew_left_out_are_not_reported(self):
        self.begin()
        self.git("repack", "-q", "-a", "-d")
        self.git("checkout", "-q", "-b", "side")
        gone = self.github()
        self.write("side.env", f"token = {gone}\n")
        self.commit("Side")
        self.git("repack", "-q", "-a", "-d")
        self.check(known=False)
        self.git("checkout", "-q", "main")
        self.git("branch", "-D", "-q", "side")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("repack", "-q", "-a", "-d")
        self.assertNotIn(b"side.env", self.sweep("--no-cache")[0])
        self.check(known=False, what="an object is gone")
        self.check(known=True)

    def test_a_new_pack_that_is_damaged_is_read_whole(self):
        self.begin()
        self.git("repack", "-q", "-a", "-d")
        self.check(known=False)
        self.git("repack", "-q", "-a", "-d", "-f", "--depth=1", "--window=1")
        [pack] = (self.tree / ".git/objects/pack").glob("*.pack")
        pack.chmod(0o644)
        bytes_ = bytearray(pack.read_bytes())
        bytes_[len(bytes_) // 2] ^= 0x55
        pack.write_bytes(bytes_)
        self.check(known=False)

    def test_without_the_ids_a_repacked_repository_is_swept_whole(self):
        self.begin()
        self.git("repack", "-q", "-a", "-d")
        self.check(known=False)
        [ids] = (path for path in self.states() if path.name.endswith(".ids.state"))
        kept = ids.read_bytes()
        for number, damage in enumerate((None, b"", kept[:-1], kept[:100] + bytes([kept[100] ^ 1]) + kept[101:])):
            ids.unlink()
            if damage is not None:
                ids.write_bytes(damage)
            before = self.packs()
            self.git("-c", f"pack.compression={9 * (number % 2)}", "repack", "-q", "-a", "-d", "-F")
            self.assertNotEqual(self.packs(), before)
            self.check(known=False)
            self.check(known=True)
        # Those of an earlier start are none either.
        self.write("more.env", f"token = {self.github()}\n")
        self.commit("More")
        self.git("repack", "-q", "-a", "-d")
        self.check(known=True)
        ids.write_bytes(kept)
        self.git("-c", "pack.compression=0", "repack", "-q", "-a", "-d", "-F")
        self.check(known=False)

    def test_what_is_missing_is_named_by_the_same_however_it_is_packed(self):
        self.begin(8)
        blob = self.git("rev-parse", "HEAD~2:folder/3/b.txt")
        (self.tree / ".git/objects" / blob[:2] / blob[2:]).unlink()
        names = [path.parent.name + path.name for path in (self.tree / ".git/objects").glob("??/*")]
        reports = set()

        def pack(*options):
            run = subprocess.run(["git", "pack-objects", "-q", *options, str(self.base / "made")], cwd=self.tree,
                                 input="\n".join(names).encode(), capture_output=True, check=True)
            return run.stdout.decode().strip()

        reports.add(self.sweep("--no-cache")[0])
        folder = self.tree / ".git/objects/pack"
        for options in (["--window=0"], ["--depth=50", "--window=10"]):
            random.Random(len(options)).shuffle(names)
            name = pack(*options)
            for old in folder.glob("*"):
                old.unlink()
            for end in (".pack", ".idx"):
                (self.base / f"made-{name}{end}").rename(folder / f"pack-{name}{end}")
            for path in (self.tree / ".git/objects").glob("??/*"):
                path.unlink()
            reports.add(self.sweep("--no-cache")[0])
            self.check(what=options)
        self.assertEqual(len(reports), 1)
        self.assertIn(blob.encode(), reports.pop())

    def test_references_that_move_or_go(self):
        self.begin()
        self.git("branch", "old")
        self.check(known=False)
        self.git("reset", "-q", "--hard", "HEAD~3")
        self.check(known=True, what="reset")
        self.git("branch", "-D", "-q", "old")
        self.check(known=True, what="branch deleted")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.check(known=True, what="reflogs expired")
        self.git("prune", "--expire=now")
        self.check(what="pruned")
        self.check(known=True)
        self.git("checkout", "-q", "--detach")
        self.check(known=True, what="detached")

    def test_a_forced_push_and_a_worktree(self):
        self.begin()
        bare = self.base / "bare.git"
        self.git("clone", "-q", "--bare", str(self.tree), str(bare))
        self.check(bare, known=False)
        self.git("reset", "-q", "--hard", "HEAD~2")
        self.write("x.env", f"token = {self.github()}\n")
        self.commit("Another way")
        self.git("push", "-q", "--force", str(bare), "main")
        self.check(bare, known=True)
        self.git("worktree", "add", "-q", str(self.base / "linked"), "-b", "linked")
        self.check(known=False)
        self.check(known=True)
        self.write("../linked/y.env", f"token = {self.github()}\n")
        self.git("add", "-A", folder=self.base / "linked")
        self.git("commit", "-q", "-m", "In the linked one", folder=self.base / "linked")
        self.check(known=True)

    def test_branches_that_are_asked_for(self):
        self.begin()
        self.git("checkout", "-q", "-b", "side", "HEAD~2")
        self.write("side.env", f"token = {self.github()}\n")
        self.commit("Side")
        self.check(known=False)
        reports = set()
        for asked in (["main"], ["side"], ["main", "side"], ["HEAD"]):
            options = [word for name in asked for word in ("--branch", name)]
            cold = self.sweep("--no-cache", *options)[0]
            for _ in range(2):
                warm, known = self.sweep(*options)
                self.assertGreater(known, 0)
                self.assertEqual(warm, cold, asked)
            reports.add(cold)
        self.assertGreater(len(reports), 1)
        self.check(known=True)
        self.git("branch", "-f", "main", "side")
        for options in (["--branch", "main"], ["--since", "2001-01-01"], ["--author", "nobody"]):
            self.assertEqual(self.sweep(*options)[0], self.sweep("--no-cache", *options)[0])

    def test_what_names_keep_and_show_a_finding(self):
        self.begin()
        self.check(known=False)
        self.git("tag", "light", "HEAD~1")
        self.check(known=True, what="a tag")
        self.git("tag", "-a", "-m", "Of a blob", "blob", "HEAD:a.env")
        self.check(known=True, what="a tag of a blob that commits have")
        self.write("only.env", f"token = {self.github()}\n")
        self.git("add", "only.env")
        self.check(known=True, what="in the index")
        blob = self.git("rev-parse", ":only.env")
        self.git("tag", "kept", blob)
        self.check(known=True, what="a reference to the blob")
        self.git("tag", "-a", "-m", "Of a blob that no commit has", "kept-too", blob)
        self.git("rm", "-q", "--cached", "only.env")
        self.check(known=True, what="no more in the index")
        self.git("tag", "-d", "kept", "kept-too", "blob")
        self.check(known=True, what="kept by nothing")
        self.write("a.env", f"token = {self.github()}\n")
        self.git("stash", "-q")
        self.git("branch", "-q", "-f", "gone", "HEAD~1")
        self.check(known=True, what="a stash")
        self.git("reset", "-q", "--hard", "HEAD~2")
        self.check(known=True, what="kept by a reflog")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.check(known=True, what="and no more")

    def test_names_that_a_mailmap_changes(self):
        self.begin()
        self.check(known=False)
        self.assertNotIn(b"Grace", self.sweep()[0])
        address = self.git("log", "-1", "--format=%ae")
        self.write(".mailmap", f"Grace <grace@example.org> <{address}>\n")
        self.check(known=True)
        self.assertIn(b"Grace", self.sweep()[0])
        other = self.write("../names", f"Hedy <hedy@example.org> <{address}>\n")
        self.git("config", "mailmap.file", other)
        self.check(known=True)
        self.write("../names", f"Ida <ida@example.org> <{address}>\n")
        self.check(known=True)
        self.assertIn(b"Ida", self.sweep()[0])
        self.git("config", "mailmap.file", "names")
        self.check(known=False, what="a path whose meaning is not certain")
        self.git("config", "--unset", "mailmap.file")
        self.dated(self.tree, 978_307_200, "-c", "user.email=else@example.org", "commit", "-q", "--allow-empty", "-m",
                   f"token = {self.github()}", "--author", "Joan <joan@example.org>")
        self.check(known=True, what="another committer")

    def test_damage_that_another_copy_makes_good(self):
        self.begin()
        self.git("repack", "-a", "-d", "-q")
        pack = next((self.tree / ".git/objects/pack").glob("*.pack"))
        copy = self.base / "copy.git"
        self.git("clone", "-q", "--bare", f"file://{self.tree}", str(copy))
        (self.tree / ".git/objects/info").mkdir(exist_ok=True)
        (self.tree / ".git/objects/info/alternates").write_text(f"{copy}/objects\n")
        pack.chmod(0o644)
        bytes_ = bytearray(pack.read_bytes())
        bytes_[len(bytes_) // 2] ^= 0x55
        pack.write_bytes(bytes_)
        self.check(known=False)
        self.check(known=True)
        self.write("more.env", f"token = {self.github()}\n")
        self.commit("More")
        self.check(known=False, what="what was damaged is nothing to begin from")

    def test_alternates(self):
        self.begin()
        shared = self.base / "shared.git"
        self.git("clone", "-q", "--bare", "--shared", str(self.tree), str(shared))
        self.check(shared, known=False)
        self.check(shared, known=True)
        self.write("z.env", f"token = {self.github()}\n")
        self.commit("In the other")
        self.check(shared, known=True)
        (shared / "objects/info/alternates").unlink()
        self.check(shared)

    def test_missing_objects_are_named_again(self):
        self.begin()
        blob = self.git("rev-parse", "HEAD~2:a.env")  # which the work tree does not have
        file = self.tree / ".git/objects" / blob[:2] / blob[2:]
        kept = file.read_bytes()
        file.unlink()
        self.check(known=False)
        self.check(known=True)
        self.write("more.env", f"token = {self.github()}\n")
        self.commit("More")
        self.check(known=True)
        file.write_bytes(kept)
        self.check(known=False, what="what was missing came")
        self.check(known=True)

    def test_a_shallow_clone(self):
        self.begin()
        clone = self.base / "clone"
        self.git("clone", "-q", "--depth", "2", f"file://{self.tree}", str(clone))
        self.check(clone, known=False)
        self.check(clone, known=True)
        self.git("fetch", "-q", "--unshallow", folder=clone)
        self.check(clone)

    def test_damage_done_after_a_sweep_is_seen(self):
        self.begin()
        self.git("repack", "-a", "-d", "-q")
        self.write("more.env", f"token = {self.github()}\n")
        self.commit("More")
        self.check(known=False)
        pack = next((self.tree / ".git/objects/pack").glob("*.pack"))
        pack.chmod(0o644)
        bytes_ = bytearray(pack.read_bytes())
        bytes_[len(bytes_) // 2] ^= 0x55
        with open(pack, "r+b") as file:
            file.write(bytes_)
        self.check(known=False, what="a pack that was damaged in place")
        blob = self.git("rev-parse", "HEAD:more.env")
        loose = self.tree / ".git/objects" / blob[:2] / blob[2:]
        loose.chmod(0o644)
        loose.write_bytes(loose.read_bytes()[:-5])
        self.check(known=False, what="a loose object that was cut")

    def test_a_pack_whose_times_changed_is_still_known(self):
        self.begin()
        self.git("repack", "-a", "-d", "-q")
        self.check(known=False)
        os.utime(next((self.tree / ".git/objects/pack").glob("*.pack")))
        self.check(known=True)

    # -- what must not be used

    def test_other_rules_know_nothing(self):
        self.begin()
        self.check(known=False)
        rules = self.write("../rules.toml", '[[rule]]\nid = "own-thing"\nname = "Own"\nprovider = "Own"\n'
                           "pattern = 'text [0-9]{1,3}'\nnegative = [\"text\"]\n")
        warm, known = self.sweep("--rules", rules)
        self.assertEqual(known, 0)
        self.assertEqual(warm, self.sweep("--rules", rules, "--no-cache")[0])

    def test_ways_of_scanning_that_know_nothing(self):
        self.begin()
        self.check(known=False)
        before = [(path, path.stat().st_mtime_ns) for path in self.states()]
        for more in (["--exhaustive"], ["--reader", "libgit2"]):
            self.assertEqual(self.sweep(*more)[1], 0, more)
        run = self.keytrail("scan", "--history", ".", "--format", "json", "--show-secrets", secrets_may_show=True)
        self.assertIn(self.secrets[0].encode(), run.out_bytes)
        self.assertEqual([(path, path.stat().st_mtime_ns) for path in self.states()], before)

    def test_without_a_cache_nothing_is_written(self):
        self.begin()
        self.sweep("--no-cache")
        self.assertEqual(self.states(), [])

    def test_no_secret_is_in_any_file_and_nobody_else_may_read_them(self):
        self.begin()
        self.git("tag", "-a", "-m", f"token = {self.github()}", "v1")
        self.check(known=False)
        self.write("a.env", f"token = {self.github()}\n")
        self.commit(f"token = {self.github()}")
        self.check(known=True)
        files = [path for path in (self.base / "cache").rglob("*") if path.is_file()]
        self.assertGreaterEqual(len(self.states()), 2)
        for path in files:
            self.assert_no_secret(path.read_bytes(), path.name)
        for path in self.states():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertEqual(path.parent.stat().st_mode & 0o777, 0o700)

    # -- what may happen to the files

    def test_damaged_files_are_not_there(self):
        self.begin()
        self.check(known=False)
        whole = {path: path.read_bytes() for path in self.states()}
        self.assertEqual(len(whole), 3)
        source = random.Random(self.id())

        def flipped(data):
            place = source.randrange(len(data))
            return data[:place] + bytes([data[place] ^ 1 << source.randrange(8)]) + data[place + 1:]

        ways = {"cut": lambda data: data[:source.randrange(len(data))], "flipped": flipped, "empty": lambda data: b"",
                "wrong version": lambda data: b"KTSTATE0" + data[8:], "longer": lambda data: data + b"x",
                "noise": lambda data: source.randbytes(len(data))}
        for name, damage in ways.items():
            for path, data in whole.items():
                path.write_bytes(damage(data))
            self.check(known=False, what=name)
            self.check(known=True, what=f"after {name}")

    def test_files_that_cannot_be_read_or_written(self):
        self.begin()
        folder = self.base / "cache/keytrail/sweeps"
        self.check(known=False)
        for path in self.states():
            path.unlink()
            path.mkdir()
        self.check(known=False, what="folders in their place")
        for path in self.states():
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
        folder.rmdir()
        folder.write_text("no folder")
        self.check(known=False, what="a file in the folder's place")
        folder.unlink()
        folder.mkdir(0o500)
        try:
            self.check(what="a folder that may not be written")
        finally:
            folder.chmod(0o700)

    def test_old_files_are_removed(self):
        self.begin()
        self.check(known=False)
        folder = self.base / "cache/keytrail/sweeps"
        old = folder / ("0" * 32 + ".start.state")
        unfinished = folder / ("0" * 32 + ".start.state.tmp.1.1")
        foreign = folder / "notes.txt"
        for path in (old, unfinished, foreign):
            path.write_text("old")
            os.utime(path, (time.time() - 40 * 86400,) * 2)
        self.write("n.txt", "new\n")
        self.commit("More")
        self.check(known=True)
        self.assertFalse(old.exists())
        self.assertFalse(unfinished.exists())
        self.assertTrue(foreign.exists())

    def test_several_sweeps_at_once(self):
        self.begin()
        cold = self.sweep("--no-cache")[0]
        for _ in range(3):
            runs = [subprocess.Popen([KEYTRAIL, "scan", "--history", ".", "--format", "json"], cwd=self.tree,
                                     env=self.environment(), stdout=subprocess.PIPE) for _ in range(4)]
            for run in runs:
                self.assertEqual(run.communicate(timeout=120 * SLOW)[0], cold)
        self.check(known=True)
        self.assertEqual([path for path in self.states() if ".tmp." in path.name], [])

    def test_a_sweep_that_is_killed_leaves_nothing_wrong(self):
        self.begin(12)
        source = random.Random(self.id())
        start = time.monotonic()
        cold = self.sweep("--no-cache")[0]
        lasts = time.monotonic() - start
        for number in range(10):
            if number % 3 == 0:
                for path in self.states():
                    path.unlink()
            run = subprocess.Popen([KEYTRAIL, "scan", "--history", "."], cwd=self.tree, env=self.environment(),
                                   stdout=subprocess.DEVNULL)
            time.sleep(source.uniform(0, 1.2 * lasts))
            run.send_signal(signal.SIGKILL)
            run.wait()
            self.assertEqual(self.sweep()[0], cold)

    def test_a_repository_that_is_copied(self):
        self.begin()
        self.check(known=False)
        copy = self.base / "copy"
        subprocess.run(["cp", "-r", str(self.tree), str(copy)], check=True)
        self.check(copy, known=False)

    # -- anything

    def test_whatever_happens_the_report_is_that_of_a_whole_sweep(self):
        for seed in range(2 if SANITIZED else 6):
            with self.subTest(seed=seed):
                self.random_history(random.Random(seed), f"r{seed}")

    def random_history(self, source, name):
        folder = self.base / name
        folder.mkdir()
        git = lambda *arguments: self.git(*arguments, folder=folder)
        git("init", "-q", "-b", "main")
        texts = [f"token = {self.github()}\n" for _ in range(4)] + [f"plain {number}\n" for number in range(4)]
        clock = [1_600_000_000]

        def write():
            path = folder / source.choice(["a.env", "b.txt", "d/a.env", "d/e/f.txt", "d.txt", "d-x/y.env"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(source.choices(texts, k=source.randrange(1, 4))))

        def commit():
            for _ in range(source.randrange(1, 4)):
                write()
            git("add", "-A")
            clock[0] += source.randrange(-5000, 20000)
            self.dated(folder, clock[0], "commit", "-q", "--allow-empty", "-m", source.choice(texts))

        def branches():
            return git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()

        def tidy():
            git("reset", "-q", "--hard")
            git("clean", "-q", "-f", "-d")

        def branch():
            git("checkout", "-q", "-B", source.choice("xyz"), source.choice(branches()))

        def switch():
            git("checkout", "-q", source.choice(branches()))

        def merge():
            git("merge", "-q", "-X", "ours", "-m", "Merge", "--allow-unrelated-histories", source.choice(branches()))

        def delete():
            others = [other for other in branches() if other != git("branch", "--show-current")]
            if others:
                git("branch", "-q", "-D", source.choice(others))

        def remove():
            files = git("ls-files").split()
            if files:
                git("rm", "-q", "-r", source.choice(files))
                git("commit", "-q", "-m", "Remove")

        def stash():
            write()
            git("stash", "-q", "-u")

        def tag():
            git("tag", "-f", "-a", "-m", source.choice(texts), source.choice(["v1", "v2"]))

        def amend():
            write()
            git("add", "-A")
            git("commit", "-q", "--amend", "-m", "Amended")

        def expire():
            git("reflog", "expire", "--expire=now", "--all")

        def lose():
            """An object goes that nobody should have lost."""
            loose = sorted(path for path in (folder / ".git/objects").glob("??/*"))
            blobs = [path for path in loose if git("cat-file", "-t", path.parent.name + path.name) == "blob"]
            if blobs:
                source.choice(blobs).unlink()

        commit()
        actions = [commit] * 8 + [branch, switch, merge, delete, remove, remove, stash, tag, amend, expire,
                   lambda: git("repack", "-q"), lambda: git("repack", "-q", "-d"), lambda: git("repack", "-q", "-a", "-d"),
                   lambda: git("gc", "-q"), lambda: git("prune", "--expire=now"), lambda: git("pack-refs", "--all")]
        done, known = ["commit"], 0
        for step in range(25):
            action = source.choice(actions)
            if step == 20 and source.random() < 0.5:
                action = lose
            try:
                tidy()
                action()
            except AssertionError as refused:  # a merge that conflicts, a stash of nothing, a lost object that is needed
                subprocess.run(["git", "merge", "--abort"], cwd=folder, capture_output=True)
                done.append(f"({str(refused)[:40]})")
            done.append(getattr(action, "__name__", "?"))
            if source.random() < 0.7:
                known += self.check(folder, what=f"{name}: {done}") > 0
        self.assertGreater(known, 5)


if __name__ == "__main__":
    main()
