"""The number of threads changes nothing that is written."""
import shutil
import tempfile
from pathlib import Path

from support import Case, main

import planted


class Threads(Case):
    def test_1_2_and_8_threads_give_identical_bytes(self):
        folder = Path(tempfile.mkdtemp(prefix="keytrail-threads-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        planted.make(folder, seed=11)
        for number in range(300):
            name = folder / f"files/many/{number % 17}/{number}.env"
            name.parent.mkdir(parents=True, exist_ok=True)
            # The same credential in several files: which occurrence comes first may not depend on who came first.
            name.write_text(f"a = {planted.tokens.Maker(number % 40).github()}\n" * (number % 5))
        # Without the cache: the second sweep of a history would say what the first one found.
        for arguments, place in ((["."], "files"), (["--no-ignore", "."], "repository"),
                                 (["--history", "--no-cache", "."], "repository")):
            for name in ("json", "sarif", "text"):
                with self.subTest(f"{arguments} {name}"):
                    runs = {threads: self.keytrail("scan", "--format", name, "--threads", threads, *arguments, code=1,
                                                   folder=folder / place) for threads in (1, 2, 8)}
                    self.assertGreater(len(runs[1].out_bytes), 1000)
                    self.assertTrue(runs[1].out_bytes == runs[2].out_bytes, "1 and 2 threads differ")
                    self.assertTrue(runs[1].out_bytes == runs[8].out_bytes, "1 and 8 threads differ")


if __name__ == "__main__":
    main()
