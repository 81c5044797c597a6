"""What the tests of tickets share: reports, fake servers with faults, and a folder of tickets with its sinks."""
import hashlib
import http.server
import json
import re
import threading
import time
import urllib.parse

from support import Case, tokens

NOW = "2026-11-20T10:00:00Z"


# Pauses and time-outs that a test has time for.
QUICK = "pause_milliseconds = 10\ntimeout_seconds = 1\n"
# Kind of sink -> kind of server.
TRACKERS = [("github", "github"), ("gitlab", "gitlab"), ("jira-cloud", "jira"), ("jira-server", "jira"),
            ("servicenow", "servicenow")]


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
        self.count, self.hang_after, self.hang_before = 0, 0, 0
        self.hanging = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def act(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                outer.count += 1
                fault = "hang" if outer.hang_after == outer.count else "hang-before" if outer.hang_before == outer.count else None
                for index, (method, what) in enumerate(outer.faults):
                    if method == self.command:
                        fault = outer.faults.pop(index)[1]
                        break
                if fault == "hang-before":
                    outer.hanging.set()
                    time.sleep(20)
                    return None
                if fault in ("500", "502", "503", "401"):
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
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

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


class TicketCase(Case):
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

    def settings(self, server, kind="github", more="", name="settings.toml"):
        self.write(name, f'{QUICK}[[sink]]\nkind = "{kind}"\nurl = "{server.url}"\nproject = "group/project"\n'
                                    f'user = "KT_USER"\nsecret = "KT_SECRET"\n{more}')

    def sync(self, *arguments, code=0, secret=None, settings="settings.toml"):
        return self.keytrail("tickets", "sync", "--settings", settings, *arguments, code=code,
                             env={"KT_SECRET": secret or self.sink_secret, "KT_USER": "robot"})
