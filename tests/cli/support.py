"""What the end-to-end tests share: a temporary tree, the command, its output and exit code.

    class Suppression(Case):
        def test_an_allow_comment_keeps_a_finding_out_of_the_exit_code(self):
            self.write("a.env", f'token = "{self.github()}"  # keytrail:allow\\n')
            run = self.keytrail("scan", ".", code=0)
            self.assertIn("1 suppressed", run.stdout)

The program's path comes in KEYTRAIL; KEYTRAIL_SLOW is how many times slower than a release build it may be (sanitizers).
"""
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "corpus" / "generators"))
import tokens  # noqa: E402

KEYTRAIL = os.environ.get("KEYTRAIL", str(ROOT / "build/release/keytrail"))
SLOW = float(os.environ.get("KEYTRAIL_SLOW", "1"))
SANITIZED = SLOW > 1
FORMATS = ["text", "json", "jsonl", "sarif", "csv", "html", "github", "gitlab", "junit", "sonarqube", "markdown"]


class Run:
    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out_bytes, self.err_bytes = arguments, code, out, err

    @property
    def stdout(self):
        return self.out_bytes.decode("utf-8", "replace")

    @property
    def stderr(self):
        return self.err_bytes.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out_bytes)

    def describe(self):
        return (f"keytrail {' '.join(map(str, self.arguments))}\nexit code {self.code}\n--- standard output\n"
                f"{self.stdout[:4000]}\n--- standard error\n{self.stderr[:4000]}")


class Case(unittest.TestCase):
    """Each test has an empty folder of its own as its current folder, home and cache, and its own seed."""
    maxDiff = None

    def setUp(self):
        self.base = Path(tempfile.mkdtemp(prefix="keytrail-cli-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.tree = self.base / "tree"
        self.tree.mkdir()
        (self.base / "home").mkdir()
        self.maker = tokens.Maker(self.id())
        self.secrets = []

    # -- making things

    def secret(self, kind="github"):
        """A new credential. No output of the program may hold it: run() looks."""
        value = self.maker.make(kind)
        self.secrets.append(value)
        return value

    def github(self):
        return self.secret("github")

    def write(self, name, content):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def git(self, *arguments, folder=None):
        environment = self.environment() | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        run = subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments],
                             cwd=folder or self.tree, capture_output=True, text=True, env=environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout.strip()

    def commit(self, message="Change"):
        if not (self.tree / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    # -- running

    def environment(self):
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith(("GIT_", "KEYTRAIL", "GITHUB_", "GITLAB_", "CI_")) and key not in ("NO_COLOR", "XDG_CONFIG_HOME")}
        return kept | {"HOME": str(self.base / "home"), "XDG_CACHE_HOME": str(self.base / "cache"), "LC_ALL": "C.UTF-8",
                       "SOURCE_DATE_EPOCH": "1800000000"}

    def keytrail(self, *arguments, code=None, stdin=b"", folder=None, secrets_may_show=False, **more):
        """Runs the program to its end. `code`: the exit code that it must have."""
        environment = self.environment() | more.pop("env", {})
        process = subprocess.run([KEYTRAIL, *map(str, arguments)], cwd=folder or self.tree, input=stdin,
                                 capture_output=True, env=environment, timeout=120 * SLOW, **more)
        run = Run(arguments, process.returncode, process.stdout, process.stderr)
        if code is not None:
            self.assertEqual(run.code, code, run.describe())
        if not secrets_may_show:
            self.assert_no_secret(run.out_bytes, "standard output")
            self.assert_no_secret(run.err_bytes, "standard error")
        return run

    def scan(self, *arguments, code=None, **more):
        """The JSON report of `keytrail scan`."""
        return self.keytrail("scan", "--format", "json", *arguments, code=code, **more).json

    # -- looking

    def assert_no_secret(self, output, what):
        for value in self.secrets:
            if value.encode() in output:
                self.fail(f"{what} holds a planted secret (its last four: {value[-4:]})")


class WithInventory:
    """For a Case: the key of an inventory, and commands on it. `created` is the date of tokens for which none is named."""

    created = "2025-02-01"

    def setUp(self):
        super().setUp()
        self.key = self.maker.characters("0123456789abcdef", 64)
        self.secrets.append(self.key)

    def environment(self):
        return super().environment() | {"KEYTRAIL_HASH_SECRET": self.key}

    def inventory(self, *arguments, **more):
        return self.keytrail("inventory", *arguments, **{"code": 0} | more)

    def add(self, token, value=None, **fields):
        fields = {"service": "billing-api", "provider": "stripe", "environment": "production", "owner": "Platform",
                  "created": self.created} | fields
        options = [part for name, content in fields.items() for part in ("--" + name.replace("_", "-"), content)]
        if value:
            options.append("--value-stdin")
        self.inventory("add", token, *options, stdin=(value or "").encode())


def places(report):
    """The findings of a JSON report that are not suppressed, as a sorted list of (rule, path, line, column)."""
    return sorted((finding["rule"], occurrence["path"], occurrence["start_line"], occurrence["start_column"])
                  for finding in report["findings"] if not finding["suppressed"]
                  for occurrence in finding["occurrences"])


def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


main = unittest.main
