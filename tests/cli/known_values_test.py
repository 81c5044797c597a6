"""Tokens of the inventory are found in any text, by their values, where no rule knows their shape."""
import base64
import io
import zipfile

from support import Case, main

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class KnownValues(Case):
    def setUp(self):
        super().setUp()
        self.key = self.maker.characters("0123456789abcdef", 64)
        self.value = "q7" + self.maker.characters(LETTERS, 9) + "=" + self.maker.characters(LETTERS, 7)
        self.secrets += [self.key, self.value]
        self.keytrail("inventory", "init", code=0)
        self.keytrail("inventory", "add", "odd-one", "--service", "billing", "--value-stdin", stdin=self.value.encode(),
                      code=0)

    def environment(self):
        return super().environment() | {"KEYTRAIL_HASH_SECRET": self.key}

    def found(self, *arguments):
        """The path of the only finding."""
        report = self.scan(*arguments, code=1)
        self.assertEqual(len(report["findings"]), 1, report["findings"])
        finding = report["findings"][0]
        self.assertEqual(finding["token"]["id"], "odd-one")
        self.assertIn("inventory-token", [finding["rule"], *finding["related"]])
        return finding["occurrences"][0]["path"]

    def test_a_clean_tree_stays_clean(self):
        self.write("a.txt", self.value[1:] + "\n" + self.value + "x\n" + self.value[::-1] + "\n")
        self.assertEqual(self.scan(code=0)["findings"], [])

    def test_in_text_and_in_every_format(self):
        self.write("a.txt", f"We use {self.value}, as ever.\n")
        self.assertEqual(self.found(), "a.txt")
        for form in ("text", "sarif", "csv", "junit", "html", "github", "gitlab", "jsonl"):
            self.keytrail("scan", "--format", form, code=1)

    def test_only_with_the_key_and_the_inventory(self):
        self.write("a.txt", f"We use {self.value}, as ever.\n")
        self.assertEqual(self.scan("--no-inventory", code=0)["findings"], [])
        self.assertEqual(self.scan(code=0, env={"KEYTRAIL_HASH_SECRET": ""})["findings"], [])

    def test_in_base64(self):
        self.write("a.txt", "data: " + base64.b64encode(f"user:{self.value}\n".encode()).decode() + "\n")
        self.assertEqual(self.found(), "a.txt")

    def test_in_a_url(self):
        self.write("a.txt", "https://host/?q=" + "".join(f"%{ord(c):02X}" for c in self.value) + "&b=1\n")
        self.assertEqual(self.found(), "a.txt")

    def test_in_a_zip(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("in/side.txt", f"it is\t{self.value}\n")
        self.write("a.zip", archive.getvalue())
        self.assertEqual(self.found(), "a.zip!/in/side.txt")

    def test_in_a_binary(self):
        self.write("a.bin", b"\x7fELF\0\1\2\3\0\0" + self.value.encode() + b"\0\0\xff\xfe\0")
        self.assertEqual(self.found(), "a.bin")

    def test_in_an_old_commit(self):
        self.write(".gitignore", ".keytrail\n")
        lines = "".join(f"line {number}\n" for number in range(200))
        self.write("a.txt", lines)
        self.commit()
        self.write("a.txt", lines + f"it is {self.value}.\n")
        self.commit()
        self.write("a.txt", lines + "it is gone.\n")
        self.commit()
        self.git("gc", "-q")
        for arguments in ([], ["--exhaustive"], ["--no-cache"]):
            self.assertEqual(self.found("--history", ".", *arguments), "a.txt")

    def test_a_rule_that_finds_the_same_keeps_its_name(self):
        token = self.github()
        self.keytrail("inventory", "add", "hub", "--service", "hub", "--value-stdin", stdin=token.encode(), code=0)
        self.write("a.txt", f"token = {token}\n")
        finding, = self.scan(code=1)["findings"]
        self.assertNotEqual(finding["rule"], "inventory-token")
        self.assertNotIn("inventory-token", finding["related"])
        self.assertEqual(finding["token"]["id"], "hub")


if __name__ == "__main__":
    main()
