"""0 clean, 1 findings, 2 wrong usage, 3 incomplete."""
import os
import subprocess
import unittest

from support import KEYTRAIL, Case, main


class ExitCodes(Case):
    def test_clean(self):
        self.write("a.txt", "nothing here\n")
        self.assertEqual(self.scan(".", code=0)["findings"], [])

    def test_an_empty_folder_and_an_empty_file_are_clean(self):
        self.keytrail("scan", ".", code=0)
        self.write("empty", "")
        self.keytrail("scan", ".", code=0)
        self.keytrail("scan", "empty", code=0)

    def test_findings(self):
        self.write("a.env", f"token = {self.github()}\n")
        self.keytrail("scan", ".", code=1)
        self.keytrail("scan", code=1)
        self.keytrail("scan", "a.env", code=1)

    def test_fail_on_decides_what_blocks(self):
        self.write("a.env", f"token = {self.github()}\n")
        severity = self.scan(".", code=1)["findings"][0]["severity"]
        order = ["info", "low", "medium", "high", "critical"]
        for level in order:
            blocked = order.index(severity) >= order.index(level)
            report = self.scan("--fail-on", level, ".", code=1 if blocked else 0)
            self.assertEqual(len(report["findings"]), 1, level)

    def test_a_path_that_does_not_exist_is_wrong_usage(self):
        run = self.keytrail("scan", "missing.txt", code=2)
        self.assertIn("missing.txt", run.stderr)
        self.assertEqual(run.stdout, "")

    def test_history_outside_a_repository_is_wrong_usage(self):
        run = self.keytrail("scan", "--history", ".", code=2)
        self.assertIn("repository", run.stderr)

    @unittest.skipIf(os.geteuid() == 0 and subprocess.run(["which", "setpriv"], capture_output=True).returncode != 0,
                     "root reads everything, and there is no setpriv to be somebody else")
    def test_an_unreadable_file_makes_the_scan_incomplete(self):
        self.write("a.txt", "nothing\n")
        self.write("locked/b.txt", "nothing\n")
        self.write("c.txt", "nothing\n").chmod(0)
        (self.tree / "locked").chmod(0)
        self.addCleanup((self.tree / "locked").chmod, 0o755)
        self.base.chmod(0o755)
        command = [KEYTRAIL, "scan", "--format", "json", "."]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        if os.geteuid() == 0 and subprocess.run([*command[:4], "test", "-x", KEYTRAIL]).returncode != 0:
            self.skipTest("nobody may not run the program where it stands")
        run = subprocess.run(command, cwd=self.tree, capture_output=True, env=self.environment())
        self.assertEqual(run.returncode, 3, run.stderr)
        import json
        report = json.loads(run.stdout)
        self.assertTrue(report["incomplete"])
        self.assertEqual(sorted(skip["path"] for skip in report["skipped"] if skip["reason"] == "unreadable"),
                         ["c.txt", "locked/"])

    def test_findings_win_over_incomplete(self):
        self.write("a.env", f"token = {self.github()}\n")
        self.write("broken.zip", b"PK\x03\x04" + b"\x14\0\0\0\x08\0" + b"\xff" * 200)
        self.assertTrue(self.scan(".", code=1)["incomplete"])

    def test_what_was_seen_is_scanned_or_skipped(self):
        self.write("a.txt", "nothing\n")
        self.write("b.zip", b"PK\x03\x04" + b"\xff" * 100)
        os.symlink("/etc", self.tree / "link")
        os.mkfifo(self.tree / "pipe")
        stats = self.scan(".")["stats"]
        self.assertEqual(stats["blobs_seen"], stats["blobs_scanned"] + stats["blobs_skipped"])

    def test_a_pipe_and_a_link_out_of_the_root_are_named_and_do_not_block(self):
        self.write("a.txt", "nothing\n")
        os.mkfifo(self.tree / "pipe")
        os.symlink("/etc", self.tree / "link")
        reasons = {skip["path"]: skip["reason"] for skip in self.scan(".", code=0)["skipped"]}
        self.assertEqual(reasons, {"pipe": "special-file", "link": "symlink"})


if __name__ == "__main__":
    main()
