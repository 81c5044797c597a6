"""Fresh spans give the report of scanning everything, whatever the history and however git stores it.

Random histories (texts.py, histories.py) are packed in random ways; `--format json` must be the same bytes by default, a
second time, with --exhaustive, and with 1, 2 and 8 threads, and its findings the same for each way to store the same
objects. A case is a blob in one packing. KEYTRAIL_PROPERTY_SEED chooses the histories; KEYTRAIL_PROPERTY_SECONDS runs until
then instead of for the usual number, which takes less than a minute of a processor in a release build.
"""
import difflib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import histories  # noqa: E402
import texts  # noqa: E402

KEYTRAIL = os.environ["KEYTRAIL"]
MAKE_EXAMPLES = os.environ["KEYTRAIL_EXAMPLES"]
SLOW = float(os.environ.get("KEYTRAIL_SLOW", "1"))
SEED = int(os.environ.get("KEYTRAIL_PROPERTY_SEED", "1"))
SECONDS = float(os.environ.get("KEYTRAIL_PROPERTY_SECONDS", "0"))
HISTORIES = 1 if SLOW > 1 else 3
COMMITS = 60 if SLOW > 1 else 150
PACKINGS = 3 if SLOW > 1 else 5
VARIANTS = [["--exhaustive"], ["--threads", "1"], ["--threads", "2"], ["--threads", "8"],
            ["--exhaustive", "--threads", "8"]]
# How much of the text was looked at is what the ways differ in.
WORK = re.compile(rb'^\s*"\w*fresh\w*": \d+,?\n', re.M)


class Histories(unittest.TestCase):
    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="keytrail-property-"))
        self.kept = False
        self.addCleanup(lambda: self.kept or shutil.rmtree(self.base, ignore_errors=True))
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "KEYTRAIL"))}
        self.environment |= {"HOME": str(self.base), "XDG_CACHE_HOME": str(self.base / "cache")}
        self.cases = self.findings = self.known_findings = self.packings = 0
        # Values that no rule knows, for the known-token scan.
        choose = random.Random(SEED)
        self.known = ["".join(choose.choices("abcdefghijkLMNOPQRSTUVWXYZ0123456789" + signs, k=size)) + "q7"
                      for size, signs in [(6, ""), (12, "-_"), (18, ""), (30, "=+/"), (38, ""), (60, ":@"), (2000, "")]]
        self.environment |= {"KEYTRAIL_HASH_SECRET": choose.randbytes(32).hex(),
                             "KEYTRAIL_INVENTORY": str(self.base / "inventory.db")}
        subprocess.run([KEYTRAIL, "inventory", "init"], check=True, capture_output=True, env=self.environment)
        for number, value in enumerate(self.known):
            subprocess.run([KEYTRAIL, "inventory", "add", f"t{number}", "--service", "s", "--value-stdin"], check=True,
                           capture_output=True, input=value.encode(), env=self.environment)

    def scan(self, folder, arguments, fresh_cache=True):
        # Without what earlier runs kept of packs; the compiled anchors may stay.
        for kept in (self.base / "cache").glob("keytrail/*") if fresh_cache else []:
            if not kept.name.startswith("anchors-"):
                shutil.rmtree(kept, ignore_errors=True) if kept.is_dir() else kept.unlink()
        run = subprocess.run([KEYTRAIL, "scan", "--history", str(folder), "--format", "json", "--min-confidence", "low",
                              "--no-config", "--progress", "never", "--now", "2026-01-01", *arguments], capture_output=True, env=self.environment)
        if run.returncode not in (0, 1):
            self.keep(f"exit code {run.returncode} of {arguments}: {run.stderr.decode('utf-8', 'replace')[:2000]}")
        return WORK.sub(b"", run.stdout)

    def keep(self, what):
        self.kept = True
        self.fail(f"{what}\nthe repository stays in {self.base}")

    def check(self, repository, what, more=()):
        """The findings, when every variant says the same."""
        reports = {"default": self.scan(repository.folder, [])}
        reports["a second sweep"] = self.scan(repository.folder, [], fresh_cache=False)
        for arguments in [*VARIANTS, *more]:
            reports[" ".join(arguments)] = self.scan(repository.folder, arguments)
        want = reports["default"]
        for name, got in reports.items():
            if got != want:
                lines = difflib.unified_diff(want.decode().splitlines(), got.decode().splitlines(), "default", name, n=1)
                self.keep(f"{what}: {name} differs\n" + "\n".join(list(lines)[:30]))
        self.cases += repository.objects()
        self.packings += 1
        report = json.loads(want)
        self.assertFalse(report["incomplete"], report["skipped"])
        return report["findings"]

    def one_history(self, seed):
        choose = random.Random(f"packings {seed}")
        examples = texts.read_examples(MAKE_EXAMPLES, seed)
        known = [("known", value.encode()) for value in self.known * 3]
        history = histories.History(texts.Texts(seed, choose.sample(examples, 120) + known))
        folder = self.base / f"history{seed}"
        repository = histories.Repository(folder)
        marks = self.base / "marks"
        marks.unlink(missing_ok=True)
        # Packs of fast-import (each version a delta of the one before it), then packs of repack and loose objects.
        history.import_into(repository, COMMITS // 2, marks)
        history.import_into(repository, COMMITS // 4, marks)
        if choose.random() < 0.5:
            options, how = histories.random_packing(choose)
            repository.git(*options, "repack", "-a", "-f", "-q", *how)  # the others stay: objects in two packs
        history.import_into(repository, COMMITS // 4, marks, loose=True)
        want = self.check(repository, f"history {seed}, as imported", [["--reader", "libgit2"]])
        self.findings += len(want)
        self.known_findings += sum(f["token"] is not None for f in want)
        for _ in range(PACKINGS):
            options, how = histories.random_packing(choose)
            repository.git(*options, "repack", "-a", "-d", "-k", "-f", "-q", *how)
            found = self.check(repository, f"history {seed}, git {' '.join(options)} repack {' '.join(how)}")
            if found != want:
                self.keep(f"history {seed}, repack {' '.join(how)}: other findings than as imported")
        shutil.rmtree(folder)

    def test_fresh_spans_give_the_report_of_scanning_everything(self):
        started = time.monotonic()
        seed = SEED
        while (time.monotonic() - started < SECONDS) if SECONDS else (seed < SEED + HISTORIES):
            self.one_history(seed)
            seed += 1
        print(f"{self.cases} cases in {self.packings} packings of {seed - SEED} histories, {self.findings} findings, "
              f"{time.monotonic() - started:.0f} s")
        # Texts without findings would pass whatever the program does.
        self.assertGreater(self.findings, 20 * (seed - SEED))
        self.assertGreater(self.known_findings, 2 * (seed - SEED))


if __name__ == "__main__":
    unittest.main()
