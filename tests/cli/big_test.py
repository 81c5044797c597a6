"""A file of 300 MB: credentials across every window border are found, in bounded memory."""
import resource
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from support import SANITIZED, Case, main

import planted


@unittest.skipIf(SANITIZED, "300 MB under a sanitizer say nothing more and take minutes")
class Big(Case):
    def test_credentials_across_all_window_borders_in_bounded_memory(self):
        folder = Path(tempfile.mkdtemp(prefix="keytrail-big-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        planter = planted.Planter(3)
        planted.plant_big(planter, folder / "big")
        self.secrets = [plant.secret for plant in planter.plants]
        self.assertGreater(len(self.secrets), 100)

        for threads in (1, 4):
            report = self.scan("--threads", threads, "access.log", code=1, folder=folder / "big")
            found = sorted((occurrence["start_line"], occurrence["start_column"], finding["rule"], finding["secret"][-3:])
                           for finding in report["findings"] for occurrence in finding["occurrences"])
            self.assertEqual(found, sorted((plant.line, plant.column, plant.rule, plant.tail[-3:]) for plant in planter.plants))
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak_kib, 150 * 1024)


if __name__ == "__main__":
    main() if not SANITIZED else sys.exit(77)
