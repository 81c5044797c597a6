"""What checks say of values that other programs made, or that are computed here by other code than the program's."""
import base64
import hashlib
import hmac
import random
import shutil
import subprocess
import unittest
import zlib

from support import ROOT, Case, main


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


class Checks(Case):
    def only(self, text, name="a.txt"):
        """The one finding in a text."""
        self.write(name, text)
        findings = self.scan(name)["findings"]
        self.assertEqual(len(findings), 1, [finding["rule"] for finding in findings])
        return findings[0]

    def run_tool(self, *command, **more):
        run = subprocess.run(command, cwd=self.tree, capture_output=True, text=True, **more)
        self.assertEqual(run.returncode, 0, f"{command}: {run.stderr}")
        return run.stdout

    def random_bytes(self, count):
        return self.random.randbytes(count)

    def setUp(self):
        super().setUp()
        self.random = random.Random(self.id())

    # -- keys that other programs made

    @needs("ssh-keygen")
    def test_keys_of_openssh_have_the_fingerprint_that_ssh_keygen_prints(self):
        for kind, bits, form in (("ed25519", 0, ""), ("rsa", 2048, ""), ("ecdsa", 521, ""), ("rsa", 2048, "PEM"),
                                 ("ecdsa", 256, "PEM"), ("rsa", 2048, "PKCS8"), ("ecdsa", 384, "PKCS8")):
            with self.subTest(kind=kind, form=form):
                for name in ("key", "key.pub"):
                    (self.tree / name).unlink(missing_ok=True)
                size = ["-b", str(bits)] if bits else []
                written = ["-m", form] if form else []
                self.run_tool("ssh-keygen", "-q", "-t", kind, *size, *written, "-N", "", "-C", "me@host", "-f", "key")
                wanted = self.run_tool("ssh-keygen", "-l", "-f", "key.pub").split()[1]
                found = self.only((self.tree / "key").read_text(), "key")
                self.assertEqual(found["facts"].get("public_key"), wanted)
                self.assertEqual(found["confidence"], "high")
                self.assertEqual(found["facts"].get("comment"), None if form else "me@host")
                self.assertNotIn("encrypted", found["facts"])

    @needs("ssh-keygen")
    def test_a_passphrase_is_seen_and_the_public_half_is_still_told(self):
        self.run_tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "abcdefg", "-f", "key")
        wanted = self.run_tool("ssh-keygen", "-l", "-f", "key.pub").split()[1]
        found = self.only((self.tree / "key").read_text(), "key")
        self.assertEqual((found["severity"], found["facts"]["encrypted"], found["facts"]["public_key"]),
                         ("medium", "yes", wanted))

    @needs("puttygen")
    def test_keys_of_putty_hold_their_mac(self):
        for version in "23":
            for kind in (["ed25519"], ["rsa", "-b", "2048"]):
                with self.subTest(version=version, kind=kind):
                    self.run_tool("puttygen", "-q", "-t", *kind, "-C", "c:\\me", "--new-passphrase", "/dev/null",
                                  "--ppk-param", f"version={version}", "-o", "key.ppk")
                    wanted = self.run_tool("puttygen", "-l", "key.ppk").split()[-1]
                    text = (self.tree / "key.ppk").read_text()
                    found = self.only(text, "key.ppk")
                    self.assertEqual(found["facts"]["public_key"], wanted)
                    self.assertEqual(found["facts"]["comment"], "c:\\me")
                    self.assertEqual(found["confidence"], "high")
                    self.assertEqual(self.only(text.replace("c:\\me", "c:\\you"), "key.ppk")["confidence"], "medium")

    @needs("gpg")
    def test_keys_of_gpg_hold_their_crc_and_tell_their_fingerprint(self):
        home = self.base / "gnupg"
        home.mkdir(mode=0o700)
        gpg = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase"]
        try:
            for kind, passphrase in (("rsa2048", ""), ("ed25519", ""), ("ed25519", "abcdefg")):
                with self.subTest(kind=kind, passphrase=passphrase):
                    user = f"Ada <{kind}{len(passphrase)}@example.org>"
                    self.run_tool(*gpg, passphrase, "--quick-gen-key", user, kind, "sign", "never")
                    listed = self.run_tool(*gpg, passphrase, "--with-colons", "--fingerprint", user)
                    wanted = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
                    text = self.run_tool(*gpg, passphrase, "--armor", "--export-secret-keys", user)
                    found = self.only(text, "key.asc")
                    self.assertEqual(found["facts"]["public_key"], wanted)
                    self.assertEqual(found["facts"]["user"], user)
                    self.assertEqual(found["confidence"], "high")
                    self.assertEqual("encrypted" in found["facts"], passphrase != "")
                    lines = text.splitlines()
                    crc = next(i for i, line in enumerate(lines) if line.startswith("=") and len(line) == 5)
                    lines[crc] = "=" + ("AAAA" if lines[crc] != "=AAAA" else "AAAB")
                    self.assertEqual(self.only("\n".join(lines), "key.asc")["confidence"], "medium")
        finally:
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], capture_output=True, check=False)

    @needs("wg")
    def test_keys_of_wireguard_are_sure(self):
        key = self.run_tool("wg", "genkey").strip()
        self.assertEqual(self.only(f"[Interface]\nPrivateKey = {key}\n")["confidence"], "high")
        loose = bytearray(base64.b64decode(key))
        loose[0] |= 7
        other = base64.b64encode(bytes(loose)).decode()
        self.assertEqual(self.only(f"[Interface]\nPrivateKey = {other}\n")["confidence"], "medium")
        self.assertEqual(self.only(f"[Peer]\nPresharedKey = {other}\n")["confidence"], "high")

    # -- values computed here

    def test_a_key_of_putty_made_by_hand(self):
        def string(value):
            return len(value).to_bytes(4, "big") + value

        public = string(b"ssh-ed25519") + string(self.random_bytes(32))
        private = string(self.random_bytes(32))
        message = b"".join(map(string, (b"ssh-ed25519", b"none", b"me", public, private)))
        macs = {"2": hmac.new(hashlib.sha1(b"putty-private-key-file-mac-key").digest(), message, hashlib.sha1),
                "3": hmac.new(b"", message, hashlib.sha256)}
        for version, mac in macs.items():
            lines = [base64.b64encode(part).decode() for part in (public, private)]
            text = (f"PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\n"
                    f"{lines[0][:64]}\n{lines[0][64:]}\nPrivate-Lines: 1\n{lines[1]}\nPrivate-MAC: {mac.hexdigest()}\n")
            found = self.only(text, "key.ppk")
            self.assertEqual((found["confidence"], found["facts"]["key_type"]), ("high", "ssh-ed25519"))

    def test_a_key_of_supabase_is_proved_by_its_project_nearby(self):
        letters = "abcdefghijklmnopqrstuvwxyz"
        project = "".join(self.random.choices(letters, k=20))
        body = "sb_secret_" + "".join(self.random.choices(letters + letters.upper() + "0123456789", k=22))
        check = base64.urlsafe_b64encode(hashlib.sha256(f"{project}|{body}".encode()).digest()).decode()[:8]
        key = f"{body}_{check}"
        self.assertEqual(self.only(f"URL=https://{project}.supabase.co\nKEY={key}\n")["facts"], {"project": project})
        self.assertEqual(self.only(f"KEY={key}\n")["facts"], {})

    def test_a_recovery_phrase_is_found_by_its_checksum_alone(self):
        text = (ROOT / "scanner/ruleset/bip39_words.h").read_text()
        words = " ".join(part for part in text.split('"') if part.strip() and part[:1].islower()).split()
        self.assertEqual(len(words), 2048)
        for size in (16, 20, 24, 28, 32):
            entropy = self.random_bytes(size)
            bits = size * 8 // 32
            number = int.from_bytes(entropy, "big") << bits | hashlib.sha256(entropy).digest()[0] >> (8 - bits)
            count = (size * 8 + bits) // 11
            numbers = [number >> 11 * (count - 1 - i) & 2047 for i in range(count)]
            phrase = " ".join(words[n] for n in numbers)
            with self.subTest(count=count):
                found = self.only(f'mnemonic = "{phrase}"\n')
                self.assertEqual((found["rule"], found["facts"]["words"]), ("recovery-phrase-bip39", str(count)))
                listed = '", "'.join(phrase.split())
                self.assertEqual(self.only(f'seed_words = ["{listed}"]\n')["rule"], "recovery-phrase-bip39")
                wrong = " ".join(words[n] for n in [*numbers[:-1], numbers[-1] ^ 1])
                self.write("a.txt", f'mnemonic = "{wrong}"\n')
                self.assertEqual(self.scan("a.txt")["findings"], [])

    def test_a_phrase_of_a_test_is_a_sample(self):
        found = self.only('mnemonic = "' + "abandon " * 11 + 'about"\n')
        self.assertEqual((found["severity"], found["facts"]["sample"]), ("info", "repeated"))

    def test_a_token_of_gitlab_tells_its_user(self):
        lines = b"o:1\nu:2s"
        payload = base64.urlsafe_b64encode(self.random_bytes(16) + lines + bytes([len(lines)])).decode().rstrip("=")
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"

        def base36(value, width):
            text = ""
            while value or len(text) < width:
                value, digit = divmod(value, 36)
                text = digits[digit] + text
            return text

        start = f"glpat-{payload}.01.{base36(len(payload), 2)}"
        found = self.only(f"token: {start}{base36(zlib.crc32(start.encode()), 7)}\n")
        self.assertEqual((found["confidence"], found["facts"]), ("high", {"org": "1", "user_id": "100"}))


if __name__ == "__main__":
    main()
