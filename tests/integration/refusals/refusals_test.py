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

# Orders with lines, each of which may have taxes; `op: d` deletes.
KEYS = """
batchout: 1
pipeline: {on_row_error: %s}
inputs:
  orders: {type: file, path: orders.jsonl, split: lines}
indexes: {line: lines}
columns:
  order_id: {path: id, type: integer}
  parent: {path: parent, type: integer}
  op: op
  line_id: {path: "lines[{line}].id", type: integer}
selectors:
  orders: [order_id, parent, op]
  lines: [line_id, order_id%s]
outputs:
  orders: {type: sqlite, path: out.db, table: orders, mode: upsert, keys: [order_id], delete_when: {op: d}}
  lines: {type: sqlite, path: out.db, table: lines, mode: upsert, keys: [line_id], %s}
"""
LISTS = KEYS % ("row", "", "replace_within: [order_id]")
DELETES = (", op", "delete_when: {op: d}")


class Folder(unittest.TestCase):
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

    def make(self, *statements):
        with sqlite3.connect(self.folder / "out.db") as database:
            for statement in statements:
                database.execute(statement)


class Refusals(Folder):
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

    STRICT = ORDERS.replace('.number", type: integer', '.number", type: integer, on_error: reject_row')

    def lines_that_do_not_fit(self):
        self.write("orders.jsonl", {"id": 1, "lines": [{"number": 1}]},
                   {"id": 2, "lines": [{"number": 1}, {"number": "x"}, {"number": "y"}]}, {"id": 3, "lines": [{"number": 1}]})

    def test_a_refused_value_takes_its_payload_along_as_a_row_does(self):
        self.lines_that_do_not_fit()
        self.run_once(self.STRICT % "")
        self.assertEqual(self.select("SELECT * FROM orders"), [(1,), (3,)])
        self.assertEqual(self.select("SELECT * FROM lines"), [(1, 1), (3, 1)])
        self.assertEqual(self.select("SELECT code, stage, row_no FROM batchout_dead_letter"), [("BO411", "cast", -1)] * 2)

    def test_or_only_its_rows(self):
        self.lines_that_do_not_fit()
        self.run_once(self.STRICT % "on_row_error: row")
        self.assertEqual(self.select("SELECT * FROM orders"), [(1,), (2,), (3,)])
        self.assertEqual(self.select("SELECT * FROM lines"), [(1, 1), (2, 1), (3, 1)])
        self.assertEqual(self.select("SELECT row_no FROM batchout_dead_letter"), [(-2,)] * 2)

    def test_what_is_refused_before_there_are_rows_ends_the_run_as_a_row_does(self):
        for bad in (b"{broken\n", {"id": 2, "lines": [{"number": "x"}]}):
            self.write("orders.jsonl", {"id": 1, "lines": [{"number": 1}]}, bad)
            said = self.run_once(self.STRICT % "on_row_error: batch", expect=6)
            self.assertIn("inputs.orders: A payload was refused, and on_row_error: batch ends the run", said)
            self.assertIn("[BO505]", said)
            self.assertEqual(self.select("SELECT name FROM sqlite_master WHERE name IN ('orders', 'lines')"), [])
            (self.folder / "orders.jsonl").unlink()

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


