"""Hooks, run by git itself: `git commit`, `git push` to a bare repository over file://, `git merge`, work trees."""
import os
import shutil
import stat
import subprocess
import time
from pathlib import Path

from support import KEYTRAIL, SANITIZED, SLOW, Case, main, tokens

GITHUB = tokens.RULES["github"]
ZEROS = "0" * 40
ALLOW = "keytrail" + ":allow"


class Hooks(Case):
    def setUp(self):
        super().setUp()
        (self.base / "gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n"
                                             "[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n")
        self.run_git("init", "-q")
        self.write("README", "nothing\n")
        self.run_git("add", "-A")
        self.run_git("commit", "-q", "-m", "Begin")

    def environment(self):
        return super().environment() | {"GIT_CONFIG_GLOBAL": str(self.base / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
                                        "XDG_CONFIG_HOME": str(self.base / "config")}

    def run_git(self, *arguments, folder=None, code=0, env=None):
        """git with its hooks: what it says, secrets looked for."""
        run = subprocess.run(["git", *map(str, arguments)], cwd=folder or self.tree, capture_output=True, text=True,
                             env=self.environment() | (env or {}), timeout=300 * SLOW)
        said = run.stdout + run.stderr
        self.assert_no_secret(said.encode(), "git " + str(arguments[0]))
        if code is not None:
            self.assertEqual(run.returncode != 0, code != 0, said)
        return said

    def install(self, *arguments, code=0, **more):
        return self.keytrail("hook", "install", *arguments, code=code, **more).stdout

    def line(self):
        return f"token = {self.github()}\n"

    def stage(self, name, content, folder=None):
        path = (folder or self.tree) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        self.run_git("add", name, folder=folder)

    def head(self, folder=None, revision="HEAD"):
        return self.run_git("rev-parse", revision, folder=folder).strip()

    def script(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path


class PreCommit(Hooks):
    def test_a_commit_without_a_secret_goes_through_in_silence(self):
        self.install()
        self.stage("a.txt", "nothing\n")
        self.assertEqual(self.run_git("commit", "-q", "-m", "Clean"), "")

    def test_a_commit_with_a_secret_is_stopped_with_place_rule_masked_value_reason_and_ways_out(self):
        self.install()
        before = self.head()
        self.stage("conf/a.py", "first\n" + self.line())
        said = self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.assertEqual(self.head(), before)
        for part in ("conf/a.py:2:9", GITHUB, "ghp_****", "Why it matters", "1. Take it out of conf/a.py", "2. It is needed",
                     'os.environ["NAME"]', f"# {ALLOW} {GITHUB} -- ", "[[allow]]"):
            self.assertIn(part, said)

    def test_each_way_out_that_the_message_shows_is_one(self):
        self.install()
        line = self.line()
        self.stage("a.py", line)
        said = self.run_git("commit", "-q", "-m", "Secret", code=1)
        [comment] = [text.strip() for text in said.splitlines() if text.strip().startswith(f"# {ALLOW}")]
        self.stage("a.py", line.rstrip("\n") + "  " + comment + "\n")
        self.run_git("commit", "-q", "-m", "By comment")
        # A file that has no comments: only the configuration.
        self.stage("b.json", '{"token": "%s"}\n' % self.github())
        said = self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.assertNotIn("On its line", said)
        lines = said.splitlines()
        begin = next(i for i, text in enumerate(lines) if text.strip() == "[[allow]]")
        self.write(".keytrail.toml", "\n".join(text.strip() for text in lines[begin:begin + 3]) + "\n")
        self.run_git("commit", "-q", "-m", "By configuration")
        # Taken out.
        self.stage("c.env", self.line())
        self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.stage("c.env", "token = ${TOKEN}\n")
        self.run_git("commit", "-q", "-m", "Taken out")

    def test_what_is_not_staged_does_not_count_and_a_partial_commit_does(self):
        self.install()
        self.stage("a.txt", "clean\n")
        self.write("README", self.line())
        self.run_git("commit", "-q", "-m", "Clean")
        self.run_git("commit", "-q", "-m", "All", "-a", code=1)
        self.run_git("commit", "-q", "-m", "Only", "--only", "README", code=1)
        self.stage("b.txt", "clean\n")
        self.run_git("commit", "-q", "-m", "Only the clean one", "--only", "b.txt")

    def test_no_verify_goes_without(self):
        self.install()
        self.stage("a.txt", self.line())
        self.run_git("commit", "-q", "--no-verify", "-m", "On purpose")

    def test_installing_twice_changes_nothing_and_uninstalling_twice_neither(self):
        hooks = self.tree / ".git/hooks"
        before = sorted(path.name for path in hooks.iterdir())
        self.install()
        text = (hooks / "pre-commit").read_text()
        self.assertIn("already", self.install())
        self.assertEqual((hooks / "pre-commit").read_text(), text)
        self.assertEqual(sorted(path.name for path in hooks.iterdir()), sorted([*before, "pre-commit"]))
        self.keytrail("hook", "uninstall", code=0)
        self.assertEqual(sorted(path.name for path in hooks.iterdir()), before)
        self.assertIn("no pre-commit hook", self.keytrail("hook", "uninstall", code=0).stdout)

    def test_a_hook_that_was_there_runs_first_and_comes_back(self):
        hook = self.script(self.tree / ".git/hooks/pre-commit", "echo earlier >> ran\n[ ! -e say-no ]\n")
        text = hook.read_text()
        self.install()
        self.install()
        self.stage("a.txt", "nothing\n")
        self.run_git("commit", "-q", "-m", "Clean")
        self.assertEqual((self.tree / "ran").read_text(), "earlier\n")
        self.stage("b.txt", self.line())
        self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.run_git("rm", "-q", "--cached", "b.txt")
        self.write("say-no", "")
        self.run_git("commit", "-q", "--allow-empty", "-m", "The other says no", code=1)
        self.keytrail("hook", "uninstall", code=0)
        self.assertEqual(hook.read_text(), text)
        self.assertTrue(hook.stat().st_mode & stat.S_IXUSR)
        self.assertFalse((self.tree / ".git/hooks/pre-commit.before-keytrail").exists())

    def test_a_formatter_before_it_is_seen(self):
        secret = self.github()
        self.write("brought.txt", f"token = {secret}\n")
        self.script(self.tree / ".git/hooks/pre-commit", "git add brought.txt\n")
        self.install()
        self.stage("a.txt", "nothing\n")
        self.run_git("commit", "-q", "-m", "The earlier hook stages a secret", code=1)

    def test_a_hook_that_is_switched_off_stays_off(self):
        hook = self.script(self.tree / ".git/hooks/pre-commit", "exit 1\n")
        hook.chmod(0o644)
        self.install()
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean")

    def test_no_third_hook_is_lost(self):
        self.script(self.tree / ".git/hooks/pre-commit", "true\n")
        self.install()
        other = self.script(self.tree / ".git/hooks/pre-commit", "echo third\n")
        run = self.keytrail("hook", "install", code=2)
        self.assertIn("before-keytrail", run.stderr)
        self.assertIn("third", other.read_text())

    def test_core_hooks_path_is_respected(self):
        self.run_git("config", "core.hooksPath", "tools/my hooks")
        for number, folder in enumerate((self.tree, self.tree / "conf/deep")):
            folder.mkdir(parents=True, exist_ok=True)
            self.assertIn("core.hooksPath", self.install(folder=folder) if number == 0 else "core.hooksPath")
            self.assertTrue((self.tree / "tools/my hooks/pre-commit").exists())
            self.stage(f"a{number}.txt", self.line())
            self.run_git("commit", "-q", "-m", "Secret", code=1, folder=folder)
            self.keytrail("hook", "uninstall", code=0, folder=folder)
            self.assertFalse((self.tree / "tools/my hooks/pre-commit").exists())
            self.install(folder=folder)

    def test_a_linked_work_tree_and_a_subfolder(self):
        linked = self.base / "linked tree"
        self.run_git("worktree", "add", "-q", str(linked), "-b", "other")
        self.install(folder=linked)
        self.assertTrue((self.tree / ".git/hooks/pre-commit").exists())
        for folder in (linked, self.tree):
            (folder / "sub").mkdir()
            self.stage("sub/a.txt", "nothing\n", folder=folder)
            self.run_git("commit", "-q", "-m", "Clean", folder=folder / "sub")
            self.stage("sub/b.txt", self.line(), folder=folder)
            self.assertIn("sub/b.txt:1:9", self.run_git("commit", "-q", "-m", "Secret", folder=folder / "sub", code=1))

    def test_before_the_first_commit(self):
        other = self.base / "new"
        self.run_git("init", "-q", str(other))
        self.install("--repository", other)
        self.stage("a.txt", self.line(), folder=other)
        self.run_git("commit", "-q", "-m", "Secret", folder=other, code=1)

    def test_a_missing_program_stops_with_a_way_to_go_on(self):
        program = self.base / "it's here" / "keytrail"
        program.parent.mkdir()
        shutil.copy(KEYTRAIL, program)
        subprocess.run([program, "hook", "install"], cwd=self.tree, check=True, capture_output=True,
                       env=self.environment())
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean")
        program.unlink()
        without = os.pathsep.join(path for path in os.environ["PATH"].split(os.pathsep)
                                  if not (Path(path) / "keytrail").exists())
        said = self.run_git("commit", "-q", "--allow-empty", "-m", "Clean", code=1, env={"PATH": without})
        self.assertIn("keytrail hook install pre-commit", said)
        self.assertIn(f"not at {program} any more", said)
        self.assertIn("--no-verify", said)
        # Found in PATH instead.
        os.symlink(KEYTRAIL, self.base / "keytrail")
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean", env={"PATH": f"{self.base}:{without}"})

    def test_what_could_not_be_looked_at_stops_the_commit(self):
        self.install()
        self.stage("a.txt", "nothing\n")
        self.write(".keytrail.toml", "[scan]\nfail_on = \"sometimes\"\n")
        said = self.run_git("commit", "-q", "-m", "Configuration", code=1)
        self.assertIn("was stopped", said)
        self.assertIn(".keytrail.toml:2", said)
        (self.tree / ".keytrail.toml").unlink()
        self.stage("lib.txt", "lost\n")
        name = self.run_git("rev-parse", ":lib.txt").strip()
        path = self.tree / ".git/objects" / name[:2] / name[2:]
        path.chmod(0o644)
        path.write_bytes(b"")
        self.assertEqual(self.keytrail("hook", "run", "pre-commit").code, 3)

    def test_rules_that_find_nothing_fail_the_self_test(self):
        (self.tree / "blind.toml").write_text(
            '[[rule]]\nid = "blind-token"\nname = "Blind"\nprovider = "Blind"\ndescription = "Finds nothing"\n'
            'rotate = "Nowhere."\nkind = "token"\nseverity = "high"\nconfidence = "high"\n'
            "pattern = 'blindtok_([0-9a-zA-Z]{24})'\nanchors = [\"blindtok_\"]\nallow = ['(?s).{1,200}']\n"
            'negative = ["blindtok"]\n')
        self.write(".keytrail.toml", '[scan]\nrules = ["blind.toml"]\nonly_rules = ["blind-token"]\n')
        run = self.keytrail("hook", "run", "pre-commit", code=4)
        self.assertIn("self-test", run.stderr)
        self.install()
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean", code=1)

    def test_fail_on_of_the_configuration_counts(self):
        self.install()
        self.write(".keytrail.toml", '[scan]\nfail_on = "never"\n')
        self.stage("a.txt", self.line())
        self.run_git("commit", "-q", "-m", "Allowed by configuration")

    def test_a_path_cannot_steer_the_terminal(self):
        self.install()
        self.stage("\x1b[31mred\n.env", self.line())
        said = self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.assertNotIn("\x1b", said)
        self.assertIn("red", said)

    def test_many_commits_leave_nothing_behind(self):
        self.install()
        count = int(os.environ.get("KEYTRAIL_COMMITS", "12" if SANITIZED else "60"))
        self.stage("a.txt", "0\n")
        self.run_git("commit", "-q", "-m", "Change")

        def files():
            found = []
            for folder in (self.base, Path("/tmp")):
                for path, folders, names in os.walk(folder):
                    folders[:] = [name for name in folders if name != "objects" and (folder == self.base or "keytrail" in name)]
                    found += [os.path.join(path, name) for name in names if folder == self.base]
            return sorted(found), sum(os.path.getsize(name) for name in found if "/cache/" in name)

        before = files()
        for number in range(count):
            self.stage("a.txt", f"{number + 1}\n")
            self.run_git("commit", "-q", "-m", "Change")
        self.assertEqual(files(), before)


class Global(Hooks):
    def test_one_hook_for_all_repositories_runs_their_own_hooks_too(self):
        self.script(self.tree / ".git/hooks/pre-commit", "echo own-pre-commit >> ran\n")
        self.script(self.tree / ".git/hooks/commit-msg", "echo own-commit-msg >> ran\n")
        self.install("--global")
        self.install("--global", "pre-push")
        folder = Path(self.run_git("config", "--global", "core.hooksPath").strip())
        self.assertEqual(folder, self.base / "config/keytrail/hooks")
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean")
        self.assertEqual((self.tree / "ran").read_text(), "own-pre-commit\nown-commit-msg\n")
        self.stage("a.txt", self.line())
        self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.keytrail("hook", "uninstall", "--global", code=0)
        self.run_git("commit", "-q", "-m", "Secret")
        remote = self.base / "remote.git"
        self.run_git("init", "-q", "--bare", str(remote))
        self.run_git("push", "-q", remote, "main", code=1)
        self.keytrail("hook", "uninstall", "--global", "pre-push", code=0)
        self.run_git("push", "-q", remote, "main")
        self.assertFalse(folder.exists())
        self.assertEqual(self.run_git("config", "--global", "core.hooksPath", code=None), "")

    def test_a_folder_that_the_user_has_already_is_used(self):
        mine = self.base / "mine"
        self.script(mine / "pre-commit", "echo mine >> ran\n")
        self.run_git("config", "--global", "core.hooksPath", mine)
        self.install("--global")
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean")
        self.assertEqual((self.tree / "ran").read_text(), "mine\n")
        self.stage("a.txt", self.line())
        self.run_git("commit", "-q", "-m", "Secret", code=1)
        self.keytrail("hook", "uninstall", "--global", code=0)
        self.assertEqual(sorted(path.name for path in mine.iterdir()), ["pre-commit"])
        self.assertEqual(self.run_git("config", "--global", "core.hooksPath").strip(), str(mine))

    def test_a_repository_that_links_to_the_global_hook_runs_it_once(self):
        self.install("--global")
        for name in ("pre-commit", "commit-msg"):
            (self.tree / ".git/hooks" / name).symlink_to(self.base / "config/keytrail/hooks" / name)
        self.run_git("commit", "-q", "--allow-empty", "-m", "Clean")
        self.stage("a.txt", self.line())
        self.run_git("commit", "-q", "-m", "Secret", code=1)

    def test_a_server_hook_is_for_one_repository(self):
        run = self.keytrail("hook", "install", "--global", "pre-receive", code=2)
        self.assertIn("pre-commit and pre-push", run.stderr)


class PrePush(Hooks):
    def setUp(self):
        super().setUp()
        self.remote = self.base / "remote.git"
        self.run_git("init", "-q", "--bare", str(self.remote))
        self.run_git("remote", "add", "origin", f"file://{self.remote}")
        self.run_git("push", "-q", "origin", "main")
        self.install("pre-push")

    def bring(self, name, text, message="Change"):
        self.stage(name, text)
        self.run_git("commit", "-q", "-m", message)

    def test_a_push_is_stopped_and_the_commit_named(self):
        self.bring("a.txt", "nothing\n")
        self.run_git("push", "-q", "origin", "main")
        self.bring("b.txt", self.line())
        commit = self.head()
        self.bring("b.txt", "taken out in a later commit\n")
        said = self.run_git("push", "-q", "origin", "main", code=1)
        for part in ("b.txt:1:9", f"in commit {commit[:10]}", "taken out again", "git rebase -i"):
            self.assertIn(part, said)
        self.run_git("push", "-q", "--no-verify", "origin", "main")

    def test_new_branches_tags_and_deletions(self):
        self.run_git("checkout", "-q", "-b", "topic")
        self.run_git("push", "-q", "origin", "topic")
        self.bring("a.txt", self.line())
        self.run_git("push", "-q", "origin", "HEAD:refs/heads/new", code=1)
        self.run_git("tag", "light")
        self.run_git("push", "-q", "origin", "light", code=1)
        self.run_git("tag", "-a", "-m", "Clean", "heavy")
        self.run_git("push", "-q", "origin", "heavy", code=1)
        self.run_git("reset", "-q", "--hard", "HEAD~1")
        self.run_git("tag", "-a", "-m", "Look: " + self.line(), "message")
        said = self.run_git("push", "-q", "origin", "message", code=1)
        self.assertIn("the message of tag", said)
        self.run_git("push", "-q", "origin", ":topic")

    def test_a_secret_in_a_message(self):
        self.bring("a.txt", "nothing\n", "token = " + self.github())
        self.assertIn("the message of commit", self.run_git("push", "-q", "origin", "main", code=1))

    def test_what_another_branch_of_the_remote_has_is_not_new(self):
        self.bring("a.txt", self.line())
        self.run_git("push", "-q", "--no-verify", "origin", "HEAD:refs/heads/known")
        self.bring("b.txt", "nothing\n")
        self.run_git("push", "-q", "origin", "main")
        self.run_git("push", "-q", "origin", "HEAD:refs/heads/third")

    def test_a_forced_push_over_commits_that_are_not_here(self):
        other = self.base / "other"
        self.run_git("clone", "-q", str(self.remote), str(other))
        self.stage("theirs.txt", "theirs\n", folder=other)
        self.run_git("commit", "-q", "-m", "Theirs", folder=other)
        self.run_git("push", "-q", "origin", "main", folder=other)
        self.bring("mine.txt", "mine\n")
        self.run_git("push", "-q", "--force", "origin", "main")
        self.bring("secret.txt", self.line())
        self.run_git("push", "-q", "--force", "origin", "main", code=1)

    def test_a_remote_without_a_name(self):
        empty = self.base / "empty.git"
        self.run_git("init", "-q", "--bare", str(empty))
        self.bring("a.txt", self.line())
        self.run_git("push", "-q", f"file://{empty}", "main", code=1)

    def test_an_earlier_hook_reads_the_same_input(self):
        self.keytrail("hook", "uninstall", "pre-push", code=0)
        self.script(self.tree / ".git/hooks/pre-push", f"cat > '{self.base}/input'; echo \"$1\" > '{self.base}/name'\n")
        self.install("pre-push")
        self.bring("a.txt", self.line())
        self.run_git("push", "-q", "origin", "main", code=1)
        self.assertEqual((self.base / "input").read_text().split()[:2], ["refs/heads/main", self.head()])
        self.assertEqual((self.base / "name").read_text(), "origin\n")

    def test_wrong_input_stops(self):
        for text in (b"refs/heads/main\n", b"a b c d e\n", b"refs/heads/main zz refs/heads/main " + ZEROS.encode() + b"\n"):
            self.keytrail("hook", "run", "pre-push", "--", "origin", "url", code=2, stdin=text)


class Server(Hooks):
    hook = "pre-receive"

    def setUp(self):
        super().setUp()
        self.remote = self.base / "remote.git"
        self.run_git("init", "-q", "--bare", str(self.remote))
        self.run_git("remote", "add", "origin", f"file://{self.remote}")
        self.run_git("push", "-q", "origin", "main")
        self.install(self.hook, "--repository", self.remote)

    def bring(self, name, text):
        self.stage(name, text)
        self.run_git("commit", "-q", "-m", "Change")

    def refs(self):
        return self.run_git("for-each-ref", folder=self.remote)

    def objects(self):
        return sum(len(names) for _, _, names in os.walk(self.remote / "objects"))

    def test_a_push_is_refused_and_leaves_nothing(self):
        before, objects = self.refs(), self.objects()
        self.bring("a.txt", self.line())
        commit = self.head()
        said = self.run_git("push", "-q", "origin", "main", code=1)
        for part in ("remote:", "a.txt:1:9", commit[:10], "ghp_****", "fingerprint"):
            self.assertIn(part, said)
        self.assertEqual(self.refs(), before)
        if self.hook == "pre-receive":
            self.assertEqual(self.objects(), objects)
        self.run_git("reset", "-q", "--hard", "HEAD~1")
        self.bring("b.txt", "nothing\n")
        self.run_git("push", "-q", "origin", "main")
        self.assertNotEqual(self.refs(), before)

    def test_new_branches_know_what_all_references_lead_to(self):
        self.bring("old.txt", self.line())
        self.run_git("push", "-q", "origin", "main", code=1)
        hook = self.remote / "hooks" / self.hook
        hook.chmod(0o644)
        self.run_git("push", "-q", "origin", "HEAD:refs/heads/old")
        hook.chmod(0o755)
        self.bring("new.txt", "nothing\n")
        self.run_git("push", "-q", "origin", "HEAD:refs/heads/new")
        self.run_git("checkout", "-q", "--orphan", "orphan")
        self.run_git("commit", "-q", "-m", "Everything is new")
        self.run_git("push", "-q", "origin", "orphan", code=1)

    def test_deletions_and_tags(self):
        self.run_git("push", "-q", "origin", "main:topic")
        self.run_git("push", "-q", "origin", ":topic")
        self.run_git("tag", "-a", "-m", "Clean", "v1")
        self.run_git("push", "-q", "origin", "v1")
        self.run_git("tag", "-a", "-m", "token = " + self.github(), "v2")
        self.assertIn("the message of tag", self.run_git("push", "-q", "origin", "v2", code=1))
        blob = self.base / "blob"
        blob.write_text(self.line())
        self.run_git("tag", "blob", self.run_git("hash-object", "-w", blob).strip())
        self.assertIn("blob", self.run_git("push", "-q", "origin", "blob", code=1))
        self.stage("sub/x.env", self.line())
        self.run_git("tag", "-a", "-m", "A tree", "tree", self.run_git("write-tree").strip())
        self.run_git("push", "-q", "origin", "tree", code=1)

    def test_several_references_at_once(self):
        self.run_git("branch", "one")
        self.bring("a.txt", self.line())
        self.run_git("branch", "two")
        self.run_git("reset", "-q", "--hard", "HEAD~1")
        said = self.run_git("push", "-q", "origin", "one", "two", code=1)
        self.assertIn("a.txt:1:9", said)
        self.assertEqual("refs/heads/one" in self.refs(), self.hook == "update")

    def test_merges_and_amended_commits(self):
        self.run_git("checkout", "-q", "-b", "side")
        self.bring("side.txt", "side\n")
        self.run_git("checkout", "-q", "main")
        self.bring("main.txt", "main\n")
        self.run_git("merge", "-q", "--no-ff", "-m", "Merge", "side")
        self.run_git("push", "-q", "origin", "main")
        self.run_git("commit", "-q", "--amend", "-m", "Merged again")
        self.run_git("push", "-q", "--force", "origin", "main")
        self.stage("in-merge.txt", self.line())
        self.run_git("commit", "-q", "--amend", "-m", "A merge that brings something")
        self.run_git("push", "-q", "--force", "origin", "main", code=1)

    def test_configuration_beside_the_repository_counts(self):
        self.bring("a.txt", self.line())
        said = self.run_git("push", "-q", "origin", "main", code=1)
        fingerprint = next(line.split()[-1] for line in said.splitlines() if len(line.split()[-1:] or [""]) and
                           len(line.split()[-1]) == 32)
        (self.base / ".keytrail.toml").write_text(
            f'[[allow]]\nfingerprints = ["{fingerprint}"]\nreason = "tried out"\n')
        self.run_git("push", "-q", "origin", "main")

    def test_one_secret_in_thousands_of_commits_is_named_in_time(self):
        if SANITIZED:
            self.skipTest("it measures time")
        count, planted = 5000, 2311
        stream = [b"blob\nmark :1\ndata 4\nold\n\n"]
        for number in range(1, count + 1):
            text = f"number = {number}\n" * 3 + (self.line() if number == planted else "")
            text = text.encode()
            stream.append(b"commit refs/heads/big\ncommitter A <a@b.c> %d +0000\ndata 6\nChange\n" % (1700000000 + number))
            if number == 1:
                stream.append(b"from %s\n" % self.head().encode())
            stream.append(b"M 644 inline dir%d/file%d.txt\ndata %d\n%s\n" % (number % 40, number % 700, len(text), text))
        subprocess.run(["git", "fast-import", "--quiet"], cwd=self.tree, input=b"".join(stream), check=True,
                       capture_output=True, env=self.environment())
        name = self.run_git("rev-parse", f"big~{count - planted}").strip()
        bare = self.remote / "hooks" / self.hook
        clock = self.base / "clock"
        bare.rename(bare.with_name("real"))
        self.script(bare, f'begin=$(date +%s%N); "{bare.with_name("real")}" "$@"; code=$?\n'
                          f'echo $(( ($(date +%s%N) - begin) / 1000000 )) > "{clock}"; exit $code\n')
        said = self.run_git("push", "-q", "origin", "big", code=1)
        self.assertIn(f"dir{planted % 40}/file{planted % 700}.txt:4:9  in commit {name[:10]}", said)
        took = int(clock.read_text()) / 1000
        if os.environ.get("KEYTRAIL_TELL"):
            print(f"{self.hook}: {took} s")
        self.assertLess(took, 2 * SLOW * float(os.environ.get("KEYTRAIL_BUSY", "2")), f"{took} s")


class Update(Server):
    hook = "update"


class Bare(Hooks):
    def test_pre_commit_is_not_for_a_bare_repository(self):
        bare = self.base / "bare.git"
        self.run_git("init", "-q", "--bare", str(bare))
        run = self.keytrail("hook", "install", code=2, folder=bare)
        self.assertIn("pre-receive", run.stderr)
        self.install("pre-receive", folder=bare)
        self.assertTrue((bare / "hooks/pre-receive").exists())
        self.keytrail("hook", "uninstall", "pre-receive", code=0, folder=bare)

    def test_no_repository_is_an_error(self):
        self.keytrail("hook", "install", code=2, folder=self.base)
        self.keytrail("hook", "install", "post-commit", code=2)


class Framework(Hooks):
    """pre-commit.com's program with the project's .pre-commit-hooks.yaml; it can work without a network."""

    def test_the_pre_commit_framework_runs_it(self):
        program = shutil.which("pre-commit")
        if program is None:
            self.skipTest("SKIPPED: the pre-commit framework is not installed")
        root = Path(__file__).resolve().parent.parent.parent
        hooks = self.base / "hooks"
        hooks.mkdir()
        shutil.copy(root / ".pre-commit-hooks.yaml", hooks)
        self.run_git("init", "-q", folder=hooks)
        self.run_git("add", "-A", folder=hooks)
        self.run_git("commit", "-q", "-m", "Hooks", folder=hooks)
        self.write(".pre-commit-config.yaml",
                   f"repos:\n- repo: file://{hooks}\n  rev: {self.head(hooks)}\n  hooks:\n"
                   "  - id: keytrail\n  - id: keytrail-push\n")
        os.makedirs(self.base / "bin")
        os.symlink(KEYTRAIL, self.base / "bin/keytrail")
        path = {"PATH": f"{self.base}/bin:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(self.base / "pre-commit")}
        subprocess.run([program, "install", "-t", "pre-commit", "-t", "pre-push"], cwd=self.tree, check=True, capture_output=True,
                       env=self.environment() | path)
        self.stage(".pre-commit-config.yaml", (self.tree / ".pre-commit-config.yaml").read_text())
        self.run_git("commit", "-q", "-m", "Clean", env=path)
        self.stage("a.txt", self.line())
        said = self.run_git("commit", "-q", "-m", "Secret", env=path, code=1)
        self.assertIn("a.txt:1:9", said)
        self.run_git("commit", "-q", "-n", "-m", "Secret", env=path)
        remote = self.base / "remote.git"
        self.run_git("init", "-q", "--bare", str(remote))
        self.run_git("remote", "add", "origin", f"file://{remote}")
        self.assertIn("a.txt:1:9", self.run_git("push", "-q", "origin", "main", env=path, code=1))
        self.run_git("push", "-q", "origin", "HEAD~1:refs/heads/main", env=path)
        self.assertIn("a.txt:1:9", self.run_git("push", "-q", "origin", "main", env=path, code=1))
        self.run_git("push", "-q", "--no-verify", "origin", "main")
        self.stage("b.txt", "nothing\n")
        self.run_git("commit", "-q", "-m", "Clean", env=path)
        self.run_git("push", "-q", "origin", "main", env=path)


if __name__ == "__main__":
    main()
