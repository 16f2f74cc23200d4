"""A topic of changes: tombstones that delete rows, and what is gone from it before it is read.

changes_test.py PROGRAM PRODUCE, with the addresses in BATCHOUT_TEST_*.
"""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

PROGRAM, PRODUCE = sys.argv[1:3]
PG = {name: os.environ.get(f"BATCHOUT_TEST_PG_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}
KAFKA = os.environ.get("BATCHOUT_TEST_KAFKA", "")

CONFIG = """
batchout: 1
inputs:
  orders: {{type: kafka, bootstrap_servers: ["{kafka}"], consumer_group: "{mark}", topic: "{mark}", timeout_sec: 1s{input}}}
extractors:
  body: {{type: jsonpath}}
  about: {{type: meta}}
columns:
  id: {{extractor: about, path: key, type: {key_type}{processors}}}
  deleted: {{extractor: about, path: tombstone, type: boolean}}
  state: {{extractor: body, path: state}}
  total: {{extractor: body, path: total, type: decimal}}
outputs:
  copy: {output}
"""
SQLITE = "{type: sqlite, path: copy.db, table: orders, mode: upsert, keys: [id], delete_when: {deleted: [true]}%s}"


class Changes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.mark = "changes_" + uuid.uuid4().hex[:12]
        self.topic("topic", self.mark, "1")

    def topic(self, *arguments):
        script = pathlib.Path(__file__).parents[2] / "servers" / "kafka.sh"
        subprocess.run([script, *arguments], check=True, capture_output=True)

    def configure(self, output=SQLITE % "", input=", tombstones: rows", key_type="integer", processors=""):
        (self.folder / "batch.yml").write_text(CONFIG.format(
            kafka=KAFKA, mark=self.mark, output=output, input=input, key_type=key_type, processors=processors))

    def put(self, *changes):
        """Pairs of key and value; None is a tombstone."""
        lines = (str(key) if value is None else f"{key}\t{value if isinstance(value, str) else json.dumps(value)}"
                 for key, value in changes)
        subprocess.run([PRODUCE, self.mark, "--keyed"], input="".join(line + "\n" for line in lines), text=True, check=True)

    def delete_before(self, offset):
        subprocess.run([PRODUCE, self.mark, "--delete", str(offset)], check=True)

    def run_once(self, *options, expect=0):
        done = subprocess.run([PROGRAM, "run", "--once", *options, "batch.yml"], cwd=self.folder, capture_output=True,
                              text=True, timeout=300)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def sqlite(self, query):
        with sqlite3.connect(self.folder / "copy.db") as database:
            return list(database.execute(query))

    def orders(self):
        return self.sqlite("SELECT id, state, total FROM orders ORDER BY id")

    def psql(self, query):
        return subprocess.run(
            ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", PG["HOST"], "-p", PG["PORT"], "-U", PG["USER"],
             "-d", PG["DBNAME"], "-c", query],
            env={**os.environ, "PGPASSWORD": PG["PASSWORD"]}, check=True, capture_output=True, text=True).stdout.split()

    # --------------------------------------------------------------------------------------------------- clusters

    def test_a_position_knows_its_cluster(self):
        self.configure()
        self.put(*((key, {"state": "new"}) for key in range(3)))
        self.run_once()
        position = "SELECT next_pos, token FROM batchout_source_position"
        [(number, token)] = self.sqlite(position)
        self.assertEqual(number, 3)
        cluster = token.split("&")[0]
        self.assertGreater(len(cluster), 10)

        # As earlier versions have left it.
        for n, earlier in enumerate(("", cluster), 3):
            self.sqlite(f"UPDATE batchout_source_position SET token = '{earlier}'")
            self.put((n, {"state": "new"}))
            self.run_once()
            [(number, token)] = self.sqlite(position)
            self.assertEqual(number, n + 1)
            self.assertRegex(token, f"^{cluster}&before={n}&fnv1a=[0-9a-f]{{16}}$")

        self.sqlite("UPDATE batchout_source_position SET token = 'another', next_pos = 2")
        error = self.run_once(expect=3)
        self.assertIn("[BO520]", error)
        self.assertIn("position 2 of cluster another, found cluster " + cluster, error)
        self.assertEqual(self.sqlite(position), [(2, "another")])
        subprocess.run([PROGRAM, "positions", "set", "batch.yml", "0=5"], cwd=self.folder, check=True, capture_output=True)
        self.put((5, {"state": "new"}))
        self.run_once()
        [(number, token)] = self.sqlite(position)
        self.assertEqual((number, token.split("&")[0]), (6, cluster))
        self.assertEqual(len(self.orders()), 6)

    def test_a_topic_that_was_made_anew_is_told_although_it_has_grown_beyond_the_position(self):
        self.configure(input=", on_gap: skip_and_record")
        self.put(*((key, {"state": "new"}) for key in range(10)))
        self.run_once()
        self.topic("delete", self.mark)
        self.topic("topic", self.mark, "1")
        self.put(*((key, {"state": "new"}) for key in range(100, 130)))
        for _ in range(2):
            self.assertIn("topic was made anew or has lost messages", self.run_once(expect=3))
        self.assertEqual([row[0] for row in self.orders()], list(range(10)))
        subprocess.run([PROGRAM, "positions", "set", "batch.yml", "0=0"], cwd=self.folder, check=True, capture_output=True)
        self.run_once()
        self.assertEqual([row[0] for row in self.orders()], [*range(10), *range(100, 130)])

    def test_a_journal_takes_up_the_cluster(self):
        self.configure(output="{type: csv, path: copy.csv}")
        self.put((1, {"state": "new"}))
        self.run_once()
        show = [PROGRAM, "positions", "list", "batch.yml", "--format", "json"]

        def listed():
            return json.loads(subprocess.check_output(show, cwd=self.folder, text=True))

        cluster = listed()[0]["token"].split("&")[0]
        self.assertGreater(len(cluster), 10)
        subprocess.run([PROGRAM, "positions", "set", "batch.yml", "0=1"], cwd=self.folder, check=True, capture_output=True)
        self.assertEqual(listed()[0]["token"], "")
        self.run_once()
        self.assertEqual((listed()[0]["position"], listed()[0]["token"]), (1, cluster))

    # ------------------------------------------------------------------------------------------------- tombstones

    def test_tombstones_are_rejects_by_default(self):
        self.configure(input="")
        self.put((1, {"state": "new", "total": 1.5}), (1, None))
        self.assertIn("1 of BO403", self.run_once())
        self.assertEqual(self.orders(), [(1, "new", "1.5")])

    def test_tombstones_delete_rows_in_sqlite(self):
        self.configure()
        self.put((1, {"state": "new", "total": 1}), (2, {"state": "new", "total": 2}), (3, {"state": "new", "total": 3}))
        self.run_once()
        # Within one batch the order counts: 2 is gone and comes back, 3 comes and goes, 4 was never there.
        self.put((1, None), (2, None), (2, {"state": "back", "total": 4}), (3, {"state": "paid"}), (3, None), (4, None))
        error = self.run_once()
        self.assertEqual(self.orders(), [(2, "back", "4")])
        self.assertIn("rejects       none", error)

    def test_tombstones_delete_rows_where_absent_values_keep_what_is_there(self):
        self.configure(SQLITE % ", absent: keep")
        self.put((1, {"state": "new", "total": 1}), (2, {"state": "new", "total": 2}), (1, {"total": 5}), (2, None))
        self.run_once()
        self.assertEqual(self.orders(), [(1, "new", "5")])

    def test_tombstones_delete_rows_in_postgres(self):
        self.psql(f"CREATE TABLE {self.mark} (id bigint PRIMARY KEY, deleted boolean, state text NOT NULL, total numeric NOT NULL)")
        self.addCleanup(self.psql, f"DROP TABLE {self.mark}; DELETE FROM batchout_delivery.source_position WHERE pipeline = '{self.mark}'")
        address = ("type: postgres, host: %(HOST)s, port: %(PORT)s, user: %(USER)s, password: %(PASSWORD)r, dbname: %(DBNAME)s,"
                   " sslmode: prefer" % PG)
        for absent in ("null", "keep"):
            with self.subTest(absent=absent):
                self.configure("{%s, table: %s, mode: upsert, keys: [id], delete_when: {deleted: [true]}, absent: %s}"
                               % (address, self.mark, json.dumps(absent)))
                self.put((1, {"state": "new", "total": 1}), (2, {"state": "new", "total": 2}), (3, {"state": "new", "total": 3}))
                self.run_once()
                self.put((1, None), (2, None), (2, {"state": "back", "total": 4}), (3, {"state": "paid", "total": 3}), (3, None),
                         (4, None))
                self.assertIn("rejects       none", self.run_once())
                self.assertEqual(self.psql(f"SELECT id, deleted, state, total FROM {self.mark}"), ["2|f|back|4"])

    def test_keys_that_are_json(self):
        self.configure(processors=", processors: [{type: parse_json}]")
        self.put(("1", {"state": "a"}), ('"2"', {"state": "b"}), ("1", None), ("3", "not json"))
        self.assertIn("1 of BO401", self.run_once())
        self.assertEqual(self.orders(), [(2, "b", None)])

    def test_a_tombstone_without_a_key_is_refused_by_the_output(self):
        self.configure()
        self.put((1, {"state": "new"}), ("", None))
        self.assertIn("BO421", self.run_once())
        self.assertEqual(self.orders(), [(1, "new", None)])

    def test_a_row_is_all_that_an_insert_makes_of_it(self):
        self.configure("{type: jsonl, path: out.jsonl}")
        self.put((1, {"state": "new"}), (1, None))
        self.run_once()
        rows = [json.loads(line) for line in (self.folder / "out.jsonl").read_text().splitlines()]
        self.assertEqual(rows, [{"id": 1, "deleted": False, "state": "new", "total": None},
                                {"id": 1, "deleted": True, "state": None, "total": None}])

    # ------------------------------------------------------------------------------------------------------- gaps

    def lose_some(self):
        self.put(*((n, {"state": "new"}) for n in range(10)))
        self.run_once()
        self.put(*((n, {"state": "new"}) for n in range(10, 30)))
        self.delete_before(25)

    def test_a_gap_ends_the_run_by_default(self):
        self.configure()
        self.lose_some()
        self.assertIn("expected 10, found 25 [BO502]", self.run_once(expect=3))
        self.assertEqual(len(self.orders()), 10)

    def test_a_gap_is_one_dead_letter_and_reading_goes_on(self):
        self.configure(input=", on_gap: skip_and_record")
        self.lose_some()
        error = self.run_once()
        self.assertIn("1 of BO413", error)
        self.assertEqual([row[0] for row in self.orders()], [*range(10), *range(25, 30)])
        letters = self.sqlite("SELECT source, unit, pos, stage, place, code, error, payload_size FROM batchout_dead_letter")
        self.assertEqual(letters, [("kafka:" + self.mark, "0", 10, "read", "inputs.orders", "BO413",
                                    "messages were gone from the topic before they were read; positions 10 to 24", 0)])
        self.run_once()
        self.assertEqual(len(self.sqlite("SELECT * FROM batchout_dead_letter")), 1)
        self.assertEqual(self.sqlite("SELECT next_pos FROM batchout_source_position"), [(30,)])

    def test_everything_is_gone(self):
        self.configure(input=", on_gap: skip_and_record, tombstones: rows")
        self.put(*((n, {"state": "new"}) for n in range(10)))
        self.run_once()
        self.put(*((n, {"state": "new"}) for n in range(10, 30)))
        self.delete_before(30)
        self.assertIn("1 of BO413", self.run_once())
        self.assertEqual(self.sqlite("SELECT next_pos FROM batchout_source_position"), [(30,)])
        self.assertEqual(len(self.orders()), 10)

    def test_a_topic_that_ends_before_the_position_ends_the_run_whatever_is_said(self):
        self.configure(input=", on_gap: skip_and_record")
        self.put(*((n, {"state": "new"}) for n in range(3)))
        self.run_once()
        positions = [PROGRAM, "positions", "set", "batch.yml"]
        subprocess.run([*positions, "0=17"], cwd=self.folder, check=True, capture_output=True)
        self.assertIn("[BO510]", self.run_once(expect=3))
        subprocess.run([*positions, "0=1"], cwd=self.folder, check=True, capture_output=True)
        self.run_once()
        self.assertEqual(self.sqlite("SELECT next_pos FROM batchout_source_position"), [(3,)])

    # ---------------------------------------------------------------------------------------------------- by hand

    def running(self):
        """A run without end over a topic of three messages, once they are stored."""
        self.configure("{type: sqlite, path: copy.db, table: orders, mode: insert}", "")
        self.put(*((n, {"state": "new"}) for n in range(3)))
        run = subprocess.Popen([PROGRAM, "run", "batch.yml"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        self.wait_for([0, 1, 2])
        return run

    def ids(self):
        try:
            return [row[0] for row in self.sqlite("SELECT id FROM orders ORDER BY rowid")]
        except sqlite3.OperationalError:
            return []

    def wait_for(self, ids):
        deadline = time.monotonic() + 90
        while self.ids() != ids:
            self.assertLess(time.monotonic(), deadline, self.ids())
            time.sleep(0.1)

    def change(self, *arguments):
        subprocess.run([PROGRAM, "positions", arguments[0], "batch.yml", *arguments[1:]], cwd=self.folder, check=True,
                       capture_output=True)

    def test_a_reader_goes_on_where_it_is_set(self):
        run = self.running()
        self.change("set", "0=1")
        self.put((3, {"state": "new"}))
        self.wait_for([0, 1, 2, 1, 2, 3])
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(60), 0)
        self.assertEqual(self.sqlite("SELECT next_pos FROM batchout_source_position"), [(4,)])

    def test_a_reader_whose_position_is_forgotten_ends(self):
        run = self.running()
        self.change("reset")
        self.put((3, {"state": "new"}))
        self.assertEqual(run.wait(120), 8)
        self.assertIn("was reset while this process was reading it", run.stderr.read())
        self.assertEqual(self.ids(), [0, 1, 2])
        self.assertEqual(self.sqlite("SELECT next_pos FROM batchout_source_position"), [(None,)])


if __name__ == "__main__":
    if not (KAFKA and PG["HOST"]):
        print("set BATCHOUT_TEST_KAFKA and BATCHOUT_TEST_PG_*")
        sys.exit(77)
    del sys.argv[1:3]
    unittest.main()
