"""What others wrote looks at what keytrail writes and at the files that users take: pages, manual pages, completions, CI.

Tools of npm (ci/package.json) stand in KEYTRAIL_NPM or build/npm, the others come with ci/setup. A test whose tool is not
there says so and is skipped.
"""
import gzip
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from support import KEYTRAIL, ROOT, Case, main

NPM = Path(os.environ.get("KEYTRAIL_NPM") or ROOT / "build/npm/node_modules")
PAGES = {
    "root": True,
    "extends": ["html-validate:recommended", "html-validate:document", "html-validate:a11y"],
    "rules": {
        "doctype-style": "off",  # HTML has no preference
        "prefer-tbody": "off",  # nor here
        "prefer-native-element": "off",  # a list of 100,000 findings shows some rows at a time: no <select> does
        "wcag/h32": "off",  # the filters work as they are typed: there is nothing to send
    },
}
YAML = ("{extends: default, rules: {line-length: {max: 130}, document-start: disable, truthy: {check-keys: false}, "
        "comments: {min-spaces-from-content: 1}}}")


def needs(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return unittest.skipIf(missing, f"SKIPPED: no {', '.join(missing)} (ci/setup test)")


def from_npm(tool):
    missing = not (NPM / ".bin" / tool).exists() or shutil.which("node") is None
    return unittest.skipIf(missing, f"SKIPPED: no {tool} (npm)")


class Linters(Case):
    def lint(self, *command, code=0, **more):
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=self.base, **more)
        said = run.stdout + run.stderr
        if code is not None:
            self.assertEqual(run.returncode, code, said)
        return said

    def written(self):
        """The folder that packages take manual pages and completions from."""
        folder = self.base / "manual"
        self.lint(ROOT / "ci/write-manual", KEYTRAIL, folder)
        return folder

    def pages(self):
        self.write("a/x.env", f"token = {self.github()}\nkey = {self.secret('stripe')}\n")
        self.write("b.env", f"a = {self.secret('npm')}  # keytrail:allow\n")
        (self.tree / "gone").symlink_to("nowhere")
        reports = [f"--report={name}={self.base}/{file}" for name, file in (("html", "scan.html"), ("json", "r.json"))]
        self.keytrail("scan", ".", *reports, code=1)
        self.keytrail("runbook", "--all", "--from", self.base / "r.json", "--format", "html", "--output",
                      self.base / "runbook.html", code=0)
        return ["scan.html", "runbook.html"]

    @from_npm("html-validate")
    def test_pages_are_html_that_a_validator_takes(self):
        (self.base / ".htmlvalidate.json").write_text(json.dumps(PAGES))
        self.lint(NPM / ".bin/html-validate", *self.pages())
        (self.base / "bad.html").write_text("<!DOCTYPE html><html lang=en><title>t</title><p><div></p>")
        self.lint(NPM / ".bin/html-validate", "bad.html", code=1)

    @from_npm("action-validator")
    def test_the_action_and_its_workflow_are_ones_that_github_takes(self):
        validator = NPM / ".bin/action-validator"
        for name in ("action.yml", "workflow.yml"):
            self.assertEqual(self.lint(validator, ROOT / "ci/github" / name, code=None).strip(), "", name)
            bad = (ROOT / "ci/github" / name).read_text().replace("runs", "rums")
            (self.base / name).write_text(bad)
            self.assertIn("required", self.lint(validator, name, code=None))

    @needs("yamllint")
    def test_yaml_that_users_take_is_clean(self):
        files = [*ROOT.glob("ci/github/*.yml"), *ROOT.glob("ci/templates/*.yml"), ROOT / ".pre-commit-hooks.yaml"]
        self.assertGreater(len(files), 3)
        self.lint("yamllint", "--strict", "-d", YAML, *files)

    @needs("mandoc")
    def test_manual_pages_are_clean(self):
        count = 0
        for packed in (self.written() / "man1").glob("*.gz"):
            page = self.base / packed.stem
            page.write_bytes(gzip.decompress(packed.read_bytes()))
            said = self.lint("mandoc", "-T", "lint", "-W", "warning", page, code=None).splitlines()
            # A date would have to come from somewhere that is the same in every build.
            self.assertEqual([line for line in said if "missing date" not in line], [], page.name)
            count += 1
        self.assertGreater(count, 30)

    @needs("zsh", "fish")
    def test_shells_read_their_completions(self):
        folder = self.written()
        for shell in ("bash", "zsh", "fish"):
            self.assertEqual(self.lint(shell, "-n", folder / f"keytrail.{shell}"), "", shell)

    @needs("fish")
    def test_fish_completes_commands_and_options(self):
        def complete(line):
            script = f"source {folder}/keytrail.fish; complete -C '{line}'"
            said = self.lint("fish", "--no-config", "-c", script, env=self.environment())
            return [row.split("\t")[0] for row in said.splitlines()]

        folder = self.written()
        self.assertEqual(complete("keytrail inv"), ["inventory"])
        self.assertIn("import", complete("keytrail inventory "))
        self.assertIn("--history", complete("keytrail scan --h"))
        self.assertIn("sarif", complete("keytrail scan --format "))

    @needs("zsh")
    def test_zsh_finds_the_completion(self):
        folder = self.base / "functions"
        folder.mkdir()
        shutil.copy(self.written() / "keytrail.zsh", folder / "_keytrail")
        script = (f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[keytrail]; "
                  "autoload +X _keytrail")
        self.assertEqual(self.lint("zsh", "-fc", script, env=self.environment()).strip(), "_keytrail")


if __name__ == "__main__":
    main()
