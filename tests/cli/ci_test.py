"""`scan --ci`: the range that each CI system's variables mean, in clones as these systems make them."""
import hashlib
import json
import re
import shlex
import subprocess
from pathlib import Path

from support import KEYTRAIL, ROOT, Case, main, places

ZEROS = "0" * 40


class Ci(Case):
    """A remote: main has an old secret, a topic branch forks off and brings one, main gets another one meanwhile."""

    def setUp(self):
        super().setUp()
        self.remote = self.tree
        self.bring("old.env")
        self.fork = self.commit("Old")
        self.git("checkout", "-q", "-b", "topic")
        self.write("clean.txt", "nothing\n")
        self.first = self.commit("First")
        self.bring("topic.env")
        self.topic = self.commit("Topic")
        self.git("checkout", "-q", "main")
        self.bring("main.env")
        self.main = self.commit("Main")
        self.git("checkout", "-q", "--detach")
        self.git("merge", "-q", "--no-ff", "-m", "As merged", "topic")
        self.merged = self.git("rev-parse", "HEAD")
        self.git("update-ref", "refs/pull/7/merge", self.merged)
        self.git("checkout", "-q", "main")

    def bring(self, name):
        self.write(name, f"token = {self.github()}\n")

    def clone(self, head, *options, name="clone", branch=None):
        """What a job has: the commit checked out, detached."""
        folder = self.base / name
        self.git("clone", "-q", "--no-checkout", *options, f"file://{self.remote}", str(folder), folder=self.base)
        self.git("fetch", "-q", *(option for option in options if option.startswith("--depth")), "origin", head, folder=folder)
        self.git("checkout", "-q", head, folder=folder)
        return folder

    def event(self, **content):
        path = self.base / "event.json"
        path.write_text(json.dumps({"repository": {"default_branch": "main"}} | content))
        return str(path)

    def found(self, folder, environment, *options, ci="auto", code=None):
        """The files in which secrets are new."""
        run = self.keytrail("scan", "--ci", ci, "--format", "json", *options, folder=folder, env=environment, code=code)
        return sorted({path for _, path, _, _ in places(run.json)})

    def check(self, rows, options=()):
        for name, environment, head, want in rows:
            with self.subTest(name):
                folder = self.clone(head, *options, name=f"clone-{name}".replace(" ", "-"))
                self.assertEqual(self.found(folder, environment), want, name)

    # -- the systems' variables

    def test_github(self):
        def env(event, content, sha, ref="refs/heads/topic"):
            path = self.base / f"event-{len(list(self.base.iterdir()))}.json"
            path.write_text(json.dumps({"repository": {"default_branch": "main"}} | content))
            return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(path),
                    "GITHUB_SHA": sha, "GITHUB_REF": ref}

        request = {"pull_request": {"base": {"sha": self.main, "ref": "main"}, "head": {"sha": self.topic}}}
        old = {"pull_request": {"base": {"sha": self.fork, "ref": "main"}, "head": {"sha": self.topic}}}
        group = {"merge_group": {"base_sha": self.main, "base_ref": "refs/heads/main", "head_sha": self.merged}}
        self.check([
            ("pull request", env("pull_request", request, self.merged), self.merged, ["topic.env"]),
            ("pull request with an old base", env("pull_request_target", old, self.main), self.merged, ["topic.env"]),
            ("merge group", env("merge_group", group, self.merged), self.merged, ["topic.env"]),
            ("push", env("push", {"before": self.first, "after": self.topic}, self.topic), self.topic, ["topic.env"]),
            ("push of nothing new", env("push", {"before": self.fork}, self.first), self.first, []),
            ("new branch", env("push", {"before": ZEROS, "created": True}, self.topic), self.topic, ["topic.env"]),
            ("forced push over what is gone", env("push", {"before": "1" * 40, "forced": True}, self.topic), self.topic,
             ["topic.env"]),
            ("push to main", env("push", {"before": self.fork}, self.main, "refs/heads/main"), self.main, ["main.env"]),
            ("first push of main", env("push", {"before": ZEROS}, self.main, "refs/heads/main"), self.main,
             ["main.env", "old.env"]),
            ("tag", env("push", {"before": ZEROS}, self.topic, "refs/tags/v1"), self.topic, ["topic.env"]),
            ("schedule", env("schedule", {}, self.main), self.main, ["main.env", "old.env"]),
        ])

    def test_gitlab(self):
        def env(**more):
            return {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"} | more

        request = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
                   "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.fork}
        push = {"CI_PIPELINE_SOURCE": "push"}
        self.check([
            ("merge request", env(**request, CI_COMMIT_SHA=self.topic), self.topic, ["topic.env"]),
            ("merged result", env(**request, CI_COMMIT_SHA=self.merged, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=self.topic,
                                  CI_MERGE_REQUEST_TARGET_BRANCH_SHA=self.main), self.merged, ["topic.env"]),
            ("external", env(CI_EXTERNAL_PULL_REQUEST_IID="1", CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME="main",
                             CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA=self.main, CI_COMMIT_SHA=self.topic,
                             CI_PIPELINE_SOURCE="external_pull_request_event"), self.topic, ["topic.env"]),
            ("push", env(**push, CI_COMMIT_SHA=self.topic, CI_COMMIT_BRANCH="topic", CI_COMMIT_BEFORE_SHA=self.first),
             self.topic, ["topic.env"]),
            ("new branch", env(**push, CI_COMMIT_SHA=self.topic, CI_COMMIT_BRANCH="topic", CI_COMMIT_BEFORE_SHA=ZEROS),
             self.topic, ["topic.env"]),
            ("forced push", env(**push, CI_COMMIT_SHA=self.topic, CI_COMMIT_BRANCH="topic", CI_COMMIT_BEFORE_SHA="2" * 40),
             self.topic, ["topic.env"]),
            ("push to main", env(**push, CI_COMMIT_SHA=self.main, CI_COMMIT_BRANCH="main", CI_COMMIT_BEFORE_SHA=self.fork),
             self.main, ["main.env"]),
            ("first push", env(**push, CI_COMMIT_SHA=self.main, CI_COMMIT_BRANCH="main", CI_COMMIT_BEFORE_SHA=ZEROS),
             self.main, ["main.env", "old.env"]),
            ("schedule", env(CI_PIPELINE_SOURCE="schedule", CI_COMMIT_SHA=self.main), self.main, ["main.env", "old.env"]),
        ])

    def test_jenkins(self):
        jenkins = {"JENKINS_URL": "https://jenkins.example.org/"}
        self.check([
            ("pull request", jenkins | {"CHANGE_TARGET": "main", "CHANGE_ID": "7", "GIT_COMMIT": self.topic}, self.topic,
             ["topic.env"]),
            ("push", jenkins | {"GIT_COMMIT": self.topic, "GIT_PREVIOUS_SUCCESSFUL_COMMIT": self.first,
                                "GIT_PREVIOUS_COMMIT": self.topic, "BRANCH_NAME": "topic"}, self.topic, ["topic.env"]),
            ("new branch", jenkins | {"GIT_COMMIT": self.topic, "BRANCH_NAME": "topic"}, self.topic, ["topic.env"]),
            ("first build of main", jenkins | {"GIT_COMMIT": self.main, "BRANCH_NAME": "main",
                                               "BRANCH_IS_PRIMARY": "true"}, self.main, ["main.env", "old.env"]),
            ("forced push", jenkins | {"GIT_COMMIT": self.topic, "BRANCH_NAME": "topic",
                                       "GIT_PREVIOUS_SUCCESSFUL_COMMIT": "3" * 40}, self.topic, ["topic.env"]),
        ])

    def test_buildkite(self):
        buildkite = {"BUILDKITE": "true", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main"}
        self.check([
            ("pull request", buildkite | {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main",
                                          "BUILDKITE_COMMIT": self.topic}, self.topic, ["topic.env"]),
            ("branch", buildkite | {"BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_BRANCH": "topic",
                                    "BUILDKITE_COMMIT": "HEAD"}, self.topic, ["topic.env"]),
            ("main", buildkite | {"BUILDKITE_BRANCH": "main", "BUILDKITE_COMMIT": self.main}, self.main, ["main.env"]),
            ("schedule", buildkite | {"BUILDKITE_SOURCE": "schedule", "BUILDKITE_BRANCH": "main"}, self.main,
             ["main.env", "old.env"]),
        ])

    def test_circleci(self):
        circleci = {"CIRCLECI": "true"}
        self.check([
            ("branch", circleci | {"CIRCLE_BRANCH": "topic", "CIRCLE_SHA1": self.topic}, self.topic, ["topic.env"]),
            ("main", circleci | {"CIRCLE_BRANCH": "main", "CIRCLE_SHA1": self.main}, self.main, ["main.env"]),
            ("base revision", circleci | {"CIRCLE_BRANCH": "topic", "CIRCLE_SHA1": self.topic,
                                          "KEYTRAIL_CI_BASE": self.topic + "^"}, self.topic, ["topic.env"]),
            ("base revision of the pipeline", circleci | {"CIRCLE_BRANCH": "main", "CIRCLE_SHA1": self.main,
                                                          "KEYTRAIL_CI_BASE": self.fork}, self.main, ["main.env"]),
        ])

    def test_azure(self):
        azure = {"TF_BUILD": "True"}
        self.check([
            ("pull request", azure | {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "BUILD_REASON": "PullRequest",
                                      "BUILD_SOURCEVERSION": self.merged,
                                      "SYSTEM_PULLREQUEST_SOURCECOMMITID": self.topic}, self.merged, ["topic.env"]),
            ("branch", azure | {"BUILD_SOURCEBRANCH": "refs/heads/topic", "BUILD_REASON": "IndividualCI",
                                "BUILD_SOURCEVERSION": self.topic}, self.topic, ["topic.env"]),
            ("main", azure | {"BUILD_SOURCEBRANCH": "refs/heads/main", "BUILD_SOURCEVERSION": self.main}, self.main,
             ["main.env"]),
            ("schedule", azure | {"BUILD_REASON": "Schedule"}, self.main, ["main.env", "old.env"]),
        ])

    def test_bitbucket(self):
        bitbucket = {"BITBUCKET_BUILD_NUMBER": "12"}
        self.check([
            ("pull request", bitbucket | {"BITBUCKET_PR_ID": "7", "BITBUCKET_PR_DESTINATION_BRANCH": "main",
                                          "BITBUCKET_PR_DESTINATION_COMMIT": self.main[:12],
                                          "BITBUCKET_COMMIT": self.topic}, self.topic, ["topic.env"]),
            ("branch", bitbucket | {"BITBUCKET_BRANCH": "topic", "BITBUCKET_COMMIT": self.topic}, self.topic,
             ["topic.env"]),
            ("tag", bitbucket | {"BITBUCKET_TAG": "v1", "BITBUCKET_COMMIT": self.topic}, self.topic, ["topic.env"]),
        ])

    # -- clones that lack something

    def gitlab_request(self):
        return {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main", "CI_MERGE_REQUEST_IID": "7",
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.fork,
                "CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_SHA": self.topic}

    def shallow_rows(self):
        push = {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}
        return [
            ("merge request", self.gitlab_request(), self.topic, ["topic.env"]),
            ("new branch", push | {"CI_COMMIT_SHA": self.topic, "CI_COMMIT_BRANCH": "topic",
                                   "CI_COMMIT_BEFORE_SHA": ZEROS}, self.topic, ["topic.env"]),
            ("push to main", push | {"CI_COMMIT_SHA": self.main, "CI_COMMIT_BRANCH": "main",
                                     "CI_COMMIT_BEFORE_SHA": self.fork}, self.main, ["main.env"]),
            ("buildkite main", {"BUILDKITE": "true", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
                                "BUILDKITE_BRANCH": "main", "BUILDKITE_COMMIT": self.main}, self.main, ["main.env"]),
            ("pull request", {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_PR_ID": "7", "BITBUCKET_COMMIT": self.topic,
                              "BITBUCKET_PR_DESTINATION_BRANCH": "main"}, self.topic, ["topic.env"]),
        ]

    def test_a_shallow_clone_is_refused_with_a_command_that_works(self):
        for name, environment, head, want in self.shallow_rows():
            with self.subTest(name):
                folder = self.clone(head, "--depth=1", "--single-branch", "--branch", "topic" if head == self.topic else "main",
                                    name="shallow-" + name.replace(" ", "-"))
                run = self.keytrail("scan", "--ci", "auto", folder=folder, env=environment, code=2)
                self.assertEqual(run.stdout, "")
                self.assertIn("--ci-fetch", run.stderr)
                command = run.stderr.split("`")[1]
                subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True, env=self.environment())
                self.assertEqual(self.found(folder, environment, code=1), want)

    def test_what_a_shallow_clone_lacks_is_fetched_when_that_is_asked_for(self):
        for name, environment, head, want in self.shallow_rows():
            with self.subTest(name):
                folder = self.clone(head, "--depth=1", "--single-branch", "--branch", "topic" if head == self.topic else "main",
                                    name="fetched-" + name.replace(" ", "-"))
                self.assertEqual(self.found(folder, environment, "--ci-fetch", code=1), want)

    def test_a_base_that_is_here_but_not_connected_is_no_base(self):
        folder = self.clone(self.topic, "--depth=1", "--no-single-branch")
        environment = self.gitlab_request() | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": self.main}
        run = self.keytrail("scan", "--ci", "gitlab", folder=folder, env=environment, code=2)
        self.assertIn("shallow", run.stderr)
        self.assertEqual(self.found(folder, environment, "--ci-fetch", code=1), ["topic.env"])

    def test_an_unknown_past_of_the_default_branch_is_not_nothing(self):
        folder = self.clone(self.main)
        environment = {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push",
                       "CI_COMMIT_SHA": self.main, "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": "4" * 40}
        run = self.keytrail("scan", "--ci", "auto", folder=folder, env=environment, code=2)
        self.assertIn("4" * 40, run.stderr)

    # -- wrong use

    def test_wrong_use(self):
        folder = self.clone(self.topic)
        for arguments, environment, word in (
                (["--ci", "auto"], {}, "--since-ref"),
                (["--ci", "hudson"], {}, "hudson"),
                (["--ci", "github"], {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/no/such"}, "GITHUB_EVENT_PATH"),
                (["--ci", "bitbucket"], {"BITBUCKET_PR_ID": "1"}, "KEYTRAIL_CI_BASE"),
                (["--ci", "gitlab", "--range", "A..B"], {}, "--range"),
                (["--ci", "gitlab", "other"], {}, "current folder"),
                (["--ci", "circleci"], {"CIRCLE_SHA1": "--upload-pack=x"}, "no revision"),
        ):
            with self.subTest(arguments):
                run = self.keytrail("scan", *arguments, folder=folder, env=environment, code=2)
                self.assertIn(word, run.stderr)

    def test_what_is_scanned_is_told(self):
        folder = self.clone(self.topic)
        run = self.keytrail("scan", "--ci", "auto", folder=folder, env=self.gitlab_request(), code=1)
        self.assertIn(f"merge request, range {self.fork}..{self.topic}", run.stderr)

    # -- what stands in ci/ for others to use

    def run_script(self, script, folder, environment, code):
        run = subprocess.run([ROOT / script], cwd=folder, capture_output=True, text=True,
                             env=self.environment() | environment)
        self.assert_no_secret((run.stdout + run.stderr).encode(), script)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run

    def test_the_github_action(self):
        folder = self.clone(self.merged)
        summary, output = self.base / "summary.md", self.base / "output"
        summary.write_text("before\n")
        request = {"pull_request": {"base": {"sha": self.main, "ref": "main"}, "head": {"sha": self.topic}}}
        environment = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": self.merged,
                       "GITHUB_EVENT_PATH": self.event(**request), "GITHUB_STEP_SUMMARY": str(summary),
                       "GITHUB_OUTPUT": str(output), "KEYTRAIL_PROGRAM": KEYTRAIL, "KEYTRAIL_ARGUMENTS": "--threads 1"}
        run = self.run_script("ci/github/run", folder, environment, 1)
        self.assertRegex(run.stdout, r"(?m)^::error file=topic.env,line=1,")
        self.assertNotIn("main.env", run.stdout)
        self.assertTrue(summary.read_text().startswith("before\n### keytrail: 1 secret"))
        self.assertEqual(output.read_text(), "exit-code=1\n")
        [result] = json.loads((folder / "keytrail.sarif").read_text())["runs"][0]["results"]
        self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "topic.env")
        run = self.run_script("ci/github/run", folder, environment | {"KEYTRAIL_ARGUMENTS": "--fail-on never"}, 0)
        self.run_script("ci/github/run", folder, environment | {"KEYTRAIL_SCAN": "all"}, 2)
        self.run_script("ci/github/run", folder, environment | {"KEYTRAIL_SCAN": "history"}, 1)
        self.assertIn("::error", self.run_script("ci/github/run", folder,
                                                 environment | {"GITHUB_EVENT_PATH": "/none"}, 2).stdout)

    def test_the_generic_script(self):
        folder = self.clone(self.topic, "--depth=1", "--no-single-branch")
        digest = hashlib.sha256(Path(KEYTRAIL).read_bytes()).hexdigest()
        environment = {"KEYTRAIL": KEYTRAIL, "BASE": "origin/main", "KEYTRAIL_SHA256": digest}
        self.assertIn("topic.env", self.run_script("ci/templates/generic.sh", folder, environment, 1).stdout)
        self.run_script("ci/templates/generic.sh", folder, environment | {"KEYTRAIL_SHA256": "0" * 64}, 2)
        self.run_script("ci/templates/generic.sh", folder, environment | {"KEYTRAIL": "/none"}, 2)
        self.assertNotEqual(subprocess.run([ROOT / "ci/templates/generic.sh"], cwd=folder, capture_output=True,
                                           env=self.environment() | {"KEYTRAIL": KEYTRAIL}).returncode, 0)

    def test_templates_are_pinned_and_ask_for_little(self):
        for name in ("ci/github/action.yml", "ci/github/workflow.yml"):
            text = (ROOT / name).read_text()
            uses = re.findall(r"uses: (\S+)", text)
            self.assertTrue(uses)
            for use in uses:
                self.assertRegex(use, r"@([0-9a-f]{40}|COMMIT)$", name)
            # Nothing that others can choose is pasted into a script.
            for script in re.findall(r"run: (.*)", text):
                self.assertNotIn("${{", script)
        self.assertIn("permissions: {}", (ROOT / "ci/github/workflow.yml").read_text())
        for name in ("ci/templates/gitlab.yml", "ci/templates/Jenkinsfile"):
            text = (ROOT / name).read_text()
            self.assertIn("@sha256:", text)
            self.assertNotIn(":latest", text)

    def test_templates_are_yaml_and_their_options_exist(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("SKIPPED: python3-yaml is not installed")
        help_text = self.keytrail("scan", "--help", code=0).stdout
        for name in ("ci/github/action.yml", "ci/github/workflow.yml", "ci/templates/gitlab.yml", ".pre-commit-hooks.yaml"):
            self.assertTrue(yaml.safe_load((ROOT / name).read_text()), name)
        for path in [*(ROOT / "ci/templates").iterdir(), ROOT / "ci/github/run"]:
            for line in re.findall(r"(?:keytrail|program\") scan[^\n]*(?:\n\s+--report[^\n]*)*", path.read_text()):
                for option in re.findall(r"--[a-z-]+", line):
                    self.assertIn(option, help_text, path.name)


if __name__ == "__main__":
    main()
