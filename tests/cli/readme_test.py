"""The commands of the README and of the guides in docs/ do what these say.

Each ```console block is run in a fresh checkout of its own, line by line: a line that begins with "$ " is a command, what
follows is its output. In the output, "…" stands for anything on a line, and a line that is "…" alone for any lines. A
block after <!-- in: PLACE --> runs in PLACE of corpus/generators/planted.py's output, or in "work", a new repository with one
commit; $TOKEN is a made credential. A block after <!-- not run: WHY --> is not run.
"""
import os
import re
import subprocess
import tempfile
import shutil
from pathlib import Path

from support import KEYTRAIL, ROOT, Case, main

import planted

BLOCK = re.compile(r"(?:<!-- (in|not run): ([^>]*?) -->\n)?```console\n(.*?)```", re.S)
SECONDS = re.compile(r"\b\d+(\.\d+)? ?(s|ms)\b")


def commands(block):
    """[(command, output)] of a console block."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(output).strip("\n")) for command, output in found]


def pattern(text):
    """A regular expression for documented output."""
    lines = []
    for line in text.splitlines():
        if line.strip() == "\u2026":
            lines.append("(?:.*\n)*?")
        else:
            lines.append(r"[^\n]*".join(re.escape(SECONDS.sub("\0", part)).replace(re.escape("\0"), r"[\d.]+ ?m?s")
                                         for part in line.split("\u2026")) + "\n")
    return "".join(lines)


class Readme(Case):
    def run_blocks(self, document):
        folder = Path(tempfile.mkdtemp(prefix="keytrail-readme-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        planted.make(folder / "planted", seed=1)
        work = folder / "planted/work"
        work.mkdir()
        (work / "README").write_text("nothing\n")
        identity = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
                    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))}
        for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
            subprocess.run(["git", *command], cwd=work, check=True, env=self.environment() | identity)
        token = self.github()
        # A stand-in for a checkout: `ci/keytrail` there is the program under test.
        for place in (folder / "planted/repository", folder / "planted/files"):
            script = folder / "bin" / "ci" / "keytrail"
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(f'#!/bin/sh\nexec "{KEYTRAIL}" "$@"\n')
            script.chmod(0o755)
        os.symlink(KEYTRAIL, folder / "bin/keytrail")
        ran = 0
        for directive, value, block in BLOCK.findall(document):
            if directive == "not run":
                continue
            place = folder / "planted" / (value or "repository")
            for command, output in commands(block):
                with self.subTest(command):
                    line = re.sub(r"(^|[\s|;&(])ci/keytrail\b", rf"\1{folder}/bin/ci/keytrail", command)
                    run = subprocess.run(["bash", "-c", line], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                         env=self.environment() | identity | {"TOKEN": token, "PATH": f"{folder}/bin:{os.environ['PATH']}"})
                    self.assert_no_secret(run.stdout.encode(), command)
                    self.assertRegex(run.stdout, "\\A" + pattern(output).rstrip("\n") + "\\s*\\Z", command)
                    ran += 1
        return ran

    def test_the_commands_of_the_readme(self):
        self.assertGreater(self.run_blocks((ROOT / "README.md").read_text()), 0)

    def test_the_commands_of_the_guides(self):
        for name in ("getting-started", "hooks", "ci"):
            self.assertGreater(self.run_blocks((ROOT / f"docs/{name}.md").read_text()), 0, name)

    def test_a_wrong_output_would_be_noticed(self):
        self.assertRegex("a\nb\nc 12 ms\n", "\\A" + pattern("a\n\u2026\nc 3 ms") + "\\Z")
        self.assertNotRegex("a\nb\n", "\\A" + pattern("a\nc") + "\\Z")
        self.assertRegex("found 3 things\n", "\\A" + pattern("found \u2026 things") + "\\Z")


if __name__ == "__main__":
    main()
