"""Dead letters as `batchout dlq` lists, shows, exports, replays and discards them, in each of the places that keep them.

letters_test.py PROGRAM
"""

import base64
import csv
import fcntl
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = sys.argv.pop(1)

EVENTS = """
batchout: 1
pipeline: {name: events, on_row_error: row}
inputs:
  events: {type: file, path: events.jsonl, split: lines}
extractors: {json: {type: jsonpath, syntax: rfc9535}, meta: {type: meta}}
columns:
  id: {extractor: json, path: id, type: integer}
  file: {extractor: meta, path: file}
outputs:
  out: %s
"""

ORDERS = """
batchout: 1
pipeline: {name: orders%s}
inputs:
  orders: {type: file, path: events.jsonl, split: lines}
extractors: {json: {type: jsonpath, syntax: rfc9535}, meta: {type: meta}}
indexes: {line: {extractor: json, path: lines}}
columns:
  order_id: {extractor: json, path: id, type: %s}
  number: {extractor: json, path: "lines[{line}].number", type: integer}
  file: {extractor: meta, path: file}
outputs:
  out: %s
"""

TWO_WRITERS = """
selectors: {numbers: [order_id, number, file], others: [order_id, other as number, file]}
tasks:
  read: {type: reader, inputs: orders}
  numbers: {type: writer, selector: numbers, outputs: out}
  others: {type: writer, selector: others, outputs: out}
"""

# The table as version 0.1.0 made it before letters could be replayed.
OLD_SQLITE = """
CREATE TABLE batchout_dead_letter (id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL,
 source TEXT NOT NULL, unit TEXT NOT NULL, pos INTEGER NOT NULL, stage TEXT NOT NULL, place TEXT NOT NULL,
 number INTEGER NOT NULL, code TEXT NOT NULL, column_name TEXT NOT NULL, error TEXT NOT NULL,
 excerpt TEXT NOT NULL, payload BLOB NOT NULL, payload_size INTEGER NOT NULL,
 status TEXT NOT NULL DEFAULT 'new', created_at TEXT NOT NULL DEFAULT (datetime('now')));
INSERT INTO batchout_dead_letter (pipeline, source, unit, pos, stage, place, number, code, column_name, error, excerpt,
 payload, payload_size) VALUES ('events', 'file:old', 'old', 7, 'extract', 'inputs.events', 0, 'BO401', '', 'old', '', '{', 1);
"""


PAYLOAD_OF_TWO = """
batchout: 1
pipeline: {on_row_error: row}
inputs: {orders: {type: file, path: events.jsonl, split: lines}}
indexes: {line: lines}
columns: {order_id: {path: id, type: integer}, number: {path: "lines[{line}].number", type: integer}}
outputs: {out: {type: sqlite, path: out.db, table: out, mode: insert, keys: [number], create: if_missing}}
"""

NEWEST_COLUMNS = ("pos_end", "error_class", "payload_sha256", "batch", "version", "config_hash", "writer", "row_values", "target", "source_mark")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, *lines):
        with open(self.folder / "events.jsonl", "ab") as file:
            for line in lines:
                file.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")

    def run_program(self, *arguments, expect=0):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True)
        self.assertEqual(done.returncode, expect, done.stderr.decode())
        self.said = done.stderr.decode()
        return done.stdout.decode()

    def configuration(self):
        return EVENTS % self.output()

    def run_once(self, expect=0):
        (self.folder / "batch.yml").write_text(self.configuration())
        self.run_program("run", "--once", str(self.folder / "batch.yml"), expect=expect)

    def dlq(self, action, *options, expect=0):
        return self.run_program("dlq", action, str(self.folder / "batch.yml"), *map(str, options), expect=expect)

    def letters(self, *options):
        return [json.loads(line) for line in self.dlq("export", *options).splitlines()]


class Everywhere:
    """What holds in each place; `output` is the configuration of the output."""

    def broken(self):
        self.write({"id": 1}, b'{"id": 2\n', b'{"id": "\xff"}\n', {"id": 4}, b"\n", b"[]]\n")
        self.run_once()

    def test_export_gives_everything(self):
        self.broken()
        letters = self.letters()
        self.assertEqual([letter["pos"] for letter in letters], [10, 19, 42])
        self.assertEqual(letters[0]["payload"], '{"id": 2')
        self.assertEqual(base64.b64decode(letters[1]["payload_base64"]), b'{"id": "\xff"}')
        self.assertEqual({letter["input"] for letter in letters}, {"events"})
        self.assertEqual({letter["status"] for letter in letters}, {"new"})
        self.assertEqual([letter["payload_of"] for letter in letters], [letter["id"] for letter in letters])
        self.assertTrue(all(letter["metadata"]["file"].endswith("events.jsonl") for letter in letters))
        self.assertEqual({letter["row_no"] for letter in letters}, {-1})

    def test_a_letter_tells_what_refused_it_and_which_bytes(self):
        self.broken()
        letters = self.letters()
        self.assertEqual([letter["pos_end"] for letter in letters], [19, 31, 46])
        self.assertEqual([letter["error_class"] for letter in letters], ["syntax", "encoding", "syntax"])
        self.assertEqual([letter["batch"] for letter in letters], [1, 1, 1])
        payloads = (b'{"id": 2', b'{"id": "\xff"}', b"[]]")
        self.assertEqual([letter["payload_sha256"] for letter in letters], [hashlib.sha256(payload).hexdigest() for payload in payloads])
        self.assertEqual({letter["config_hash"] for letter in letters}, {hashlib.sha256((self.folder / "batch.yml").read_bytes()).hexdigest()})
        version = self.run_program("version").split()[1]
        self.assertEqual({letter["version"] for letter in letters}, {version})
        text = self.dlq("show", letters[0]["id"])
        for line in ("position:  10, up to 19", "code:      BO401, syntax", f"version:   {version}", "batch:     1"):
            self.assertIn(line, text)

    def test_the_hash_is_that_of_all_bytes(self):
        payload = b'{"id": 1, "text": "' + b"x" * (1 << 20)
        self.write(payload + b"\n")
        self.run_once()
        (letter,) = self.letters()
        self.assertEqual(len(letter["payload"]), 1 << 20)
        self.assertEqual((letter["payload_size"], letter["payload_sha256"]), (len(payload), hashlib.sha256(payload).hexdigest()))

    def test_a_list_is_a_table_or_json(self):
        self.broken()
        lines = self.dlq("list").splitlines()
        self.assertEqual(lines[0].split()[:2], ["id", "created"])
        self.assertEqual(len(lines), 4)
        shown = json.loads(self.dlq("list", "--format", "json"))
        self.assertEqual([letter["pos"] for letter in shown], [10, 19, 42])
        self.assertNotIn("payload", shown[0])
        self.dlq("list", "--limit", 2)
        self.assertIn("there are more", self.said)

    def test_filters(self):
        self.broken()
        one = self.letters()[1]
        for option in ("stage", "code", "place", "source", "unit"):
            self.assertIn(one["id"], [letter["id"] for letter in self.letters(f"--{option}", one[option])])
            self.assertEqual(self.letters(f"--{option}", "it's none"), [])
        self.assertEqual([letter["id"] for letter in self.letters("--id", one["id"])], [one["id"]])
        self.assertEqual(len(self.letters("--since", "1h")), 3)
        self.assertEqual(self.letters("--since", "2999-01-01"), [])
        self.assertEqual(len(self.letters("--limit", 2)), 2)

    def test_show_tells_one_letter(self):
        self.broken()
        first, second, _ = self.letters()
        text = self.dlq("show", first["id"])
        self.assertIn('{"id": 2', text)
        self.assertIn("place:     inputs.events", text)
        self.assertIn(base64.b64encode(b'{"id": "\xff"}').decode(), self.dlq("show", second["id"]))
        self.assertEqual(json.loads(self.dlq("show", first["id"], "--format", "json")), first)
        self.dlq("show", 99, expect=1)
        self.assertIn("no letter 99", self.said)

    def test_payloads_become_files(self):
        self.broken()
        letters = self.letters("--payloads", self.folder / "payloads")
        self.assertNotIn("payload", letters[0])
        self.assertEqual((self.folder / "payloads" / f"{letters[1]['id']}.payload").read_bytes(), b'{"id": "\xff"}')

    def test_discarding_marks_and_never_deletes(self):
        self.broken()
        first, second, third = (letter["id"] for letter in self.letters())
        self.dlq("discard", "--id", first, "--dry-run")
        self.assertEqual(len(self.letters()), 3)
        self.dlq("discard", first, second)
        self.assertIn("2 letters are discarded", self.said)
        self.assertEqual([letter["id"] for letter in self.letters()], [third])
        discarded = self.letters("--status", "discarded")
        self.assertEqual([letter["id"] for letter in discarded], [first, second])
        self.assertTrue(all(letter["resolved_at"] for letter in discarded))
        self.assertEqual(len(self.letters("--status", "all")), 3)
        self.dlq("discard", first, third, expect=1)
        self.assertIn("1 letter is discarded", self.said)
        # And the pipeline goes on.
        self.write(b"{more\n", {"id": 7})
        self.run_once()
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(len(self.letters("--status", "all")), 4)

    def test_pruning_deletes_what_is_done_with(self):
        self.broken()
        first, second, third = (letter["id"] for letter in self.letters())
        self.dlq("discard", first, third)
        self.dlq("prune", "--older-than", "1h")
        self.assertIn("0 letters are deleted", self.said)
        self.age(first, third)
        self.dlq("prune", "--older-than", "1h", "--dry-run")
        self.assertIn(f"{self.PRUNED} letter{'s' * (self.PRUNED != 1)} would be deleted", self.said)
        self.assertEqual(len(self.letters("--status", "all")), 3)
        self.dlq("prune", "--older-than", "1h")
        self.assertEqual(len(self.letters("--status", "all")), 3 - self.PRUNED)
        self.assertEqual([letter["id"] for letter in self.letters()], [second])
        self.write(b"{more\n")
        self.run_once()
        self.assertEqual([letter["id"] for letter in self.letters()], [second, third + 1])

    def test_letters_of_another_pipeline_are_not_ours(self):
        self.broken()
        configuration = self.folder / "batch.yml"
        configuration.write_text(configuration.read_text().replace("name: events", "name: others"))
        self.assertEqual(self.letters(), [])

    def test_where_nothing_was_refused_there_is_nothing(self):
        (self.folder / "batch.yml").write_text(self.configuration())
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.dlq("list"), "")
        self.dlq("discard")
        self.dlq("prune", "--older-than", "1h")
        self.assertIn("0 letters are deleted", self.said)


