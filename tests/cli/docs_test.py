"""Every link of the documents leads somewhere, and every command that they name is one."""
import re

from support import ROOT, Case, main

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("rules/*.md"), *ROOT.glob("scanner/*.md")])


def anchor(heading):
    """The fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")


def headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.M)}


class Docs(Case):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.S)
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"https?:|mailto:|\[", target):
                    continue
                with self.subTest(page=str(page.relative_to(ROOT)), link=target):
                    path, _, fragment = target.partition("#")
                    file = (page.parent / path).resolve() if path else page
                    self.assertTrue(file.exists(), f"{file} is not there")
                    if fragment and file.suffix == ".md":
                        self.assertIn(fragment, headings(file))

    def test_commands_that_are_named_exist(self):
        named = set()
        for page in PAGES:
            named.update(re.findall(r"`keytrail ([a-z]+)", page.read_text()))
        self.assertGreater(len(named), 8)
        for command in sorted(named):
            with self.subTest(command):
                self.assertIn("Usage: keytrail " + command, self.keytrail(command, "--help", code=0).stdout)


if __name__ == "__main__":
    main()
