"""Bytes that are no plain UTF-8, and columns that count code points."""
import base64

from support import Case, main, places


class Encodings(Case):
    def check(self, content, line, column):
        self.write("a.txt", content)
        self.assertEqual([place[2:] for place in places(self.scan(".", code=1))], [(line, column)])

    def test_columns_count_code_points(self):
        for before in ("", "abc ", "\u00e9 ", "\u20ac\u20ac ", "\U0001f511 ", "\t", "e\u0301 "):
            with self.subTest(repr(before)):
                self.check(f"{before}'{self.github()}'\n", 1, len(before) + 2)

    def test_utf_16(self):
        text = "one\ntwo \U0001f511 \u20ac '{}'\nthree\n"
        column = len("two \U0001f511 \u20ac '") + 1
        for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"", "utf-16-le"), (b"", "utf-16-be")):
            with self.subTest((mark, codec)):
                self.check(mark + text.format(self.github()).encode(codec), 2, column)

    def test_utf_16_cut_in_the_middle_of_a_character(self):
        text = f"one\n'{self.github()}'\n\U0001f511"
        self.check(b"\xff\xfe" + text.encode("utf-16-le")[:-1], 2, 2)
        self.check(b"\xff\xfe" + text.encode("utf-16-le")[:-2], 2, 2)

    def test_latin_1_and_broken_utf_8_are_scanned(self):
        secret = self.github()
        for before in (b"caf\xe9 = ", b"\xff\xfd\xfc ", b"\xc3\x28 "):
            self.write("a.txt", before + b"'" + secret.encode() + b"'\n")
            self.assertEqual(len(places(self.scan(".", code=1))), 1, before)

    def test_line_ends(self):
        secret = self.github()
        self.check(f"one\r\ntwo\r\nkey '{secret}'\r\n", 3, 6)
        self.check(f"one\ntwo\nkey '{secret}'", 3, 6)

    def test_a_credential_at_the_very_start_and_end(self):
        secret = self.github()
        self.check(secret, 1, 1)
        self.check("\n\n" + secret, 3, 1)

    def find(self, content):
        """(line, column, end column, encoding) of the findings in a file."""
        self.write("a.txt", content)
        report = self.scan(".", code=1)
        return [(occurrence["start_line"], occurrence["start_column"], occurrence["end_column"],
                 finding["facts"].get("encoding")) for finding in report["findings"]
                for occurrence in finding["occurrences"]]

    def test_a_decoded_credential_stands_at_its_encoded_characters(self):
        secret = self.github()
        run = base64.b64encode(f"token {secret}\n".encode()).decode()
        self.assertEqual(self.find(f"one\nx: {run}\n"), [(2, 4 + 8, 4 + (6 + len(secret)) * 4 // 3 + 1, "base64")])
        percent = secret.replace("_", "%5F")
        self.assertEqual(self.find(f"url /a?b={percent}\n"), [(1, 10, 10 + len(percent), "percent")])

    def test_one_credential_raw_and_encoded_is_one_finding(self):
        secret = self.github()
        run = base64.b64encode(f"my token is {secret}".encode()).decode()
        places = self.find(f"'{secret}'\n{run}\n")
        self.assertEqual([place[0] for place in places], [1, 2])
        self.assertEqual(len(self.scan(".", code=1)["findings"]), 1)
        self.assertEqual({place[3] for place in places}, {None})

    def test_a_kubernetes_secret(self):
        secret = self.github()
        value = base64.b64encode(secret.encode()).decode()
        places = self.find(f"kind: Secret\ndata:\n  token: {value}\n")
        self.assertEqual([(place[0], place[1], place[3]) for place in places], [(3, 10, "base64")])

    def test_what_is_too_long_to_be_decoded_is_named(self):
        self.write("a.txt", base64.b64encode(b"words and words " * 4000))
        report = self.scan(".", code=0)
        self.assertEqual([skip["reason"] for skip in report["skipped"]], ["encoded-rest"])
        self.assertFalse(report["incomplete"])


if __name__ == "__main__":
    main()
