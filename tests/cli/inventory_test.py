"""The token inventory: from an empty folder to rotations, and what happens when it is killed at any moment."""
import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import time
from pathlib import Path

from support import KEYTRAIL, SANITIZED, SLOW, Case, csv_rows, main


class Inventory(Case):
    def setUp(self):
        super().setUp()
        self.key = self.maker.characters("0123456789abcdef", 64)
        self.secrets.append(self.key)

    def environment(self):
        return super().environment() | {"KEYTRAIL_HASH_SECRET": self.key}

    def inventory(self, *arguments, **more):
        return self.keytrail("inventory", *arguments, **more)

    def value(self):
        return self.secret("stripe")

    def show(self, token):
        return self.inventory("show", token, "--json", code=0).json

    def assert_no_value_in_any_file(self):
        for folder, _, names in os.walk(self.base):
            for name in names:
                self.assert_no_secret(Path(folder, name).read_bytes(), os.path.join(folder, name))

    # -- one token's life

    def test_a_tokens_life(self):
        self.inventory("init", code=0)
        first, second = self.value(), self.value()
        self.inventory("add", "billing/stripe", "--service", "billing", "--environment", "staging", "--owner", "Ada",
                       "--created", "2026-01-31", "--value-stdin", stdin=first.encode() + b"\n", code=0)
        token = self.show("billing/stripe")
        self.assertEqual(token["values"][0]["last_four"], first[-4:])
        self.assertEqual(token["values"][0]["length"], len(first))
        self.inventory("rotate", "billing/stripe", "--value-env", "NEW", env={"NEW": second}, code=0)
        token = self.show("billing/stripe")
        self.assertEqual([value["last_four"] for value in token["values"]], [second[-4:], first[-4:]])
        self.assertIn("valid_until", token["values"][1])
        self.inventory("revoke", "billing/stripe", "--reason", "end of contract", code=0)
        self.assertEqual(self.show("billing/stripe")["state"], "revoked")
        self.inventory("remove", "billing/stripe", code=0)
        events = [json.loads(line)["event"] for line in
                  self.keytrail("audit", "show", "--json", code=0).stdout.splitlines()]
        self.assertEqual(events, ["init", "add", "rotate", "revoke", "remove"])
        self.assertIn("the audit log holds: 5 lines", self.keytrail("audit", "verify", code=0).stdout)
        self.assert_no_value_in_any_file()

    def test_files_are_for_their_owner_alone(self):
        self.inventory("init", code=0)
        for name in ("inventory.db", "audit.jsonl"):
            mode = stat.S_IMODE((self.tree / ".keytrail" / name).stat().st_mode)
            self.assertEqual(mode, 0o600, name)
        self.assertEqual(stat.S_IMODE((self.tree / ".keytrail").stat().st_mode), 0o700)

    def test_git_is_told_of_a_policy_and_not_of_the_database_and_its_log(self):
        self.inventory("init", code=0)
        subprocess.run(["git", "init", "-q", self.tree], check=True)
        self.write(".keytrail/policy.toml", "")
        self.write(".keytrail/hash.key", "")
        run = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=self.tree, capture_output=True, text=True)
        self.assertEqual(run.stdout.split()[1::2], [".keytrail/.gitignore", ".keytrail/policy.toml"])

    def test_the_inventory_is_found_from_a_folder_below(self):
        self.inventory("init", code=0)
        (self.tree / "a/b").mkdir(parents=True)
        self.assertIn("0 tokens", self.inventory("list", folder=self.tree / "a/b", code=0).stdout)

    def test_a_second_init_and_a_missing_inventory_are_errors_with_a_remedy(self):
        self.assertIn("inventory init", self.inventory("list", code=2).stderr)
        self.inventory("init", code=0)
        self.assertIn("there already", self.inventory("init", code=2).stderr)

    # -- values and keys

    def test_values_that_are_weak_are_refused_with_the_reason(self):
        self.inventory("init", code=0)
        for value, reason in ((b"short", "shorter than 8"), (b"aaaaaaaaaaaaaaaa", "repeated"),
                              (b"changeme", "common word"), (b"x9" * 3000, "longer than 4,096")):
            run = self.inventory("add", "t", "--value-stdin", stdin=value, code=2)
            self.assertIn(reason, run.stderr)
        self.assertIn("0 tokens", self.inventory("list", code=0).stdout)

    def test_another_key_is_noticed_at_once(self):
        self.inventory("init", code=0)
        other = self.maker.characters("0123456789abcdef", 64)
        run = self.inventory("add", "t", "--value-stdin", stdin=self.value().encode(), code=2,
                             env={"KEYTRAIL_HASH_SECRET": other})
        self.assertIn("not the key", run.stderr)
        self.assertIn("rekey", run.stderr)

    def test_a_key_file_must_be_private_and_long(self):
        path = self.write("key", self.key + "\n")
        path.chmod(0o644)
        self.assertIn("chmod 600", self.inventory("init", "--key-file", path, code=2).stderr)
        path.chmod(0o600)
        self.inventory("init", "--key-file", path, code=0)
        path.write_text("short")
        self.assertIn("32 characters", self.inventory("import", "-", "--key-file", path, stdin=b"id\na\n", code=2).stderr)

    def test_another_key_in_place_of_the_first(self):
        self.inventory("init", code=0)
        one, two = self.value(), self.value()
        self.inventory("import", "-", stdin=f"id,secret\na,{one}\nb,{two}\n".encode(), code=0)
        new = self.maker.characters("0123456789abcdef", 64)
        self.secrets.append(new)
        run = self.inventory("rekey", stdin=f"a\t{one}\n".encode(), env={"KEYTRAIL_NEW_HASH_SECRET": new}, code=0)
        self.assertIn("1 value under the new key", run.stdout)
        self.assertIn("without a value under it: b", run.stdout)
        self.key = new
        self.inventory("rotate", "a", "--approver", "Cleo", "--value-stdin", stdin=self.value().encode(), code=0)
        self.keytrail("audit", "verify", code=0)
        self.assert_no_value_in_any_file()

    # -- import and export

    def test_all_or_nothing_and_every_bad_row_is_named(self):
        self.inventory("init", code=0)
        self.write("keys.csv", "Key Name,Team,Expiry\na,Ada,2027-01-31\nb,Bob,31/12/27\nc,Cleo,soon\n")
        run = self.inventory("import", "keys.csv", code=2)
        self.assertIn("keys.csv: line 3 (column 3, Expiry)", run.stderr)
        self.assertIn("keys.csv: line 4 (column 3, Expiry)", run.stderr)
        self.assertIn("nothing was imported", run.stderr)
        self.assertIn("0 tokens", self.inventory("list", code=0).stdout)

    def test_a_value_that_was_pasted_into_another_field_is_refused(self):
        self.inventory("init", code=0)
        value = self.github()
        run = self.inventory("import", "-", stdin=f"id,purpose\na,x\nb,use {value} here\n".encode(), code=2)
        self.assertIn("line 3 (purpose): a credential", run.stderr)
        self.assertIn("a credential", self.inventory("add", "t", "--purpose", value, code=2).stderr)
        self.assertIn("a credential", self.inventory("add", "t", "--reason", value, code=2).stderr)
        self.assert_no_value_in_any_file()

    def test_importing_again_changes_nothing_and_a_dry_run_shows_what_would(self):
        self.inventory("init", code=0)
        value = self.value()
        self.write("keys.csv", f"Key Name,Team,Secret\na,Ada,{value}\nb,Bob,\n")
        self.assertIn("2 new", self.inventory("import", "keys.csv", code=0).stdout)
        self.assertIn("0 new, 0 changed, 2 unchanged", self.inventory("import", "keys.csv", code=0).stdout)
        self.write("more.csv", "Key Name,Team\nb,Eve\nc,Cleo\n")
        run = self.inventory("import", "more.csv", "--dry-run", code=0)
        self.assertIn("~ b: owner: Bob -> Eve", run.stdout)
        self.assertIn("+ c", run.stdout)
        self.assertIn("2 tokens", self.inventory("list", code=0).stdout)
        (self.tree / "keys.csv").unlink()
        self.assert_no_value_in_any_file()

    def test_kubernetes_secrets_are_fingerprinted_and_their_values_written_nowhere(self):
        import base64
        self.inventory("init", code=0)
        values = [self.value() for _ in range(20)]
        items = [{"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                  "metadata": {"name": f"s{i}", "namespace": "prod"},
                  "data": {"TOKEN": base64.b64encode(value.encode()).decode()}} for i, value in enumerate(values)]
        listing = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        run = self.inventory("import", "-", stdin=listing.encode(), code=0)
        self.assertIn("20 new", run.stdout)
        self.assertEqual(self.show("k8s:prod/s3/TOKEN")["values"][0]["last_four"], values[3][-4:])
        self.assert_no_value_in_any_file()

    def test_what_is_exported_comes_back(self):
        self.inventory("init", code=0)
        self.inventory("import", "-", stdin=f'[{{"id":"a","owner":"Ada, \\"A\\"","scopes":["x;y","z"],"value":"{self.value()}"}},'
                       f'{{"id":"=b","created":"2026-01-31"}}]'.encode(), code=0)
        exported = self.inventory("export", "--format", "json", code=0).stdout
        for name in ("all.csv", "all.json"):
            self.inventory("export", name, code=0)
            self.inventory("init", "--inventory", f"{name}.d/inventory.db", code=0)
            self.inventory("import", name, "--inventory", f"{name}.d/inventory.db", code=0)
            again = self.inventory("export", "--format", "json", "--inventory", f"{name}.d/inventory.db", code=0).stdout
            self.assertEqual(again, exported)

    def test_lists_are_filtered_and_sorted(self):
        self.inventory("init", code=0)
        self.write("keys.csv", "id,service,owner,last_rotated,state\n"
                   "a,Billing,Ada,2026-01-01,active\nb,billing,,,active\nc,search,Ada,2025-01-01,revoked\n")
        self.inventory("import", "keys.csv", code=0)

        def ids(*arguments):
            return [row["id"] for row in csv_rows(self.inventory("list", "--format", "csv", *arguments, code=0).stdout)]
        self.assertEqual(ids(), ["a", "b", "c"])
        self.assertEqual(ids("--service", "billing"), ["a", "b"])
        self.assertEqual(ids("--no-owner"), ["b"])
        self.assertEqual(ids("--never-rotated"), ["b"])
        self.assertEqual(ids("--state", "revoked"), ["c"])
        self.assertEqual(ids("--sort", "rotated"), ["c", "a", "b"])
        self.assertEqual(ids("--sort", "rotated", "--reverse"), ["a", "c", "b"])
        self.assertEqual(ids("--overdue"), ["a", "b"])
        self.inventory("list", "--sort", "colour", code=2)

    def test_a_hostile_name_cannot_steer_the_terminal(self):
        self.inventory("init", code=0)
        self.inventory("import", "-", stdin=b'[{"id":"a","owner":"\\u001b[2Jx\\u202ey"}]', code=0)
        self.assertNotIn("\x1b", self.inventory("list", code=0).stdout)
        self.assertNotIn("\u202e", self.inventory("show", "a", code=0).stdout)

    # -- dual control

    def test_a_high_risk_token_takes_two(self):
        self.inventory("init", code=0)
        self.inventory("add", "t", "--environment", "production", "--created", "2026-01-01", code=0)
        self.assertIn("--approver", self.inventory("rotate", "t", code=2).stderr)
        self.assertIn("operator", self.inventory("rotate", "t", "--operator", "ada", "--approver", "ADA", code=2).stderr)
        self.assertIn("requester", self.inventory("rotate", "t", "--requester", "bob", "--approver", "bob", code=2).stderr)
        self.inventory("rotate", "t", "--requester", "bob", "--approver", "cleo", code=0)
        self.assertIn("--emergency", self.inventory("revoke", "t", code=2).stderr)
        run = self.inventory("revoke", "t", "--emergency", "--operator", "ada", code=0)
        self.assertIn("approval is due", run.stderr)
        self.assertIn("approval due", self.inventory("show", "t", code=0).stdout)
        self.inventory("approve", "t", "--approver", "ada", code=2)
        self.inventory("approve", "t", "--approver", "cleo", code=0)
        self.assertIn("no approval is due", self.inventory("approve", code=0).stdout)

    # -- the audit log

    def test_a_changed_audit_log_is_noticed(self):
        self.inventory("init", code=0)
        for name in "abc":
            self.inventory("add", name, code=0)
        log = self.tree / ".keytrail/audit.jsonl"
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[:2] + lines[3:]))
        self.assertIn("line 3", self.keytrail("audit", "verify", code=2).stderr)
        log.write_bytes(b"".join(lines[:3]))
        self.assertIn("end is missing", self.keytrail("audit", "verify", code=2).stderr)
        log.write_bytes(b"".join(lines).replace(b'"token":"a"', b'"token":"x"'))
        self.assertIn("line 3", self.keytrail("audit", "verify", code=2).stderr)
        log.write_bytes(b"".join(lines))
        self.keytrail("audit", "verify", code=0)

    def test_pruning_keeps_a_year_and_is_recorded(self):
        self.inventory("init", code=0)
        self.inventory("add", "a", code=0)
        time.sleep(1.1)
        self.inventory("add", "b", code=0)
        self.assertIn("less than a year", self.keytrail("audit", "prune", "--before", "2026-12-31", code=2).stderr)
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.keytrail("audit", "prune", "--before", soon, "--force", code=2)
        self.keytrail("audit", "prune", "--before", soon, "--force", "--approver", "cleo", code=0)
        self.keytrail("audit", "verify", code=0)
        self.assertIn("approved by cleo", self.keytrail("audit", "show", "--event", "prune", code=0).stdout)
        self.inventory("add", "c", code=0)
        self.keytrail("audit", "verify", code=0)

    # -- several at once, and kill -9

    def test_two_processes_at_once_lose_nothing(self):
        self.inventory("init", code=0)
        environment = self.environment()
        workers = []
        for worker in range(4):
            script = "; ".join(f'"{KEYTRAIL}" inventory add w{worker}-{i} || exit 1' for i in range(10))
            workers.append(subprocess.Popen(["sh", "-c", script], cwd=self.tree, env=environment,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
        for worker in workers:
            _, error = worker.communicate(timeout=60 * SLOW)
            self.assertEqual(worker.returncode, 0, error)
        self.assertIn("40 tokens", self.inventory("list", code=0).stdout)
        self.assertIn("41 lines", self.keytrail("audit", "verify", code=0).stdout)

    def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(self):
        rounds = 20 if SANITIZED else 200
        self.inventory("init", code=0)
        values = [self.value() for _ in range(5)]
        rows = "".join(f"t{i},svc{i},{values[i % 5]}\n" for i in range(300))
        self.inventory("add", "r", "--environment", "test", "--created", "2026-01-01", code=0)
        picker = random.Random(7)
        acknowledged, rotations, finished = set(), 0, 0
        # How long one takes, so that kills fall all over it.
        begin = time.monotonic()
        self.inventory("import", "-", stdin=b"id,service\nfirst,x\n", code=0)
        usual = (time.monotonic() - begin) * 2
        for number in range(rounds):
            if number % 2 == 0:
                arguments = ["import", "-"]
                text = "id,service,secret\n" + "".join(f"n{number}-{line}\n" for line in rows.splitlines())
            else:
                arguments, text = ["rotate", "r", "--reason", f"round {number}"], ""
            process = subprocess.Popen([KEYTRAIL, "inventory", *arguments], cwd=self.tree, env=self.environment(),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            try:
                process.stdin.write(text.encode())
                process.stdin.close()
            except BrokenPipeError:
                pass
            try:
                process.wait(timeout=picker.uniform(0, usual))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            process.stdout.close()
            if process.returncode == 0:
                finished += 1
                if number % 2 == 0:
                    acknowledged.add(number)
                else:
                    rotations += 1
        self.keytrail("audit", "verify", code=0)
        ids = {row["id"] for row in csv_rows(self.inventory("list", "--format", "csv", code=0).stdout)}
        events = [json.loads(line) for line in self.keytrail("audit", "show", "--json", code=0).stdout.splitlines()]
        for number in range(0, rounds, 2):
            there = sum(f"n{number}-t{i}" in ids for i in range(300))
            self.assertIn(there, (300,) if number in acknowledged else (0, 300))
        # Every change that is in the store has its line, whether it was acknowledged or not.
        imports = sum(f"n{number}-t0" in ids for number in range(0, rounds, 2))
        self.assertEqual(sum(event["event"] == "import" for event in events), imports + 1)
        self.assertGreaterEqual(sum(event["event"] == "rotate" for event in events), rotations)
        self.assertEqual(len({event["id"] for event in events}), len(events))
        self.assertGreater(finished, 0)
        self.assertLess(finished, rounds)
        self.assert_no_value_in_any_file()

    def test_a_damaged_inventory_says_so(self):
        self.inventory("init", code=0)
        self.inventory("import", "-", stdin="id,owner\n".encode() + b"".join(b"t%d,ada\n" % i for i in range(2000)), code=0)
        database = self.tree / ".keytrail/inventory.db"
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray(database.read_bytes())
        content[5 * 4096:9 * 4096] = os.urandom(4 * 4096)
        database.write_bytes(content)
        self.assertIn("damaged", self.inventory("add", "x", code=2).stderr)
        self.keytrail("audit", "verify", code=2)


if __name__ == "__main__":
    main()