class Tables(Everywhere):
    """Of a database."""

    def read_again(self):
        self.run_program("run", "--once", "--from-start", str(self.folder / "batch.yml"))

    # Rows that are read again may be refused for their keys.
    def unreadable(self, *options):
        return self.letters("--stage", "extract", *options)

    def test_reading_again_leaves_no_second_letter(self):
        self.broken()
        first = self.unreadable()
        self.assertEqual(len(first), 3)
        self.read_again()
        self.assertEqual(self.unreadable(), first)
        self.run_program("positions", "reset", str(self.folder / "batch.yml"))
        self.run_once()
        self.assertEqual(self.unreadable(), first)
        # What is done with is refused anew.
        self.dlq("discard", first[0]["id"])
        self.read_again()
        self.assertEqual([(letter["pos"], letter["status"]) for letter in self.unreadable("--status", "all")],
                         [(10, "discarded"), (19, "new"), (42, "new"), (10, "new")])

    def test_another_file_with_the_same_lines_has_letters_of_its_own(self):
        self.broken()
        path = self.folder / "events.jsonl"
        path.write_bytes(path.read_bytes().replace(b'{"id": 1}', b'{"id": 7}'))
        self.read_again()
        self.assertEqual([letter["pos"] for letter in self.unreadable()], [10, 19, 42] * 2)


class Sqlite(Tables, Folder):
    def output(self):
        return "{type: sqlite, path: out.db, table: out, mode: insert, keys: [id], create: if_missing}"

    # The last one stays.
    PRUNED = 1

    def age(self, *ids):
        with sqlite3.connect(self.folder / "out.db") as database:
            for number in ids:
                database.execute("UPDATE batchout_dead_letter SET resolved_at = datetime('now', '-2 hours') WHERE id = ?", (number,))

    def test_the_payload_of_a_new_letter_is_not_pruned(self):
        (self.folder / "batch.yml").write_text(PAYLOAD_OF_TWO)
        self.write({"id": 2, "lines": [{"number": None}, {"number": 4}, {"number": None}]})
        self.run_program("run", "--once", str(self.folder / "batch.yml"))
        self.write(b"{broken\n")
        self.run_program("run", "--once", str(self.folder / "batch.yml"))
        first, second = self.letters("--place", "outputs.out")
        self.dlq("discard", first["id"])
        self.age(first["id"])
        self.dlq("prune", "--older-than", "1h")
        self.assertIn('"lines"', self.dlq("show", second["id"]))
        self.dlq("discard", second["id"])
        self.age(second["id"])
        self.dlq("prune", "--older-than", "1h")
        self.assertIn("2 letters are deleted", self.said)

    def test_no_file_is_made_by_looking(self):
        (self.folder / "batch.yml").write_text(EVENTS % self.output())
        self.dlq("list")
        self.dlq("prune", "--older-than", "1h")
        self.assertFalse((self.folder / "out.db").exists())

    def test_a_table_of_an_earlier_version_is_read_and_gets_what_it_lacks(self):
        with sqlite3.connect(self.folder / "out.db") as database:
            database.executescript(OLD_SQLITE)
        (self.folder / "batch.yml").write_text(EVENTS % self.output())
        self.assertEqual([letter["error"] for letter in self.letters()], ["old"])
        self.broken()
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.letters()[0]["row_no"], -1)
        self.dlq("discard")
        self.assertEqual(self.letters(), [])

    def test_a_table_that_lacks_some_columns_gets_those(self):
        self.broken()
        letters = self.letters()
        with sqlite3.connect(self.folder / "out.db") as database:
            for column in NEWEST_COLUMNS:
                database.execute(f"ALTER TABLE batchout_dead_letter DROP COLUMN {column}")
        self.assertEqual(self.letters(), [{key: value for key, value in letter.items() if key not in NEWEST_COLUMNS} for letter in letters])
        self.write(b"{more\n")
        self.run_once()
        self.assertEqual([letter.get("error_class") for letter in self.letters()], [None, None, None, "syntax"])

    def test_a_refused_row_tells_which_one_it_was(self):
        (self.folder / "batch.yml").write_text(PAYLOAD_OF_TWO)
        self.write({"id": 1, "lines": [{"number": 1}]}, {"id": 2, "lines": [{"number": 2}, {"number": None}, {"number": 4}, {"number": None}]})
        self.run_program("run", "--once", str(self.folder / "batch.yml"))
        letters = self.letters()
        self.assertEqual([(letter["row_no"], letter["row_count"]) for letter in letters], [(1, 4), (3, 4)])
        self.assertEqual([letter["payload_of"] for letter in letters], [letters[0]["id"]] * 2)
        self.assertIn('"lines"', self.dlq("show", letters[1]["id"]))


class Lines:
    """Of a file."""

    def test_pruning_deletes_what_is_done_with(self):
        self.broken()
        self.dlq("discard")
        self.dlq("prune", "--older-than", "1h", expect=3)
        self.assertIn("BO508", self.said)
        self.assertEqual(len(self.letters("--status", "all")), 3)


