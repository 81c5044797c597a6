"""What the program says that it has seen is what git says that there is."""
import subprocess
import sys
from pathlib import Path

from support import KEYTRAIL, ROOT, Case, main

sys.path.insert(0, str(ROOT / "tests/bench"))
import stored


class Objects(Case):
    def setUp(self):
        super().setUp()
        for number in range(8):
            self.write("a.env", "line\n" * number + f"token = {self.github()}\n")
            self.write(f"src/{number}.txt", f"text {number}\n" * 50)
            self.commit(f"Change {number}\n\nwith a body")
        self.git("tag", "-a", "v1", "-m", "One")

    def problems(self, code=1):
        report = self.scan("--history", ".", code=code)
        return stored.report_problems(report, stored.holdings(self.tree), stored.message_bytes(self.tree))

    def test_objects_and_bytes_of_loose_objects_are_those_of_git(self):
        self.assertEqual(self.problems(), [])

    def test_objects_and_bytes_of_packs_are_those_of_git(self):
        self.git("repack", "-a", "-d", "-f", "-q", "--depth=50")
        self.assertEqual(self.problems(), [])
        # A second pack, objects in both, and a loose one.
        self.write("more.txt", "more\n")
        self.commit("More")
        self.git("repack", "-a", "-q")
        self.write("loose.txt", "loose\n")
        self.commit("Loose")
        self.assertEqual(self.problems(), [])

    def test_an_object_that_is_missing_is_named_and_not_counted(self):
        blob = self.git("rev-parse", "HEAD:src/3.txt")
        (self.tree / ".git/objects" / blob[:2] / blob[2:]).unlink()
        report = self.scan("--history", ".", code=1)
        self.assertIn((blob, "missing-object"), [(skip["path"], skip["reason"]) for skip in report["skipped"]])
        self.assertEqual(self.problems(), [])

    def test_the_comparison_notices_an_object_too_few(self):
        report = self.scan("--history", ".", code=1)
        held, messages = stored.holdings(self.tree), stored.message_bytes(self.tree)
        report["stats"]["blobs_seen"] -= 1
        report["stats"]["blobs_scanned"] -= 1
        self.assertEqual(len(stored.report_problems(report, held, messages)), 1)
        report["stats"]["bytes_scanned"] -= 1
        self.assertEqual(len(stored.report_problems(report, held, messages)), 2)

    def test_the_bench_verifies_a_repository(self):
        walk = Path(KEYTRAIL).parent / "tests/bench/bench_walk"
        if not walk.exists():
            self.skipTest("bench_walk is not built")
        self.git("repack", "-a", "-d", "-q")
        run = subprocess.run([ROOT / "ci/bench", "--verify", f"mine={self.tree}", "--keytrail", KEYTRAIL, "--walk", walk],
                             capture_output=True, text=True, env=self.environment())
        self.assertEqual((run.returncode, run.stdout), (0, "mine: all agree\n"), run.stderr)


if __name__ == "__main__":
    main()
