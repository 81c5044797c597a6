"""Credentials that belong to nobody, made at run time so that none stands in the repository.

A Maker draws from its own seeded generator: the same seed gives the same values, in the same order, for ever. Checksums
are valid where the provider publishes one.
"""
import random
import string
import zlib

DIGITS = string.digits
LOWER = string.ascii_lowercase
UPPER = string.ascii_uppercase
BASE62 = DIGITS + UPPER + LOWER
BASE64URL = BASE62 + "-_"
HEX = DIGITS + "abcdef"

# Kind -> id of the rule that finds it.
RULES = {
    "github": "github-personal-access-token",
    "npm": "npm-access-token",
    "slack": "slack-bot-token",
    "stripe": "stripe-secret-key",
    "gitlab": "gitlab-personal-access-token",
    "sendgrid": "sendgrid-api-key",
}


def base62(number, width):
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text.rjust(width, "0")


class Maker:
    def __init__(self, seed=1):
        self._random = random.Random(seed)
        self._kinds = 0

    def characters(self, alphabet, count):
        """`count` characters of `alphabet`, upper case, lower case and digits among them when it has them."""
        while True:
            text = "".join(self._random.choice(alphabet) for _ in range(count))
            classes = [set(group) for group in (DIGITS, UPPER, LOWER) if set(group) & set(alphabet)]
            if count < 16 or (all(set(text) & group for group in classes) and text[0].isalnum() and text[-1].isalnum()):
                return text

    def _with_crc(self, prefix):
        body = self.characters(BASE62, 30)
        return prefix + body + base62(zlib.crc32(body.encode()), 6)

    def github(self):
        return self._with_crc("ghp" + "_")

    def npm(self):
        return self._with_crc("npm" + "_")

    def slack(self):
        # Ids of Slack's begin with no zero.
        team, user = ("1" + self.characters(DIGITS, 11) for _ in range(2))
        return "-".join(["xox" + "b", team, user, self.characters(BASE62, 24)])

    def stripe(self):
        return "_".join(["sk", "live", "51" + self.characters(BASE62, 32)])

    def gitlab(self):
        return "glp" + "at-" + self.characters(BASE62, 20)

    def sendgrid(self):
        return "SG" + "." + self.characters(BASE62, 22) + "." + self.characters(BASE62, 43)

    def make(self, kind):
        return getattr(self, kind)()

    def next(self):
        """(kind, value), the kinds in turn."""
        kind = list(RULES)[self._kinds % len(RULES)]
        self._kinds += 1
        return kind, self.make(kind)
