"""Repositories of random histories, written through `git fast-import`, and the many ways in which git can store one."""
import os
import subprocess


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.git("init", "-q", "--bare", "-b", "main", str(folder), folder=folder.parent)
        self.git("config", "gc.auto", "0")

    def git(self, *arguments, stdin=b"", folder=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        run = subprocess.run(["git", *arguments], cwd=folder or self.folder, input=stdin, capture_output=True,
                             env=environment)
        if run.returncode != 0:
            raise RuntimeError(f"git {' '.join(arguments)}: {run.stderr.decode('utf-8', 'replace')}")
        return run.stdout

    def objects(self):
        """How many blobs there are."""
        out = self.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
        return out.split().count(b"blob")


class History:
    """Commits with parents of their own choice; a file's next version is an edit of the one before."""

    PATHS = [b"a.env", b"conf/app.ini", b"conf/deep/er/x.yaml", b"src/main.py", b"src/lib/util.js", b"README.md",
             b"keys/id", b"notes.txt", b"deploy.tf", b"test/data.json"]

    def __init__(self, texts):
        self.texts = texts
        self.random = texts.random
        self.mark = 0
        self.files = {}   # commit mark -> {path: text}
        self.branches = 0

    def data(self, content):
        return b"data %d\n%s\n" % (len(content), content)

    def commit(self):
        """One commit, in the format of fast-import."""
        choose = self.random
        recent = sorted(self.files)[-6:]
        parent = recent[-1] if recent and choose.random() < 0.85 else (choose.choice(recent) if recent else None)
        self.mark += 1
        name = b"main" if parent is None or parent == recent[-1] else b"side%d" % choose.randrange(4)
        message = self.texts.fragment() if choose.random() < 0.2 else self.texts.word()
        out = [b"commit refs/heads/%s\nmark :%d\n" % (name, self.mark),
               b"committer A <a@example.org> %d +0000\n" % (1_700_000_000 + 60 * self.mark), self.data(message)]
        files = {}
        if parent is not None:
            out.append(b"from :%d\n" % parent)
            files = dict(self.files[parent])
            if len(recent) > 2 and choose.random() < 0.1:
                merged = choose.choice(recent[:-1])
                if merged != parent:
                    out.append(b"merge :%d\n" % merged)
        for _ in range(choose.randint(1, 6)):
            out += self.change(files)
        self.files[self.mark] = files
        if choose.random() < 0.05:
            out.append(b"tag v%d\nfrom :%d\ntagger A <a@example.org> %d +0000\n" % (self.mark, self.mark, 1_700_000_000))
            out.append(self.data(self.texts.fragment()))
        return b"".join(out)

    def change(self, files):
        choose = self.random
        path = choose.choice(self.PATHS) if choose.random() < 0.9 else b"more/%d.cfg" % choose.randrange(50)
        if path in files and choose.random() < 0.05:
            del files[path]
            return [b"D %s\n" % path]
        if files and choose.random() < 0.1:
            files[path] = choose.choice(list(files.values()))  # a copy of another file
        elif path in files:
            files[path] = self.texts.edits(files[path])
        else:
            files[path] = self.texts.text(choose.choice([1, 3, 10, 30]))
        return [b"M 100644 inline %s\n" % path, self.data(files[path])]

    def commits(self, count):
        return b"".join(self.commit() for _ in range(count))

    def import_into(self, repository, count, marks, loose=False):
        """The next `count` commits. `marks`: a file that carries marks from one import to the next."""
        limit = 10**6 if loose else 0
        repository.git("-c", f"fastimport.unpackLimit={limit}", "fast-import", "--quiet", "--force",
                       f"--import-marks-if-exists={marks}", f"--export-marks={marks}", stdin=self.commits(count))


def random_packing(choose):
    """Options for `git` and for `git repack`."""
    options = ["-c", f"pack.deltaCacheSize={choose.choice(['0', '1', '1k', '256m'])}",
               "-c", f"repack.useDeltaBaseOffset={choose.choice(['true', 'false'])}",
               "-c", f"pack.indexVersion={choose.choice(['1', '2'])}",
               "-c", f"pack.threads={choose.choice(['1', '2'])}"]
    depth = choose.choice([1, 2, 3, 10, 50, 250])
    window = choose.choice([2, 3, 10, 50, 250])
    return options, [f"--depth={depth}", f"--window={window}"]
