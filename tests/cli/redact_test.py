"""keytrail redact: no secret leaves, everything else leaves as it came, and lines leave when they are there."""
import base64
import os
import signal
import subprocess
import time

import support
from support import SLOW, Case, main


class Redact(Case):
    def redact(self, text, *arguments, code=0, **more):
        run = self.keytrail("redact", *arguments, stdin=text, code=code, **more)
        return run.out_bytes

    def start(self, *arguments):
        process = subprocess.Popen([support.KEYTRAIL, "redact", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment(), cwd=self.tree)
        for pipe in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(pipe.close)
        self.addCleanup(process.kill)
        return process

    def test_bytes_around_a_secret_stay(self):
        secret = self.github().encode()
        before, behind = bytes(range(1, 256)) + b"\r\n token = ", b"\r\n\tend \xff\xfe without newline"
        out = self.redact(before + secret + behind)
        self.assertEqual(out, before + b"ghp_****" + secret[-4:] + behind)

    def test_what_has_no_secret_is_the_same(self):
        for text in (b"", b"\n", b"\0\1\2", b"plain\r\n" * 1_000_000, os.urandom(3_000_000)):
            self.assertTrue(self.redact(text) == text)

    def test_secrets_at_any_place_of_big_files_are_masked(self):
        text = bytearray()
        secrets = [self.github().encode() for _ in range(20)]
        for number in range(150_000):
            text += b"line %d of a long log that says nothing at all %s\n" % (number, b"." * (number % 61))
            if number % 37 == 0:
                text += b"token = " + secrets[number % 20] + b"\n"
        self.assertGreater(len(text), 8 << 20)
        want = bytes(text)
        for secret in secrets:
            want = want.replace(secret, b"*" * 40)
        self.assertTrue(self.redact(bytes(text), "--style", "stars", "--exact") == want)
        self.assertTrue(self.redact(bytes(text), "--style", "stars") == want)
        self.assertTrue(self.redact(b"", "--style", "stars", self.write("a.log", bytes(text))) == want)

    def test_styles(self):
        secret, other = self.github(), self.secret("slack")
        text = f"a {secret} b {other} {secret}\n".encode()
        self.assertEqual(self.redact(text, "--style", "tag"),
                         b"a [keytrail:github-personal-access-token:1] b [keytrail:slack-bot-token:2]"
                         b" [keytrail:github-personal-access-token:1]\n")
        self.assertEqual(len(self.redact(text, "--style", "stars")), len(text))

    def test_encoded_secrets(self):
        secret = self.github()
        encoded = base64.b64encode(f"user and password are {secret}, do not tell".encode())
        out = self.redact(b"data: " + encoded + b" end\n")
        self.assertNotIn(secret, base64.b64decode(encoded).decode().replace(secret, ""))
        self.assertNotIn(encoded, out)
        self.assertTrue(out.startswith(b"data: ") and out.endswith(b" end\n"), out)
        wide = f"token = {secret}\r\n".encode("utf-16")
        out = self.redact(wide)
        self.assertEqual(out.decode("utf-16"), f"token = ghp_****{secret[-4:]}\r\n")

    def test_accepted_findings_are_masked_and_no_configuration_is_read(self):
        secret = self.github()
        self.write(".keytrail.toml", '[scan]\nskip_rules = ["*"]\n[[allow]]\nrules = ["github-*"]\nreason = "x"\n')
        self.redact(f"token = {secret}  # keytrail:allow\n".encode())

    def test_values_of_the_inventory_are_masked(self):
        key = self.maker.characters("0123456789abcdef", 64)
        value = "q7" + self.maker.characters("abcdefghijklmnopqrstuvwxyzABCDEFG0123456789", 17)
        self.secrets += [key, value]
        known = {"KEYTRAIL_HASH_SECRET": key}
        self.keytrail("inventory", "init", code=0, env=known)
        self.keytrail("inventory", "add", "odd-one", "--service", "x", "--value-stdin", stdin=value.encode(), code=0, env=known)
        text = f"we use {value}, as ever\n".encode()
        self.assertEqual(self.redact(text, "--style", "tag", env=known), b"we use [keytrail:inventory-token:1], as ever\n")
        inventory = self.tree / ".keytrail/inventory.db"
        self.assertIn(b"[keytrail:inventory-token:1]",
                      self.redact(text, "--style", "tag", "--inventory", inventory, env=known, folder=self.base))
        self.assertEqual(self.redact(text, "--no-inventory", env=known, secrets_may_show=True), text)

    def test_exit_codes(self):
        secret = self.github().encode()
        self.redact(secret + b"\n", "--exit-code", code=1)
        self.redact(secret + b"\n")
        self.redact(b"nothing\n", "--exit-code")
        self.redact(b"", "no-such-file", code=2)
        self.redact(b"", ".", code=2)
        self.redact(b"", "--style", "nothing", code=2)
        run = self.keytrail("redact", "--stats", stdin=secret + b"\n", code=0)
        self.assertIn("masked      1\n", run.stderr)
        self.assertIn("github-personal-access-token 1\n", run.stderr)

    def test_low_confidence_on_request(self):
        text = b'password = "fooBarQux1"\napi_key = "' + self.maker.characters("abcdef0123456789", 20).encode() + b'"\n'
        masked = [self.redact(text, "--min-confidence", level).count(b"****") for level in ("high", "medium", "low")]
        self.assertEqual(masked, sorted(masked))

    def test_a_line_is_passed_on_when_it_is_complete(self):
        process = self.start()
        secret = self.github().encode()
        for piece in (b"token = " + secret[:10], secret[10:] + b"\nhalf a"):
            os.write(process.stdin.fileno(), piece)
            time.sleep(0.1)
        line = process.stdout.readline()
        self.assertEqual(line, b"token = ghp_****" + secret[-4:] + b"\n")
        os.write(process.stdin.fileno(), b" line\n")
        self.assertEqual(process.stdout.readline(), b"half a line\n")
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)

    def test_text_that_trickles_without_a_pause_is_passed_on(self):
        process = self.start()
        os.set_blocking(process.stdout.fileno(), False)
        began = time.monotonic()
        seen = None
        while not seen and time.monotonic() - began < 10 * SLOW:
            os.write(process.stdin.fileno(), b"line\n")
            time.sleep(0.005)
            seen = process.stdout.read()
        self.assertTrue(seen)
        process.stdin.close()

    def test_exact_waits_for_the_end(self):
        process = self.start("--exact")
        os.write(process.stdin.fileno(), b"line\n")
        time.sleep(0.3)
        os.set_blocking(process.stdout.fileno(), False)
        self.assertFalse(process.stdout.read())
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)

    def test_a_key_that_comes_line_by_line_is_masked(self):
        body = [self.maker.characters("ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789+/", 64) for _ in range(12)]
        # DER of a key begins so.
        body[0] = "MIIEpAIBAAKCAQEA" + body[0][16:]
        self.secrets += body
        lines = ["-----BEGIN RSA " + "PRIVATE KEY-----", *body, "-----END RSA " + "PRIVATE KEY-----"]
        process = self.start()
        for line in ["before", *lines, "behind"]:
            os.write(process.stdin.fileno(), line.encode() + b"\n")
            time.sleep(0.05)
        process.stdin.close()
        out = process.stdout.read()
        self.assert_no_secret(out, "standard output")
        self.assertTrue(out.startswith(b"before\n") and out.endswith(b"behind\n"), out)

    def test_a_reader_that_goes_is_no_error(self):
        process = self.start()
        process.stdout.close()
        try:
            process.stdin.write(b"line\n" * 2_000_000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(process.wait(60), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_an_interrupted_run_passes_on_whole_lines_only(self):
        process = self.start()
        secret = self.github().encode()
        os.write(process.stdin.fileno(), b"one\ntoken = " + secret[:20])
        self.assertEqual(process.stdout.readline(), b"one\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.assertEqual(process.stdout.read(), b"")

    def test_memory_is_bounded(self):
        process = subprocess.Popen([support.KEYTRAIL, "redact"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   env=self.environment())
        block = (b"a line of text that says little, as lines of logs do\n" * 20_000)
        for _ in range(64 if SLOW == 1 else 8):
            process.stdin.write(block)
        process.stdin.write(b"x" * (16 << 20))  # no line end either
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        if SLOW == 1:
            self.assertLess(usage.ru_maxrss, 64 * 1024)


if __name__ == "__main__":
    main()