class Keys(Folder):
    """Foreign keys of SQLite that want rows to come or to go in another order, or are checked late."""

    def tables(self, deferred=""):
        self.make(f"CREATE TABLE orders (order_id INTEGER PRIMARY KEY, parent INTEGER REFERENCES orders {deferred}, op TEXT)",
                  f"CREATE TABLE lines (line_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders {deferred}, op TEXT)")

    def codes(self):
        return self.select("SELECT place, code, row_no FROM batchout_dead_letter ORDER BY id")

    def test_deletions_of_children_come_before_those_of_parents(self):
        for deferred in ("", "DEFERRABLE INITIALLY DEFERRED"):
            for granularity in ("row", "payload"):
                with self.subTest(deferred=deferred, granularity=granularity):
                    for name in ("out.db", "orders.jsonl"):
                        (self.folder / name).unlink(missing_ok=True)
                    self.tables(deferred)
                    self.make("INSERT INTO orders VALUES (1, NULL, ''), (2, 1, ''), (3, NULL, '')",
                              "INSERT INTO lines VALUES (11, 1, ''), (12, 1, ''), (21, 2, ''), (31, 3, ''), (32, 3, '')")
                    self.write("orders.jsonl", {"id": 1, "op": "d", "lines": [{"id": 11}, {"id": 12}]},
                               {"id": 2, "op": "d", "lines": [{"id": 21}]}, {"id": 3, "op": "d", "lines": [{"id": 31}]},
                               {"id": 4, "op": "", "lines": [{"id": 41}]})
                    said = self.run_once(KEYS % (granularity, *DELETES))
                    self.assertEqual(self.select("SELECT order_id FROM orders"), [(3,), (4,)])
                    lines = [(32,), (41,)] if granularity == "row" else [(31,), (32,), (41,)]
                    self.assertEqual(self.select("SELECT line_id FROM lines"), lines)
                    self.assertEqual(self.codes(), [("outputs.orders", "BO422", 0 if granularity == "row" else -1)])
                    self.assertEqual("BO540" in said, deferred != "", said)

    def test_a_row_that_comes_behind_the_deletion_of_its_key_stays(self):
        self.tables()
        self.make("INSERT INTO orders VALUES (1, NULL, 'old')", "INSERT INTO lines VALUES (11, 1, '')")
        self.write("orders.jsonl", {"id": 1, "op": "d", "lines": [{"id": 11}]}, {"id": 1, "op": "new", "lines": [{"id": 12}]})
        self.assertIn("rejects       none", self.run_once(KEYS % ("row", *DELETES)))
        self.assertEqual(self.select("SELECT order_id, op FROM orders"), [(1, "new")])
        self.assertEqual(self.select("SELECT line_id, order_id FROM lines"), [(12, 1)])

    def test_a_list_whose_old_rows_are_referred_to_is_refused(self):
        self.tables()
        self.make("CREATE TABLE taxes (line_id INTEGER REFERENCES lines)")
        self.make("INSERT INTO orders VALUES (1, NULL, ''), (2, NULL, '')", "INSERT INTO taxes VALUES (12)",
                  "INSERT INTO lines VALUES (11, 1, ''), (12, 1, ''), (21, 2, ''), (22, 2, '')")
        self.write("orders.jsonl", {"id": 1, "lines": [{"id": 11}, {"id": 13}]}, {"id": 2, "lines": [{"id": 22}]})
        self.run_once(LISTS)
        self.assertEqual(self.select("SELECT line_id FROM lines"), [(11,), (12,), (13,), (22,)])
        self.assertEqual(self.codes(), [("outputs.lines", "BO422", 0), ("outputs.lines", "BO422", 1)])

    def test_a_list_whose_old_rows_lose_their_children_is_replaced(self):
        self.make("CREATE TABLE orders (order_id INTEGER PRIMARY KEY, parent INTEGER, op TEXT)",
                  "CREATE TABLE lines (line_id INTEGER PRIMARY KEY, order_id INTEGER)",
                  "CREATE TABLE taxes (tax INTEGER PRIMARY KEY, line_id INTEGER REFERENCES lines, order_id INTEGER)",
                  "INSERT INTO lines VALUES (11, 1), (12, 1)", "INSERT INTO taxes VALUES (121, 12, 1)")
        config = LISTS.replace("  lines: {", "  taxes: {type: sqlite, path: out.db, table: taxes, mode: upsert, keys: [tax], "
                               "replace_within: [order_id]}\n  lines: {")
        config = config.replace("selectors:", "  tax: {path: \"lines[{line}].tax\", type: integer}\nselectors:\n  taxes: [tax, line_id, order_id]")
        self.write("orders.jsonl", {"id": 1, "lines": [{"id": 11, "tax": 111}]})
        self.run_once(config)
        self.assertEqual(self.select("SELECT line_id FROM lines"), [(11,)])
        self.assertEqual(self.select("SELECT tax, line_id FROM taxes"), [(111, 11)])

    def test_rows_whose_deferred_keys_lead_nowhere_are_refused(self):
        self.tables("DEFERRABLE INITIALLY DEFERRED")
        # A chain that comes the wrong way round, two that need each other, one of which nobody has the parent.
        self.write("orders.jsonl", {"id": 3, "parent": 2}, {"id": 2, "parent": 1}, {"id": 1}, {"id": 5, "parent": 9},
                   {"id": 6, "parent": 7}, {"id": 7, "parent": 7}, {"id": 8, "parent": 5, "lines": [{"id": 81}]})
        said = self.run_once(KEYS % ("row", *DELETES))
        self.assertIn("BO540", said)
        self.assertEqual(self.select("SELECT order_id, parent FROM orders"), [(1, None), (2, 1), (3, 2), (6, 7), (7, 7)])
        self.assertEqual(self.select("SELECT line_id FROM lines"), [])
        self.assertEqual(sorted(self.codes()), [("outputs.lines", "BO422", 0), ("outputs.orders", "BO422", 0), ("outputs.orders", "BO422", 0)])
        self.write("orders.jsonl", {"id": 10, "parent": 11}, {"id": 11, "parent": 10})
        self.assertNotIn("BO540", self.run_once(KEYS % ("row", *DELETES)))

    def test_what_only_commit_would_refuse_is_in_no_other_store(self):
        self.tables("DEFERRABLE INITIALLY DEFERRED")
        config = (KEYS % ("payload", *DELETES)) + "  file: {type: csv, path: orders.csv}\n"
        config = config.replace("outputs:\n", "tasks:\n  read: {type: reader, inputs: orders}\n"
                                "  first: {type: writer, selector: orders, outputs: [orders, file]}\n"
                                "  second: {type: writer, selector: lines, outputs: [lines]}\noutputs:\n")
        self.write("orders.jsonl", {"id": 1, "lines": [{"id": 11}]}, {"id": 2, "parent": 9}, {"id": 3})
        self.assertIn("BO540", self.run_once(config))
        self.assertEqual(self.select("SELECT order_id FROM orders"), [(1,), (3,)])
        self.assertEqual((self.folder / "orders.csv").read_text().split(), ["order_id,parent,op", "1,,", "3,,"])

    def test_long_chains_that_come_the_wrong_way_round_are_stored(self):
        self.tables("DEFERRABLE INITIALLY DEFERRED")
        self.write("orders.jsonl", *({"id": i, "parent": i + 1} for i in range(400)), {"id": 400}, {"id": 500, "parent": 999},
                   *({"id": 1000 + i, "parent": 1000 + i - 1} for i in range(1, 400)), {"id": 1000})
        self.run_once(KEYS % ("row", *DELETES))
        self.assertEqual(self.select("SELECT count(*), sum(order_id < 500) FROM orders"), [(801, 401)])
        self.assertEqual(self.codes(), [("outputs.orders", "BO422", 0)])

    def test_tables_that_need_each_other_keep_what_is_whole(self):
        deferred = "DEFERRABLE INITIALLY DEFERRED"
        self.make(f"CREATE TABLE orders (order_id INTEGER PRIMARY KEY, parent INTEGER REFERENCES lines {deferred}, op TEXT)",
                  f"CREATE TABLE lines (line_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders {deferred}, op TEXT)")
        self.write("orders.jsonl", {"id": 1, "parent": 11, "lines": [{"id": 11}]}, {"id": 2, "parent": 29, "lines": [{"id": 21}]},
                   {"id": 3, "parent": 31, "lines": [{"id": 31}]})
        for granularity in ("payload", "row"):
            self.run_once((KEYS % (granularity, *DELETES)).replace("path: orders.jsonl", "path: orders.jsonl, resume: false"))
            self.assertEqual(self.select("SELECT order_id FROM orders"), [(1,), (3,)])
            self.assertEqual(self.select("SELECT line_id FROM lines"), [(11,), (31,)])


if __name__ == "__main__":
    unittest.main()
