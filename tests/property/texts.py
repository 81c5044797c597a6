"""Texts full of what the rules look for, and edits that cut, move and repeat it. Seeded: same seed, same texts.

Nothing that looks like a credential stands here: examples come from the rules' shapes, made when the test runs.
"""
import base64
import random
import subprocess

LOWER = b"abcdefghijklmnopqrstuvwxyz"


def read_examples(program, seed, count=2):
    """[(rule, text)] from make_examples."""
    out = subprocess.run([program, str(seed), str(count)], capture_output=True, text=True, check=True).stdout
    return [(rule, bytes.fromhex(text)) for rule, text in (line.split(" ") for line in out.splitlines() if line[-1] != " ")]


class Texts:
    def __init__(self, seed, examples):
        self.random = random.Random(seed)
        self.examples = [text for _, text in examples]
        by_rule = {}
        for rule, text in examples:
            by_rule.setdefault(rule, []).append(text)
        # What may stand beside another: ids and their secrets, and blocks of several lines.
        self.families = [texts for rule, texts in by_rule.items() if "aws" in rule or "key-id" in rule]
        self.blocks = [text for text in self.examples if text.count(b"\n") > 3] or self.examples

    # -- pieces

    def word(self):
        return bytes(self.random.choices(LOWER, k=self.random.randint(2, 12)))

    def filler(self):
        """Lines that mean nothing."""
        lines = [b"    " * self.random.randint(0, 3) + b" ".join(self.word() for _ in range(self.random.randint(1, 12)))
                 for _ in range(self.random.randint(1, 20))]
        return b"\n".join(lines) + b"\n"

    def assigned(self, value):
        name = self.random.choice([b"token", b"password", b"api_key", b"secret", b"AWS_SECRET_ACCESS_KEY", self.word()])
        form = self.random.choice([b'%s = "%s"\n', b"%s: %s\n", b"%s=%s\n", b'"%s": "%s",\n', b"export %s='%s'\n",
                                   b"%s %s", b"<%s>%s</a>\n"])
        return form % (name, value)

    def placeholder(self):
        return self.random.choice([b"${TOKEN}", b"<your-token>", b"xxxxxxxxxxxxxxxxxxxx", b"changeme", b"{{ secret }}",
                                   b"****************", b"example", b"process.env.TOKEN", b"1234567890abcdef"])

    def encoded(self, text):
        """What the decoders undo, now and then twice."""
        choose = self.random
        half = choose.randint(0, len(text))
        kind = choose.randrange(9)
        if kind < 2:
            out = base64.b64encode(choose.choice([b"", self.word() + b" "]) + text)
        elif kind == 2:
            out = base64.urlsafe_b64encode(self.filler() + text).rstrip(b"=")
        elif kind == 3:
            lines = base64.b64encode(self.filler() + text + b"\n" + self.filler())
            out = b"\n  ".join(lines[i:i + 64] for i in range(0, len(lines), 64))
        elif kind == 4:
            out = b"".join(b"%%%02X" % byte for byte in text[:half]) + text[half:]
        elif kind == 5:
            out = text.hex().encode()
        elif kind == 6:
            out = text[:half] + b'" +\n    "' + text[half:]
        elif kind == 7:
            out = text.replace(b'"', b"&quot;").replace(b"_", b"&#95;").replace(b"/", b"\\/")
        else:
            out = text[:half] + b"".join(b"\\x%02x" % byte for byte in text[half:])
        return self.encoded(out) if len(out) < 2000 and choose.random() < 0.2 else out

    def half(self, text):
        at = self.random.randint(0, len(text))
        return text[:at] if self.random.random() < 0.5 else text[at:]

    def allow(self):
        return self.random.choice([b"# keytrail:allow", b"// gitleaks:allow", b"# keytrail:allow github-personal-access-token"])

    def fragment(self):
        choose = self.random
        example = choose.choice(self.examples)
        kind = choose.randrange(18)
        if kind > 13:
            return self.assigned(self.encoded(example))
        if kind < 4:
            return example + choose.choice([b"\n", b"", b" ", b'"\n', b",\n"])
        if kind < 6:
            return self.assigned(example)
        if kind == 6:
            return self.half(example)
        if kind == 7:
            return self.assigned(self.placeholder())
        if kind == 8:
            return choose.choice(self.blocks) + b"\n"
        if kind == 9:
            pair = [choose.choice(family) for family in choose.sample(self.families, min(2, len(self.families)))]
            return choose.choice([b"\n", b"\n" + self.filler(), b" "]).join(pair) + b"\n"
        if kind == 10:
            return example + b"  " + self.allow() + b"\n"
        if kind == 11:
            return example + choose.choice(self.examples)
        if kind == 12:
            return self.assigned(bytes(choose.choices(b"ABCDEFabcdef0123456789+/=_-", k=choose.randint(8, 70))))
        return example.replace(b"\n", b"\\n") + b"\n"

    def text(self, pieces):
        return b"".join(self.filler() if self.random.random() < 0.6 else self.fragment() for _ in range(pieces))

    # -- edits

    def place(self, text):
        """Anywhere, or in something that a rule may look at: next to the characters that stand in credentials."""
        if not text:
            return 0
        if self.random.random() < 0.5:
            return self.random.randint(0, len(text))
        example = self.random.choice(self.examples)
        at = text.find(example[:6], self.random.randint(0, len(text)))
        return at + self.random.randint(0, len(example)) if at >= 0 else self.random.randint(0, len(text))

    def line_start(self, text):
        return text.rfind(b"\n", 0, self.random.randint(0, len(text))) + 1

    def edit(self, text):
        choose = self.random
        at = min(self.place(text), len(text))
        other = min(at + int(choose.expovariate(1 / 60)), len(text))
        line = self.line_start(text)
        line_end = min(line + int(choose.expovariate(1 / 300)), len(text))
        kind = choose.randrange(16)
        if kind < 3:
            return text[:line] + self.fragment() + text[line:]
        if kind == 3:
            return text[:at] + self.fragment() + text[at:]
        if kind == 4:
            return text[:at] + text[other:]  # through whatever stands there
        if kind == 5:
            return text[:at] + bytes([choose.randrange(256)]) + text[at + 1:]
        if kind == 6:
            return text[:at] + choose.choice([b"\n", b"\r\n", b" ", b'"', b"\0", b"x"]) + text[at:]
        if kind == 7:  # move a block
            rest = text[:line] + text[line_end:]
            to = choose.randint(0, len(rest))
            return rest[:to] + text[line:line_end] + rest[to:]
        if kind == 8:
            return text[:line_end] + text[line:line_end] * choose.randint(1, 3) + text[line_end:]
        if kind == 9:
            return text.replace(b"\r\n", b"\n") if b"\r\n" in text else text.replace(b"\n", b"\r\n")
        if kind == 10:
            end = text.find(b"\n", at)
            return text if end < 0 else text[:end] + b"  " + self.allow() + text[end:]
        if kind == 11:
            return text[:at] + self.placeholder() + text[other:]
        if kind == 12:
            return b"\n".join(b"  " + each for each in text.split(b"\n")) if len(text) < 10000 else text[line:]
        if kind == 13:
            return text[line:] + self.filler() + text[:line]
        if kind == 14:
            return text[:at] + text[at:other].swapcase() + text[other:]
        return text[:line] + self.text(choose.randint(1, 6)) + text[line_end:]

    def edits(self, text, most_bytes=30000):
        for _ in range(self.random.randint(1, 4)):
            text = self.edit(text)
        return text if len(text) <= most_bytes else text[-most_bytes // 2:]
