"""Runs commands and says what they took: seconds, processor time, memory. Variants take turns, so that a noisy machine
hurts all alike."""
import os
import resource
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_SECONDS = 0.05


@dataclass
class Variant:
    """One row of the table. `command` is shown, with {repo} and the like in it; `arguments` are run."""
    name: str
    command: str
    arguments: list
    threads: int | None = None
    ours: bool = False        # its JSON report comes on standard output, and its cache folder is ours
    sampled: bool = False     # its memory is looked at while it runs
    keep_cache: bool = False  # what an earlier run kept is there
    seconds: list = field(default_factory=list)
    cpu_seconds: list = field(default_factory=list)
    peak_bytes: int = 0
    private_bytes: int | None = None
    anonymous_bytes: int | None = None
    output: bytes = b""


def memory_of(pid):
    """(private, anonymous): pages that no other process has, those of mapped packs among them; and memory of its own."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0, 0
    fields = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in text.splitlines()[1:]}
    return sum(value for key, value in fields.items() if key.startswith("Private_")), fields.get("Anonymous", 0)


def peak_floor():
    """The kernel counts what a process held before it became the program: this script's memory. No peak below is seen."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Runner:
    """`warm_cache`: a cache folder with the compiled anchors and nothing else."""

    def __init__(self, folder, warm_cache):
        self.folder, self.warm_cache = Path(folder), warm_cache

    def environment(self, variant):
        if not variant.ours:
            return {**os.environ, "GIT_NO_LAZY_FETCH": "1"}
        cache = self.folder / f"cache {variant.name} {variant.threads}"
        if not variant.keep_cache or not cache.exists():
            shutil.rmtree(cache, ignore_errors=True)
            shutil.copytree(self.warm_cache, cache)
        return {**os.environ, "XDG_CACHE_HOME": str(cache)}

    def run(self, variant, sample=False):
        """One run. `sample`: watch its memory, and do not count its time."""
        environment = self.environment(variant)
        with tempfile.TemporaryFile(dir=self.folder) as out, tempfile.TemporaryFile(dir=self.folder) as err:
            started = time.monotonic()
            process = subprocess.Popen(variant.arguments, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment)
            done = threading.Event()
            if sample and variant.sampled:
                watcher = threading.Thread(target=self.watch, args=(variant, process.pid, done))
                watcher.start()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            done.set()
            if sample and variant.sampled:
                watcher.join()
            err.seek(0)
            if process.returncode not in ((0, 1, 3) if variant.ours else (0, 1)):
                what = err.read(2000).decode("utf-8", "replace")
                raise RuntimeError(f"{variant.name}: exit code {process.returncode}: {what}")
            out.seek(0)
            variant.output = out.read()
        variant.peak_bytes = max(variant.peak_bytes, usage.ru_maxrss * 1024)
        if not sample:
            variant.seconds.append(round(seconds, 4))
            variant.cpu_seconds.append(round(usage.ru_utime + usage.ru_stime, 4))

    def watch(self, variant, pid, done):
        while not done.wait(SAMPLE_SECONDS):
            private, anonymous = memory_of(pid)
            variant.private_bytes = max(variant.private_bytes or 0, private)
            variant.anonymous_bytes = max(variant.anonymous_bytes or 0, anonymous)

    def run_all(self, variants, runs, say):
        # The first round warms the page cache and looks at the memory: looking costs the process time.
        for variant in variants:
            say(f"warm-up: {variant.name}")
            self.run(variant, sample=True)
        for number in range(runs):
            for variant in variants:
                say(f"run {number + 1} of {runs}: {variant.name}")
                self.run(variant)