class File(Lines, Everywhere, Folder):
    def output(self):
        return "{type: csv, path: out.csv}"

    def test_a_line_that_is_none_is_passed_over_and_keeps_its_number(self):
        self.broken()
        path = self.folder / "out.csv.rejected.jsonl"
        self.dlq("discard", 3)
        lines = path.read_bytes().splitlines(True)
        for line, warned in ((lines[1][:20] + b"\n", True), (b"\n", False)):
            path.write_bytes(lines[0] + line + b"".join(lines[2:]) + b'{"id": }\n')
            letters = self.letters("--status", "all")
            self.assertEqual([(letter["id"], letter["status"]) for letter in letters], [(1, "new"), (3, "discarded")])
            self.assertEqual(self.said.count("line 2 [BO558]"), int(warned), self.said)
            self.assertEqual(self.said.count("line 5 [BO558]"), 1, self.said)
            self.assertIn("leave its line end", self.said)
        self.dlq("discard", 1)
        self.assertEqual([letter["status"] for letter in self.letters("--status", "all")], ["discarded", "discarded"])

    def test_a_torn_last_line_is_not_there_yet(self):
        self.broken()
        with open(self.folder / "out.csv.rejected.jsonl", "a", encoding="utf-8") as file:
            file.write('{"pipeline":"events","so')
        self.assertEqual(len(self.letters()), 3)


