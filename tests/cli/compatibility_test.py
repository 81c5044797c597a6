"""Files of other scanners: .gitleaks.toml, .gitleaksignore, baselines of gitleaks and of detect-secrets."""
import hashlib
import json

from support import Case, main, places, tokens

GITHUB = tokens.RULES["github"]
ACME = """\
[[rules]]
id = "acme_key"
description = "Acme key"
regex = '''acmekey-([0-9a-f]{32,})'''
keywords = ["acmekey-"]
"""


class Compatibility(Case):
    def acme(self):
        value = "acme" + "key-" + self.maker.characters("0123456789abcdef", 32)
        self.secrets.append(value)
        self.secrets.append(value[8:])
        return value

    def suppressions(self, *arguments, code=0):
        report = self.scan(*arguments, code=code)
        return [(finding["rule"], finding["suppressed"]["kind"], finding["suppressed"]["reason"])
                for finding in report["findings"] if finding["suppressed"]]

    def test_rules_of_a_gitleaks_configuration_are_added_to_ours(self):
        self.write("a.txt", f"one {self.acme()} here\ntwo = {self.github()}\n")
        self.assertEqual([rule for rule, *_ in places(self.scan(".", code=1))], [GITHUB])
        self.write(".gitleaks.toml", ACME)
        self.assertEqual([rule for rule, *_ in places(self.scan(".", code=1))], ["acme-key", GITHUB])
        self.assertEqual([rule for rule, *_ in places(self.scan("--no-config", ".", code=1))], [GITHUB])
        self.assertEqual([rule for rule, *_ in places(self.scan("--only-rules", "acme-key", ".", code=1))], ["acme-key"])

    def test_a_configuration_of_ours_goes_before_it(self):
        self.write(".gitleaks.toml", ACME)
        self.write(".keytrail.toml", "")
        self.write("a.txt", f"one {self.acme()} here\n")
        self.scan(".", code=0)

    def test_it_can_be_named_as_the_configuration(self):
        self.write("ci/gitleaks.toml", ACME)
        self.write("src/a.txt", f"one {self.acme()} here\n")
        self.scan("src", code=0)
        self.scan("--config", "ci/gitleaks.toml", "src", code=1)

    def test_allowlists_suppress_findings(self):
        value = self.github()
        for name, config, allowed in (
                ("path", "[allowlist]\npaths = ['''^docs/''']\n", True),
                ("other path", "[allowlist]\npaths = ['''^src/''']\n", False),
                ("regex on the secret", f"[allowlist]\nregexes = ['''{value[10:14]}''']\n", True),
                ("regex on the line", "[[allowlists]]\nregexTarget = 'line'\nregexes = ['''made up$''']\n", True),
                ("regex not on the secret", "[[allowlists]]\nregexes = ['''made up''']\n", False),
                ("stop word", f"[allowlist]\nstopwords = ['{value[10:16].upper()}']\n", True),
                ("all of it", "[[allowlists]]\ncondition = 'AND'\npaths = ['docs']\nstopwords = ['none']\n", False),
                ("of the rule", "[[rules]]\nid = 'github-pat'\n[[rules.allowlists]]\npaths = ['docs']\n", True),
                ("of another rule", "[[rules]]\nid = 'gitlab-pat'\n[[rules.allowlists]]\npaths = ['docs']\n", False),
                ("target rules", "[[allowlists]]\ntargetRules = ['github-pat']\npaths = ['docs']\n", True),
                ("other target rules", "[[allowlists]]\ntargetRules = ['gitlab-pat']\npaths = ['docs']\n", False),
        ):
            with self.subTest(name):
                self.write("docs/a.md", f"token = {value} # made up\n")
                self.write(".gitleaks.toml", config)
                found = self.suppressions(".", code=0 if allowed else 1)
                self.assertEqual([kind for _, kind, _ in found], ["configuration"] if allowed else [])

    def test_commits_of_an_allowlist_count_in_a_history_and_the_second_sweep_says_the_same(self):
        self.write("a.env", f"a = {self.github()}\n")
        first = self.commit()
        self.write(".gitleaks.toml", f"[allowlist]\ncommits = ['{first}']\n[[allowlists]]\nstopwords = ['zzzzzz']\n")
        for _ in range(2):
            self.assertEqual([kind for _, kind, _ in self.suppressions("--history", ".")], ["configuration"])
        self.scan(".", code=1)

    def test_disabled_rules_are_off(self):
        self.write("a.env", f"a = {self.github()}\n")
        self.write(".gitleaks.toml", "[extend]\nuseDefault = true\ndisabledRules = ['github-pat', 'nobody-knows']\n")
        report = self.scan(".")
        self.assertNotIn(GITHUB, [rule for rule, *_ in places(report)])
        self.assertTrue(any("nobody-knows" in note for note in report["notes"]), report["notes"])

    def test_an_extended_file_is_read_too(self):
        self.write("base/b.toml", ACME + "path = '''\\.md$'''\n")
        self.write(".gitleaks.toml", "[extend]\npath = 'base/b.toml'\n[[rules]]\nid = 'acme_key'\npath = '''\\.txt$'''\n")
        self.write("a.txt", f"one {self.acme()} here\n")
        self.write("a.md", f"one {self.acme()} here\n")
        self.assertEqual([path for _, path, *_ in places(self.scan(".", code=1))], ["a.txt"])

    def test_what_cannot_be_expressed_is_named_in_the_report(self):
        self.write(".gitleaks.toml", ACME + "[[rules]]\nid = 'files'\npath = '''p12$'''\n"
                   "[[rules]]\nid = 'letters'\nregex = '''acme\\p{Greek}+'''\nkeywords = ['acme']\n")
        notes = self.scan(".", code=0)["notes"]
        for word in ("rule files", "rule letters", ".gitleaks.toml:6", "not taken over"):
            self.assertTrue(any(word in note for note in notes), notes)

    def test_a_rule_counts_where_what_it_requires_is_near(self):
        self.write(".gitleaks.toml", ACME + "[[rules.required]]\nid = 'acme-region'\nwithinLines = 2\n"
                   "[[rules]]\nid = 'acme-region'\nregex = '(?:eu|us)-acme-[0-9]'\nskipReport = true\n"
                   "[[rules]]\nid = 'acme-lonely'\nregex = 'lonely-[0-9]{9}'\nskipReport = true\n")
        key = self.acme()
        far = "# nothing here\n" * 40
        for text, found in ((f"eu-acme-1\nkey {key}\n", True), (f"key {key}\n\neu-acme-1\n", True),
                            (f"key {key}\n", False), (f"eu-acme-1\n{far}key {key}\n", False)):
            with self.subTest(text[:9]):
                self.write("a.txt", text)
                self.assertEqual([rule for rule, *_ in places(self.scan("a.txt"))], ["acme-key"] if found else [])
        notes = "\n".join(self.scan("a.txt")["notes"])
        self.assertIn("acme-region matches within 300 bytes", notes)
        self.assertIn("acme-lonely: not taken over", notes)
        run = self.keytrail("rules", "import", ".gitleaks.toml", "--output", "rules.toml", code=1)
        self.assertIn("acme-lonely: skipReport", run.stderr)
        self.assertIn("companions = [{ rule = 'acme-region', within = 300 }]", (self.tree / "rules.toml").read_text())
        self.keytrail("rules", "check", "rules.toml", code=0)

    def test_a_bad_configuration_is_one_clear_line(self):
        self.write("a.txt", "nothing\n")
        for text, word in (("[[rules]\n", ".gitleaks.toml:1"), ("[[rules]]\nid = 3\n", ".gitleaks.toml:2"),
                           ("[[rules]]\nid = 'a'\nregex = '''a('''\n", "regex"),
                           ("[allowlist]\npaths = ['''(''']\n", "paths"),
                           ("[extend]\npath = 'nowhere.toml'\n", "nowhere.toml"),
                           ("[extend]\npath = '.gitleaks.toml'\n", "circle"),
                           ("[extend]\npath = '/dev/zero'\n", "regular file"),
                           (f"[allowlist]\npaths = [{'{0!r},'.format('a') * 3000}]\n", "2000 patterns")):
            with self.subTest(text):
                self.write(".gitleaks.toml", text)
                run = self.keytrail("scan", ".", code=2)
                self.assertEqual(len(run.stderr.splitlines()), 1)
                self.assertIn(word, run.stderr)

    def test_gitleaksignore_accepts_places(self):
        self.write("src/a.env", f"\na = {self.github()}\n")
        commit = self.commit()
        for entry, in_files, in_history in (
                ("src/a.env:github-pat:2", True, True),
                ("src/a.env:some-custom-rule:2", True, True),
                ("src/a.env:generic-api-key:2", True, True),
                ("src/a.env:gitlab-pat:2", False, False),
                ("src/a.env:github-pat:3", False, False),
                ("src/b.env:github-pat:2", False, False),
                (f"{commit}:src/a.env:github-pat:2", False, True),
                (f"{'0' * 40}:src/a.env:github-pat:2", False, False),
        ):
            with self.subTest(entry):
                self.write(".gitleaksignore", f"# accepted\n\n{entry}\n")
                self.scan(".", code=0 if in_files else 1)
                self.scan("--history", ".", code=0 if in_history else 1)
        self.write(".gitleaksignore", "nonsense\n")
        self.assertTrue(any(".gitleaksignore:1" in note for note in self.scan(".", code=1)["notes"]))

    def test_a_baseline_of_gitleaks_accepts_values_or_places(self):
        value = self.github()
        self.write("a.env", f"a = {value}\n")
        finding = {"RuleID": "github-pat", "File": "a.env", "StartLine": 1, "Secret": value, "Commit": ""}
        for change, code in (({}, 0), ({"StartLine": 9}, 0), ({"Secret": self.github()}, 1), ({"File": "b.env"}, 1),
                             ({"Secret": "REDACTED"}, 0), ({"Secret": "REDACTED", "StartLine": 2}, 1),
                             ({"Secret": "REDACTED", "RuleID": "gitlab-pat"}, 1)):
            with self.subTest(change):
                self.write("base.json", json.dumps([finding | change]))
                self.scan("--baseline", "base.json", "a.env", code=code)

    def test_a_baseline_of_detect_secrets_accepts_values_by_their_hash(self):
        value = self.github()
        self.write("a.env", f"a = {value}\n")
        for text, name, code in ((value, "a.env", 0), (value, "b.env", 1), ("other", "a.env", 1)):
            with self.subTest((text == value, name)):
                entry = {"type": "GitHub Token", "hashed_secret": hashlib.sha1(text.encode()).hexdigest(),
                         "line_number": 7, "is_secret": False}
                self.write(".secrets.baseline", json.dumps({"version": "1.4.0", "results": {name: [entry]}}))
                found = self.suppressions("--baseline", ".secrets.baseline", "a.env", code=code)
                self.assertEqual([kind for _, kind, _ in found], ["baseline"] if code == 0 else [])

    def test_a_bad_baseline_is_one_clear_line_without_its_text(self):
        value = self.github()
        for text in (f'[{{"Secret": "{value}"', f'[{{"Secret": "{value}"}}]', "[3]", "{}", '{"results": {"a": [{}]}}',
                     "[" * 100000):
            with self.subTest(text[:20]):
                self.write("base.json", text)
                run = self.keytrail("scan", "--baseline", "base.json", ".", code=2)
                self.assertEqual(len(run.stderr.splitlines()), 1)
                self.assertIn("base.json", run.stderr)

    def test_what_others_accepted_goes_into_a_baseline_of_ours(self):
        self.write("a.env", f"a = {self.github()}\n")
        self.write(".gitleaksignore", "a.env:github-pat:1\n")
        text = self.keytrail("baseline", "create", "--output", "-", ".", code=0).stdout
        self.assertIn("accepted in .gitleaksignore", text)

    def test_import_writes_rules_that_find_the_same(self):
        self.write(".gitleaks.toml", ACME + "entropy = 3\n[[rules.allowlists]]\npaths = ['''\\.md$''']\nstopwords = ['0000']\n")
        run = self.keytrail("rules", "import", ".gitleaks.toml", "--output", "rules", code=0)
        self.assertIn("1 of 1 rules written to rules", run.stderr)
        self.keytrail("rules", "check", "rules", code=0)
        (self.tree / ".gitleaks.toml").unlink()
        self.write("src/a.txt", f"one {self.acme()} here\n")
        self.write("src/a.md", f"one {self.acme()} here\n")
        self.assertEqual([(rule, path) for rule, path, *_ in places(self.scan("--rules", "rules", "src", code=1))],
                         [("acme-key", "src/a.txt")])

    def test_import_names_what_it_cannot_write(self):
        self.write("g.toml", ACME + "[[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['test']\n"
                   "[[rules]]\nid = 'files'\npath = '''p12$'''\n[allowlist]\npaths = ['''^docs/''']\n")
        run = self.keytrail("rules", "import", "g.toml", code=1)
        self.assertIn('[[rule]]', run.stdout)
        self.assertIn("# paths = ['docs/**']", run.stdout)
        for word in ("g.toml:6: allowlist of rule acme_key", "rule files", "not expressed"):
            self.assertIn(word, run.stderr)


if __name__ == "__main__":
    main()
