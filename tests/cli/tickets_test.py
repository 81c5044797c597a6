"""keytrail tickets and keytrail runbook: folders, sinks with faults, approvals, figures."""
import hashlib
import hmac
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

from support import KEYTRAIL, ROOT, SLOW, Case, main, tokens

NOW = "2026-11-20T10:00:00Z"


def finding(number, kind="leaked", priority="P0", **more):
    fingerprint = hashlib.sha256(f"finding {number}".encode()).hexdigest()[:32]
    commit = hashlib.sha256(f"commit {number}".encode()).hexdigest()[:40]
    token = f"token-{number}"
    verdict = {"kind": kind, "priority": priority, "open": True, "probable": False, "token": token, "reason": "why",
               "rule": "priority.leaked", "since": "2026-11-01T00:00:00Z", "due": "2026-11-20T11:00:00Z", "exception": None}
    return {"rule": "stripe-secret-key", "rule_name": "Stripe key", "provider": "Stripe", "severity": "critical",
            "fingerprint": fingerprint, "secret": "****", "facts": {}, "suppressed": None, "verdict": verdict,
            "token": {"id": token, "value": 0, "probable": False, "joined_by": "value"},
            "occurrences": [{"path": f"src/{number}.env", "kind": "git-blob", "start_line": 1, "blob": commit,
                             "commit": commit, "author": "Ada <ada@example.org>", "date": "2026-11-01T00:00:00Z",
                             "removed_by": None, "at_tip": True, "reachable": True, "refs": ["main"], "held_by": None}],
            **more}


def token(number, **more):
    return {"id": f"token-{number}", "service": f"service-{number}", "provider": "stripe", "environment": "production",
            "owner": "Team", "state": "active", "tier": "high", "tier_rule": "", "dependents": [], "scopes": [],
            "access": ["ada", "grace"], "created": "2026-01-01T00:00:00Z", "verdicts": [], **more}


def report(count, **more):
    numbers = range(count)
    return {"schema_version": 1, "mode": "history", "root": "/srv/a", "repository": "https://git.example.org/a.git",
            "revision": "a" * 40, "findings": [finding(i) for i in numbers], "tokens": [token(i) for i in numbers],
            "incomplete": False, "interrupted": False, **more}


class Server:
    """A tracker like GitHub's or GitLab's, a webhook, and faults: what happens to the next requests of a method."""

    def __init__(self, kind="github"):
        self.issues, self.requests, self.faults, self.kind = [], [], [], kind
        self.hanging = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def act(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                fault = None
                for index, (method, what) in enumerate(outer.faults):
                    if method == self.command:
                        fault = outer.faults.pop(index)[1]
                        break
                if fault in ("500", "503", "401"):
                    return self.answer(int(fault), {})
                if fault == "429":
                    return self.answer(429, {}, {"Retry-After": "1"})
                if fault == "429-long":
                    return self.answer(429, {}, {"Retry-After": "3600"})
                if fault == "cut":
                    return self.connection.close()
                status, answer = outer.handle(self.command, self.path, body)
                if fault == "cut-after":
                    return self.connection.close()
                if fault == "hang":
                    outer.hanging.set()
                    time.sleep(20)
                    return None
                if fault == "twice":
                    self.answer(status, answer)
                return self.answer(status, answer)

            def answer(self, status, body, headers=None):
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = act

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, method, path, body):
        url = urllib.parse.urlsplit(path)
        query = urllib.parse.parse_qs(url.query)
        data = json.loads(body) if body else {}
        handler = {"github": self.forge, "gitlab": self.forge, "jira": self.jira, "servicenow": self.servicenow}.get(self.kind)
        return handler(method, url.path, query, data) if handler else (200, {"ok": True})

    def forge(self, method, path, query, data):
        key = "number" if self.kind == "github" else "iid"
        if method == "GET":
            return 200, [i for i in self.issues if query["labels"][0] in self.labels(i)]
        if method == "POST":
            self.issues.append({key: len(self.issues) + 1, **data})
            return 201, self.issues[-1]
        self.issues[int(path.rsplit("/", 1)[1]) - 1].update(data)
        return 200, {}

    @staticmethod
    def labels(issue):
        labels = issue["labels"]
        return labels.split(",") if isinstance(labels, str) else labels

    def jira(self, method, path, query, data):
        if "search" in path:
            return 200, {"issues": [i for i in self.issues if query["jql"][0].split('"')[1] in i["fields"]["labels"]]}
        if method == "POST" and path.endswith("/issue"):
            self.issues.append({"key": f"SEC-{len(self.issues) + 1}", "fields": data["fields"], "done": False})
            return 201, {"key": self.issues[-1]["key"]}
        issue = self.issues[int(path.split("/issue/SEC-")[1].split("/")[0]) - 1]
        if path.endswith("/transitions"):
            if method == "POST":
                issue["done"] = data["transition"]["id"] == "31"
                return 204, {}
            return 200, {"transitions": [{"id": "11", "to": {"statusCategory": {"key": "new"}}},
                                         {"id": "31", "to": {"statusCategory": {"key": "done"}}}]}
        if method == "PUT":
            issue["fields"].update(data["fields"])
            return 204, {}
        return 200, {"fields": {"status": {"statusCategory": {"key": "done" if issue["done"] else "new"}}}}

    def servicenow(self, method, path, query, data):
        if method == "GET":
            wanted = query["sysparm_query"][0].split("=")[1]
            return 200, {"result": [i for i in self.issues if i["correlation_id"] == wanted]}
        if method == "POST":
            self.issues.append({"sys_id": f"{len(self.issues) + 1:032x}", **data})
            return 201, {"result": self.issues[-1]}
        self.issues[int(path.rsplit("/", 1)[1], 16) - 1].update(data)
        return 200, {"result": {}}