class FilePlace(Lines, Everywhere, Folder):
    def output(self):
        return "{type: sqlite, path: out.db, table: out, create: if_missing}"

    def configuration(self):
        return super().configuration().replace("on_row_error: row", "on_row_error: row, dead_letters: {file: refused.jsonl}")

    def test_the_file_can_be_of_several_pipelines_and_is_locked_for_a_moment(self):
        self.broken()
        self.assertFalse((self.folder / "refused.jsonl.batchout").exists())
        with open(self.folder / "refused.jsonl", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.dlq("discard", expect=5)
            self.assertIn("BO556", self.said)
            fcntl.flock(file, fcntl.LOCK_UN)
        configuration = self.folder / "batch.yml"
        configuration.write_text(configuration.read_text().replace("name: events", "name: others").replace("table: out", "table: others"))
        self.run_program("run", "--once", str(configuration))
        self.assertEqual([letter["id"] for letter in self.letters()], [4, 5, 6])
        self.dlq("discard")
        self.assertEqual(self.letters(), [])
        configuration.write_text(self.configuration())
        self.assertEqual([letter["id"] for letter in self.letters()], [1, 2, 3])


def psql(text):
    environment = dict(os.environ)
    for name, key in (("HOST", "HOST"), ("PORT", "PORT"), ("USER", "USER"), ("PASSWORD", "PASSWORD"), ("DBNAME", "DATABASE")):
        environment["PG" + key] = os.environ["BATCHOUT_TEST_PG_" + name]
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.split()


def setUpModule():
    """A database of our own: we drop what all pipelines share."""
    if "BATCHOUT_TEST_PG_HOST" in os.environ:
        psql("DROP DATABASE IF EXISTS letters_test WITH (FORCE)")
        psql("CREATE DATABASE letters_test")
        os.environ["BATCHOUT_TEST_PG_DBNAME"] = "letters_test"


class Server(Folder):
    def setUp(self):
        super().setUp()
        self.sql("DROP TABLE IF EXISTS letters_test; DROP SCHEMA IF EXISTS batchout_delivery CASCADE")

    def address(self):
        names = ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")
        return "type: postgres, host: %s, port: %s, user: %s, password: %s, dbname: %s" % tuple(os.environ[f"BATCHOUT_TEST_PG_{name}"] for name in names)

    def sql(self, text):
        return psql(text)


@unittest.skipUnless("BATCHOUT_TEST_PG_HOST" in os.environ, "no PostgreSQL")
class Postgres(Tables, Server):
    def output(self):
        return "{%s, table: letters_test, mode: insert, create: if_missing}" % self.address()

    PRUNED = 2

    def age(self, *ids):
        numbers = ", ".join(map(str, ids))
        self.sql(f"UPDATE batchout_delivery.dead_letter SET resolved_at = resolved_at - interval '2 hours' WHERE id IN ({numbers})")

    def test_a_table_of_an_earlier_version_is_read_and_gets_what_it_lacks(self):
        old = OLD_SQLITE.replace("INTEGER PRIMARY KEY", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY").replace("BLOB", "bytea")
        old = old.replace("TEXT NOT NULL DEFAULT (datetime('now'))", "timestamptz NOT NULL DEFAULT clock_timestamp()")
        self.sql("CREATE SCHEMA batchout_delivery; " + old.replace("batchout_dead_letter", "batchout_delivery.dead_letter"))
        (self.folder / "batch.yml").write_text(EVENTS % self.output())
        self.assertEqual([letter["error"] for letter in self.letters()], ["old"])
        self.broken()
        self.assertEqual(len(self.letters()), 4)
        self.dlq("discard")
        self.assertEqual(self.letters(), [])

    def test_a_table_that_lacks_some_columns_gets_those(self):
        self.broken()
        letters = self.letters()
        table = "batchout_delivery.dead_letter"
        self.sql(f"ALTER TABLE {table} " + ", ".join(f"DROP COLUMN {column}" for column in NEWEST_COLUMNS))
        old = [{key: value for key, value in letter.items() if key not in NEWEST_COLUMNS} for letter in letters]
        self.assertEqual(self.letters(), old)
        self.write(b"{more\n")
        self.run_once()
        self.assertEqual([letter.get("error_class") for letter in self.letters()], [None, None, None, "syntax"])


class Replays:
    """What holds in each place. `output` has its keys and mode as arguments."""

    def configure(self, pipeline="", kind="integer", **settings):
        output = self.output(**settings)
        (self.folder / "batch.yml").write_text(ORDERS % (pipeline, kind, output))

    def run_orders(self):
        self.run_program("run", "--once", str(self.folder / "batch.yml"))

    def test_a_payload_that_the_configuration_takes_now_is_replayed(self):
        self.configure(kind="integer, on_error: reject_payload")
        self.write({"id": 1, "lines": [{"number": 1}]}, {"id": "two", "lines": [{"number": 1}, {"number": 2}]}, {"id": "three", "lines": [{"number": 1}]})
        self.run_orders()
        self.assertEqual(self.rows(), [("1", 1)])
        self.assertEqual(self.dlq("replay", expect=1).count("refused"), 2)
        self.assertEqual([letter["attempts"] for letter in self.letters()], [2, 2])
        self.configure(kind="string")
        positions = self.positions()
        self.assertEqual(self.dlq("replay", "--dry-run").count("replayed"), 2)
        self.assertEqual(self.rows(), [("1", 1)])
        self.assertEqual(len(self.letters()), 2)
        self.dlq("replay", "--limit", 1)
        self.assertEqual(self.rows(), [("1", 1), ("two", 1), ("two", 2)])
        self.dlq("replay")
        self.assertEqual(self.rows(), [("1", 1), ("three", 1), ("two", 1), ("two", 2)])
        self.assertEqual(self.letters(), [])
        self.assertEqual({letter["status"] for letter in self.letters("--status", "all")}, {"replayed"})
        self.assertEqual(self.positions(), positions)
        self.assertEqual(len(set(self.column("file"))), 1)
        self.dlq("replay")
        self.assertEqual(len(self.rows()), 4)
        self.dlq("replay", self.letters("--status", "all")[0]["id"], expect=1)
        self.assertEqual(len(self.rows()), 4)
        # The pipeline goes on where it was.
        self.write({"id": 4, "lines": [{"number": 1}]})
        self.run_orders()
        self.assertEqual(len(self.rows()), 5)

    def test_thousands_of_letters_take_seconds(self):
        self.configure(", reject_limit: {share: 1}", kind="integer, on_error: reject_payload")
        self.write(*({"id": f"order-{number}", "lines": [{"number": number}]} for number in range(4_000)))
        self.run_orders()
        self.configure(kind="string")
        began = time.monotonic()
        self.dlq("replay")
        self.assertLess(time.monotonic() - began, 120)
        self.assertEqual(len(self.rows()), 4_000)

    def test_after_five_tries_a_letter_is_passed_over(self):
        self.configure()
        self.write(b"{broken\n")
        self.run_orders()
        for tries in range(2, 6):
            self.dlq("replay", expect=1)
            self.assertEqual(self.letters()[0]["attempts"], tries)
        self.assertIn("--force", self.dlq("replay", expect=1))
        self.assertIn("refused", self.dlq("replay", "--force", expect=1))
        self.assertEqual(self.letters()[0]["attempts"], 5)

    def test_a_payload_that_was_cut_is_not_replayed(self):
        self.configure()
        self.write(b'{"id": 1, "text": "' + b"x" * (1 << 20) + b'\n')
        self.run_orders()
        self.assertIn("only the first 1048576 bytes", self.dlq("replay", expect=1))
        self.assertEqual(self.letters()[0]["attempts"], 1)


class Rows(Replays):
    """Where a database refuses rows of their own."""

    def test_only_the_rows_that_were_refused_are_written(self):
        self.configure(", on_row_error: row", keys="[number]")
        self.write({"id": 1, "lines": [{"number": 1}, {"number": None}, {"number": 3}, {}]}, {"id": 2, "lines": [{"number": 9}]})
        self.run_orders()
        self.assertEqual(self.rows(), [("1", 1), ("1", 3), ("2", 9)])
        self.assertEqual([(letter["row_no"], letter["row_count"]) for letter in self.letters()], [(1, 4), (3, 4)])
        self.configure(", on_row_error: row")
        self.dlq("replay")
        self.assertEqual(self.rows(), [("1", None), ("1", None), ("1", 1), ("1", 3), ("2", 9)])
        self.assertEqual(self.letters(), [])

    def test_a_letter_names_what_the_output_writes_to(self):
        for granularity in ("row", "payload"):
            self.configure(f", on_row_error: {granularity}, reject_limit: {{share: 1}}", keys="[number]")
            self.write({"id": 1, "lines": [{"number": None}]}, b"{broken\n")
            self.run_orders()
        self.assertEqual([(letter["stage"], letter.get("target")) for letter in self.letters()],
                         [("extract", None), ("write", self.TARGET)] * 2)
        self.assertIn(f"target:    {self.TARGET}\n", self.dlq("show", self.letters("--stage", "write")[0]["id"]))
        self.assertEqual([letter["target"] for letter in json.loads(self.dlq("list", "--format", "json", "--stage", "write"))], [self.TARGET] * 2)

    def refuse_cells(self, granularity):
        self.configure(f", on_row_error: {granularity}, reject_limit: {{share: 1}}", kind="string", keys="[number]")
        self.write({"id": "5", "lines": [{"number": 1}]}, {"id": "x" * 300 + "\0", "lines": [{"number": 7}, {}]},
                   {"id": "\u00e9" * 200, "lines": [{}]})
        self.run_orders()
        values = [letter["row_values"] for letter in self.letters()]
        self.assertEqual(values[-1]["order_id"], "\u00e9" * 126 + "\u2026")
        self.assertIsNone(values[-1]["number"])
        self.assertTrue(values[-1]["file"].endswith("events.jsonl"))
        self.assertEqual(values[0]["order_id"], "x" * 253 + "\u2026")
        self.assertIn('"number"', self.dlq("show", self.letters()[-1]["id"]))

    def test_a_letter_has_the_cells_of_the_row(self):
        self.refuse_cells("row")

    def test_a_letter_of_a_payload_has_the_cells_of_the_row_to_blame(self):
        self.refuse_cells("payload")

    def test_a_number_beyond_those_of_a_database_has_a_letter(self):
        self.configure(", on_row_error: row, reject_limit: {share: 1}", kind="decimal", keys="[number]")
        self.write({"id": 1, "lines": [{"number": 1}]}, b'{"id": 1e140000, "lines": [{}]}\n')
        self.run_orders()
        (letter,) = self.letters()
        self.assertTrue(letter["row_values"]["order_id"].lower().startswith("1e"), letter["row_values"])

    def configure_writers(self, **settings):
        self.configure(", on_row_error: row", **settings)
        configuration = (self.folder / "batch.yml").read_text()
        other = '  other: {extractor: json, path: "lines[{line}].other", type: integer}\n  file:'
        (self.folder / "batch.yml").write_text(configuration.replace("  file:", other) + TWO_WRITERS)

    def test_a_row_of_one_writer_is_not_that_of_another(self):
        self.configure_writers(keys="[number]")
        self.write({"id": 1, "lines": [{"number": None, "other": 7}]},
                   {"id": 2, "lines": [{"number": 1, "other": 2}, {"number": 3, "other": None}]})
        self.run_orders()
        self.assertEqual(self.rows(), [("1", 7), ("2", 1), ("2", 2), ("2", 3)])
        told = sorted((letter["writer"], letter["row_no"], letter["row_count"]) for letter in self.letters())
        self.assertEqual(told, [("numbers", 0, 1), ("others", 1, 2)])
        self.configure(", on_row_error: row")
        self.assertEqual(self.dlq("replay", expect=1).count("passed over"), 2)
        self.configure_writers()
        self.dlq("replay")
        self.assertEqual(self.rows(), [("1", None), ("1", 7), ("2", None), ("2", 1), ("2", 2), ("2", 3)])
        self.assertEqual(self.letters(), [])

    def test_rows_that_cannot_be_told_any_more_are_not_written(self):
        self.configure(", on_row_error: row", keys="[number]")
        self.write({"id": 1, "lines": [{"number": 1}, {"number": None}], "others": [{"number": 7}]})
        self.run_orders()
        configuration = (self.folder / "batch.yml").read_text()
        (self.folder / "batch.yml").write_text(configuration.replace("lines", "others").replace("split: others", "split: lines"))
        self.dlq("replay", expect=1)
        self.assertEqual(self.letters()[0]["code"], "BO431")
        self.assertEqual(self.rows(), [("1", 1)])

    def test_payloads_chosen_by_a_later_letter_are_replayed_all(self):
        # The letters of the second output follow those of the first.
        self.configure(", on_row_error: row", keys="[number]")
        configuration = (self.folder / "batch.yml").read_text()
        output = configuration[configuration.index("  out: "):]
        selectors = "selectors: {out: [order_id, number, file], more: [order_id, number, file]}\n"
        (self.folder / "batch.yml").write_text(configuration + output.replace("  out: ", "  more: ") + selectors)
        self.write({"id": 1, "lines": [{"number": None}]}, {"id": 2, "lines": [{"number": None}]})
        self.run_orders()
        letters = self.letters()
        first, second = letters[0]["id"], letters[1]["id"]
        self.assertEqual([letter["payload_of"] for letter in letters], [first, second, first, second])
        relaxed = (self.folder / "batch.yml").read_text().replace(", keys: [number]", "")
        (self.folder / "batch.yml").write_text(relaxed)
        self.dlq("replay", "--id", second, "--id", letters[2]["id"])
        self.assertEqual(self.rows(), [("1", None), ("1", None), ("2", None), ("2", None)])
        self.assertEqual(self.letters(), [])

    def test_refused_values_cost_rows_that_are_not_known(self):
        self.configure(kind="integer")
        configuration = (self.folder / "batch.yml").read_text()
        (self.folder / "batch.yml").write_text(configuration.replace('.number", type: integer', '.number", type: integer, on_error: reject_row'))
        self.write({"id": 1, "lines": [{"number": 1}, {"number": "x"}]})
        self.run_orders()
        self.assertEqual(self.letters()[0]["row_no"], -2)
        self.configure(kind="integer")
        self.dlq("replay", expect=3)
        self.assertIn("would be in outputs.out twice", self.said)
        self.assertEqual(self.rows(), [("1", 1)])
        self.dlq("replay", "--force")
        self.assertEqual(self.rows(), [("1", None), ("1", 1), ("1", 1)])

    def test_letters_that_were_not_chosen_count_too(self):
        self.configure(", on_row_error: row", keys="[number]")
        configuration = (self.folder / "batch.yml").read_text()
        strict = configuration.replace('"lines[{line}].number", type: integer', '"lines[{line}].number", type: integer, on_error: reject_row')
        (self.folder / "batch.yml").write_text(strict)
        self.write({"id": 1, "lines": [{"number": 1}, {"number": "x"}, {"number": None}, {"number": 4}]})
        self.run_orders()
        self.assertEqual(self.rows(), [("1", 1), ("1", 4)])
        letters = self.letters()
        self.assertEqual(sorted(letter["row_no"] for letter in letters), [-2, 1])
        self.configure(", on_row_error: row")
        one = next(letter["id"] for letter in letters if letter["row_no"] == 1)
        for chosen in (("--stage", "write"), ("--id", one), ("--limit", 1)):
            self.dlq("replay", *chosen, expect=3)
            self.assertIn("would be in outputs.out twice", self.said)
        self.assertEqual(self.rows(), [("1", 1), ("1", 4)])
        self.assertEqual(self.letters(), letters)

    def test_newer_rows_are_not_overwritten_unasked(self):
        self.configure(kind="integer, on_error: reject_payload", keys="[number]", mode="upsert")
        self.write({"id": "old", "lines": [{"number": 1}]}, {"id": 2, "lines": [{"number": 1}]})
        self.run_orders()
        self.configure(kind="string", keys="[number]", mode="upsert")
        self.dlq("replay", expect=3)
        self.assertIn("BO507", self.said)
        self.assertIn("--force", self.said)
        self.assertEqual(self.rows(), [("2", 1)])
        self.configure(kind="string", keys="[number]", mode="upsert, version_column: order_id")
        self.dlq("replay", "--dry-run")
        self.configure(kind="string", keys="[number]", mode="upsert")
        self.dlq("replay", "--force")
        self.assertEqual(self.rows(), [("old", 1)])

    def test_the_place_in_the_source_is_a_version(self):
        def configure(kind):
            self.configure(kind=kind, keys="[number]", mode="upsert, version_column: file")
            path = self.folder / "batch.yml"
            path.write_text(path.read_text().replace("path: file}", "path: offset}"))

        configure("integer, on_error: reject_payload")
        self.write({"id": "old", "lines": [{"number": 1}, {"number": 2}]}, {"id": 2, "lines": [{"number": 1}]})
        self.run_orders()
        self.assertEqual(self.rows(), [("2", 1)])
        configure("string")
        self.dlq("replay")
        self.assertEqual(self.rows(), [("2", 1), ("old", 2)])
        self.assertEqual(self.letters(), [])

    def test_deleted_rows_are_not_brought_back_unasked(self):
        self.configure(kind="integer, on_error: reject_payload", keys="[number]", mode="upsert")
        self.write({"id": "old", "lines": [{"number": 1}]})
        self.run_orders()
        self.configure(kind="string", keys="[number]", mode="upsert, version_column: order_id, delete_when: {order_id: [gone]}")
        self.dlq("replay", expect=3)
        self.assertIn("may bring back what was deleted later; --force does it anyway", self.said)
        self.assertEqual(self.rows(), [])
        self.dlq("replay", "--force")
        self.assertEqual(self.rows(), [("old", 1)])


# A line in a file of letters.
GAP = (
    '{"pipeline":"orders","source":"kafka:orders","unit":"0",%s,"stage":"read","place":"inputs.orders","input":"orders","number":0,'
    '"code":"BO413","column_name":"","error":"gone","excerpt":"","row_no":-1,"row_count":0,"payload":"","payload_size":0}\n'
)


class SqliteRows(Folder):
    TARGET = "out"

    def setUp(self):
        super().setUp()
        self.select("CREATE TABLE out (order_id TEXT, number INTEGER, file TEXT)")

    def output(self, keys="", mode="insert"):
        if mode.startswith("upsert"):
            self.select("CREATE UNIQUE INDEX IF NOT EXISTS out_key ON out (number)")
        return "{type: sqlite, path: out.db, table: out, mode: %s%s}" % (mode, f", keys: {keys}" if keys else "")

    def select(self, query):
        with sqlite3.connect(self.folder / "out.db") as database:
            return list(database.execute(query))

    def rows(self):
        return self.select("SELECT order_id, number FROM out ORDER BY 1, 2")

    def column(self, name):
        return [row[0] for row in self.select(f"SELECT {name} FROM out")]

    def positions(self):
        return self.select("SELECT next_pos, epoch FROM batchout_source_position")


class PlaceReplays(Rows, SqliteRows):
    """Letters in a file of their own, rows in a database."""

    def configure(self, pipeline="", **settings):
        super().configure(pipeline + ", dead_letters: {file: refused.jsonl}", **settings)


class RowsOnce(Rows):
    """Letters beside the rows: of a row that is refused again there is one."""

    def test_rows_that_are_refused_again_have_one_letter(self):
        self.write({"id": 1, "lines": [{"number": 1}, {"number": None}, {"number": 3}, {}]}, {"id": 2, "lines": [{"number": 9}]}, b"{broken\n")
        for granularity in ("row", "payload"):
            self.configure(f", on_row_error: {granularity}", keys="[number]")
            self.run_program("run", "--once", "--from-start", str(self.folder / "batch.yml"))
            letters = self.letters()
            self.assertEqual(len(letters), {"row": 3, "payload": 5}[granularity])
            self.run_program("run", "--once", "--from-start", str(self.folder / "batch.yml"))
            self.assertEqual(self.letters(), letters)


class SqliteReplays(RowsOnce, SqliteRows):
    def test_a_store_that_commits_first_has_nothing_of_what_the_letters_refuse(self):
        # More than is stored before the store of the letters could say no.
        self.configure(", on_row_error: row", keys="[number]")
        more = "  more: {type: sqlite, path: more.db, table: more, mode: insert, create: if_missing}\n"
        selectors = "selectors: {out: [order_id, number, file], more: [order_id, number, file]}\n"
        configuration = (self.folder / "batch.yml").read_text() + more + selectors
        (self.folder / "batch.yml").write_text(configuration)
        self.write({"id": 1, "lines": [{"number": None}, {"number": 1}], "others": []}, b"{broken\n")
        self.run_orders()
        (self.folder / "batch.yml").write_text(configuration.replace("{extractor: json, path: lines}", "{extractor: json, path: others}").replace("lines[{line}]", "others[{line}]"))
        self.assertEqual(len(self.letters()), 2)
        self.select("""UPDATE batchout_dead_letter SET payload = CAST('{"id": 2, "others": [{"number": 2}]}' AS BLOB), payload_size = 36 WHERE stage = 'extract'""")
        for options in (("--dry-run",), (), ()):
            self.dlq("replay", *options, expect=3)
            self.assertIn("makes no rows for outputs.out any more", self.said)
            with sqlite3.connect(self.folder / "more.db") as database:
                self.assertEqual(list(database.execute("SELECT order_id, number FROM more ORDER BY 1, 2")), [(1, None), (1, 1)])

    def test_cells_are_told_up_to_a_size(self):
        columns = "".join(f"  c{number}: text\n" for number in range(14))
        (self.folder / "batch.yml").write_text(f"""
batchout: 1
pipeline: {{name: wide, on_row_error: row, reject_limit: {{share: 1}}}}
inputs: {{orders: {{type: file, path: events.jsonl, split: lines}}}}
indexes: {{line: lines}}
columns:
  number: ["lines[{{line}}].number", integer]
{columns}outputs:
  out: {{type: sqlite, path: wide.db, table: wide, mode: insert, keys: [number], create: if_missing}}
""")
        self.write(*[{"text": "x" * 256, "lines": [{}] * 500}] * 10)
        self.run_orders()
        told = ["row_values" in letter for letter in self.letters()]
        self.assertEqual(len(told), 5000)
        self.assertEqual(told, sorted(told, reverse=True))
        self.assertTrue(4000 < sum(told) < 5000, sum(told))

    def test_payloads_of_two_inputs_go_their_own_ways(self):
        output = "{type: sqlite, path: out.db, table: %s, mode: insert}"
        configuration = """
batchout: 1
inputs: {users: {type: file, path: events.jsonl, split: lines}, pages: {type: file, path: pages.jsonl, split: lines}}
columns: {name: {path: name, type: %%s}}
maps: {users: name, pages: name}
outputs: {users: %s, pages: %s}
""" % (output % "users", output % "pages")
        self.select("CREATE TABLE users (name TEXT)")
        self.select("CREATE TABLE pages (name TEXT)")
        (self.folder / "batch.yml").write_text(configuration % "integer, on_error: reject_payload")
        self.write({"name": "ada"}, b"{broken\n")
        (self.folder / "pages.jsonl").write_text('{"name": "home"}\n{"name": "help"}\n{broken\n')
        self.run_orders()
        (self.folder / "batch.yml").write_text(configuration % "string")
        told = self.dlq("replay", expect=1)
        self.assertEqual((told.count("replayed"), told.count("refused")), (3, 2))
        self.assertEqual(self.select("SELECT * FROM users"), [("ada",)])
        self.assertEqual(self.select("SELECT * FROM pages"), [("home",), ("help",)])
        self.assertEqual([(letter["input"], letter["code"]) for letter in self.letters()], [("users", "BO401"), ("pages", "BO401")])

    def test_letters_without_bytes_stay_as_they_are(self):
        self.configure()
        self.write(b"{broken\n")
        self.run_orders()
        add = (
            "INSERT INTO batchout_dead_letter (pipeline, source, unit, pos, stage, place, number, code, column_name, error, excerpt,"
            " payload, payload_size, input, row_no, row_count) VALUES ('orders', 'kafka:orders', '0', %s, '', X'', 0, 'orders', -1, 0)"
        )
        self.select(add % "5, 'read', 'inputs.orders', 0, 'BO413', '', 'gone'")
        self.select(add % "6, 'cast', 'inputs.orders', 0, 'BO422', 'order_id', 'a tombstone'")
        self.select(add % "7, 'write', 'outputs.out', 0, 'BO440', '', 'not found'")
        before = self.letters()[1:]
        self.assertEqual(len(before), 3)
        told = self.dlq("replay", *(letter["id"] for letter in before), expect=1)
        self.assertEqual(told.count("passed over"), 3)
        self.assertEqual(told.count("are not kept"), 2)
        self.assertEqual(self.letters()[1:], before)
        self.assertEqual(self.rows(), [])


class FileReplays(Replays, Folder):
    def output(self):
        return "{type: csv, path: out.csv}"

    def lines(self):
        with open(self.folder / "out.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rows(self):
        return sorted((line["order_id"], int(line["number"])) for line in self.lines())

    def column(self, name):
        return [line[name] for line in self.lines()]

    def positions(self):
        journal = (self.folder / "out.csv.batchout").read_text(encoding="utf-8")
        return [line.split("\t")[6:] for line in journal.splitlines() if len(line.split("\t")) > 6]

    def test_letters_without_bytes_stay_as_they_are(self):
        self.configure()
        self.write(b"{broken\n")
        self.run_orders()
        with open(self.folder / "out.csv.rejected.jsonl", "a", encoding="utf-8") as file:
            file.write(GAP % '"pos":5')
        gap = self.letters()[1]
        self.assertIn(f"{gap['id']} passed over: the messages were gone", self.dlq("replay", "--code", "BO413", expect=1))
        self.assertEqual(self.letters()[1], gap)

    def test_a_letter_names_the_file(self):
        self.configure()
        configuration = (self.folder / "batch.yml").read_text().replace("path: out.csv", "path: out.csv, quoting: none").replace("type: integer", "type: string")
        (self.folder / "batch.yml").write_text(configuration)
        self.write({"id": "a,b", "lines": [{"number": "1"}]})
        self.run_orders()
        self.assertEqual([(letter["place"], letter["target"]) for letter in self.letters()], [("outputs.out", "out.csv")])

    def test_a_file_that_somebody_adds_to_is_waited_for(self):
        self.configure()
        self.write(b"{broken\n")
        self.run_orders()
        with open(self.folder / "out.csv.batchout", "rb") as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
            self.dlq("discard", expect=5)
            self.assertIn("BO556", self.said)
            self.assertEqual(len(self.letters()), 1)


@unittest.skipUnless("BATCHOUT_TEST_PG_HOST" in os.environ, "no PostgreSQL")
class PostgresReplays(RowsOnce, Server):
    TARGET = "public.letters_test"

    def setUp(self):
        super().setUp()
        self.sql("CREATE TABLE letters_test (order_id text, number bigint, file text)")

    def output(self, keys="", mode="insert"):
        if mode.startswith("upsert"):
            self.sql("CREATE UNIQUE INDEX IF NOT EXISTS letters_test_key ON letters_test (number)")
        return "{%s, table: letters_test, mode: %s%s}" % (self.address(), mode, f", keys: {keys}" if keys else "")

    def rows(self):
        lines = self.sql("SELECT order_id, coalesce(number::text, 'none') FROM letters_test ORDER BY order_id, number NULLS FIRST")
        return [(line.split("|")[0], None if line.endswith("none") else int(line.split("|")[1])) for line in lines]

    def column(self, name):
        return self.sql(f"SELECT {name} FROM letters_test")

    def positions(self):
        return self.sql("SELECT next_pos, epoch FROM batchout_delivery.source_position")

    def letters_touched(self):
        """Letters and entries of their indexes that have been read since the table was made."""
        (heap,) = self.sql("SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'dead_letter'")
        (entries,) = self.sql("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'dead_letter'")
        return int(heap) + int(entries)

    def test_many_letters_of_one_payload_are_work_that_grows_as_they_do(self):
        count = 3_000
        self.configure(", on_row_error: row, reject_limit: {share: 1}", keys="[number]")
        self.write({"id": 1, "lines": [{}] * count})
        self.run_orders()
        touched = [self.letters_touched()]
        self.run_program("run", "--once", "--from-start", str(self.folder / "batch.yml"))
        touched.append(self.letters_touched())
        letters = self.letters()
        touched.append(self.letters_touched())
        self.assertEqual([letter["row_no"] for letter in letters], list(range(count)))
        self.assertEqual({letter["payload_of"] for letter in letters}, {letters[0]["id"]})
        work = [after - before for before, after in zip([0] + touched, touched)]
        # With the square it would be millions.
        self.assertLess(max(work), 20 * count, work)

    def test_a_row_that_the_server_refused_is_replayed_alone(self):
        self.sql("ALTER TABLE letters_test ADD CONSTRAINT small CHECK (number < 100)")
        self.configure(", on_row_error: row")
        self.write({"id": 1, "lines": [{"number": 1}, {"number": 200}, {"number": 3}]})
        self.run_orders()
        self.assertEqual([(letter["row_no"], letter["row_count"]) for letter in self.letters()], [(1, 3)])
        self.dlq("replay", expect=1)
        self.assertEqual(len(self.rows()), 2)
        self.sql("ALTER TABLE letters_test DROP CONSTRAINT small")
        self.dlq("replay")
        self.assertEqual(self.rows(), [("1", 1), ("1", 3), ("1", 200)])


PLACES = """
batchout: 1
pipeline: {name: places, delivery: %s, dead_letters: {%s}}
inputs:
  events: {type: %s}
extractors: {json: {type: jsonpath, syntax: rfc9535}, meta: {type: meta}}
columns:
  id: {extractor: json, path: id, type: integer}
outputs:
  out: {type: sqlite, path: out.db, table: out, create: if_missing}
"""


class Places(Folder):
    """Letters that are not kept beside the rows."""

    FILE = "file, path: events.jsonl, split: lines"

    def configure(self, place, delivery="exactly_once", given=FILE):
        (self.folder / "batch.yml").write_text(PLACES % (delivery, place, given))

    def run_places(self):
        self.run_program("run", "--once", str(self.folder / "batch.yml"))

    def ids(self):
        with sqlite3.connect(self.folder / "out.db") as database:
            return [row[0] for row in database.execute("SELECT id FROM out ORDER BY id")]

    def test_a_file_of_their_own(self):
        self.configure("file: refused.jsonl")
        self.write({"id": 1}, b'{"id": 2', b"\n", {"id": 3}, b"[]]\n")
        self.run_places()
        self.run_places()
        self.assertEqual(self.ids(), [1, 3])
        lines = (self.folder / "refused.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual([json.loads(line)["payload"] for line in lines], ['{"id": 2', "[]]"])
        first, second = (letter["id"] for letter in self.letters())
        self.dlq("discard", first)
        self.assertIn(f"{second} refused", self.dlq("replay", expect=1))
        self.assertEqual([letter["attempts"] for letter in self.letters()], [2])
        with sqlite3.connect(self.folder / "out.db") as database:
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
        self.assertNotIn("batchout_dead_letter", tables)

    def test_what_is_stored_by_a_replay_is_marked_in_the_file(self):
        self.configure("file: refused.jsonl")
        configuration = (self.folder / "batch.yml").read_text()
        (self.folder / "batch.yml").write_text(configuration.replace("type: integer", "type: integer, on_error: reject_payload"))
        self.write({"id": "x"}, {"id": 2})
        self.run_places()
        with sqlite3.connect(self.folder / "out.db") as database:
            database.execute("DROP TABLE out")
        (self.folder / "batch.yml").write_text(configuration.replace("type: integer", "type: string"))
        self.dlq("replay")
        self.assertEqual(self.ids(), ["x"])
        self.assertEqual(self.letters(), [])
        self.dlq("replay")
        self.assertEqual(self.ids(), ["x"])

    def test_it_is_told(self):
        self.configure("file: refused.jsonl")
        said = self.run_program("explain", str(self.folder / "batch.yml"))
        self.assertIn("exactly once into out", said)
        self.assertIn("dead letters: at least once", said)

    def test_a_place_that_is_none(self):
        for place, message in (("folder: x", "no place"), ("file: 7", "path of a file"), ("file: a, kafka: {topic: t}", "expected true"),
                               ("kafka: {bootstrap_servers: a}", "pipeline.dead_letters.kafka.topic: required"), ("kafka: x", "needs the settings"),
                               ("kafka: {topic: t, bootstrap_servers: a, tpic: b}", "tpic"), ("kafka: {topic: t, bootstrap_servers: a, keys: [id]}", "is about columns")):
            self.configure(place)
            self.run_program("check", str(self.folder / "batch.yml"), expect=3)
            self.assertIn(message, self.said)
            self.assertIn("batch.yml:3:", self.said)

    def test_a_variable_may_say_whether(self):
        self.configure("file: x")
        configuration = (self.folder / "batch.yml").read_text().replace("{file: x}", '"${BATCHOUT_LETTERS}"')
        (self.folder / "batch.yml").write_text(configuration)
        for value, expect in (("false", 0), ("true", 0), ("table", 0), ("refused.jsonl", 3)):
            os.environ["BATCHOUT_LETTERS"] = value
            self.addCleanup(os.environ.pop, "BATCHOUT_LETTERS", None)
            self.run_program("check", str(self.folder / "batch.yml"), expect=expect)

    def test_a_file_of_rows_is_no_place_for_letters(self):
        self.configure("file: ./rows.csv", delivery="best")
        configuration = (self.folder / "batch.yml").read_text().replace("{type: sqlite, path: out.db, table: out, create: if_missing}", "rows.csv")
        (self.folder / "batch.yml").write_text(configuration)
        self.run_program("check", str(self.folder / "batch.yml"), expect=3)
        self.assertIn("is the file that outputs.out writes to", self.said)

    def test_a_device_takes_letters_and_gives_none(self):
        self.configure("file: /dev/stderr")
        self.write(b"[]]\n")
        self.run_places()
        self.assertIn('"payload":"[]]"', self.said)
        self.dlq("list", expect=3)
        self.assertIn("BO508", self.said)

    def test_a_file_that_cannot_be_written_ends_the_run_with_nothing_stored(self):
        self.configure("file: missing/refused.jsonl")
        self.write({"id": 1}, b"[]]\n")
        self.run_program("run", "--once", str(self.folder / "batch.yml"), expect=3)
        self.assertIn("pipeline.dead_letters", self.said)
        self.configure("file: refused.jsonl")
        self.run_places()
        self.assertEqual(self.ids(), [1])
        self.assertEqual(len(self.letters()), 1)

    @unittest.skipUnless("BATCHOUT_TEST_KAFKA" in os.environ, "no Kafka")
    def test_a_topic(self):
        servers, topic = os.environ["BATCHOUT_TEST_KAFKA"], f"refused-{os.getpid()}-{time.time_ns()}"
        self.configure(f"kafka: {{bootstrap_servers: '{servers}', topic: {topic}}}")
        configuration = (self.folder / "batch.yml").read_text().replace("outputs:", "  name: {extractor: json, path: name}\noutputs:")
        (self.folder / "batch.yml").write_text(configuration.replace("table: out,", "table: out, mode: insert, keys: [id],"))
        self.write({"id": 1}, b'{"id": 2', b"\n", {"id": 3}, b"[]]\n", {"id": "x", "name": "y"})
        self.run_places()
        self.assertEqual(self.ids(), [1, 3])
        self.dlq("list", expect=3)
        self.assertIn("BO508", self.said)
        (self.folder / "reader.yml").write_text(f"""
batchout: 1
inputs: {{refused: {{type: kafka, bootstrap_servers: '{servers}', topic: {topic}, consumer_group: {topic}, max_batch_size: 3, timeout_sec: 30}}}}
extractors: {{text: {{type: regex}}, meta: {{type: meta}}}}
columns:
  payload: {{extractor: text, path: "(?s).*"}}
  code: {{extractor: meta, path: headers.batchout-code}}
  id: {{extractor: meta, path: headers.batchout-id}}
  input: {{extractor: meta, path: headers.batchout-input}}
  error_class: {{extractor: meta, path: headers.batchout-error_class}}
  target: {{extractor: meta, path: headers.batchout-target}}
outputs: {{out: {{type: jsonl, path: refused.jsonl}}}}
""")
        self.run_program("run", "--once", str(self.folder / "reader.yml"))
        messages = [json.loads(line) for line in (self.folder / "refused.jsonl").read_text(encoding="utf-8").splitlines()]
        self.assertEqual([message["payload"] for message in messages], ['{"id": 2', "[]]", '{"id": "x", "name": "y"}'])
        self.assertEqual([message["code"] for message in messages], ["BO401", "BO401", "BO421"])
        self.assertEqual({message["input"] for message in messages}, {"events"})
        self.assertEqual([message["error_class"] for message in messages], ["syntax", "syntax", "constraint"])
        self.assertEqual([message["target"] for message in messages], [None, None, "out"])
        self.assertEqual([message["id"].split("/")[-1] for message in messages], ["10", "29", "33"])

    @unittest.skipUnless("BATCHOUT_TEST_KAFKA" in os.environ, "no Kafka")
    def test_a_letter_names_the_topic(self):
        servers, topic = os.environ["BATCHOUT_TEST_KAFKA"], f"rows-{os.getpid()}-{time.time_ns()}"
        output = f"{{type: kafka, bootstrap_servers: '{servers}', topic: {topic}, keys: [id]}}"
        self.configure("file: refused.jsonl", delivery="best")
        configuration = (self.folder / "batch.yml").read_text().replace("outputs:", "  name: {extractor: json, path: name}\noutputs:")
        (self.folder / "batch.yml").write_text(configuration.replace("{type: sqlite, path: out.db, table: out, create: if_missing}", output))
        self.write({"id": 1}, {"id": "x", "name": "y"})
        self.run_places()
        self.assertEqual([(letter["place"], letter["target"]) for letter in self.letters()], [("outputs.out", topic)])

    @unittest.skipUnless("BATCHOUT_TEST_KAFKA" in os.environ, "no Kafka")
    def test_large_payloads_are_cut_to_what_a_message_may_have(self):
        servers, topic = os.environ["BATCHOUT_TEST_KAFKA"], f"refused-{os.getpid()}-{time.time_ns()}"
        self.configure(f"kafka: {{bootstrap_servers: '{servers}', topic: {topic}}}")
        self.write(b'{"id": "' + b"x" * 3_000_000 + b"\n", {"id": 1})
        self.run_places()
        self.assertEqual(self.ids(), [1])

    @unittest.skipUnless("BATCHOUT_TEST_KAFKA" in os.environ, "no Kafka")
    def test_a_mended_configuration_may_read_other_headers_of_old_letters(self):
        servers, topic = os.environ["BATCHOUT_TEST_KAFKA"], f"headers-{os.getpid()}-{time.time_ns()}"
        (self.folder / "writer.yml").write_text(f"""
batchout: 1
inputs: {{docs: {{type: const, data: ['{{"id": "seven", "trace": "t-1", "other": "o-1", "long": "{"x" * 70_000}"}}']}}}}
columns: {{id: id, trace: trace, other: other, long: long}}
outputs: {{out: {{type: kafka, bootstrap_servers: '{servers}', topic: {topic}, keys: [id], values: [id], headers: {{trace: trace, other: other, long: long}}}}}}
""")
        self.run_program("run", "--once", str(self.folder / "writer.yml"))
        given = f"kafka, bootstrap_servers: '{servers}', topic: {topic}, consumer_group: {topic}, partitions: [0], max_batch_size: 1, timeout_sec: 30"
        self.configure("file: refused.jsonl", given=given)
        configuration = (self.folder / "batch.yml").read_text()
        (self.folder / "batch.yml").write_text(configuration.replace("type: integer", "type: integer, on_error: reject_payload"))
        self.run_places()
        (letter,) = self.letters()
        self.assertEqual(letter["metadata"]["headers"], {"trace": "t-1", "other": "o-1"})
        self.assertEqual(letter["metadata"]["headers_left_out"], 1)
        mended = configuration.replace("path: id, type: integer}", "path: id, type: string}\n  trace: {extractor: meta, path: headers.trace}\n  key: {extractor: meta, path: key}")
        (self.folder / "batch.yml").write_text(mended)
        with sqlite3.connect(self.folder / "out.db") as database:
            database.execute("DROP TABLE IF EXISTS out")
        self.dlq("replay")
        with sqlite3.connect(self.folder / "out.db") as database:
            self.assertEqual(list(database.execute("SELECT id, trace, key FROM out")), [("seven", "t-1", "seven")])


@unittest.skipUnless("BATCHOUT_TEST_PG_HOST" in os.environ, "no PostgreSQL")
class PlaceBesidePostgres(Server):
    def test_what_only_the_commit_refuses_has_a_letter_too(self):
        self.sql("DROP TABLE IF EXISTS letters_test, letters_parent; CREATE TABLE letters_parent (id integer PRIMARY KEY); INSERT INTO letters_parent VALUES (1); "
                 "CREATE TABLE letters_test (id integer REFERENCES letters_parent DEFERRABLE INITIALLY DEFERRED)")
        self.addCleanup(self.sql, "DROP TABLE letters_test, letters_parent")
        configuration = PLACES % ("exactly_once", "file: refused.jsonl", Places.FILE)
        output = "{%s, table: letters_test, mode: insert}" % self.address()
        (self.folder / "batch.yml").write_text(configuration.replace("{type: sqlite, path: out.db, table: out, create: if_missing}", output))
        self.write({"id": 1}, b"{broken\n", {"id": 2})
        self.run_program("run", "--once", str(self.folder / "batch.yml"))
        self.assertEqual(self.sql("SELECT id FROM letters_test"), ["1"])
        # The file is written once the server has said yes.
        self.assertEqual([letter["code"] for letter in self.letters()], ["BO401", "BO534"])

    def test_what_only_the_commit_refuses_is_in_no_other_store(self):
        self.sql("DROP TABLE IF EXISTS letters_test, letters_parent; CREATE TABLE letters_parent (id integer PRIMARY KEY); INSERT INTO letters_parent VALUES (1), (3); "
                 "CREATE TABLE letters_test (id integer REFERENCES letters_parent DEFERRABLE INITIALLY DEFERRED)")
        self.addCleanup(self.sql, "DROP TABLE letters_test, letters_parent")
        configuration = EVENTS % ("{%s, table: letters_test, mode: insert}\n  file: {type: csv, path: out.csv}" % self.address())
        (self.folder / "batch.yml").write_text(configuration.replace("  file: {extractor: meta, path: file}\n", "")
                                                .replace("on_row_error: row", "on_row_error: payload"))
        self.write({"id": 1}, {"id": 2}, {"id": 3})
        self.run_program("run", "--once", str(self.folder / "batch.yml"))
        self.assertEqual(self.sql("SELECT id FROM letters_test ORDER BY id"), ["1", "3"])
        self.assertEqual((self.folder / "out.csv").read_text().split(), ["id", "1", "3"])


class Arguments(Folder):
    def test_what_does_not_go_together(self):
        (self.folder / "batch.yml").write_text(EVENTS % "{type: sqlite, path: out.db, table: out}")
        self.dlq("show", expect=2)
        self.assertIn("needs the id", self.said)
        self.dlq("list", "--dry-run", expect=2)
        self.dlq("list", "--payloads", "x", expect=2)
        self.dlq("discard", "--format", "json", expect=2)
        self.dlq("prune", expect=2)
        self.assertIn("dlq prune needs --older-than", self.said)
        self.dlq("discard", "--older-than", "1h", expect=2)
        self.dlq("prune", "--older-than", "1h", "--stage", "read", expect=2)
        self.dlq("prune", "--older-than", "soon", expect=2)
        for action in ("discard", "replay"):
            for status in ("new", "replayed", "all"):
                self.dlq(action, "--status", status, expect=2)
                self.assertIn(f"dlq {action} is only ever about new letters", self.said)
        self.dlq("list", "--since", "yesterday", expect=2)
        self.assertIn("how long ago", self.said)
        self.dlq("list", "--id", "0", expect=2)
        self.dlq("burn", expect=2)
        self.assertIn("list, show, export, replay", self.said)

    def test_an_output_that_keeps_none(self):
        (self.folder / "batch.yml").write_text(EVENTS % "{type: discard}")
        self.dlq("list", expect=3)
        self.assertIn("BO508", self.said)


if __name__ == "__main__":
    unittest.main()
