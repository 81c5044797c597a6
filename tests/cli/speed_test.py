"""Bounds that a change may not break. Generous: four times what is promised, more under sanitizers."""
import os
import subprocess
import time

from support import KEYTRAIL, SLOW, Case, main


class Speed(Case):
    def seconds(self, *arguments, code, tries=5):
        """The fastest of some runs, the cache warm."""
        best = float("inf")
        for _ in range(tries + 1):
            started = time.monotonic()
            run = subprocess.run([KEYTRAIL, "scan", "--format", "json", *arguments], cwd=self.tree, env=self.environment(),
                                 capture_output=True)
            best = min(best, time.monotonic() - started)
            self.assertEqual(run.returncode, code, run.stderr)
        return best

    def start_up(self):
        self.write("small/a.txt", "hello\n")
        return self.seconds("small", code=0)

    def test_200_kb_with_5000_tokens_take_50_ms_after_start_up(self):
        line = f"{self.github()}"
        text = "\n".join(self.maker.github() for _ in range(5000)) + "\n"
        self.assertGreater(len(text), 200_000)
        self.assertEqual(len(line), 40)
        self.write("many/a.txt", text)
        self.assertLess(self.seconds("many", code=1) - self.start_up(), 4 * 0.050 * SLOW)

    def test_one_token_5000_times(self):
        self.write("many/a.txt", (self.github() + "\n") * 5000)
        self.assertLess(self.seconds("many", code=1) - self.start_up(), 4 * 0.050 * SLOW)

    def test_anchors_without_tokens_are_linear(self):
        times = []
        for size in (1 << 20, 4 << 20):
            self.write("anchors/a.txt", ("ghp" + "_") * (size // 4))
            times.append(self.seconds("anchors", code=0, tries=2))
        start = self.start_up()
        self.assertLess(times[1] - start, 12 * max(times[0] - start, 0.01))

    def test_start_up(self):
        self.assertLess(self.start_up(), 4 * 0.010 * SLOW)

    def test_a_small_scan_stays_small(self):
        self.write("small/a.txt", "hello\n")
        with open(os.devnull, "wb") as null:
            process = subprocess.Popen([KEYTRAIL, "scan", "small"], cwd=self.tree, env=self.environment(), stdout=null)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        if SLOW == 1:
            self.assertLess(usage.ru_maxrss, 40 * 1024)


if __name__ == "__main__":
    main()