def mismatch(value, schema, where="ticket"):
    """The first place where a value does not follow a JSON Schema; of the schema's keywords those that ours uses."""
    if "const" in schema:
        return None if value == schema["const"] else where
    if "enum" in schema:
        return None if value in schema["enum"] else where
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = {"string": str, "null": type(None), "boolean": bool, "integer": int, "object": dict, "array": list}
    if not any(type(value) is names[kind] for kind in kinds):
        return where
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return where
    if isinstance(value, list):
        return next(filter(None, (mismatch(item, schema["items"], f"{where}[]") for item in value)), None)
    if isinstance(value, dict):
        if set(schema["required"]) - set(value) or set(value) - set(schema["properties"]):
            return where
        return next(filter(None, (mismatch(value[key], schema["properties"][key], f"{where}.{key}") for key in value)), None)
    return None


class Tickets(Case):
    def setUp(self):
        super().setUp()
        self.sink_secret = self.maker.characters(tokens.BASE62, 40)
        self.secrets.append(self.sink_secret)

    def server(self, kind="github"):
        server = Server(kind)
        self.addCleanup(server.close)
        return server

    def emit(self, content, *arguments, code=0, now=NOW):
        self.write("report.json", json.dumps(content))
        return self.keytrail("tickets", "emit", "--from", "report.json", "--now", now, *arguments, code=code)

    def ids(self):
        return sorted(path.stem for path in (self.tree / "tickets").glob("*.json"))

    def settings(self, server, kind="github", more=""):
        self.write("settings.toml", f'[[sink]]\nkind = "{kind}"\nurl = "{server.url}"\nproject = "group/project"\n'
                                    f'user = "KT_USER"\nsecret = "KT_SECRET"\n{more}')

    def sync(self, *arguments, code=0, secret=None):
        return self.keytrail("tickets", "sync", "--settings", "settings.toml", *arguments, code=code,
                             env={"KT_SECRET": secret or self.sink_secret, "KT_USER": "robot"})

    # -- the folder

    def test_a_second_run_writes_no_file(self):
        self.emit(report(3))
        before = {path: path.stat().st_mtime_ns for path in (self.tree / "tickets").iterdir()}
        run = self.emit(report(3), now="2026-11-21T10:00:00Z")
        self.assertIn("0 tickets written to tickets, 3 unchanged", run.stdout)
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in (self.tree / "tickets").iterdir()})

    def test_a_scan_keeps_a_folder_of_tickets_up_to_date(self):
        self.write("app.env", f"token = {self.github()}\n")
        run = self.keytrail("scan", ".", "--tickets", self.base / "work", code=1)
        self.assertIn("1 ticket", run.stderr)
        [ticket] = (self.base / "work").glob("*.md")
        self.assert_no_secret(ticket.read_bytes(), "the ticket")
        self.assertIn("app.env", ticket.read_text())
        before = ticket.stat().st_mtime_ns
        self.keytrail("scan", ".", "--tickets", self.base / "work", code=1)
        self.assertEqual(ticket.stat().st_mtime_ns, before)
        self.keytrail("scan", ".", "--tickets", self.base / "work", "--show-secrets", code=2)

    def test_ten_thousand_tickets_take_seconds(self):
        # Five are wanted on two idle processors; this guards against another order of growth, on a busy machine too.
        content = report(10000 if SLOW == 1 else 1000)
        self.write("report.json", json.dumps(content))
        for _ in range(2):
            start = time.monotonic()
            self.emit(content)
            self.assertLess(time.monotonic() - start, 20 * SLOW)

    def test_tickets_follow_the_published_schema(self):
        schema = json.loads((ROOT / "docs/ticket.schema.json").read_text())
        golden = sorted((ROOT / "tests/unit/ticket/golden").glob("*.json"))
        self.assertGreaterEqual(len(golden), 10)
        for path in golden:
            ticket = json.loads(path.read_text())
            self.assertIsNone(mismatch(ticket, schema), path.name)
            del ticket["owner"]
            self.assertIsNotNone(mismatch(ticket, schema), path.name)

    def test_every_field_of_templates_is_documented(self):
        told = (ROOT / "docs/tickets.md").read_text()
        for file in ("facts.cc", "facts_sources.cc"):
            for name in re.findall(r'\b(?:text|flag)\(\s*"([a-z_0-9]+)"', (ROOT / "scanner/ticket" / file).read_text()):
                self.assertIn(f"`{name}`", told)

    def test_a_scan_s_own_report_makes_tickets(self):
        self.write("a.env", f'token = "{self.github()}"\n')
        self.keytrail("scan", ".", "--report", "json=report.json", code=1)
        run = self.keytrail("tickets", "emit", "--from", "report.json", "--now", NOW, code=0)
        self.assertIn("Untracked GitHub credential exposed", run.stdout)
        for path in (self.tree / "tickets").iterdir():
            self.assert_no_secret(path.read_bytes(), path.name)

    def test_a_report_with_values_makes_tickets_without_them(self):
        self.write("a.env", f'token = "{self.github()}"\n')
        self.keytrail("scan", ".", "--show-secrets", "--report", "json=report.json", code=1, secrets_may_show=True)
        self.keytrail("tickets", "emit", "--from", "report.json", code=0)
        for path in (self.tree / "tickets").iterdir():
            self.assert_no_secret(path.read_bytes(), path.name)

    def test_offboarding_incident_and_hash_secret_ask_for_tickets(self):
        quiet = report(0, tokens=[token(1), token(2, access=["ada"], provider="own"), token(3, provider="circleci", access=[])])
        self.assertIn("Offboarding of grace", self.emit(quiet, "--offboard", "grace").stdout)
        self.assertEqual(len(self.ids()), 1)
        self.assertIn("Incident at CircleCI", self.emit(quiet, "--provider-incident", "CircleCI").stdout)
        self.assertIn("hashed with is exposed", self.emit(quiet, "--hash-secret-exposed").stdout)

    def test_what_is_wrong_is_said_with_its_place(self):
        rows = [({"--settings": "colour = 1\n"}, "x:1: unknown key 'colour'"),
                ({"--settings": '[[sink]]\nkind = "github"\n'}, None),
                ({"--providers": "[[provider]]\nid = 'a'\ncolour = 1\n"}, "x:3: unknown key 'colour'")]
        for files, says in rows:
            for option, text in files.items():
                self.write("x", text)
                run = self.emit(report(1), option, "x", code=2 if says else 0)
                self.assertIn(says or "", run.stderr)
        self.write("mine/steps.txt", "a|b\n{{colour}}\n")
        self.assertIn("mine/steps.txt:2: there is no field 'colour'", self.emit(report(1), "--templates", "mine", code=2).stderr)
        self.write("mine/steps.txt", "only|this\n")
        self.emit(report(1), "--templates", "mine")
        self.assertIn("1. **only**: this", (self.tree / "tickets" / f"{self.ids()[0]}.md").read_text())
        self.assertIn("no templates in this language", self.emit(report(1), "--language", "xx", code=2).stderr)
        self.assertIn("is no report", self.emit({}, code=2).stderr)

    def test_nobody_approves_for_themselves_and_a_privileged_ticket_needs_an_approval(self):
        self.emit(report(1))
        one = self.ids()[0]

        def approve(by, role, code):
            return self.keytrail("tickets", "approve", one, "--by", by, "--role", role, "--now", NOW, code=code)
        self.assertIn("needs an approval", self.keytrail("tickets", "close", one, "--reason", "done", code=2).stderr)
        self.assertIn("cannot approve", approve("keytrail", "security", 2).stderr)
        approve("ada", "executor", 0)
        self.assertIn("two people", approve("Ada", "owner", 2).stderr)
        approve("grace", "owner", 0)
        self.assertIn("two people", approve("grace", "executor", 2).stderr)
        self.keytrail("tickets", "close", one, "--reason", "done", "--by", "ada", "--now", NOW, code=0)
        self.assertIn("0 tickets", self.keytrail("tickets", "list", code=0).stdout)
        self.assertEqual(self.keytrail("tickets", "show", one, "--format", "json").json["state"], "closed")
        self.assertIn("no such ticket", self.keytrail("tickets", "show", "kt-none", code=2).stderr)

    def test_figures_in_three_formats(self):
        self.emit(report(2))
        at = ("--now", "2026-11-22T10:00:00Z")
        self.assertIn("oldest open: 48 hours", self.keytrail("tickets", "metrics", *at, code=0).stdout)
        figures = self.keytrail("tickets", "metrics", "--format", "json", *at, code=0).json
        self.assertEqual(figures["by_priority"]["P0"], {"open": 2, "late": 2, "closed": 0, "seconds_to_close": 0})
        self.assertIn('keytrail_tickets_open{priority="P0"} 2\n',
                      self.keytrail("tickets", "metrics", "--format", "prometheus", *at, code=0).stdout)

    def test_a_runbook_of_all_and_of_one(self):
        self.write("report.json", json.dumps(report(2)))
        run = self.keytrail("runbook", "--all", "--from", "report.json", "--now", NOW, code=0)
        self.assertIn("## 10. What to automate", run.stdout)
        self.assertIn("```mermaid", run.stdout)
        self.keytrail("runbook", "token-1", "--from", "report.json", "--format", "html", "--output", "r.html", code=0)
        self.assertIn("token-1", (self.tree / "r.html").read_text())
        self.assertIn("one of these", self.keytrail("runbook", "--from", "report.json", code=2).stderr)
        self.assertIn("token-9: is no token", self.keytrail("runbook", "token-9", "--from", "report.json", code=2).stderr)

    # -- sinks

    def test_each_tracker_gets_one_issue_and_its_changes(self):
        for kind, fake in [("github", "github"), ("gitlab", "gitlab"), ("jira-cloud", "jira"), ("jira-server", "jira"),
                           ("servicenow", "servicenow")]:
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
                closed = report(2, findings=[], tokens=[token(0, state="revoked"), token(1)])
                self.assertIn("closed", self.emit(closed, *folder, now="2026-11-21T10:00:00Z").stdout)
                self.assertIn("1 sent", self.sync(*folder).stdout)
                states = {"github": [i.get("state") for i in server.issues], "gitlab": [i.get("state_event") for i in server.issues],
                          "jira": [i.get("done") for i in server.issues], "servicenow": [i.get("state") for i in server.issues]}
                self.assertIn({"github": "closed", "gitlab": "close", "jira": True, "servicenow": "6"}[fake], states[fake])

    def test_faults_that_pass_are_survived(self):
        for method, fault in [("GET", "500"), ("GET", "cut"), ("GET", "429"), ("POST", "503"), ("POST", "429"), ("POST", "500"),
                              ("POST", "cut"), ("POST", "cut-after"), ("POST", "twice")]:
            with self.subTest(f"{method} {fault}"):
                server = self.server()
                server.faults = [(method, fault)]
                self.settings(server)
                folder = ("--out", f"{method}-{fault}")
                self.emit(report(1), *folder)
                self.sync(*folder)
                self.assertEqual(len(server.issues), 1)

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

    def test_kill_9_between_request_and_answer_makes_no_twin(self):
        server = self.server()
        server.faults = [("POST", "hang")]
        self.settings(server)
        self.emit(report(1))
        process = subprocess.Popen([KEYTRAIL, "tickets", "sync", "--settings", "settings.toml"], cwd=self.tree,
                                   env=self.environment() | {"KT_SECRET": self.sink_secret, "KT_USER": "robot"},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertTrue(server.hanging.wait(20))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.assertEqual(len(server.issues), 1)
        with (self.tree / "tickets/.outbox.jsonl").open("a") as outbox:
            outbox.write('{"sink": "git')  # and a line that was cut
        self.assertIn("1 sent", self.sync().stdout)
        self.assertEqual(len(server.issues), 1)
        self.assertIn("0 sent, 1 unchanged", self.sync().stdout)

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

    def test_chat_is_not_told_twice_unless_asked(self):
        for kind in ("slack", "teams"):
            with self.subTest(kind):
                server = self.server("chat")
                server.faults = [("POST", "cut-after")]
                self.write("settings.toml", f'[[sink]]\nkind = "{kind}"\nsecret = "KT_SECRET"\n')
                folder = ("--out", kind)
                self.emit(report(1), *folder)
                hook = f"{server.url}/services/{self.sink_secret}"
                self.sync(*folder, code=3, secret=hook)
                self.assertIn("may have arrived", self.sync(*folder, code=3, secret=hook).stderr)
                self.assertEqual(len(server.requests), 1)
                self.assertIn("1 sent", self.sync(*folder, "--resend", secret=hook).stdout)
                self.assertIn("P0", json.loads(server.requests[-1][3])["text"])

    def test_mail_goes_by_smtp(self):
        mails = []
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                def say(line):
                    stream.write(line + b"\r\n")
                    stream.flush()
                say(b"220 here")
                for line in stream:
                    word = line.split()[0].upper() if line.split() else b""
                    if word == b"DATA":
                        say(b"354 go on")
                        lines = []
                        for text in stream:
                            if text == b".\r\n":
                                break
                            lines.append(text)
                        mails.append(b"".join(lines))
                        say(b"250 taken")
                    elif word == b"QUIT":
                        say(b"221 bye")
                        return
                    else:
                        say(b"250 ok")
        threading.Thread(target=serve, daemon=True).start()
        self.write("settings.toml", f'[[sink]]\nkind = "smtp"\nurl = "smtp://127.0.0.1:{listener.getsockname()[1]}"\n'
                                    'secret = "KT_SECRET"\nfrom = "keytrail@example.org"\nto = ["security@example.org"]\n')
        self.emit(report(1))
        self.assertIn("1 sent", self.sync().stdout)
        self.assertIn(b"Subject: [" + self.ids()[0].encode() + b"] P0: Stripe", mails[0])

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
        self.write("settings.toml", f'[[sink]]\nkind = "slack"\nurl = "{server.url}"\nsecret = "KT_SECRET"\n')
        self.assertIn("settings.toml:1: the address is a credential", self.sync(code=2).stderr)
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
