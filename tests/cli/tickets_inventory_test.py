"""Tickets and runbooks from scans with an inventory, and what approvals leave in its audit log."""
import json
import shutil

from support import WithInventory, main
from ticket_support import QUICK, TRACKERS, TicketCase, report, token

AT = "2026-03-20T12:00:00Z"
LATER = "2026-03-21T12:00:00Z"


class TicketsFromInventory(WithInventory, TicketCase):
    created = "2026-03-10"

    def setUp(self):
        super().setUp()
        self.inventory("init")

    def repository(self, name, value):
        """A repository beside the inventory whose history has the value and whose tip has not."""
        folder = self.tree / name
        folder.mkdir()
        self.git("init", "-q", "-b", "main", folder=folder)
        for text in (f"KEY={value}\n", "KEY=\n"):
            (folder / "app.env").write_text(text)
            self.git("add", "-A", folder=folder)
            self.git("commit", "-q", "-m", "Change", folder=folder)
        return folder

    def scan_into(self, folder, *options, at=AT, **more):
        return self.keytrail("scan", "--history", folder, "--inventory", ".keytrail/inventory.db", "--tickets", "tickets",
                             "--now", at, *options, **more)

    def tickets(self, state="all"):
        listed = self.keytrail("tickets", "list", "--state", state, "--format", "json", code=0).json
        return {(one["subject"], one["trigger"]): one for one in listed}

    def files(self):
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (self.tree / "tickets").iterdir()}

    def tick(self, one):
        path = self.tree / "tickets" / f"{one}.md"
        path.write_text(path.read_text().replace("- [ ] ", "- [x] "))

    # -- where tickets come from

    def test_a_scan_makes_tickets_of_what_it_found_and_of_the_whole_inventory(self):
        value = self.secret("stripe")
        self.add("leaked", value)
        self.add("old", created="2024-01-01")
        folder = self.repository("app", value)
        self.scan_into(folder)
        made = self.tickets()
        self.assertEqual(set(made), {("leaked", "leak"), ("old", "never-rotated")})
        leak = made["leaked", "leak"]
        self.assertEqual((leak["priority"], leak["opened"], leak["due"]), ("P0", AT, "2026-03-20T12:05:00Z"))
        self.assertEqual([place["path"] for place in leak["places"]], ["app.env"])
        before = self.files()
        self.scan_into(folder, at=LATER)
        self.assertEqual(self.files(), before)
        self.inventory("rotate", "leaked", "--value-stdin", "--approver", "Security", stdin=self.secret("stripe").encode())
        self.inventory("rotate", "old", "--approver", "Security")
        self.scan_into(folder, at="2026-12-01")
        self.assertEqual({key: one["state"] for key, one in self.tickets().items() if one["opened"] == AT},
                         {("leaked", "leak"): "closed", ("old", "never-rotated"): "closed"})

    def test_two_repositories_have_one_ticket(self):
        value = self.secret("stripe")
        self.add("leaked", value)
        one, two = self.repository("one", value), self.repository("two", value)
        self.scan_into(one)
        self.scan_into(two)
        ticket = self.tickets()["leaked", "leak"]
        self.assertEqual([source["target"] for source in ticket["sources"]], [str(one), str(two)])
        before = self.files()
        for folder in (one, two, one):
            self.scan_into(folder, at=LATER)
        self.assertEqual(self.files(), before)

    def test_an_untracked_secret_of_two_repositories_has_one_ticket(self):
        value = self.secret("stripe")
        for name in ("one", "two"):
            self.scan_into(self.repository(name, value))
        [ticket] = self.tickets().values()
        self.assertEqual([source["place_count"] for source in ticket["sources"]], [1, 1])
        # A scan of one that shows nothing takes its places away, and closes nothing.
        shutil.rmtree(self.tree / "two")
        self.repository("two", "nothing")
        self.scan_into(self.tree / "two")
        [ticket] = self.tickets().values()
        self.assertEqual(([source["place_count"] for source in ticket["sources"]], ticket["state"]), ([1, 0], "open"))

    def test_the_store_is_found_as_a_scan_finds_it(self):
        self.add("old", created="2024-01-01", owner="grace@example.org")
        self.add("new", provider="circleci")
        (self.tree / "below").mkdir()
        emit = ("tickets", "emit", "--now", AT)
        self.assertIn("1 tickets written", self.keytrail(*emit, folder=self.tree / "below", code=0).stdout)
        self.assertIn("1 tickets written", self.keytrail(*emit, "--inventory", ".keytrail/inventory.db", code=0).stdout)
        self.assertIn("Offboarding of grace@example.org", self.keytrail(*emit, "--offboard", "grace@example.org", code=0).stdout)
        self.assertIn("Incident at CircleCI", self.keytrail(*emit, "--provider-incident", "CircleCI", code=0).stdout)
        runbook = self.keytrail("runbook", "--all", "--now", AT, code=0).stdout
        self.assertIn("| old |", runbook)
        self.assertIn("| new |", runbook)
        self.assertIn("--inventory", self.keytrail(*emit, "--no-inventory", code=2).stderr)
        (self.base / "other").mkdir()
        self.assertIn("there is nothing to make tickets of", self.keytrail(*emit, folder=self.base / "other", code=2).stderr)
        self.assertIn("none.db", self.keytrail(*emit, "--inventory", "none.db", code=2).stderr)

    def test_a_report_and_an_export_go_together_as_before(self):
        self.write("report.json", json.dumps(report(0)))
        self.write("export.json", json.dumps({"tokens": [token(7)]}))
        run = self.keytrail("tickets", "emit", "--from", "report.json", "--inventory", "export.json", "--offboard", "grace", code=0)
        self.assertIn("1 tickets written", run.stdout)

    def test_what_was_scanned_without_an_inventory_is_untracked_beside_one(self):
        self.write("app.env", f"token = {self.github()}\n")
        self.keytrail("scan", "app.env", "--no-inventory", "--report", "json=report.json", code=1)
        run = self.keytrail("tickets", "emit", "--from", "report.json", code=0)
        self.assertIn("Untracked GitHub credential", run.stdout)

    def test_times_come_from_the_policy_beside_the_inventory(self):
        text = self.inventory("policy", "show").stdout
        self.write(".keytrail/policy.toml", text.replace('P0 = "5m"', 'P0 = "10m"').replace('P1 = "1h"', 'P1 = "2h"'))
        value = self.secret("stripe")
        self.add("leaked", value)
        self.scan_into(self.repository("app", value))
        leak = self.tickets()["leaked", "leak"]
        self.assertEqual([stage["due"] for stage in leak["sections"]["stages"]],
                         ["2026-03-20 12:10 UTC", "2026-03-20 14:00 UTC", "2026-03-21 12:00 UTC", "2026-03-27 12:00 UTC"])

    def test_an_exception_that_is_over_is_said(self):
        self.add("old", created="2024-01-01")
        text = self.inventory("policy", "show").stdout
        exception = '\n[[exception]]\ntokens = ["old"]\nverdicts = ["never-rotated"]\napprover = "Security"\nreason = "contract"\n'
        self.write(".keytrail/policy.toml", text + exception + "until = 2026-04-30\n")
        emit = ("tickets", "emit", "--now")
        self.assertIn("0 tickets written", self.keytrail(*emit, AT, code=0).stdout)
        self.keytrail(*emit, "2026-05-01T09:00:00Z", code=0)
        [one] = self.tickets().values()
        self.assertEqual(one["trigger"], "exception-over")
        self.assertIn("approved by Security until 2026-04-30: contract", one["summary"])

    def test_no_value_of_a_field_gets_into_a_ticket(self):
        planted = {field: self.secret() for field in ("purpose", "owner", "storage", "backup-owner", "compliance", "scopes",
                                                       "access", "dependents")}
        options = [part for field, value in planted.items() for part in ("--" + field, f"see {value} there")]
        run = self.keytrail("inventory", "add", "old", "--service", "api", "--provider", "stripe", "--environment", "production",
                            "--created", "2024-01-01", *options)
        if run.code != 0:  # it refuses some of them; the rest are tried alone
            for field, value in planted.items():
                self.keytrail("inventory", "add", f"old-{field}", "--created", "2024-01-01", "--" + field, f"see {value} there")
        folder = self.repository("app", self.secret("stripe"))
        self.git("remote", "add", "origin", f"https://robot:{self.secret()}@git.example.org/app.git", folder=folder)
        for name in (self.secret(), f"{self.secret()}/app.env"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(f"KEY={self.secret('stripe')}\n")
        self.git("add", "-A", folder=folder)
        self.git("-c", f"user.name={self.secret()}", "commit", "-q", "-m", f"use {self.secret()}", folder=folder)
        # The scan shows paths as they are; what is made of it does not.
        run = self.scan_into(folder, "--report", "json=report.json", secrets_may_show=True)
        self.assert_no_secret(run.err_bytes, "what tickets were made")
        texts = [path.read_bytes() for path in (self.tree / "tickets").iterdir()]
        for form in ("markdown", "html"):
            texts.append(self.keytrail("runbook", "--all", "--from", "report.json", "--format", form, "--now", AT, code=0).out_bytes)
        texts.append(self.keytrail("tickets", "list", code=0).out_bytes)
        self.assertGreater(len(texts), 8)
        for text in texts:
            self.assert_no_secret(text, "a ticket")
        for kind, fake in (*TRACKERS, ("webhook", "webhook"), ("slack", "chat"), ("teams", "chat")):
            server = self.server(fake)
            self.settings(server, kind)
            if fake == "chat":
                self.write("settings.toml", f'{QUICK}[[sink]]\nkind = "{kind}"\nsecret = "KT_SECRET"\n')
            self.sync(secret=f"{server.url}/hook" if fake == "chat" else None)
            self.assertGreaterEqual(len(server.requests), len(self.tickets()), kind)
            for _, _, _, body in server.requests:
                self.assert_no_secret(body, f"a message to {kind}")
        self.assert_no_secret((self.tree / "tickets" / ".outbox.jsonl").read_bytes(), "the outbox")

    # -- approvals

    def events(self):
        lines = self.keytrail("audit", "show", "--json", code=0).stdout.splitlines()
        return [event for event in map(json.loads, lines) if event.get("event", "").startswith("ticket")]

    def test_approvals_and_closures_are_in_the_audit_log(self):
        self.add("old", created="2024-01-01")
        self.keytrail("tickets", "emit", "--now", AT, code=0)
        [one] = [ticket["id"] for ticket in self.tickets().values()]

        def approve(by, role, code=0):
            return self.keytrail("tickets", "approve", one, "--by", by, "--role", role, code=code)

        def close(*options, code):
            return self.keytrail("tickets", "close", one, "--reason", "rotated by hand", *options, code=code)
        self.assertIn("needs an approval first", close("--by", "ada", code=2).stderr)
        self.assertIn("cannot approve", approve("keytrail", "security", 2).stderr)
        self.assertEqual(self.events(), [])  # what did not happen is not in it
        approve("ada", "executor")
        approve("grace", "manager")
        shown = self.keytrail("tickets", "show", one, code=0).stdout
        self.assertRegex(shown, r"\| Approval times \| executor ada, .* UTC; manager grace, .* UTC \|")
        self.assertIn("0 tickets written", self.keytrail("tickets", "emit", "--now", LATER, code=0).stdout)
        self.assertIn("boxes of its audit evidence are not ticked", close("--by", "ada", code=2).stderr)
        self.tick(one)
        self.assertIn("who approved it cannot close it", close("--by", "Grace", code=2).stderr)
        close("--by", "ada", code=0)
        self.assertEqual([(e["event"], e["token"], e["details"]["ticket"]) for e in self.events()],
                         [(kind, "old", one) for kind in ("ticket-execute", "ticket-approve", "ticket-close")])
        last = self.events()[-1]
        self.assertEqual((last["operator"], last["approver"], last["requester"], last["reason"], last["details"]["evidence"]),
                         ("ada", "grace", "keytrail", "rotated by hand", "complete"))
        self.keytrail("audit", "verify", code=0)

    def test_a_ticket_closed_without_evidence_says_so(self):
        self.add("old", created="2024-01-01", environment="sandbox", provider="twilio")
        self.inventory("add", "old", "--update", "--reaches-production", "no")
        self.keytrail("tickets", "emit", "--now", AT, code=0)
        [ticket] = self.tickets().values()
        self.keytrail("tickets", "approve", ticket["id"], "--by", "grace", "--role", "owner", code=0)
        value = self.secret()
        self.keytrail("tickets", "close", ticket["id"], "--by", "ada", "--reason", f"was {value}", "--without-evidence", code=0)
        [ticket] = self.tickets().values()
        self.assertIn("without evidence", ticket["history"][-1]["text"])
        self.assertEqual(self.events()[-1]["details"]["evidence"], "not asked for")
        self.assert_no_secret(json.dumps(self.events()).encode(), "the audit log")

    def test_no_inventory_is_a_note_and_one_that_cannot_be_written_an_error(self):
        self.add("old", created="2024-01-01")
        self.keytrail("tickets", "emit", "--now", AT, code=0)
        [one] = [ticket["id"] for ticket in self.tickets().values()]
        approve = ("tickets", "approve", one, "--by", "grace", "--role", "manager", "--out", self.tree / "tickets")
        self.assertIn("none.db", self.keytrail(*approve, "--inventory", "none.db", code=2).stderr)
        (self.base / "other").mkdir()
        self.assertIn("no audit log has this", self.keytrail(*approve, folder=self.base / "other", code=0).stderr)


if __name__ == "__main__":
    main()
