"""What git says a repository holds, and whether keytrail says the same."""
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

TYPES = ("commit", "tree", "blob", "tag")
# How much of the text was looked at is what the ways to scan differ in.
WORK = re.compile(rb'^\s*"\w*fresh\w*": \d+,?\n', re.M)
SWEEPS = [("default", []), ("a second sweep", []), ("--exhaustive", ["--exhaustive", "--no-cache"]),
          *((f"--threads {threads}", ["--no-cache", "--threads", threads]) for threads in ("1", "2", "8"))]
# Reasons for objects that were not scanned because they are not there, or because they are another repository's.
NOT_OBJECTS = ("missing-object", "submodule")


def git(repository, *arguments, stdin=None):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment["GIT_NO_LAZY_FETCH"] = "1"
    run = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(repository), *arguments], input=stdin,
                         capture_output=True, env=environment, check=True)
    return run.stdout


def object_folders(repository):
    """The repository's own folder of objects, then its alternates."""
    folders = [Path(os.path.join(repository, git(repository, "rev-parse", "--git-path", "objects").decode().strip()))]
    for folder in folders:
        alternates = folder / "info/alternates"
        if alternates.exists():
            for line in alternates.read_text().splitlines():
                path = folder / line
                if line and not line.startswith("#") and path not in folders:
                    folders.append(path)
    return folders


def pack_indexes(repository):
    return sorted(path for folder in object_folders(repository) for path in (folder / "pack").glob("pack-*.idx"))


def holdings(repository):
    """By type: objects, bytes when expanded, bytes as stored; and the packs."""
    out = git(repository, "cat-file", "--batch-all-objects", "--unordered",
              "--batch-check=%(objecttype) %(objectsize) %(objectsize:disk)")
    by_type = {name: {"objects": 0, "bytes": 0, "stored": 0} for name in TYPES}
    for line in out.decode().splitlines():
        name, size, stored = line.split()
        count = by_type[name]
        count["objects"] += 1
        count["bytes"] += int(size)
        count["stored"] += int(stored)
    packs = pack_indexes(repository)
    total = {key: sum(count[key] for count in by_type.values()) for key in ("objects", "bytes", "stored")}
    return {**total, **by_type, "packs": len(packs),
            "pack_bytes": sum(path.with_suffix(".pack").stat().st_size for path in packs)}


def message_bytes(repository):
    """Of all commits and annotated tags: what stands behind the empty line."""
    listed = git(repository, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)")
    names = [line.split()[1] for line in listed.splitlines() if line.startswith((b"commit ", b"tag "))]
    out = git(repository, "cat-file", "--batch", stdin=b"\n".join(names) + b"\n") if names else b""
    total = at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        head = out.find(b"\n\n", end + 1, end + 1 + size)
        total += end + 1 + size - (head + 2) if head >= 0 else 0
        at = end + size + 2
    return total


def walk_problems(walked, held):
    """How the pack walk's counts differ from git's; None when the packs are not all there is, or share objects."""
    if walked["objects"] + walked["lost"] != held["objects"]:
        return None
    return [f"{name}: walked {walked[name][key]} {key}, git has {held[name][key]}"
            for name in TYPES for key in ("objects", "bytes") if walked[name][key] != held[name][key]]


def report_problems(report, held, messages):
    """How a JSON report's counts differ from git's. Members of archives are counted by the program alone."""
    stats, problems = report["stats"], []
    if stats["commits"] != held["commit"]["objects"]:
        problems.append(f"{stats['commits']} commits, git has {held['commit']['objects']}")
    if stats["blobs_seen"] != stats["blobs_scanned"] + stats["blobs_skipped"]:
        problems.append("seen is not scanned and skipped")
    absent = sum(1 for skip in report["skipped"] if skip["reason"] in NOT_OBJECTS)
    seen = stats["blobs_seen"] - absent
    want = sum(held[name]["objects"] for name in ("commit", "blob", "tag"))
    if seen != want if stats["archives_opened"] == 0 else seen < want:
        problems.append(f"{seen} blobs and messages seen, git has {want}")
    if stats["archives_opened"] == 0 and stats["blobs_skipped"] == absent:
        want = held["blob"]["bytes"] + messages
        if stats["bytes_scanned"] != want:
            problems.append(f"{stats['bytes_scanned']} bytes scanned, git has {want}")
    return problems


def verify(repository, keytrail, walk, say):
    """Everything that must agree, over one repository; the problems, as sentences."""
    held, messages = holdings(repository), message_bytes(repository)
    say(f"git: {held['objects']} objects, {held['bytes']} bytes, {held['stored']} stored")
    problems = []
    packs = [str(path) for path in pack_indexes(repository)]
    if packs:
        out = subprocess.run([walk, "--trees", *packs], capture_output=True, check=False).stdout
        differences = walk_problems(json.loads(out), held)
        say("walk: " + ("not compared (loose objects, or objects in two packs)" if differences is None else
                        f"{len(differences)} differences"))
        problems += [f"walk: {difference}" for difference in differences or []]
    reports = {}
    with tempfile.TemporaryDirectory(prefix="keytrail-verify-") as cache:
        for name, options in SWEEPS:
            run = subprocess.run([keytrail, "scan", "--history", str(repository), "--format", "json", "--no-config",
                                  "--progress", "never", *options], capture_output=True, check=False,
                                 env={**os.environ, "XDG_CACHE_HOME": cache})
            if run.returncode not in (0, 1, 3):
                return [*problems, f"{name}: exit code {run.returncode}: {run.stderr.decode('utf-8', 'replace')[:500]}"]
            reports[name] = WORK.sub(b"", run.stdout)
            say(f"{name}: {len(run.stdout)} bytes of report" + ("" if reports[name] == reports["default"] else ", OTHERS"))
    problems += [f"{name}: another report than by default" for name, text in reports.items() if text != reports["default"]]
    return problems + report_problems(json.loads(reports["default"]), held, messages)
