"""Provenance against what git says itself: references, reflogs, mailmap; and what narrows a history's report."""
import datetime
import random
import subprocess

from support import Case, csv_rows, main

PEOPLE = [("Ann", "ann@example.org"), ("ann b", "ANN@example.org"), ("Bea", "bea@example.org"), ("Cy", "cy@x.example")]
MAILMAP = "Ann Proper <ann@example.org>\n<bea@new.example> <bea@example.org>\nbroken <line\nCy P <c@p> cy <CY@x.example>\n"
START = 1_600_000_000
DAY = 86400


class Provenance(Case):
    def commit_as(self, who, committer, time, name, text, message="Change"):
        self.write(name, text)
        self.git("add", "-A")
        environment = self.environment() | {
            "GIT_AUTHOR_NAME": who[0], "GIT_AUTHOR_EMAIL": who[1], "GIT_AUTHOR_DATE": f"{time - 60} +0100",
            "GIT_COMMITTER_NAME": committer[0], "GIT_COMMITTER_EMAIL": committer[1],
            "GIT_COMMITTER_DATE": f"{time} +0000"}
        subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", message], cwd=self.tree, env=environment, check=True)
        return self.git("rev-parse", "HEAD")

    def occurrences(self, *arguments, code=None):
        return [occurrence for finding in self.scan("--history", ".", *arguments, code=code)["findings"]
                for occurrence in finding["occurrences"]]

    def random_history(self, seed):
        """Commits with a secret each, on branches that are made, left, merged, tagged and deleted."""
        pick = random.Random(seed)
        self.git("init", "-q", "-b", "main")
        commits = [self.commit_as(PEOPLE[0], PEOPLE[1], START, ".mailmap", MAILMAP)]
        for number in range(1, 16):
            if pick.random() < 0.4:
                self.git("checkout", "-q", "--detach", pick.choice(commits))
            commits.append(self.commit_as(pick.choice(PEOPLE), pick.choice(PEOPLE), START + number * DAY,
                                          f"f{number}.env", f"token = {self.github()}\n"))
            kind = pick.choice(["branch", "tag", "annotated", "remote", "none"])
            if kind == "branch":
                self.git("checkout", "-q", "-B", f"b{pick.randrange(4)}")
            elif kind == "tag":
                self.git("tag", f"t{number}")
            elif kind == "annotated":
                self.git("tag", "-a", "-m", "x", f"v{number}")
            elif kind == "remote":
                self.git("update-ref", f"refs/remotes/origin/r{number}", "HEAD")
        return commits

    def test_random_histories_agree_with_git(self):
        for seed in range(3):
            with self.subTest(seed=seed):
                if seed:
                    self.tearDownTree()
                self.random_history(seed)
                found = self.occurrences(code=1)
                self.assertGreater(len(found), 10)
                for occurrence in found:
                    self.check_occurrence(occurrence)
                self.assertEqual(self.keytrail("scan", "--history", ".", "--threads", "1", "--format", "json").out_bytes,
                                 self.keytrail("scan", "--history", ".", "--threads", "3", "--format", "json").out_bytes)

    def tearDownTree(self):
        self.tree = self.base / f"tree{len(self.secrets)}"
        self.tree.mkdir()

    def check_occurrence(self, occurrence):
        commit = occurrence["commit"]
        refs = self.git("for-each-ref", "--contains", commit, "--format=%(refname:short)").split()
        detached = self.git("rev-parse", "--symbolic-full-name", "HEAD") == "HEAD"
        if detached and subprocess.run(["git", "merge-base", "--is-ancestor", commit, "HEAD"], cwd=self.tree).returncode == 0:
            refs.append("HEAD")
        self.assertEqual(sorted(occurrence["refs"]), sorted(refs))
        self.assertEqual(occurrence["ref_count"], len(refs))
        self.assertEqual(occurrence["reachable"], bool(refs))
        author, committer, when = self.git("log", "-1", "--format=%aN <%aE>%n%cN <%cE>%n%ct", commit).split("\n")
        self.assertEqual(occurrence["author"], author)
        self.assertEqual(occurrence.get("committer"), committer)
        self.assertEqual(datetime.datetime.fromisoformat(occurrence["commit_date"]).timestamp(), int(when))
        if not refs:
            held = self.git("rev-parse", occurrence["held_by"])
            subprocess.run(["git", "merge-base", "--is-ancestor", commit, held], cwd=self.tree, check=True)
        else:
            self.assertIsNone(occurrence["held_by"])

    def test_what_only_a_stash_or_the_index_holds(self):
        self.write("a.txt", "a\n")
        self.commit("Begin")
        for _ in range(2):
            self.write("a.txt", f"token = {self.github()}\n")
            self.git("stash", "-q")
        self.write("staged.env", f"token = {self.github()}\n")
        self.git("add", "staged.env")
        told = {(o["path"], o["held_by"], o["reachable"], tuple(o["refs"])) for o in self.occurrences(code=1)}
        self.assertIn(("staged.env", "index", False, ()), told)
        self.assertIn(("a.txt", "stash@{1}", False, ()), told)
        self.assertIn(("a.txt", None, True, ("stash",)), told)
        text = self.keytrail("scan", "--history", ".", code=1).stdout
        self.assertIn("unreachable, held by stash@{1}", text)
        rows = csv_rows(self.keytrail("scan", "--history", ".", "--format", "csv", code=1).stdout)
        self.assertEqual({row["held_by"] for row in rows}, {"", "stash@{1}", "index"})

    def test_narrowing_is_what_git_log_says(self):
        commits = self.random_history(7)
        every = {o["commit"] for o in self.occurrences(code=1)}
        branch = self.git("for-each-ref", "--format=%(refname:short)", "--count=1", "refs/heads/b*", "refs/heads/main")
        day = datetime.datetime.fromtimestamp(START + 6 * DAY, datetime.timezone.utc).isoformat()
        for options, log in (
                ([f"--since={day}"], ["--all", "--reflog", f"--since={START + 6 * DAY}"]),
                ([f"--until={day}"], ["--all", "--reflog", f"--until={START + 6 * DAY}"]),
                (["--branch", branch], [branch]),
                (["--branch", "HEAD"], ["HEAD"]),
                (["--branch", "origin/*"], ["--remotes=origin"]),
                (["--author", "PROPER"], ["--all", "--reflog", "-i", "--author=proper"]),
                (["--author", "new.example", "--author", "c@p"],
                 ["--all", "--reflog", "--author=new.example", "--author=c@p"])):
            if options[1:] == ["origin/*"] and not self.git("for-each-ref", "refs/remotes"):
                continue
            with self.subTest(options):
                want = set(self.git("log", "--use-mailmap", "--format=%H", *log).split()) & every
                report = self.scan("--history", ".", *options)
                got = {o["commit"] for f in report["findings"] for o in f["occurrences"]}
                self.assertEqual(got, want)
                self.assertEqual(any("left out" in note for note in report["notes"]), got != every)
        self.assertGreater(len(commits), 10)

    def test_what_is_left_out_blocks_nothing_and_keeps_the_baseline_fresh(self):
        self.random_history(8)
        self.keytrail("baseline", "create", "--history", ".", "--reason", "old", "--output", self.base / "accepted")
        report = self.scan("--history", ".", "--since", "1d", "--baseline", self.base / "accepted", code=0)
        self.assertEqual(report["findings"], [])
        self.assertEqual([note for note in report["notes"] if "baseline" in note], [])
        self.assertIn("left out", " ".join(report["notes"]))

    def test_a_branch_that_is_none_is_wrong_usage(self):
        self.write("a.txt", "a\n")
        self.commit("Begin")
        run = self.keytrail("scan", "--history", ".", "--branch", "mian", code=2)
        self.assertIn("mian", run.stderr)
        self.assertEqual(len(run.stderr.strip().splitlines()), 1)


if __name__ == "__main__":
    main()
