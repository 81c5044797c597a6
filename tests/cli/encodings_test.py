"""Bytes that are no plain UTF-8, and columns that count code points."""
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


if __name__ == "__main__":
    main()
