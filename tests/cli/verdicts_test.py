"""Scans with an inventory: whose a secret is, whether it is still a leak, and what is due; docs/policy.md's example."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import sqlite3
import subprocess

from readme_test import BLOCK, commands, pattern
from support import FORMATS, KEYTRAIL, ROOT, Case, WithInventory, csv_rows, main

NOW = ("--now", "2026-03-20")
MARK = "---- end of a command ----"


class Verdicts(WithInventory, Case):
    more = {}  # variables

    def environment(self):
        return super().environment() | self.more

    def leak(self, token="billing-stripe", path="config/app.env", **fields):
        """A token whose value stands in a file."""
        if not (self.tree / ".keytrail").exists():
            self.inventory("init")
        value = self.secret("stripe")
        self.add(token, value, **fields)
        self.write(path, f"KEY={value}\n")
        return value

    def one(self, *arguments, **more):
        findings = self.scan(*NOW, *arguments, **more)["findings"]
        self.assertEqual(len(findings), 1)
        return findings[0]

    # -- the documented example

    def test_the_example_of_the_documentation(self):
        steps = [step for kind, _, block in BLOCK.findall((ROOT / "docs/policy.md").read_text()) if not kind
                 for step in commands(block)]
        self.assertGreater(len(steps), 10)
        (self.base / "bin").mkdir()
        os.symlink(KEYTRAIL, self.base / "bin/keytrail")
        script = "exec 2>&1\n" + "".join(f"{command}\necho '{MARK}'\n" for command, _ in steps)
        environment = super().environment() | {"PATH": f"{self.base}/bin:{os.environ['PATH']}"}
        run = subprocess.run(["bash", "-c", script], cwd=self.tree, capture_output=True, text=True, env=environment)
        said = run.stdout.split(MARK + "\n")
        self.assertEqual(len(said), len(steps) + 1, run.stdout)
        for (command, output), text in zip(steps, said):
            with self.subTest(command):
                self.assertRegex(text, "\\A" + pattern(output).rstrip("\n") + "\\s*\\Z")

    # -- what is said of a finding

    def test_a_finding_names_its_token_and_why_it_matters(self):
        value = self.leak()
        finding = self.one(".", code=1)
        self.assertEqual(finding["severity"], "critical")
        self.assertEqual(finding["token"], {"id": "billing-stripe", "value": 0, "probable": False, "joined_by": "value"})
        verdict = finding["verdict"]
        self.assertEqual((verdict["kind"], verdict["priority"], verdict["open"]), ("leaked", "P0", True))
        self.assertEqual(verdict["due"], "2026-03-20T00:05:00Z")
        self.assertEqual(verdict["reason"], "billing-api's production Stripe token, owner Platform, created 412 days ago, "
                                            "never rotated, exposed in config/app.env, still valid")
        self.assertNotIn(value, json.dumps(finding))

    def test_every_format_tells_token_and_verdict(self):
        self.leak()
        for name in FORMATS:
            with self.subTest(name):
                text = self.keytrail("scan", ".", *NOW, "--format", name, code=1).stdout
                for wanted in ("billing-stripe", "leaked", "P0", "412 days ago", "never-rotated"):
                    # Formats with a record per finding have no place for tokens that were not found.
                    if wanted != "never-rotated" or name in ("text", "json", "jsonl", "sarif", "html", "markdown"):
                        self.assertIn(wanted, text)
        row = csv_rows(self.keytrail("scan", ".", *NOW, "--format", "csv", code=1).stdout)[0]
        self.assertEqual([row[c] for c in ("token", "joined_by", "verdict", "priority", "open", "since", "due")],
                         ["billing-stripe", "value", "leaked", "P0", "true", "", "2026-03-20T00:05:00Z"])
        sarif = self.keytrail("scan", ".", *NOW, "--format", "sarif", code=1).json["runs"][0]
        self.assertEqual(sarif["results"][0]["rank"], 100)
        self.assertEqual(sarif["results"][0]["properties"]["verdict"]["priority"], "P0")
        self.assertEqual(sarif["properties"]["tokens"][0]["id"], "billing-stripe")

    def test_rotation_and_revocation_close_a_leak_and_deletion_does_not(self):
        self.leak()
        self.commit("one")
        (self.tree / "config/app.env").unlink()
        self.commit("two")
        self.assertEqual(self.one("--history", ".", code=1)["verdict"]["kind"], "leaked")
        self.inventory("rotate", "billing-stripe", "--value-stdin", "--approver", "Security",
                       stdin=self.secret("stripe").encode())
        report = self.scan("--history", ".", code=0)
        closed = report["findings"][0]
        self.assertEqual((closed["verdict"]["kind"], closed["verdict"]["open"], closed["severity"]),
                         ("leaked-superseded", False, "info"))
        self.inventory("revoke", "billing-stripe", "--approver", "Security")
        self.assertEqual(self.scan("--history", ".", code=0)["findings"][0]["verdict"]["kind"], "leaked-revoked")
        self.keytrail("scan", "--history", ".", "--fail-on", "info", code=1)

    def test_a_kept_sweep_is_judged_anew(self):
        self.leak(environment="staging")
        self.commit()
        before = self.scan("--history", ".", *NOW, code=1)
        again = self.scan("--history", ".", *NOW, code=1)
        self.assertEqual(before, again)
        self.assertEqual(before["findings"][0]["verdict"]["priority"], "P1")
        self.inventory("add", "billing-stripe", "--update", "--reaches-production", "yes")
        self.assertEqual(self.one("--history", ".", code=1)["verdict"]["priority"], "P0")

    def test_a_secret_of_nobodys_keeps_its_severity(self):
        self.inventory("init")
        self.write("a.env", f"KEY={self.secret('stripe')}\n")
        finding = self.one(".", code=1)
        self.assertEqual((finding["severity"], finding["token"], finding["verdict"]["kind"]), ("critical", None, "untracked"))

    def test_what_is_public_is_urgent(self):
        self.leak(environment="sandbox", access="billing-api")
        self.inventory("add", "billing-stripe", "--update", "--can-write", "no")
        self.assertEqual(self.one(".", code=1)["verdict"]["priority"], "P1")
        text = "[priority]\nleaked = \"P2\"\n"
        self.write("policy.toml", text)
        self.assertEqual(self.one(".", "--policy", "policy.toml", code=1)["verdict"]["priority"], "P2")
        self.assertEqual(self.one(".", "--policy", "policy.toml", "--public", code=1)["verdict"]["priority"], "P1")
        self.write(".keytrail.toml", "[scan]\npolicy = \"policy.toml\"\npublic = true\n")
        self.assertIn("in public", self.one(".", code=1)["verdict"]["reason"])

    def test_without_the_key_a_token_is_probable_and_a_note_says_so(self):
        value = self.leak()
        report = self.scan(".", *NOW, env={"KEYTRAIL_HASH_SECRET": ""})
        self.assertEqual(report["findings"][0]["verdict"]["kind"], "untracked")
        self.assertTrue(any("without its key" in note for note in report["notes"]))
        (self.tree / "list.csv").write_text(f"id,service,provider,last four\nfrom-list,billing-api,stripe,{value[-4:]}\n")
        self.inventory("import", "list.csv")
        finding = self.scan(".", *NOW, env={"KEYTRAIL_HASH_SECRET": ""})["findings"][0]
        self.assertEqual(finding["token"], {"id": "from-list", "value": 0, "probable": True, "joined_by": "last-four"})
        self.assertTrue(finding["verdict"]["probable"])
        self.assertTrue(finding["verdict"]["reason"].startswith("probably billing-api's Stripe token (by "))
        self.assertFalse(self.one(".")["verdict"]["probable"])

    def test_a_hook_tells_of_what_it_found_alone(self):
        value = self.leak()
        self.add("another", None, service="search")
        self.commit()
        self.write("b.env", f"KEY={value}\n")
        self.git("add", "b.env")
        report = self.scan("--staged", *NOW, code=1)
        self.assertEqual([token["id"] for token in report["tokens"]], ["billing-stripe"])
        self.git("reset", "-q")
        self.write("clean.txt", "nothing\n")
        self.git("add", "clean.txt")
        report = self.scan("--staged", *NOW, code=0)
        self.assertEqual(report["tokens"], [])

    def test_an_inventory_is_used_only_where_it_is_meant(self):
        self.leak()
        self.assertIsNone(self.scan(".", "--no-inventory", code=1)["findings"][0]["verdict"])
        self.assertIsNone(self.scan(".", "--no-inventory", code=1)["inventory"])
        other = self.base / "other"
        other.mkdir()
        (other / "a.env").write_bytes((self.tree / "config/app.env").read_bytes())
        self.assertIsNone(self.scan(other, code=1)["findings"][0]["verdict"])
        named = self.scan(other, *NOW, "--inventory", self.tree / ".keytrail/inventory.db", code=1)
        self.assertEqual(named["findings"][0]["verdict"]["kind"], "leaked")
        run = self.keytrail("scan", other, *NOW, code=2)
        self.assertIn("inventory init", run.stderr)

    def test_what_cannot_be_used_ends_the_scan_with_a_remedy(self):
        self.leak()
        wrong = self.maker.characters("0123456789abcdef", 64)
        run = self.keytrail("scan", ".", env={"KEYTRAIL_HASH_SECRET": wrong}, code=2)
        self.assertIn("another key", run.stderr)
        self.write("p.toml", "\n[tier.high]\nrotate = 3\n")
        run = self.keytrail("scan", ".", "--policy", "p.toml", code=2)
        self.assertIn("p.toml:3: unknown key \"rotate\"", run.stderr)
        self.assertEqual(self.keytrail("scan", ".", "--now", "soon", code=2).stdout, "")
        (self.tree / ".keytrail/inventory.db").write_bytes(b"not a database" * 100)
        self.assertIn("inventory.db", self.keytrail("scan", ".", code=2).stderr)
        self.keytrail("scan", ".", "--no-inventory", code=1)

    # -- policy, due, audit

    def test_a_scan_and_a_new_exception_are_in_the_audit_log(self):
        self.leak()
        policy = self.write("policy.toml", '[[exception]]\ntokens = ["billing-*"]\nverdicts = ["never-rotated"]\n'
                            'approver = "Grace"\nreason = "vendor outage"\nuntil = 2026-06-30\n')
        for _ in range(2):
            self.scan(*NOW, "--policy", policy)
        self.scan(*NOW, "--no-inventory")
        events = [json.loads(line) for line in self.keytrail("audit", "show", "--json", code=0).stdout.splitlines()]
        self.assertEqual([event["event"] for event in events], ["init", "add", "scan", "exception", "scan"])
        self.assertEqual(events[2]["details"]["of_tokens"], "1")
        self.assertEqual((events[3]["approver"], events[3]["details"]["until"]), ("Grace", "2026-06-30"))
        self.keytrail("audit", "verify", code=0)

    def test_hashes_of_another_key_database_are_compared_under_its_key(self):
        key, value = self.maker.characters("0123456789abcdef", 40), self.secret("stripe")
        self.secrets.append(key)
        digest = hmac.new(key.encode(), value.encode(), hashlib.sha256).digest()
        self.write("config/app.env", f"KEY={value}\n")
        self.inventory("init")
        for scheme, encoding, column in (("hex-keys", "hex", "v1:" + digest.hex()),
                                         ("b64-keys", "base64", base64.b64encode(digest).decode())):
            self.inventory("import", "-", "--hash-scheme", scheme, "--hash-encoding", encoding,
                           *(["--hash-prefix", "v1:"] if encoding == "hex" else []), "--map", "hash=key_hash",
                           stdin=f"id,service,key_hash\n{scheme},api,{column}\n".encode())
            name = "KEYTRAIL_SCHEME_KEY_" + scheme.upper().replace("-", "_")
            file = self.write("scheme.key", key + "\n")
            os.chmod(file, 0o600)
            for more in ({name: key}, {name + "_FILE": str(file)}):
                self.more = more
                self.assertEqual(self.one()["token"], {"id": scheme, "value": 0, "probable": False,
                                                       "joined_by": "value"})
            self.more = {name: "another" + key}
            self.assertIsNone(self.one()["token"])
            os.chmod(file, 0o644)
            self.more = {name + "_FILE": str(file)}
            self.assertIn("chmod 600", self.keytrail("scan", ".", code=2).stderr)
            file.unlink()
            self.inventory("remove", scheme, "--force")
        self.more = {}

    def test_what_is_due_is_the_same_after_an_older_inventory_was_opened(self):
        self.inventory("init")
        self.add("rotated", self.secret("stripe"), created="2025-02-01", last_rotated="2026-03-01")
        self.add("old", created="2025-02-01")
        self.add("expiring", created="2026-03-19", environment="test", expires="2026-05-01")
        due = self.inventory("due", *NOW).stdout
        self.assertIn("2 due until", due)
        with contextlib.closing(sqlite3.connect(self.tree / ".keytrail/inventory.db")) as store:
            store.executescript("ALTER TABLE tokens DROP COLUMN value_made; PRAGMA user_version = 2;")
        self.assertEqual(self.inventory("due", *NOW).stdout, due)

    def test_a_policy_can_be_shown_changed_and_checked(self):
        text = self.inventory("policy", "show").stdout
        self.write("policy.toml", text)
        self.assertIn("a good policy", self.inventory("policy", "check", "policy.toml").stdout)
        self.write("policy.toml", text.replace("rotate_days = 30", "rotate_days = 700"))
        self.assertIn("policy.toml:", self.inventory("policy", "check", "policy.toml", code=2).stderr)
        self.write("policy.toml", '[[exception]]\ntokens = ["a"]\nverdicts = ["shared"]\napprover = "S"\nuntil = 2020-01-01\n')
        self.assertIn("ended on 2020-01-01", self.inventory("policy", "check", "policy.toml").stdout)
        self.inventory("policy", "check", "nowhere.toml", code=2)

    def calendar(self, *arguments):
        return self.inventory("due", "--format", "ics", *arguments).out_bytes

    def test_the_calendar_keeps_to_its_standard(self):
        self.inventory("init")
        self.add("a", purpose="x", owner="Ödön; the \"longest\" owner, " + "é" * 90)
        self.add("b", created="2026-03-01")
        self.add("c", created="2026-03-19", expires="2026-03-25")
        self.add("later", environment="sandbox", created="2026-03-19")
        text = self.calendar(*NOW)
        self.assertTrue(text.endswith(b"END:VCALENDAR\r\n"))
        self.assertEqual(text.count(b"\n"), text.count(b"\r\n"))
        for line in text.split(b"\r\n"):
            self.assertLessEqual(len(line), 75)
            line.decode("utf-8")
        unfolded = text.replace(b"\r\n ", b"").decode()
        self.assertIn("owner\\, " + "é" * 90, unfolded)
        self.assertIn("Ödön\\; the", unfolded)
        uids = re.findall("UID:(.*)\r\n", unfolded)
        self.assertEqual((len(uids), len(set(uids))), (3, 3))
        self.assertEqual(unfolded.count("BEGIN:VEVENT"), unfolded.count("END:VEVENT"))
        self.assertEqual(set(re.findall("DTSTAMP:(.*)\r\n", unfolded)), {"20260320T000000Z"})
        self.assertEqual(self.calendar(*NOW), text)
        self.inventory("add", "b", "--update", "--created", "2026-03-02")
        self.assertEqual(set(re.findall("UID:(.*)\r\n", self.calendar(*NOW).decode())), set(uids))

    def test_what_is_due_is_told_in_time(self):
        self.inventory("init")
        self.add("a", created="2026-03-01")
        for within, due in (("10d", 0), ("11d", 1), ("2026-03-30", 0), ("2026-03-31", 1)):
            with self.subTest(within):
                report = self.inventory("due", *NOW, "--within", within, "--format", "json").json
                self.assertEqual(len(report["due"]), due)
        self.assertEqual(report["due"][0]["when"], "2026-03-31T00:00:00Z")
        self.assertIn("--within takes", self.inventory("due", "--within", "soon", code=2).stderr)
        self.assertIn("1 due until", self.inventory("due", *NOW, "--owner", "platform").stdout)
        self.assertIn("0 due until", self.inventory("due", *NOW, "--owner", "nobody").stdout)
        self.assertIn("| 2026-03-31 | in 11 days | rotate | a |", self.inventory("due", *NOW, "--format", "markdown").stdout)

    def test_an_audit_counts_what_keeps_to_the_policy(self):
        self.leak()
        self.add("good", created="2026-03-10", storage="vault:kv/x", purpose="x")
        self.add("lone", owner="", created="2026-03-10", service="search", last_used="2025-01-01")
        self.write("stray.env", f"KEY={self.secret('github')}\n")
        self.keytrail("scan", ".", *NOW, "--report", "json=report.json", code=1)
        audit = self.inventory("audit", *NOW, "--scan", "report.json", "--format", "json").json
        sections = {name: [row["token"] for row in rows] for name, rows in audit["sections"].items()}
        self.assertEqual(sections["leaked"], ["billing-stripe"])
        self.assertEqual(sections["untracked"], [None])
        self.assertEqual(sections["never-rotated"], ["billing-stripe"])
        self.assertEqual(sections["no-owner"], ["lone"])
        self.assertEqual(sections["unused"], ["lone"])
        self.assertEqual(sections["not-in-secret-store"], ["billing-stripe", "lone"])
        self.assertEqual(sections["incomplete-entry"], ["billing-stripe", "lone"])
        self.assertEqual((audit["tokens"], audit["compliant"]), (3, 2))
        self.assertEqual(audit["by_owner"][1], {"name": "Platform", "tokens": 2, "compliant": 1})
        monthly = self.inventory("audit", *NOW, "--monthly", "--format", "json").json
        self.assertNotIn("unused", monthly["sections"])
        self.assertNotIn("leaked", monthly["sections"])
        self.assertIn("## Never rotated (1)", self.inventory("audit", *NOW, "--format", "markdown").stdout)
        self.assertIn("keytrail scan --report", self.inventory("audit", "--scan", "stray.env", code=2).stderr)


if __name__ == "__main__":
    main()
