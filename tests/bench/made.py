"""A repository of invented source text, the same bytes each time: files of many lines, commits that change a few of them."""
import os
import random
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "corpus/generators"))
import tokens  # noqa: E402

WORDS = ("if return value index for const size result name table entry begin end node left right text line buffer count "
         "error open close read write first last next number string list map key lock thread state").split()
EVERY = 400  # commits between two that bring a credential


class Maker:
    def __init__(self, files):
        self.random = random.Random(1)
        self.tokens = tokens.Maker(1)
        self.lines = [self.text() for _ in range(files)]

    def line(self):
        return "    " * self.random.randint(0, 3) + " ".join(self.random.choices(WORDS, k=self.random.randint(1, 12)))

    def text(self):
        return [self.line() for _ in range(int(self.random.lognormvariate(5, 1)) + 5)]

    def change(self, number):
        lines = self.lines[number]
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randrange(len(lines))
            lines[at:at + self.random.randint(0, 4)] = [self.line() for _ in range(self.random.randint(1, 6))]

    def commit(self, number):
        out = [f"commit refs/heads/main\ncommitter A <a@example.org> {1_600_000_000 + 600 * number} +0000\n", data(self.line())]
        changed = range(len(self.lines)) if number == 0 else self.random.sample(range(len(self.lines)), 3)
        for file in changed:
            if number:
                self.change(file)
            if number % EVERY == 1:
                self.lines[file].insert(0, f'token = "{self.tokens.next()[1]}"')
            out.append(f"M 100644 inline src/{file % 17}/{file}.c\n" + data("\n".join(self.lines[file]) + "\n"))
        return "".join(out)


def data(text):
    return f"data {len(text.encode())}\n{text}\n"


def make(folder, files, commits):
    """Makes it, packed as `git gc` would, unless it is there."""
    if folder.exists():
        return
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments, **more):
        subprocess.run(["git", *arguments], check=True, env=environment, **more)

    git("init", "-q", "--bare", "-b", "main", str(folder))
    maker = Maker(files)
    importer = subprocess.Popen(["git", "fast-import", "--quiet"], stdin=subprocess.PIPE, cwd=folder, env=environment)
    for number in range(commits):
        importer.stdin.write(maker.commit(number).encode())
    importer.stdin.close()
    if importer.wait() != 0:
        raise RuntimeError("git fast-import failed")
    # One thread: with more, which deltas are found depends on the moment.
    git("-c", "pack.threads=1", "repack", "-a", "-d", "-f", "-q", cwd=folder)
