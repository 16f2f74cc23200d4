"""What goes with a refused row, how much may be refused, and where it is kept.

refusals_test.py PROGRAM
"""

import base64
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)

# A line without a number has null in its key, which the output refuses.
ORDERS = """
batchout: 1
pipeline: {%s}
inputs:
  orders: {type: file, path: orders.jsonl, split: lines}
indexes: {line: lines}
columns:
  order_id: {path: id, type: integer}
  number: {path: "lines[{line}].number", type: integer}
selectors:
  orders: [order_id]
  lines: [order_id, number]
outputs:
  orders: {type: sqlite, path: out.db, table: orders, mode: upsert, keys: [order_id], create: if_missing}
  lines: {type: sqlite, path: out.db, table: lines, mode: upsert, keys: [order_id, number], create: if_missing}
"""

EVENTS = """
batchout: 1
pipeline: {batch: {payloads: 500}%s}
inputs:
  events: {type: file, path: events.jsonl, split: lines}
columns:
  id: {path: id, type: integer}
outputs:
  out: {type: %s, path: %s%s}
"""


class Refusals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, *lines):
        with open(self.folder / name, "ab") as file:
            for line in lines:
                file.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")

    def run_once(self, config, expect=0):
        (self.folder / "batch.yml").write_text(config)
        done = subprocess.run([PROGRAM, "run", "--once", str(self.folder / "batch.yml")], capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def select(self, query):
        with sqlite3.connect(self.folder / "out.db") as database:
            return list(database.execute(query))

    def letters(self):
        text = (self.folder / "out.csv.rejected.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    # -------------------------------------------------------------------------------------------------- granularity

    def orders(self):
        self.write("orders.jsonl", {"id": 1, "lines": [{"number": 1}, {"number": 2}]},
                   {"id": 2, "lines": [{"number": 1}, {"number": None}, {"number": 3}, {}]}, {"id": 3, "lines": [{"number": 1}]})

    def test_a_refused_row_takes_its_payload_along_where_one_feeds_several_tables(self):
        self.orders()
        self.run_once(ORDERS % "")
        self.assertEqual(self.select("SELECT * FROM orders"), [(1,), (3,)])
        self.assertEqual(self.select("SELECT * FROM lines"), [(1, 1), (1, 2), (3, 1)])
        letters = self.select("SELECT code, place, pos FROM batchout_dead_letter")
        self.assertEqual({place for _, place, _ in letters}, {"outputs.lines"})
        self.assertEqual(len({position for _, _, position in letters}), 1)

    def test_or_only_itself(self):
        self.orders()
        self.run_once(ORDERS % "on_row_error: row")
        self.assertEqual(self.select("SELECT * FROM orders"), [(1,), (2,), (3,)])
        self.assertEqual(self.select("SELECT * FROM lines"), [(1, 1), (1, 2), (2, 1), (2, 3), (3, 1)])

    def test_or_the_batch_with_the_run(self):
        self.orders()
        said = self.run_once(ORDERS % "on_row_error: batch", expect=6)
        self.assertIn("BO505", said)
        self.assertIn("orders.jsonl", said)
        self.assertEqual(self.select("SELECT name FROM sqlite_master WHERE name IN ('orders', 'lines')"), [])

    # ------------------------------------------------------------------------------------------------------- limits

    def events(self, count, bad):
        self.write("events.jsonl", *[b"{broken\n" if i in bad else {"id": i} for i in range(count)])

    def test_a_share_beyond_the_limit_ends_the_run_before_the_batch_is_stored(self):
        self.events(3000, set(range(2000, 2400)))
        said = self.run_once(EVENTS % ("", "sqlite", "out.db", ", table: out, mode: insert, create: if_missing"), expect=6)
        self.assertIn("400 of the last 2500", said)
        self.assertEqual(self.select("SELECT count(*) FROM out"), [(2000,)])
        self.assertEqual(self.select("SELECT count(*) FROM sqlite_master WHERE name = 'batchout_dead_letter'"), [(0,)])
        self.run_once(EVENTS % (", reject_limit: {share: 0.5}", "sqlite", "out.db", ", table: out, mode: insert, create: if_missing"))
        self.assertEqual(self.select("SELECT count(*), count(DISTINCT id) FROM out"), [(2600, 2600)])
        self.assertEqual(self.select("SELECT count(*) FROM batchout_dead_letter"), [(400,)])

    def test_few_payloads_tell_no_share(self):
        self.events(10, set(range(10)))
        self.run_once(EVENTS % ("", "sqlite", "out.db", ", table: out, mode: insert, create: if_missing"))
        self.assertEqual(self.select("SELECT count(*) FROM batchout_dead_letter"), [(10,)])

    def test_a_count(self):
        self.events(1200, {3, 800})
        limited = ", reject_limit: {count: 1}"
        said = self.run_once(EVENTS % (limited, "sqlite", "out.db", ", table: out, mode: insert, create: if_missing"), expect=6)
        self.assertIn("2 in this run, at most 1", said)
        self.assertEqual(self.select("SELECT count(*) FROM out"), [(499,)])

    # ------------------------------------------------------------------------------------------------ beside a file

    def test_a_file_has_its_letters_beside_it(self):
        self.write("events.jsonl", {"id": 1}, b'{"id": 2\n', b'{"id": "\xff"}\n', {"id": 4})
        self.run_once(EVENTS % ("", "csv", "out.csv", ""))
        self.run_once(EVENTS % ("", "csv", "out.csv", ""))
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"id\r\n1\r\n4\r\n")
        letters = self.letters()
        self.assertEqual([letter["pos"] for letter in letters], [10, 19])
        self.assertEqual(letters[0]["payload"], '{"id": 2')
        self.assertEqual(base64.b64decode(letters[1]["payload_base64"]), b'{"id": "\xff"}')
        self.assertEqual({letter["place"] for letter in letters}, {"inputs.events"})

    def test_rows_of_others_stay_and_a_torn_batch_goes(self):
        config = EVENTS % ("", "csv", "out.csv", "")
        self.write("events.jsonl", {"id": 1})
        self.run_once(config)
        with open(self.folder / "out.csv", "ab") as file:
            file.write(b"99\r\n")
        self.write("events.jsonl", {"id": 2})
        self.run_once(config)
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"id\r\n1\r\n99\r\n2\r\n")
        # As if the program had ended in the middle of the third batch.
        journal = (self.folder / "out.csv.batchout").read_bytes()
        self.assertEqual(journal.count(b"\twriting\t"), 2)
        (self.folder / "out.csv.batchout").write_bytes(journal[: journal.rstrip(b"\n").rfind(b"\n") + 1])
        with open(self.folder / "out.csv", "ab") as file:
            file.write(b"3")
        self.run_once(config)
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"id\r\n1\r\n99\r\n2\r\n")

    def test_rows_of_others_behind_a_batch_that_failed_stay(self):
        config = EVENTS % ("", "csv", "out.csv", "")
        self.write("events.jsonl", {"id": 1}, b"{broken\n")
        (self.folder / "out.csv.rejected.jsonl").mkdir()
        self.assertIn("BO551", self.run_once(config, expect=3))
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"")
        with open(self.folder / "out.csv", "ab") as file:
            file.write(b"id\r\n99\r\n")
        (self.folder / "out.csv.rejected.jsonl").rmdir()
        self.run_once(config)
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"id\r\n99\r\n1\r\n")

    def test_where_no_journal_can_be_made_rows_are_written_with_a_warning(self):
        name = "x" * 250 + ".csv"
        self.write("events.jsonl", {"id": 1})
        self.assertIn("rows may come twice", self.run_once(EVENTS % ("", "csv", name, "")))
        self.assertEqual((self.folder / name).read_bytes(), b"id\r\n1\r\n")
        self.run_once(EVENTS % (", delivery: exactly_once", "csv", name, ""), expect=3)

    def test_a_damaged_journal_is_refused(self):
        config = EVENTS % ("", "csv", "out.csv", "")
        for i in range(3):
            self.write("events.jsonl", {"id": i})
            self.run_once(config)
        journal = self.folder / "out.csv.batchout"
        whole = journal.read_bytes()
        journal.write_bytes(whole.replace(b"writing", b"written", 1))
        self.assertIn("BO557", self.run_once(config, expect=3))
        journal.write_bytes(whole[:-5])
        self.run_once(config)
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"id\r\n0\r\n1\r\n2\r\n")

    def test_a_deleted_file_is_told(self):
        config = EVENTS % ("", "csv", "out.csv", "")
        self.write("events.jsonl", {"id": 1})
        self.run_once(config)
        (self.folder / "out.csv").unlink()
        self.assertIn("out.csv.batchout", self.run_once(config))
        (self.folder / "out.csv.batchout").unlink()
        self.run_once(config)
        self.assertEqual((self.folder / "out.csv").read_bytes(), b"id\r\n1\r\n")


if __name__ == "__main__":
    unittest.main()
