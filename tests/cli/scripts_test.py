"""The scripts in ci/."""
import subprocess
import time

from support import ROOT, Case, main


class Scripts(Case):
    def test_the_order_of_the_layers_holds_and_its_check_can_fail(self):
        for arguments in ([], ["--self-test"]):
            run = subprocess.run([ROOT / "ci/layers", *arguments], cwd=self.tree, capture_output=True, text=True)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_table_of_the_map_is_that_of_the_script(self):
        text = (ROOT / "scanner/README.md").read_text()
        script = (ROOT / "ci/layers").read_text()
        scope = {}
        exec(script[script.index("MAY_INCLUDE ="):script.index("# Header pattern")], scope)  # the literal alone
        for folder, below in scope["MAY_INCLUDE"].items():
            shown = "all" if folder == "cli" else ", ".join(below) or "-"
            self.assertRegex(text, rf"(?m)^\| {folder} \|.*\| {shown} \|$")

    def setup_with(self, stubs, *groups):
        """ci/setup on a machine where `stubs` (name -> shell text) stand in for the system's programs."""
        folder = self.base / f"stubs{len(list(self.base.iterdir()))}"
        folder.mkdir()
        for name, text in stubs.items():
            (folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / name).chmod(0o755)
        for name in ("bash", "env", "sed", "grep", "dpkg"):
            if name not in stubs:
                (folder / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())
        return subprocess.run([ROOT / "ci/setup", *groups], capture_output=True, text=True,
                              env={"PATH": str(folder), "LOG": str(self.base / "log")})

    def test_setup_installs_what_is_missing_through_sudo(self):
        nothing_installed = {"dpkg-query": "exit 1", "npm": "exit 0", "id": "echo 1000", "apt-get": 'echo "$@" >> "$LOG"',
                             "sudo": 'echo sudo >> "$LOG"; exec "$@"'}
        run = self.setup_with(nothing_installed, "build")
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)
        log = (self.base / "log").read_text()
        self.assertIn("sudo", log)
        self.assertRegex(log, r" install -y .*\bcmake\b.*\blibgit2-dev\b.*\blib(hyper|vector)scan-dev\b")

    def test_setup_as_root_needs_no_sudo(self):
        run = self.setup_with({"dpkg-query": "exit 1", "npm": "exit 0", "id": "echo 0", "apt-get": 'echo "$@" >> "$LOG"'},
                              "build")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(" install -y ", (self.base / "log").read_text())

    def test_setup_says_what_to_install_where_it_may_not(self):
        run = self.setup_with({"dpkg-query": "exit 1", "npm": "exit 0", "id": "echo 1000", "apt-get": 'echo "$@" >> "$LOG"'},
                              "build")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertRegex(run.stderr, r"apt-get install .*\bcmake\b")
        self.assertFalse((self.base / "log").exists())

    def test_setup_with_everything_there_costs_nothing(self):
        everything = {"dpkg-query": 'for a; do case $a in -*|*{*) ;; *) echo "ii $a";; esac; done', "npm": "exit 0",
                      "apt-get": 'echo "$@" >> "$LOG"', "id": "echo 1000"}
        started = time.monotonic()
        run = self.setup_with(everything, "build", "test", "check")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        self.assertLess(time.monotonic() - started, 1)
        self.assertFalse((self.base / "log").exists())

    def test_setup_refuses_a_group_that_there_is_not(self):
        run = subprocess.run([ROOT / "ci/setup", "everything"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("usage", run.stderr)


if __name__ == "__main__":
    main()
