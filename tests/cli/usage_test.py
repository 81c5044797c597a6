"""The command line itself: help, version, wrong options, standard input, closed pipes."""
import subprocess

from support import KEYTRAIL, Case, main, places, tokens

GITHUB = tokens.RULES["github"]


class Usage(Case):
    def test_version(self):
        run = self.keytrail("--version", code=0)
        self.assertRegex(run.stdout, r"^keytrail \d+\.\d+\.\d+")
        self.assertEqual(run.stderr, "")

    def test_help_names_the_commands_and_goes_to_standard_output(self):
        run = self.keytrail("--help", code=0)
        for word in ("scan", "rules", "baseline"):
            self.assertIn(word, run.stdout)
        self.assertEqual(run.stderr, "")

    def test_help_of_scan_names_every_option(self):
        text = self.keytrail("scan", "--help", code=0).stdout
        for option in ("--history", "--format", "--report", "--fail-on", "--min-confidence", "--baseline", "--config",
                       "--rules", "--threads", "--no-ignore", "--stats", "--progress", "--show-secrets", "--exclude",
                       "--no-cache", "--range", "--since-ref", "--staged"):
            self.assertIn(option, text)

    def test_wrong_usage_says_why_on_standard_error(self):
        for arguments, word in (
                (["scan", "--hsitory", "."], "--hsitory"),
                (["frobnicate"], "frobnicate"),
                (["scan", "--format", "yaml", "."], "yaml"),
                (["scan", "--fail-on", "huge", "."], "huge"),
                (["scan", "--min-confidence", "sure", "."], "sure"),
                (["scan", "--threads", "many", "."], "many"),
                (["scan", "--threads", "-1", "."], "-1"),
                (["scan", "--report", "json", "."], "FORMAT=FILE"),
                (["scan", "--report", "yaml=out", "."], "yaml"),
                (["scan", "--progress", "often", "."], "often"),
                (["scan", "--since", "2026-01-01", "."], "--history"),
                (["scan", "--branch", "main", "."], "--history"),
                (["scan", "--history", "--since", "yesterdayish", "."], "yesterdayish"),
                (["scan", "--history", "--until", "2026-02-30", "."], "2026-02-30"),
                (["scan", "--history", "--since", "2026-02-01", "--until", "2026-01-31", "."], "--since"),
                (["rules", "show"], "ID"),
                (["rules", "show", "no-such-rule"], "no-such-rule"),
        ):
            with self.subTest(arguments):
                run = self.keytrail(*arguments, code=2)
                self.assertIn(word, run.stderr)
                self.assertEqual(run.stdout, "")

    def test_standard_input(self):
        text = f"first\ntoken = {self.github()}\n".encode()
        report = self.scan("-", code=1, stdin=text)
        self.assertEqual([(rule, line, column) for rule, _, line, column in places(report)], [(GITHUB, 2, 9)])
        self.scan("-", code=0, stdin=b"nothing\n")
        self.scan("-", code=0, stdin=b"")

    def test_an_archive_on_standard_input(self):
        import planted
        report = self.scan("-", code=1, stdin=planted.zip_of({"a/b.env": f"token = {self.github()}\n"}))
        self.assertEqual([path.rpartition("!/")[2] for _, path, _, _ in places(report)], ["a/b.env"])

    def test_several_paths(self):
        self.write("a/x.env", f"token = {self.github()}\n")
        self.write("b/y.env", f"token = {self.github()}\n")
        self.write("c/z.env", f"token = {self.github()}\n")
        self.assertEqual({path for _, path, _, _ in places(self.scan("a", "b/y.env", code=1))}, {"a/x.env", "b/y.env"})

    def test_a_path_that_is_named_twice_is_scanned_once(self):
        self.write("a/x.env", f"token = {self.github()}\n")
        self.assertEqual(len(places(self.scan("a", "a/x.env", ".", code=1))), 1)

    def test_exclude(self):
        for name in ("src/a.env", "src/vendor/b.env", "other/c.env"):
            self.write(name, f"token = {self.github()}\n")
        # The option takes one value: what follows is a path, and the other folder is not scanned.
        self.assertEqual([path for _, path, _, _ in places(self.scan("--exclude", "vendor/", "src", code=1))], ["src/a.env"])
        self.scan("--exclude", "vendor/", "--exclude", "a.*", "src", code=0)

    def test_a_reader_that_goes_away_is_no_crash(self):
        self.write("a.txt", "".join(f"token = {self.github()}\n" for _ in range(3000)))
        for name in ("text", "json", "sarif"):
            process = subprocess.Popen([KEYTRAIL, "scan", "--format", name, "."], cwd=self.tree, env=self.environment(),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.read(10)
            process.stdout.close()
            error = process.stderr.read().decode()
            process.stderr.close()
            code = process.wait(60)
            self.assertNotIn(code, (-6, -11, 134, 139), error)
            self.assertNotIn("terminate", error)

    def test_a_full_disk_is_an_error(self):
        self.write("a.env", f"token = {self.github()}\n")
        with open("/dev/full", "wb") as full:
            run = subprocess.run([KEYTRAIL, "scan", "."], cwd=self.tree, env=self.environment(), stdout=full,
                                 stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 4, run.stderr)

    def test_progress_and_stats_go_to_standard_error(self):
        self.write("a.txt", "nothing\n")
        run = self.keytrail("scan", "--format", "json", "--progress", "always", "--stats", ".", code=0)
        self.assertEqual(run.json["findings"], [])
        self.assertNotEqual(run.stderr, "")

    def test_no_progress_and_no_colour_where_there_is_no_terminal(self):
        self.write("a.env", f"token = {self.github()}\n")
        run = self.keytrail("scan", ".", code=1)
        self.assertNotIn("\x1b", run.stdout + run.stderr)
        self.assertNotIn("\r", run.stderr)

    def test_a_cache_folder_that_cannot_be_written_costs_nothing_but_time(self):
        self.write("a.env", f"token = {self.github()}\n")
        (self.base / "cache").write_text("a file, no folder\n")
        self.keytrail("scan", ".", code=1)

    def test_no_cache_writes_none(self):
        self.write("a.txt", "nothing\n")
        self.keytrail("scan", "--no-cache", ".", code=0)
        self.assertFalse((self.base / "cache").exists())
        self.keytrail("scan", ".", code=0)
        self.assertTrue((self.base / "cache").exists())

    def test_a_damaged_cache_is_rebuilt(self):
        self.write("a.env", f"token = {self.github()}\n")
        self.keytrail("scan", ".", code=1)
        files = [path for path in (self.base / "cache").rglob("*") if path.is_file()]
        self.assertTrue(files)
        for damage in (lambda data: b"", lambda data: data[:len(data) // 2], lambda data: b"\0" * len(data),
                       lambda data: data[:-64] + bytes(byte ^ 0x55 for byte in data[-64:])):
            for path in files:
                path.write_bytes(damage(path.read_bytes()))
            run = self.keytrail("scan", ".", code=1)
            self.assertEqual(run.stderr, "")
            self.assertTrue(all(path.stat().st_size > 0 for path in files))


if __name__ == "__main__":
    main()
