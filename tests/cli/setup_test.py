"""First steps, help, completions, manual pages, `doctor` and `init`."""
import os
import pty
import re
import shutil
import subprocess

from support import KEYTRAIL, Case, main, places

COMMANDS = {
    (): ["scan", "baseline", "rules", "hook", "init", "doctor", "completions", "man"],
    ("hook",): ["install", "uninstall", "run"],
    ("rules",): ["list", "show", "check"],
    ("baseline",): ["create"],
}


class Terminal(Case):
    def test_alone_it_says_what_to_do_next(self):
        run = self.keytrail(code=2)
        for command in ("keytrail scan", "keytrail init", "keytrail doctor", "--help"):
            self.assertIn(command, run.stdout)

    def test_help_of_scan_ends_with_examples_whose_options_exist(self):
        text = self.keytrail("scan", "--help", code=0).stdout
        before, _, examples = text.partition("Examples:\n")
        self.assertGreater(examples.count("keytrail scan"), 8)
        for option in re.findall(r"(?<=\s)--[a-z-]+", examples):
            self.assertIn(option, before)
        self.assertTrue(examples.rstrip().endswith("standard input"))

    def test_a_folder_may_have_the_name_of_a_command(self):
        self.write("rules/a.env", f"token = {self.github()}\n")
        self.write("b.env", f"token = {self.github()}\n")
        self.assertEqual([path for _, path, _, _ in places(self.scan("rules", code=1))], ["rules/a.env"])

    def test_no_color_is_honoured_and_links_are_for_terminals(self):
        self.write("a.env", f"token = {self.github()}\n")
        self.assertNotIn("\x1b", self.keytrail("scan", ".", code=1).stdout)

        def on_terminal(**more):
            leader, follower = pty.openpty()
            with subprocess.Popen([KEYTRAIL, "scan", "."], cwd=self.tree, stdout=follower, stderr=subprocess.DEVNULL,
                                  stdin=subprocess.DEVNULL, env=self.environment() | {"TERM": "xterm"} | more) as process:
                os.close(follower)
                out = b""
                while True:
                    try:
                        piece = os.read(leader, 65536)
                    except OSError:
                        break
                    out += piece
                process.wait()
            os.close(leader)
            return out.decode()

        self.assertIn(f"\x1b]8;;file://{self.tree}/a.env\x1b\\", on_terminal())
        self.assertNotIn("\x1b", on_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b", on_terminal(TERM="dumb"))


class Completions(Case):
    def complete(self, *words):
        script = self.keytrail("completions", "bash", code=0).stdout
        line = " ".join(f"'{word}'" for word in words)
        run = subprocess.run(["bash", "--norc", "-c", f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n"
                              "_keytrail; printf '%s\\n' \"${COMPREPLY[@]}\""], cwd=self.tree, capture_output=True,
                             text=True, env=self.environment())
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout.split()

    def test_bash(self):
        self.assertEqual(self.complete("keytrail", "ba"), ["baseline"])
        self.assertEqual(self.complete("keytrail", "scan", "--form"), ["--format"])
        self.assertEqual(self.complete("keytrail", "scan", "--format", "js"), ["json", "jsonl"])
        self.assertEqual(self.complete("keytrail", "hook", "install", "pre-"), ["pre-commit", "pre-push", "pre-receive"])
        self.assertEqual(self.complete("keytrail", "hook", "uninstall", "--gl"), ["--global"])
        self.assertIn("github", self.complete("keytrail", "scan", "--history", "--ci", "g"))
        self.write("some-file.txt", "")
        self.assertEqual(self.complete("keytrail", "scan", "some"), ["some-file.txt"])
        self.assertEqual(self.complete("keytrail", "scan", "--baseline", "some"), ["some-file.txt"])
        self.assertEqual(self.complete("keytrail", "scan", "--threads", ""), [])

    def test_every_command_and_every_long_option_is_in_every_script(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.keytrail("completions", shell, code=0).stdout
            for path, commands in COMMANDS.items():
                for command in commands:
                    self.assertIn(command, script, shell)
                    text = self.keytrail(*path, command, "--help", code=0).stdout
                    for option in re.findall(r"(?m)^  (?:-\w,)?--([a-z-]+)", text):
                        self.assertRegex(script, r"(--|-l ')" + option + r"\b", shell)

    def test_scripts_are_valid(self):
        for shell, check in (("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])):
            with self.subTest(shell):
                if shutil.which(shell) is None:
                    self.skipTest(f"SKIPPED: {shell} is not installed")
                path = self.write(f"script.{shell}", self.keytrail("completions", shell, code=0).stdout)
                run = subprocess.run([shell, *check, path], capture_output=True, text=True)
                self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_another_shell_is_wrong_usage(self):
        self.keytrail("completions", "tcsh", code=2)
        self.keytrail("completions", code=2)


class Manual(Case):
    def test_pages_are_made_of_the_help(self):
        for path, commands in COMMANDS.items():
            for command in ([], *([name] for name in commands)):
                words = [*path, *command]
                page = self.keytrail("man", *words, code=0).stdout
                self.assertIn(".TH KEYTRAIL" + "".join("\\-" + word.upper() for word in words) + " 1", page)
                for option in re.findall(r"(?m)^  (?:-\w,)?(--[a-z-]+)", self.keytrail(*words, "--help", code=0).stdout):
                    self.assertIn("\\fB" + option.replace("-", "\\-") + "\\fR", page)
        self.keytrail("man", "no-such", code=2)

    def test_groff_has_nothing_to_complain_of(self):
        if shutil.which("groff") is None:
            self.skipTest("SKIPPED: groff is not installed")
        for words in ([], ["scan"], ["hook"], ["hook", "install"], ["completions"], ["rules", "show"], ["init"]):
            page = self.keytrail("man", *words, code=0).out_bytes
            run = subprocess.run(["groff", "-man", "-ww", "-z", "-K", "utf8"], input=page, capture_output=True)
            self.assertEqual(run.stderr, b"", words)
            text = subprocess.run(["groff", "-man", "-Tutf8", "-K", "utf8", "-P-c"], input=page,
                                  capture_output=True).stdout.decode()
            self.assertIn("OPTIONS", re.sub(".\b", "", text))
        page = self.keytrail("man", "scan", code=0).out_bytes
        text = subprocess.run(["groff", "-man", "-Tascii", "-P-cbou"], input=page, capture_output=True).stdout.decode()
        self.assertIn("git diff | keytrail scan -", text)


class Doctor(Case):
    def doctor(self, code, **more):
        return self.keytrail("doctor", code=code, **more).stdout

    def test_all_is_well(self):
        text = self.doctor(0)
        for word in ("keytrail", "processor", "cache", "git ", "no .keytrail.toml", "a made secret was found", "no repository",
                     "All is well."):
            self.assertIn(word, text)

    def test_a_repository_and_its_hooks(self):
        self.commit()
        self.assertIn("not installed; `keytrail hook install pre-commit`", self.doctor(0))
        self.keytrail("hook", "install", code=0)
        self.assertRegex(self.doctor(0), r"ok +pre-commit .*/\.git/hooks/pre-commit")
        hook = self.tree / ".git/hooks/pre-commit"
        hook.chmod(0o644)
        self.assertIn("chmod +x", self.doctor(1))
        hook.write_text(re.sub(r"(?m)^keytrail='.*'", "keytrail='/gone/keytrail'", hook.read_text()))
        hook.chmod(0o755)
        self.assertIn("/gone/keytrail, which is gone", self.doctor(1))
        hook.write_text("#!/bin/sh\n")
        self.assertIn("another program's", self.doctor(0))
        bare = self.base / "bare.git"
        self.git("clone", "-q", "--bare", str(self.tree), str(bare))
        self.assertIn("pre-receive", self.doctor(0, folder=bare))

    def test_what_is_wrong_is_named_and_counts(self):
        self.write(".keytrail.toml", "[scan]\nnonsense = 1\n")
        self.assertRegex(self.doctor(1), r"WRONG  config .*\.keytrail\.toml:2")
        self.write(".keytrail.toml", '[scan]\nbaseline = "none"\n')
        self.assertRegex(self.doctor(1), r"WRONG  baseline")
        self.write(".keytrail.toml", '[scan]\nonly_rules = ["no-such-rule"]\n')
        self.assertRegex(self.doctor(1), r"WRONG  rules")
        (self.tree / ".keytrail.toml").unlink()
        (self.base / "file").write_text("")
        self.assertRegex(self.doctor(1, env={"XDG_CACHE_HOME": str(self.base / "file")}), r"WRONG  cache")
        self.assertRegex(self.doctor(0, env={"PATH": "/nowhere"}), r"note   git")


class Init(Case):
    def setUp(self):
        super().setUp()
        self.write("old.env", f"token = {self.github()}\n")
        self.commit()

    def init(self, *arguments, code=0, **more):
        return self.keytrail("init", *arguments, code=code, **more).stdout

    def test_it_shows_what_it_found_and_writes_what_it_said(self):
        text = self.init("--yes")
        for word in ("1 secret found", "old.env:1", "ghp_****", ".keytrail.baseline", ".keytrail.toml", "pre-commit"):
            self.assertIn(word, text)
        self.assertEqual(places(self.scan(code=0)), [])
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Set up")
        self.write("new.env", f"token = {self.github()}\n")
        self.git("add", "-A")
        run = subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-m", "New"], cwd=self.tree,
                             capture_output=True, env=self.environment())
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(self.init(), self.init("--yes"))
        self.assertIn("set up already", self.init())

    def test_without_a_terminal_nothing_is_written_unasked(self):
        before = sorted(os.listdir(self.tree))
        run = self.keytrail("init", code=2)
        self.assertIn("--yes", run.stderr)
        self.assertEqual(sorted(os.listdir(self.tree)), before)

    def test_on_a_terminal_it_asks(self):
        for answer, done in ((b"n\n", False), (b"\n", False), (b"y\n", True)):
            leader, follower = pty.openpty()
            with subprocess.Popen([KEYTRAIL, "init"], cwd=self.tree, stdin=follower, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=self.environment()) as process:
                os.close(follower)
                os.write(leader, answer)
                out, _ = process.communicate(timeout=120)
            os.close(leader)
            self.assertIn(b"[y/N]", out)
            self.assertEqual((self.tree / ".keytrail.toml").exists(), done)

    def test_nothing_is_overwritten(self):
        self.write(".keytrail.toml", "[scan]\n# mine\n")
        text = self.init("--yes", "--no-hook")
        self.assertIn("baseline = ", text)
        self.assertEqual((self.tree / ".keytrail.toml").read_text(), "[scan]\n# mine\n")
        baseline = (self.tree / ".keytrail.baseline").read_text()
        self.write("another.env", f"token = {self.github()}\n")
        self.init("--yes", "--no-hook")
        self.assertEqual((self.tree / ".keytrail.baseline").read_text(), baseline)
        self.assertFalse((self.tree / ".git/hooks/pre-commit").exists())

    def test_no_hook_and_no_baseline(self):
        self.init("--yes", "--no-hook", "--no-baseline")
        self.assertFalse((self.tree / ".git/hooks/pre-commit").exists())
        self.assertFalse((self.tree / ".keytrail.baseline").exists())
        self.assertEqual(len(places(self.scan(code=1))), 1)

    def test_from_a_subfolder_and_without_a_repository(self):
        (self.tree / "deep/er").mkdir(parents=True)
        self.init("--yes", folder=self.tree / "deep/er")
        self.assertTrue((self.tree / ".keytrail.toml").exists())
        other = self.base / "plain"
        other.mkdir()
        self.assertNotIn("hook", self.init("--yes", folder=other))
        self.assertTrue((other / ".keytrail.toml").exists())


if __name__ == "__main__":
    main()
