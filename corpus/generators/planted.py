#!/usr/bin/env python3
"""Makes files and a git repository with credentials planted where scanners lose them, and says where they are.

    planted.py OUTDIR [--seed N] [--big]

makes OUTDIR/files (a plain folder) and OUTDIR/repository (work tree and history); with --big also OUTDIR/big, one file of
300 MB. Prints a JSON manifest, a list of

    {what, scan, rule, path, line, column, end_column, commit, removed_by, at_tip, reachable, tail}

`scan` is the run that must find it: "files" (OUTDIR/files), "tree" (OUTDIR/repository), "no-ignore" (the same with
--no-ignore, beside all of "tree"), "history" or "big". Columns count code points from 1; `end_column` is the place behind
the last character; `tail` is the last four characters. `path` is relative to the scanned folder and null for messages.
The values themselves are printed nowhere. Same seed, same bytes, same object ids.
"""
import argparse
import dataclasses
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import tokens  # noqa: E402

WINDOW = 8 << 20    # bytes of a big file that are scanned at once,
OVERLAP = 128 << 10  # and how many of them twice
BIG_BYTES = 300_000_000
LONG_LINE_BYTES = 32 << 20


@dataclasses.dataclass
class Plant:
    what: str
    scan: str
    rule: str
    path: str | None
    line: int
    column: int
    end_column: int
    tail: str
    commit: str | None = None
    removed_by: str | None = None
    at_tip: bool | None = None
    reachable: bool | None = None
    secret: str = dataclasses.field(default="", repr=False)  # never printed

    def public(self):
        return {key: value for key, value in dataclasses.asdict(self).items() if key != "secret"}


class Planter:
    """Makes texts with one credential each and notes where it stands."""

    def __init__(self, seed):
        self.maker = tokens.Maker(seed)
        self.plants = []

    def draw(self):
        kind, secret = self.maker.next()
        return tokens.RULES[kind], secret

    def text(self, drawn, before="", after="", assignment="token = "):
        """`before`, a line with the credential, `after`."""
        return f'{before}{assignment}"{drawn[1]}"\n{after}'

    def note(self, what, scan, drawn, text, path, **more):
        rule, secret = drawn
        at = text.index(secret)
        line_start = text.rfind("\n", 0, at) + 1
        column = at - line_start + 1
        plant = Plant(what, scan, rule, path, text.count("\n", 0, at) + 1, column, column + len(secret), secret[-4:],
                      secret=secret, **more)
        self.plants.append(plant)
        return plant


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


# -- plain files -----------------------------------------------------------------------------------------------------------

def zip_of(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 3, 4, 4)), content)
    return buffer.getvalue()


