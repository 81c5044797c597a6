"""keytrail tickets sync: each kind of sink against a server that behaves as the service documents, and with faults."""
import concurrent.futures
import hashlib
import hmac
import itertools
import json
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import threading

from support import KEYTRAIL, main
from ticket_support import QUICK, TRACKERS, TicketCase, finding, report, token


class Mail:
    """A mail server. `faults`: what happens to the next mails: "451", "cut" before it is taken, "cut-after" and "hang" after."""

    def __init__(self):
        self.mails, self.faults, self.hanging = [], [], threading.Event()
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line + b"\r\n")

            def handle(self):
                self.say(b"220 here")
                for line in self.rfile:
                    word = (line.split() or [b""])[0].upper()
                    if word == b"DATA":
                        if not self.take():
                            return
                    elif word == b"QUIT":
                        return self.say(b"221 bye")
                    else:
                        self.say(b"250 ok")

            def take(self):
                self.say(b"354 go on")
                lines = []
                for text in self.rfile:
                    if text == b".\r\n":
                        break
                    lines.append(text)
                fault = outer.faults.pop(0) if outer.faults else None
                if fault == "451":
                    self.say(b"451 later")
                    return True
                if fault == "cut":
                    return False
                outer.mails.append(b"".join(lines))
                if fault == "hang":
                    outer.hanging.set()
                    threading.Event().wait(20)
                if fault:
                    return False
                self.say(b"250 taken")
                return True

        class Quiet(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def ids(self):
        return {re.search(rb"Message-ID: <([^>]*)>", mail)[1] for mail in self.mails}


class Sinks(TicketCase):
    def copies(self, name=""):
        """Folders with the same ticket, one for each case."""
        for number in itertools.count():
            shutil.copytree(self.tree / "tickets", self.tree / f"case-{name}{number}")
            yield f"case-{name}{number}"

    def each_tracker(self, work):
        """All at once, as they wait most of the time."""
        self.emit(report(1))
        with concurrent.futures.ThreadPoolExecutor(len(TRACKERS)) as pool:
            for done in [pool.submit(work, *row) for row in TRACKERS]:
                done.result()

    def killed(self, server, folder, settings="settings.toml"):
        """A sync that is killed when the server hangs; whether it hung."""
        process = subprocess.Popen([KEYTRAIL, "tickets", "sync", "--settings", settings, "--out", folder], cwd=self.tree,
                                   env=self.environment() | {"KT_SECRET": self.sink_secret, "KT_USER": "robot"},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not server.hanging.wait(0.01):
            pass
        hung = server.hanging.is_set()
        process.send_signal(signal.SIGKILL)
        process.wait()
        return hung

    def test_every_tracker_survives_every_fault_without_a_twin(self):
        def one(kind, fake):
            settings = f"{kind}.toml"
            for folder, (method, fault) in zip(self.copies(kind), [
                    ("GET", "500"), ("GET", "cut"), ("GET", "429"), ("GET", "twice"), ("POST", "503"), ("POST", "429"),
                    ("POST", "500"), ("POST", "cut"), ("POST", "cut-after"), ("POST", "hang"), ("POST", "hang-before"),
                    ("POST", "twice")]):
                what = f"{kind} {method} {fault}"
                server = self.server(fake)
                server.faults = [(method, fault)]
                self.settings(server, kind, name=settings)
                if self.sync("--out", folder, settings=settings, code=None).code != 0:
                    self.sync("--out", folder, settings=settings)
                self.assertEqual(server.faults, [], what)
                self.assertIn("1 unchanged", self.sync("--out", folder, settings=settings).stdout, what)
                self.assertEqual(len(server.issues), 1, what)
        self.each_tracker(one)

    def test_kill_9_between_any_two_steps_makes_neither_twin_nor_loss(self):
        def one(kind, fake):
            settings = f"{kind}.toml"
            folders = self.copies(kind)
            for when in ("hang_before", "hang_after"):
                for step in range(1, 9):
                    server = self.server(fake)
                    setattr(server, when, step)
                    self.settings(server, kind, name=settings)
                    text = (self.tree / settings).read_text()
                    self.write(settings, text.replace("timeout_seconds = 1", "timeout_seconds = 30"))
                    folder = next(folders)
                    if not self.killed(server, folder, settings):
                        break  # it has no more steps
                    with (self.tree / folder / ".outbox.jsonl").open("a") as outbox:
                        outbox.write('{"sink": "git')  # and a line that was cut
                    what = f"{kind} {when} {step}"
                    self.assertIn("1 sent", self.sync("--out", folder, settings=settings).stdout, what)
                    self.assertIn("1 unchanged", self.sync("--out", folder, settings=settings).stdout, what)
                    self.assertEqual(len(server.issues), 1, what)
                self.assertGreater(step, 2)
        self.each_tracker(one)

    def test_a_server_that_asks_for_patience_gets_it(self):
        server = self.server()
        server.faults = [("GET", "429")]
        self.settings(server)
        self.emit(report(1))
        self.assertIn("1 sent", self.sync(code=0).stdout)
        self.assertEqual(len(server.requests), 3)

    def test_a_webhook_and_a_mail_that_may_have_arrived_come_again_under_the_same_name(self):
        self.emit(report(1))
        folders = self.copies()
        for fault in ("cut", "cut-after", "hang", "503", "500", "429", "twice"):
            with self.subTest(f"webhook {fault}"):
                server = self.server("webhook")
                server.faults = [("POST", fault)]
                self.settings(server, "webhook")
                folder = next(folders)
                if self.sync("--out", folder, code=None).code != 0:
                    self.sync("--out", folder, code=0)
                self.assertEqual(len({headers["Idempotency-Key"] for _, _, headers, _ in server.requests}), 1)
                self.assertIn("1 unchanged", self.sync("--out", folder, code=0).stdout)
        for fault in ("cut", "cut-after", "hang", "451"):
            with self.subTest(f"mail {fault}"):
                server = self.mail_server()
                server.faults = [fault]
                folder = next(folders)
                if self.sync("--out", folder, code=None).code != 0:
                    self.sync("--out", folder, code=0)
                self.assertEqual(len(server.ids()), 1)
                self.assertIn("1 unchanged", self.sync("--out", folder, code=0).stdout)

    def test_kill_9_of_a_message_loses_nothing(self):
        self.emit(report(1))
        folders = self.copies()
        server = self.server("webhook")
        server.hang_after = 1
        self.settings(server, "webhook")
        folder = next(folders)
        self.assertTrue(self.killed(server, folder))
        self.assertIn("1 sent", self.sync("--out", folder, code=0).stdout)
        self.assertEqual(len({headers["Idempotency-Key"] for _, _, headers, _ in server.requests}), 1)
        server = self.mail_server()
        server.faults = ["hang"]
        folder = next(folders)
        self.assertTrue(self.killed(server, folder))
        self.assertIn("1 sent", self.sync("--out", folder, code=0).stdout)
        self.assertEqual((len(server.mails), len(server.ids())), (2, 1))
        for kind in ("slack", "teams"):
            server = self.server("chat")
            server.hang_after = 1
            self.write("settings.toml", f'{QUICK}[[sink]]\nkind = "{kind}"\nsecret = "KT_SECRET"\n')
            self.sink_secret = f"{server.url}/services/hook"
            folder = next(folders)
            self.assertTrue(self.killed(server, folder))
            self.assertIn("may have arrived", self.sync("--out", folder, code=3).stderr)
            self.assertIn("1 sent", self.sync("--out", folder, "--resend", code=0).stdout)
            self.assertEqual(len(server.requests), 2)

    def mail_server(self):
        server = Mail()
        self.addCleanup(server.close)
        self.write("settings.toml", f'{QUICK}[[sink]]\nkind = "smtp"\nurl = "{server.url}"\nsecret = "KT_SECRET"\n'
                                    'from = "keytrail@example.org"\nto = ["security@example.org"]\n')
        return server

    def test_mail_goes_by_smtp(self):
        server = self.mail_server()
        self.emit(report(1))
        self.assertIn("1 sent", self.sync().stdout)
        self.assertIn(b"Subject: [" + self.ids()[0].encode() + b"] P0: Stripe", server.mails[0])
        self.assertRegex(server.mails[0], rb"\r\nDate: Fri, 20 Nov 2026 10:00:00 \+0000\r\n")

    def test_each_tracker_gets_one_issue_and_its_changes(self):
        for kind, fake in TRACKERS:
            with self.subTest(kind):
                server = self.server(fake)
                self.settings(server, kind, f'name = "{kind}"\n')
                folder = ("--out", kind)
                self.emit(report(2), *folder)
                self.assertIn("2 sent", self.sync(*folder).stdout)
                self.assertIn("0 sent, 2 unchanged", self.sync(*folder).stdout)
                changed = report(2)
                changed["tokens"][0]["owner"] = "Another team"
                self.emit(changed, *folder)
                self.assertIn("1 sent, 1 unchanged", self.sync(*folder).stdout)
                self.assertEqual(len(server.issues), 2)
                closed = report(2, findings=[finding(1)], tokens=[token(0, state="revoked"), token(1)])
                self.assertIn("closed", self.emit(closed, *folder, now="2026-11-21T10:00:00Z").stdout)
                self.assertIn("1 sent", self.sync(*folder).stdout)
                states = {"github": [i.get("state") for i in server.issues], "gitlab": [i.get("state_event") for i in server.issues],
                          "jira": [i.get("done") for i in server.issues], "servicenow": [i.get("state") for i in server.issues]}
                self.assertIn({"github": "closed", "gitlab": "close", "jira": True, "servicenow": "6"}[fake], states[fake])

    def test_what_cannot_be_sent_stays_and_the_exit_code_says_so(self):
        for fault in ["401", "429-long"]:
            with self.subTest(fault):
                server = self.server()
                server.faults = [("GET", fault)]
                self.settings(server)
                folder = ("--out", fault)
                self.emit(report(1), *folder)
                run = self.sync(*folder, code=3)
                self.assertIn("not sent", run.stderr)
                self.assertIn("1 left", run.stdout)
                self.assertIn("1 sent", self.sync(*folder).stdout)
                self.assertEqual(len(server.issues), 1)

    def test_a_server_that_is_not_there_is_not_asked_for_every_ticket(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        class Gone:
            url = f"http://127.0.0.1:{port}"
        self.settings(Gone)
        self.emit(report(6))
        run = self.sync(code=3)
        self.assertIn("6 left", run.stdout)
        self.assertIn("not tried: the system cannot be reached", run.stderr)

    def test_a_webhook_is_signed_and_names_the_message(self):
        server = self.server("webhook")
        server.faults = [("POST", "cut-after")]
        self.settings(server, "webhook")
        self.emit(report(1))
        self.sync()
        keys = set()
        for _, _, headers, body in server.requests:
            key = headers["Idempotency-Key"]
            keys.add(key)
            want = hmac.new(self.sink_secret.encode(), key.encode() + b"." + body, hashlib.sha256).hexdigest()
            self.assertEqual(headers["X-Keytrail-Signature"], f"sha256={want}")
            self.assertEqual(json.loads(body)["id"], self.ids()[0])
        self.assertEqual((len(server.requests), len(keys)), (2, 1))

    def test_chat_that_refused_is_told_again_and_chat_that_may_know_is_not(self):
        self.emit(report(1))
        folders = self.copies()
        for kind, fault in itertools.product(("slack", "teams"), ("500", "503", "429", "twice", "cut", "hang", "hang-before")):
            with self.subTest(f"{kind} {fault}"):
                server = self.server("chat")
                server.faults = [("POST", fault)]
                self.write("settings.toml", f'{QUICK}[[sink]]\nkind = "{kind}"\nsecret = "KT_SECRET"\n')
                self.sink_secret = f"{server.url}/services/hook"
                folder = next(folders)
                unclear = fault in ("500", "cut", "hang", "hang-before")  # a server that fails may have posted it
                run = self.sync("--out", folder, code=3 if unclear else 0)
                if unclear:
                    self.assertIn("may have arrived", self.sync("--out", folder, code=3).stderr)
                    run = self.sync("--out", folder, "--resend", code=0)
                self.assertIn("1 sent", run.stdout)
                self.assertEqual(len(server.requests), 1 if fault == "twice" else 2)
                self.assertIn("1 unchanged", self.sync("--out", folder, code=0).stdout)

    def test_chat_is_not_told_twice_unless_asked(self):
        for kind in ("slack", "teams"):
            with self.subTest(kind):
                server = self.server("chat")
                server.faults = [("POST", "cut-after")]
                self.write("settings.toml", f'{QUICK}[[sink]]\nkind = "{kind}"\nsecret = "KT_SECRET"\n')
                folder = ("--out", kind)
                self.emit(report(1), *folder)
                hook = f"{server.url}/services/{self.sink_secret}"
                self.sync(*folder, code=3, secret=hook)
                self.assertIn("may have arrived", self.sync(*folder, code=3, secret=hook).stderr)
                self.assertEqual(len(server.requests), 1)
                self.assertIn("1 sent", self.sync(*folder, "--resend", secret=hook).stdout)
                self.assertIn("P0", json.loads(server.requests[-1][3])["text"])

    def test_a_dry_run_sends_nothing_and_needs_no_credential(self):
        server = self.server()
        self.settings(server)
        self.emit(report(2))
        run = self.keytrail("tickets", "sync", "--settings", "settings.toml", "--dry-run", code=0)
        self.assertIn("2 would be sent", run.stdout)
        self.assertEqual(server.requests, [])
        self.assertFalse((self.tree / "tickets/.outbox.jsonl").exists())

    def test_credentials_come_from_the_environment_over_tls_alone(self):
        self.emit(report(1))
        server = self.server()
        self.settings(server)
        self.assertIn("KT_SECRET: is not set", self.keytrail("tickets", "sync", "--settings", "settings.toml", code=2).stderr)
        self.write("settings.toml", '[[sink]]\nkind = "github"\nurl = "http://example.org"\nproject = "a/b"\nsecret = "KT_SECRET"\n')
        self.assertIn("needs a url with https://", self.sync(code=2).stderr)
        self.write("settings.toml", f'{QUICK}[[sink]]\nkind = "slack"\nurl = "{server.url}"\nsecret = "KT_SECRET"\n')
        self.assertIn("settings.toml:3: the address is a credential", self.sync(code=2).stderr)
        self.settings(server)
        self.sync()
        for _, path, headers, body in server.requests:
            self.assertNotIn(self.sink_secret, path)
            self.assertNotIn(self.sink_secret.encode(), body)
            self.assertEqual(headers["Authorization"], f"Bearer {self.sink_secret}")
        for path in (self.tree / "tickets").iterdir():
            self.assert_no_secret(path.read_bytes(), path.name)


if __name__ == "__main__":
    main()
