"""`keytrail rules`, and rule files given by --rules."""
from support import Case, main, places

RULE = """\
[[rule]]
id = "acme-key"
name = "Acme key"
provider = "Acme"
description = "A key of Acme's."
severity = "high"
pattern = '\\bacme_k_[0-9a-f]{32}\\b'
negative = ["acme_k_short"]
"""


class Rules(Case):
    def acme(self):
        value = "acme" + "_k_" + self.maker.characters("0123456789abcdef", 32)
        self.secrets.append(value)
        return value

    def test_list_has_sixty_and_show_shows_each_of_some(self):
        lines = self.keytrail("rules", "list", code=0).stdout.splitlines()
        ids = [line.split()[0] for line in lines if line and "-" in line.split()[0]]
        self.assertGreaterEqual(len(ids), 60)
        self.assertEqual(ids, sorted(ids))
        for name in (ids[0], ids[len(ids) // 2], ids[-1]):
            self.assertIn(name, self.keytrail("rules", "show", name, code=0).stdout)

    def test_check_passes_for_the_rules_of_the_program(self):
        self.keytrail("rules", "check", code=0)

    def test_a_rule_file_adds_a_rule(self):
        self.write("acme.toml", RULE)
        self.write("src/a.env", f"key = {self.acme()}\n")
        self.scan("src", code=0)
        self.assertEqual([rule for rule, *_ in places(self.scan("--rules", "acme.toml", "src", code=1))], ["acme-key"])
        self.keytrail("rules", "check", "acme.toml", code=0)

    def test_what_is_wrong_is_refused_with_file_and_line(self):
        pattern = RULE.splitlines()[6]
        for text, line, word in (
                (RULE.replace("severity = \"high\"", "sevrity = \"high\""), 6, "sevrity"),
                (RULE.replace('"high"', '"enormous"'), 6, "severity"),
                (RULE.replace(pattern, "pattern = 'acme_k_[0-9a-f]+'"), 7, ""),
                (RULE.replace(pattern, "pattern = 'acme_k_([0-9a-f]{32}'"), 7, ""),
                (RULE.replace(pattern + "\n", ""), None, "pattern"),
                (RULE + RULE, None, "acme-key"),
                (RULE.replace("[[rule]]", "[[rule]"), 1, ""),
                (RULE.replace('"Acme key"', "3"), 3, "name"),
        ):
            with self.subTest(text):
                self.write("acme.toml", text)
                for command in (["scan", "--rules", "acme.toml", "."], ["rules", "check", "acme.toml"]):
                    run = self.keytrail(*command, code=2)
                    self.assertRegex(run.stderr, rf"acme\.toml:{line if line else r'[0-9]+'}")
                    self.assertIn(word, run.stderr)

    def test_check_names_rules_that_find_the_same(self):
        wide = RULE.replace("acme-key", "acme-other").replace("{32}", "{30,34}").replace('"high"', '"low"')
        self.write("acme.toml", RULE + wide)
        text = self.keytrail("rules", "check", "acme.toml", code=0).stdout
        self.assertIn("subsumed: acme-other finds every example of acme-key", text)
        self.write("acme.toml", RULE + RULE.replace("acme-key", "acme-other"))
        self.assertIn("conflict: acme-key and acme-other", self.keytrail("rules", "check", "acme.toml", code=0).stdout)

    def test_test_tells_what_rules_find_and_drop(self):
        self.write("acme.toml", RULE)
        self.write("a.txt", f"a {self.acme()}\nb acme_k_{'0' * 32}\nc acme_k_\n")
        text = self.keytrail("rules", "test", "a.txt", "--rules", "acme.toml", "--rule", "acme-key", code=0).stdout
        self.assertIn("acme-key: 1 found, 1 dropped, on 1 lines an anchor without a match", text)
        self.assertIn("2:3  filtered (repeated)", text)
        self.keytrail("rules", "test", "a.txt", "--rule", "nobody-knows", code=2)
        self.keytrail("rules", "test", "nowhere.txt", code=2)

    def test_a_rule_file_that_is_not_there_is_refused(self):
        self.assertIn("nowhere.toml", self.keytrail("scan", "--rules", "nowhere.toml", ".", code=2).stderr)


if __name__ == "__main__":
    main()
