"""The HTML report in a real browser: clicks, keys, sizes, and that the page fetches nothing."""
import os
import re
import sys
from pathlib import Path

import browser
from support import Case, main

if browser.find() is None:
    print("skipped: no chromium on this machine (ci/setup check installs it)")
    sys.exit(77)

# Where pictures of the page are kept for a person to look at; nowhere when it is not set.
PICTURES = os.environ.get("KEYTRAIL_PICTURES")


class Html(Case):
    def setUp(self):
        super().setUp()
        self.browser = browser.Browser()
        self.addCleanup(self.browser.close)

    def report(self, *arguments, code=1):
        path = self.base / "report.html"
        run = self.keytrail("scan", "--format", "html", *arguments, code=code)
        path.write_bytes(run.out_bytes)
        return path

    def picture(self, name):
        if PICTURES:
            self.browser.screenshot(Path(PICTURES) / f"{name}.png")

    def text(self, selector):
        return self.browser.run(f"document.querySelector('{selector}').innerText")

    def count(self, selector):
        return self.browser.run(f"document.querySelectorAll('{selector}').length")

    def assert_well_behaved(self, path):
        self.assertEqual(self.browser.problems, [])
        self.assertEqual({url.split("?")[0] for url in self.browser.requests}, {f"file://{path}"})

    def small_history(self):
        token = self.github()
        self.write("src/app.env", f"token = {token}\n")
        self.commit("Add the settings")
        self.write("src/copy.env", f"token = {token}\nkey = {self.secret('stripe')}\n")
        self.commit("Copy them")
        self.write("src/app.env", "token = from the vault\n")
        self.write("allowed.env", f"a = {self.secret('npm')}  # keytrail:allow\n")
        self.commit("Take them out")

    def test_findings_are_filtered_and_opened_by_clicks(self):
        self.small_history()
        path = self.report("--history", ".")
        self.browser.open(path)
        self.assertEqual(self.count(".row"), 2)
        self.assertIn("2 secrets, 1 not shown", self.text("#shown"))
        self.picture("history")
        self.browser.click("#accepted")
        self.assertEqual(self.count(".row"), 3)
        self.browser.click("#query")
        self.browser.type("github")
        self.assertEqual(self.count(".row"), 1)
        self.browser.click(".row")
        detail = self.text("#detail")
        self.assertIn("2 places", detail)
        self.assertRegex(detail, r"introduced by Ada <ada@example.org> in [0-9a-f]{12}: src/app.env:1:9")
        self.assertIn("the history still has it", detail)
        self.assertGreaterEqual(self.count("#detail circle"), 2)
        self.picture("detail")
        self.browser.click("button[type=reset]")
        self.assertEqual(self.count(".row"), 2)
        self.browser.click(".tile[data-severity=critical]")
        self.assertEqual(self.count(".row .badge:not(.critical)"), 0)
        self.browser.click("#tab-about")
        self.assertIn("history", self.text("#about"))
        self.picture("about")
        self.assert_well_behaved(path)

    def test_keys_do_what_the_mouse_does(self):
        self.small_history()
        path = self.report("--history", ".")
        self.browser.open(path)
        self.browser.key("j")
        first = self.text("#detail h2")
        self.browser.key("j")
        self.assertNotEqual(self.text("#detail h2"), first)
        self.browser.key("k")
        self.assertEqual(self.text("#detail h2"), first)
        self.browser.key("/")
        self.browser.type("no such thing")
        self.assertEqual(self.count(".row"), 0)
        self.assertIn("No finding fits", self.text("#detail"))
        self.browser.key("Escape")
        self.browser.key("3")
        self.assertTrue(self.browser.run("document.getElementById('findings').hidden"))
        self.browser.key("?")
        self.assertTrue(self.browser.run("document.getElementById('keys').open"))
        self.assert_well_behaved(path)

    def test_groups_hold_what_belongs_together(self):
        for number in range(6):
            self.write(f"f{number % 2}.env", "".join(f"a = {self.secret(kind)}\n" for kind in ("github", "npm", "slack")))
        path = self.report(".")
        self.browser.open(path)
        self.browser.run("(g => { g.value = 'file'; g.dispatchEvent(new Event('change')); })(document.getElementById('group'))")
        self.browser.settle()
        heads = self.browser.run("[...document.querySelectorAll('.row.group')].map(e => e.innerText)")
        self.assertEqual(heads, ["f0.env – 3", "f1.env – 3"])

    def test_a_phone_shows_the_list_then_the_finding(self):
        self.small_history()
        path = self.report("--history", ".")
        self.browser.size(390, 844, phone=True)
        self.browser.scheme("dark")
        self.browser.open(path)
        self.picture("phone")
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 390)
        self.assertEqual(self.browser.run("getComputedStyle(document.getElementById('detail')).display"), "none")
        self.browser.click(".row")
        self.assertEqual(self.browser.run("getComputedStyle(document.getElementById('detail')).position"), "fixed")
        self.picture("phone-detail")
        self.browser.click(".close")
        self.assertEqual(self.browser.run("getComputedStyle(document.getElementById('detail')).display"), "none")

    def test_dark_and_light_have_enough_contrast(self):
        self.small_history()
        path = self.report("--history", ".")
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            self.browser.open(path)
            self.picture(scheme)
            for selector in ("#target", ".row .mono", ".badge.critical", "label", "h1"):
                ratio = self.browser.run("""((selector) => {
                  const light = (text) => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map((c) => (c /= 255) <= 0.03928
                    ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                  const a = light(getComputedStyle(document.querySelector(selector)).color);
                  const b = light(getComputedStyle(document.body).backgroundColor);
                  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); })('""" + selector + "')")
                self.assertGreater(ratio, 4.5, f"{selector}, {scheme}")

    def test_names_bring_no_markup(self):
        hostile = "</script><img src=x onerror=alert(1)><script>document.title='taken'<!--"
        self.write(f"{hostile.replace('/', '%')}/<b>bold<b>.env", f"a = {self.github()}\n")
        self.git("init", "-q", "-b", "main")
        self.git("-c", f"user.name={hostile.replace('<', '').replace('>', '')}", "commit", "-q", "--allow-empty", "-m",
                 f"key = {self.github()}\n\n{hostile}")
        path = self.report("--history", "--no-config", ".")
        self.browser.open(path)
        files = self.report(".")
        self.browser.open(files)
        self.assertEqual(self.browser.run("document.title"), "keytrail report")
        self.assertEqual(self.count("img"), 0)
        self.assertEqual(self.browser.problems, [])
        self.assertEqual(len(re.findall("</script>", files.read_text())), 3)

    def test_twenty_thousand_findings_open_in_two_seconds(self):
        for folder in range(20):
            for number in range(10):
                self.write(f"f{folder}/n{number}.env", "".join(f"a = {self.maker.make('github')}\n" for _ in range(100)))
        path = self.report(".")
        milliseconds = self.browser.open(path)
        self.assertIn("20,000 secrets", self.text("#shown"))
        self.assertLess(self.count(".row"), 60)
        self.assertLess(milliseconds, 2000)
        print(f"20,000 findings, {path.stat().st_size} bytes: open after {milliseconds:.0f} ms", file=sys.stderr)
        self.browser.run("document.getElementById('list').scrollTop = 1e7")
        self.browser.settle()
        self.assertIn("row-19999", self.browser.run("document.getElementById('room').lastChild.id"))
        self.browser.click("#query")
        self.browser.type("f7/n3.env:100:")
        self.picture("many")
        self.assertEqual(self.browser.problems, [])


if __name__ == "__main__":
    main()
