"""Comments on a credential's line."""
from support import Case, main, places, tokens

GITHUB = tokens.RULES["github"]


class Suppression(Case):
    def test_comments_that_allow_and_comments_that_do_not(self):
        for line, allowed in (
                ("token = {}", False),
                ("token = {}  # keytrail:allow", True),
                ("token = {}  // keytrail:allow", True),
                ("token = {}  # keytrail:allow " + GITHUB, True),
                ("token = {}  # keytrail:allow some-other-rule", False),
                ("token = {}  # keytrail:allow " + GITHUB + " -- made up for the test", True),
                ("token = {}  # gitleaks:allow", True),
                ("# keytrail:allow\ntoken = {}", False),
                ("token = {}\n# keytrail:allow", False),
                ("token = {}  # keytrail:allowed", False),
        ):
            with self.subTest(line):
                self.write("a.env", line.format(self.github()) + "\n")
                self.scan(".", code=0 if allowed else 1)

    def test_a_suppressed_finding_is_still_in_the_reports(self):
        self.write("a.env", f"token = {self.github()}  # keytrail:allow -- made up\n")
        report = self.scan(".", code=0)
        self.assertEqual([(finding["suppressed"]["kind"], finding["suppressed"]["reason"]) for finding in report["findings"]],
                         [("comment", "made up")])
        self.assertEqual(places(report), [])
        results = self.keytrail("scan", "--format", "sarif", ".", code=0).json["runs"][0]["results"]
        self.assertEqual([result["suppressions"][0]["kind"] for result in results], ["inSource"])

    def test_one_allowed_place_does_not_allow_the_others(self):
        value = self.github()
        self.write("a.env", f"a = {value}  # keytrail:allow\n")
        self.write("b.env", f"b = {value}\n")
        self.assertEqual([path for _, path, _, _ in places(self.scan(".", code=1)) if path == "b.env"], ["b.env"])


if __name__ == "__main__":
    main()
