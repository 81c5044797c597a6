"""SIGINT and SIGTERM end a scan with what was found so far."""
import json
import os
import signal
import subprocess
import time

from support import KEYTRAIL, SLOW, Case, main, places


class Interrupt(Case):
    def start(self, *arguments):
        process = subprocess.Popen([KEYTRAIL, "scan", "--format", "json", "--threads", "2", *arguments], cwd=self.tree,
                                   env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        return process

    def check(self, process, number):
        started = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - started, 2 * SLOW)
        self.assertEqual(process.returncode, 130, err.decode())
        report = json.loads(out)
        self.assertTrue(report["interrupted"])
        self.assertTrue(report["incomplete"])
        self.assert_no_secret(out + err, "the output")
        return report

    def test_a_long_scan_of_files(self):
        self.write("a/first.env", f"token = {self.github()}\n")
        # Sparse files: cheap to make, long to read.
        for number in range(4):
            os.truncate(self.write(f"b/{number}.log", "text\n" * 4096), 40 << 30)
        process = self.start("--no-ignore", ".")
        time.sleep(1.5 * SLOW ** 0.5)
        self.assertIsNone(process.poll(), "the scan ended before it could be interrupted")
        report = self.check(process, signal.SIGINT)
        self.assertEqual([path for _, path, _, _ in places(report)], ["a/first.env"])

    def test_waiting_for_standard_input(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("-")
            process.stdin.write(f"token = {self.github()}\n".encode())
            process.stdin.flush()
            time.sleep(0.7 * SLOW ** 0.5)
            self.check(process, number)


if __name__ == "__main__":
    main()
