"""Every planted credential of corpus/generators/planted.py is found at its place, and nothing else is."""
import shutil
import tempfile
from pathlib import Path

from support import Case, csv_rows, main

import planted


# Of a short secret the masked form shows three characters.
SHOWN = 3


def place(plant):
    return (plant.rule, plant.path or "", plant.line, plant.column, plant.end_column, plant.tail[-SHOWN:])


def found(report):
    return sorted((finding["rule"], occurrence["path"], occurrence["start_line"], occurrence["start_column"],
                   occurrence["end_column"], finding["secret"][-SHOWN:])
                  for finding in report["findings"] for occurrence in finding["occurrences"])


class Planted(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="keytrail-planted-"))
        cls.plants = planted.make(cls.folder, seed=7)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        super().setUp()
        self.secrets = [plant.secret for plant in self.plants]

    def of(self, *scans):
        return [plant for plant in self.plants if plant.scan in scans]

    def check(self, report, plants):
        # The report of a difference names places, not values.
        self.assertEqual(found(report), sorted(place(plant) for plant in plants))

    def test_all_in_files(self):
        self.check(self.scan(".", code=1, folder=self.folder / "files"), self.of("files"))

    def test_all_in_a_work_tree_and_no_ignored_file(self):
        report = self.scan(".", code=1, folder=self.folder / "repository")
        self.check(report, self.of("tree"))
        ignored = [skip["path"] for skip in report["skipped"] if skip["reason"] == "ignored"]
        self.assertTrue(any(path.startswith("out") for path in ignored), ignored)

    def test_ignored_files_with_no_ignore(self):
        report = self.scan("--no-ignore", ".", code=1, folder=self.folder / "repository")
        self.check(report, self.of("tree", "no-ignore"))

    def test_all_in_the_history(self):
        self.check(self.scan("--history", ".", code=1, folder=self.folder / "repository"), self.of("history"))

    def test_the_history_of_a_repository_given_by_its_path(self):
        self.check(self.scan("--history", self.folder / "repository", code=1), self.of("history"))
        self.check(self.scan("--history", self.folder / "repository/.git", code=1), self.of("history"))

    def test_each_finding_of_the_history_names_its_commits(self):
        report = self.scan("--history", ".", code=1, folder=self.folder / "repository")
        occurrences = {(finding["secret"][-SHOWN:], occurrence["path"], occurrence["commit"]): occurrence
                       for finding in report["findings"] for occurrence in finding["occurrences"]}
        for plant in self.of("history"):
            if plant.what == "a tag message":
                continue
            with self.subTest(plant.what):
                got = occurrences.get((plant.tail[-SHOWN:], plant.path or "", plant.commit))
                self.assertIsNotNone(got, [key for key in occurrences if key[0] == plant.tail[-SHOWN:]])
                self.assertEqual(got["removed_by"], plant.removed_by)
                if plant.removed_by:
                    self.assertEqual(got["removed_date"], self.git("log", "-1", "--format=%aI", plant.removed_by, folder=self.folder / "repository"))
                self.assertEqual(got["reachable"], plant.reachable)
                if plant.at_tip is not None:
                    self.assertEqual(got["at_tip"], plant.at_tip)
                if plant.what not in ("a stash's untracked file", "a commit message"):
                    self.assertTrue(got["author"].startswith("Ada Example"), got["author"])
                    self.assertRegex(got["date"], r"^2023-11-1\dT\d\d:\d\d:\d\d\+01:30$")

    def test_a_tag_message_names_its_tag(self):
        report = self.scan("--history", ".", code=1, folder=self.folder / "repository")
        tags = [occurrence for finding in report["findings"] for occurrence in finding["occurrences"]
                if occurrence["kind"] == "tag-message"]
        self.assertEqual([tag["tag"] for tag in tags],
                         [self.git("rev-parse", "v1.0", folder=self.folder / "repository")])

    def test_no_format_shows_a_value(self):
        for name in ("text", "json", "jsonl", "sarif", "csv"):
            for folder, arguments in (("files", []), ("repository", ["--history"])):
                self.keytrail("scan", "--format", name, *arguments, ".", code=1, folder=self.folder / folder)

    def test_a_manifest_holds_no_value_and_is_the_same_for_the_same_seed(self):
        again = self.base / "again"
        self.assertEqual(planted.make(again, seed=7), self.plants)
        self.assert_no_secret(repr([plant.public() for plant in self.plants]).encode(), "the manifest")

    def test_show_secrets_shows_them(self):
        run = self.keytrail("scan", "--show-secrets", "--format", "csv", ".", code=1, folder=self.folder / "files",
                            secrets_may_show=True)
        self.assertEqual({row["value"] for row in csv_rows(run.stdout)}, {plant.secret for plant in self.of("files")})


if __name__ == "__main__":
    main()