def tar_gz_of(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


ENCODINGS = [
    # what, file, bytes in front, codec
    ("UTF-16 little-endian with a byte order mark", "utf16le-bom.txt", b"\xff\xfe", "utf-16-le"),
    ("UTF-16 big-endian with a byte order mark", "utf16be-bom.txt", b"\xfe\xff", "utf-16-be"),
    ("UTF-16 little-endian without a byte order mark", "utf16le.txt", b"", "utf-16-le"),
    ("UTF-8 with a byte order mark", "utf8-bom.txt", b"\xef\xbb\xbf", "utf-8"),
]
NAMES = [
    ("a name with a space", "two words.env"),
    ("a name beyond ASCII", "schl\u00fcssel/\u30ad\u30fc.env"),
    ("a name with a line break", "line\nbreak.env"),
    ("a name like an option", "--help.env"),
]


def plant_files(planter, folder):
    drawn = planter.draw()
    text = planter.text(drawn, "first line\n", "last line\n")
    write(folder / "plain.conf", text)
    planter.note("plain text", "files", drawn, text, "plain.conf")

    for what, name, mark, codec in ENCODINGS:
        drawn = planter.draw()
        # Characters of two, three and four bytes in UTF-8 stand before it on its line: columns are code points.
        text = planter.text(drawn, "settings of the service\n", "end of the settings\n",
                            assignment="/* \u00e9 \u20ac \U0001f511 */ token = ")
        write(folder / name, mark + text.encode(codec))
        planter.note(what, "files", drawn, text, name)

    for what, name in NAMES:
        drawn = planter.draw()
        text = planter.text(drawn)
        write(folder / name, text)
        planter.note(what, "files", drawn, text, name)

    drawn = planter.draw()
    text = planter.text(drawn, "one\ntwo\n", "three\n")
    write(folder / "crlf.ini", text.replace("\n", "\r\n"))
    planter.note("CRLF line ends", "files", drawn, text, "crlf.ini")

    drawn = planter.draw()
    text = planter.text(drawn, "one\n").rstrip("\n")
    write(folder / "no-line-end.ini", text)
    planter.note("no line end at the end", "files", drawn, text, "no-line-end.ini")

    drawn = planter.draw()
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(range(128, 256)) * 8 + b"\n" + bytes(500) + b"\n"
    text = planter.text(drawn, "a\nb\n")[4:]
    write(folder / "program.bin", head + text.encode() + bytes(3000))
    planter.note("a binary file", "files", drawn, "\n" * head.count(b"\n") + text, "program.bin")

    drawn = planter.draw()
    text = planter.text(drawn, "import os\n")
    inner = zip_of({"README": "nothing here\n", "config/settings.py": text})
    write(folder / "bundle.tar.gz", tar_gz_of({"docs/a.txt": b"nothing\n", "inner.zip": inner}))
    planter.note("a zip in a tar.gz", "files", drawn, text, "bundle.tar.gz!/inner.zip!/config/settings.py")

    plant_long_line(planter, folder)


def plant_long_line(planter, folder):
    """One line of 32 MB: a credential near its start, one across each window border that it holds, one at its end."""
    drawn = [planter.draw() for _ in range(6)]
    starts = [100, WINDOW - OVERLAP - 17, WINDOW - 17, 2 * WINDOW - 17, 3 * WINDOW - 3 * OVERLAP - 17,
              LONG_LINE_BYTES - 200]
    name = "long-line.json"
    pieces, position, column = [], 0, 1

    def put(piece):
        nonlocal position, column
        pieces.append(piece)
        position += len(piece.encode())
        column += len(piece)

    put('{"\u00e9\u20ac":"')  # five bytes, two characters
    for start, (rule, secret) in zip(starts, drawn):
        gap = start - position - 2
        put(("lorem ipsum, dolor; " * (gap // 20 + 1))[:gap] + ' "')
        planter.plants.append(Plant("a line of 32 MB", "files", rule, name, 1, column, column + len(secret), secret[-4:],
                                    secret=secret))
        put(secret + '" ')
    put("." * (LONG_LINE_BYTES - position))
    write(folder / name, "".join(pieces) + "\n")


def plant_big(planter, folder):
    """300 MB of text with a credential across every place where a scanner with these windows may cut."""
    folder.mkdir(parents=True)
    borders = {k * WINDOW for k in range(1, BIG_BYTES // WINDOW + 1)}
    borders |= {k * (WINDOW - OVERLAP) for k in range(1, BIG_BYTES // (WINDOW - OVERLAP) + 1)}
    borders |= {k * WINDOW - OVERLAP for k in range(1, BIG_BYTES // WINDOW + 1)}
    name, prefix = "access.log", 'note "'
    filler = "GET /index.html 200 12345 curl/8.0, a line like all the others..\n"
    block = filler.encode() * 16384
    position, lines = 0, 0
    with open(folder / name, "wb") as out:
        for border in sorted(borders) + [None]:
            drawn = planter.draw()
            target = BIG_BYTES - 200 if border is None else border - 7 - len(prefix)  # of the line with the credential
            if target - position < 200:
                continue
            gap = target - position
            while gap >= len(block) + 200:
                out.write(block)
                gap -= len(block)
                lines += 16384
            count = (gap - 100) // len(filler)
            out.write(filler.encode() * count)
            gap -= count * len(filler)
            out.write(b"." * (gap - 1) + b"\n")
            lines += count + 1
            text = f'{prefix}{drawn[1]}"\n'
            planter.note("across a window border", "big", drawn, text, name).line += lines
            out.write(text.encode())
            lines += 1
            position = target + len(text)
        out.write(b"." * (BIG_BYTES - position))


# -- a repository ----------------------------------------------------------------------------------------------------------

class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.time = 1_700_000_000
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        for key, value in (("user.name", "Ada Example"), ("user.email", "ada@example.org"), ("gc.auto", "0"),
                           ("core.autocrlf", "false"), ("commit.gpgsign", "false")):
            self.git("config", key, value)

    def git(self, *arguments, text=None, check=True):
        self.time += 60
        date = f"{self.time} +0130"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": date,
                        "GIT_COMMITTER_DATE": date, "GIT_EDITOR": "true"}
        run = subprocess.run(["git", *arguments], cwd=self.folder, input=text, capture_output=True, text=True,
                             env=environment)
        if check and run.returncode != 0:
            raise RuntimeError(f"git {' '.join(arguments[:2])}: {run.stderr}")
        return run.stdout.strip()

    def write(self, name, content):
        write(self.folder / name, content)

    def commit(self, message, *options):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, *options)
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD")


def lines(what, count=30):
    return "".join(f"{what}, line {number} of many\n" for number in range(count))


def plant_repository(planter, folder):
    repository = Repository(folder)
    plant_past(planter, repository)
    plant_rename(planter, repository)
    # What stands until here is packed, what follows is loose.
    repository.git("repack", "-q", "-d")
    plant_merge(planter, repository)
    plant_messages(planter, repository)
    plant_hidden_commits(planter, repository)
    plant_work_tree(planter, repository)


def plant_past(planter, repository):
    """In the first commit; removed two commits back; brought back; copied; in an archive."""
    first, removed, back, archived = (planter.draw() for _ in range(4))
    repository.write("README", "A service.\n")
    text = planter.text(first, lines("first"))
    repository.write("src/first.py", text)
    commit = repository.commit("Begin")
    planter.note("in the first commit, still there", "history", first, text, "src/first.py", commit=commit, at_tip=True,
                 reachable=True)
    planter.note("in the first commit, still there", "tree", first, text, "src/first.py")

    text = planter.text(removed, lines("removed"), lines("removed"))
    repository.write("conf/removed.env", text)
    added = repository.commit("Add settings")
    (repository.folder / "conf/removed.env").unlink()
    gone = repository.commit("Remove settings")
    planter.note("two commits back and removed", "history", removed, text, "conf/removed.env", commit=added,
                 removed_by=gone, at_tip=False, reachable=True)

    text = planter.text(back, lines("back"))
    repository.write("back.ini", text)
    added = repository.commit("Add back.ini")
    (repository.folder / "back.ini").unlink()
    repository.commit("Remove back.ini")
    # `removed_by` and `at_tip` are of the content at the path: it is there again, so nothing removed it.
    planter.note("removed and brought back", "history", back, text, "back.ini", commit=added, at_tip=True, reachable=True)
    repository.write("back.ini", text)
    repository.write("copy of back.ini", text)
    again = repository.commit("Bring it back, twice")
    for path in ("back.ini", "copy of back.ini"):
        planter.note("removed and brought back", "history", back, text, path, commit=again, at_tip=True, reachable=True)
        planter.note("removed and brought back", "tree", back, text, path)

    text = planter.text(archived, "import os\n")
    repository.write("vendor/lib.zip", zip_of({"lib/settings.py": text}))
    commit = repository.commit("Vendor a library")
    path = "vendor/lib.zip!/lib/settings.py"
    planter.note("a zip in the history", "history", archived, text, path, commit=commit, at_tip=True, reachable=True)
    planter.note("a zip in the history", "tree", archived, text, path)


def plant_rename(planter, repository):
    """A file renamed and edited in one commit: once the edit brings the credential, once it was there before."""
    fresh, old = planter.draw(), planter.draw()
    repository.write("old-a.conf", lines("a"))
    text_before = planter.text(old, lines("b"))
    repository.write("old-b.conf", text_before)
    added = repository.commit("Add two files")
    repository.git("mv", "old-a.conf", "new-a.conf")
    repository.git("mv", "old-b.conf", "new-b.conf")
    text_a = planter.text(fresh, lines("a", 20), lines("a", 10))
    text_b = "one line more\n" + text_before
    repository.write("new-a.conf", text_a)
    repository.write("new-b.conf", text_b)
    renamed = repository.commit("Rename and edit")
    for drawn, text, path in ((fresh, text_a, "new-a.conf"), (old, text_b, "new-b.conf")):
        planter.note("a renamed and edited file", "history", drawn, text, path, commit=renamed, at_tip=True, reachable=True)
        planter.note("a renamed and edited file", "tree", drawn, text, path)
    planter.note("a renamed and edited file", "history", old, text_before, "old-b.conf", commit=added, removed_by=renamed,
                 at_tip=False, reachable=True)


def plant_merge(planter, repository):
    """In the resolution of a conflict: in neither parent."""
    drawn = planter.draw()
    repository.write("merge.conf", lines("base", 3))
    repository.commit("Add merge.conf")
    repository.git("checkout", "-q", "-b", "side")
    repository.write("merge.conf", lines("side", 3))
    repository.commit("Side")
    repository.git("checkout", "-q", "main")
    repository.write("merge.conf", lines("main", 3))
    repository.commit("Main")
    repository.git("merge", "-q", "side", check=False)
    text = planter.text(drawn, lines("main", 3), lines("side", 3))
    repository.write("merge.conf", text)
    commit = repository.commit("Merge side")
    planter.note("a merge resolution", "history", drawn, text, "merge.conf", commit=commit, at_tip=True, reachable=True)
    planter.note("a merge resolution", "tree", drawn, text, "merge.conf")
    repository.git("branch", "-q", "-d", "side")


def plant_messages(planter, repository):
    in_commit, in_tag, in_note = (planter.draw() for _ in range(3))
    text = planter.text(in_commit, "Deploy\n\nIt works with\n")
    commit = repository.commit(text, "--cleanup=verbatim")
    planter.note("a commit message", "history", in_commit, text, None, commit=commit, reachable=True)
    text = planter.text(in_tag, "Release\n\nTo publish, use\n")
    repository.git("tag", "-a", "v1.0", "--cleanup=verbatim", "-F", "-", text=text)
    planter.note("a tag message", "history", in_tag, text, None, reachable=True)
    text = planter.text(in_note, "Tested with\n")
    noted = repository.head()
    repository.git("notes", "add", "-F", "-", text=text)
    planter.note("a note", "history", in_note, text, noted, commit=repository.git("rev-parse", "refs/notes/commits"),
                 at_tip=False, reachable=True)


def plant_hidden_commits(planter, repository):
    """In a stash (a changed and an untracked file), and in a commit that nothing refers to."""
    changed, untracked, dangling = (planter.draw() for _ in range(3))
    text = "A service.\n" + planter.text(changed)
    text_untracked = planter.text(untracked)
    repository.write("README", text)
    repository.write("scratch.env", text_untracked)
    repository.git("stash", "push", "-q", "-u")
    stash = repository.git("rev-parse", "stash")
    planter.note("a stash", "history", changed, text, "README", commit=stash, at_tip=False, reachable=True)
    planter.note("a stash's untracked file", "history", untracked, text_untracked, "scratch.env",
                 commit=repository.git("rev-parse", "stash^3"), removed_by=stash, at_tip=False, reachable=True)

    text = planter.text(dangling, lines("dangling", 4))
    blob = repository.git("hash-object", "-w", "--stdin", text=text)
    tree = repository.git("mktree", text=f"100644 blob {blob}\tlost.env\n")
    commit = repository.git("commit-tree", tree, "-p", repository.head(), "-m", "Never pushed")
    planter.note("an unreachable commit", "history", dangling, text, "lost.env", commit=commit, at_tip=False,
                 reachable=False)


def plant_work_tree(planter, repository):
    """What .gitignore names: left out, unless git tracks it all the same."""
    ignored, tracked, fresh = (planter.draw() for _ in range(3))
    repository.write(".gitignore", "*.secret\n/out/\n")
    text = planter.text(tracked)
    repository.write("tracked.secret", text)
    repository.git("add", "-f", "tracked.secret")
    commit = repository.commit("Ignore secrets, but one")
    planter.note("an ignored file that is tracked", "history", tracked, text, "tracked.secret", commit=commit, at_tip=True,
                 reachable=True)
    planter.note("an ignored file that is tracked", "tree", tracked, text, "tracked.secret")
    text = planter.text(ignored)
    repository.write("out/ignored.env", text)
    planter.note("an ignored file", "no-ignore", ignored, text, "out/ignored.env")
    text = planter.text(fresh)
    repository.write("untracked.env", text)
    planter.note("an untracked file", "tree", fresh, text, "untracked.env")


def make(outdir, seed=1, big=False):
    """Makes it all below `outdir`, which must be empty or absent; returns the plants, with their secrets."""
    outdir = Path(outdir)
    planter = Planter(seed)
    plant_files(planter, outdir / "files")
    plant_repository(planter, outdir / "repository")
    if big:
        plant_big(planter, outdir / "big")
    return planter.plants


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--big", action="store_true", help="also a file of 300 MB")
    arguments = parser.parse_args()
    if arguments.outdir.exists() and any(arguments.outdir.iterdir()):
        parser.error(f"{arguments.outdir} is not empty")
    json.dump([plant.public() for plant in make(arguments.outdir, arguments.seed, arguments.big)], sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
