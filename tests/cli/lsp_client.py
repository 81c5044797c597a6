"""A client of the language server for tests: says what it is told to, byte by byte where that matters."""
import json
import os
import select
import subprocess
import time

import support


class Client:
    def __init__(self, case, *arguments, env=None):
        self.case = case
        self.process = subprocess.Popen([support.KEYTRAIL, "lsp", "--stdio", *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=case.tree,
                                        env=case.environment() | (env or {}))
        self.buffer = b""
        self.ids = 0
        self.seen = []  # all that the server said
        case.addCleanup(self.stop)

    def stop(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    # -- saying

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    @staticmethod
    def frame(message):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return b"Content-Length: %d\r\n\r\n" % len(body) + body

    def notify(self, method, params=None):
        self.write(self.frame({"jsonrpc": "2.0", "method": method, "params": params or {}}))

    def request(self, method, params=None):
        """The result, or the error, of a request."""
        self.ids += 1
        self.write(self.frame({"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params or {}}))
        answer = self.wait(lambda message: message.get("id") == self.ids and "method" not in message)
        return answer["error"] if "error" in answer else answer["result"]

    def initialize(self, folder=None, utf8=False, **capabilities):
        folder = folder or self.case.tree
        general = {"positionEncodings": ["utf-8", "utf-16"]} if utf8 else {}
        result = self.request("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(),
                                             "workspaceFolders": [{"uri": folder.as_uri(), "name": "x"}],
                                             "capabilities": {"general": general} | capabilities})
        self.notify("initialized")
        return result

    def open(self, path, text, language="plaintext", version=1):
        uri = path if isinstance(path, str) else path.as_uri()
        self.notify("textDocument/didOpen",
                    {"textDocument": {"uri": uri, "languageId": language, "version": version, "text": text}})
        return uri

    def change(self, uri, version, *changes):
        """Each a text, or (start, end, text) with places as (line, character)."""
        def place(at):
            return {"line": at[0], "character": at[1]}
        content = [{"text": change} if isinstance(change, str) else
                   {"range": {"start": place(change[0]), "end": place(change[1])}, "text": change[2]} for change in changes]
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": content})

    # -- listening

    def wait(self, fits, seconds=20):
        """The next message that fits; what comes before it is kept in `seen`."""
        end = time.monotonic() + seconds * support.SLOW
        while True:
            message = self.read(end - time.monotonic())
            self.case.assertIsNotNone(message, f"no such message; there were {self.seen}")
            if fits(message):
                return message

    def read(self, seconds):
        """One message; nothing when none comes."""
        fd = self.process.stdout.fileno()
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if found:
                size = int(head.split(b":")[1])
                if len(rest) >= size:
                    self.buffer = rest[size:]
                    self.case.assert_no_secret(rest[:size], "a message of the server")
                    message = json.loads(rest[:size])
                    self.case.assertEqual(message["jsonrpc"], "2.0")
                    self.seen.append(message)
                    return message
            if not select.select([fd], [], [], max(seconds, 0))[0]:
                return None
            data = os.read(fd, 1 << 16)
            if not data:
                return None
            self.buffer += data

    def diagnostics(self, uri, version=None):
        message = self.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
                            and version in (None, m["params"].get("version")))
        return message["params"]["diagnostics"]

    def actions(self, uri, diagnostic, only=None):
        context = {"diagnostics": [diagnostic]} | ({"only": only} if only else {})
        return self.request("textDocument/codeAction",
                            {"textDocument": {"uri": uri}, "range": diagnostic["range"], "context": context})

    def finish(self):
        self.case.assertIsNone(self.request("shutdown"))
        self.notify("exit")
        self.case.assertEqual(self.process.wait(20 * support.SLOW), 0)
        self.case.assertEqual(self.process.stderr.read(), b"")


def apply(text, edits, utf8=False):
    """`text` after the edits of a message, which do not overlap."""
    lines = text.splitlines(keepends=True) + [""]

    def offset(place):
        before = "".join(lines[:place["line"]])
        line = lines[place["line"]] if place["line"] < len(lines) else ""
        data = line.encode("utf-8" if utf8 else "utf-16-le")[:place["character"] * (1 if utf8 else 2)]
        return len(before) + len(data.decode("utf-8" if utf8 else "utf-16-le"))
    for edit in sorted(edits, key=lambda each: offset(each["range"]["start"]), reverse=True):
        text = text[:offset(edit["range"]["start"])] + edit["newText"] + text[offset(edit["range"]["end"]):]
    return text
