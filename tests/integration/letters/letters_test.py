"""Dead letters as `batchout dlq` lists, shows, exports and discards them, in each of the places that keep them.

letters_test.py PROGRAM
"""

import base64
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
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

POSTGRES = "{type: postgres, host: %s, port: %s, user: %s, password: %s, dbname: %s, table: letters_test, mode: insert, create: if_missing}"

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

    def run_once(self, output, expect=0):
        (self.folder / "batch.yml").write_text(EVENTS % output)
        self.run_program("run", "--once", str(self.folder / "batch.yml"), expect=expect)

    def dlq(self, action, *options, expect=0):
        return self.run_program("dlq", action, str(self.folder / "batch.yml"), *map(str, options), expect=expect)

    def letters(self, *options):
        return [json.loads(line) for line in self.dlq("export", *options).splitlines()]


class Everywhere:
    """What holds in each place; `output` is the configuration of the output."""

    def broken(self):
        self.write({"id": 1}, b'{"id": 2\n', b'{"id": "\xff"}\n', {"id": 4}, b"\n", b"[]]\n")
        self.run_once(self.output())

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
        self.run_once(self.output())
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(len(self.letters("--status", "all")), 4)

    def test_letters_of_another_pipeline_are_not_ours(self):
        self.broken()
        configuration = self.folder / "batch.yml"
        configuration.write_text(configuration.read_text().replace("name: events", "name: others"))
        self.assertEqual(self.letters(), [])

    def test_where_nothing_was_refused_there_is_nothing(self):
        (self.folder / "batch.yml").write_text(EVENTS % self.output())
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.dlq("list"), "")
        self.dlq("discard")


class Sqlite(Everywhere, Folder):
    def output(self):
        return "{type: sqlite, path: out.db, table: out, mode: insert, keys: [id], create: if_missing}"

    def test_no_file_is_made_by_looking(self):
        (self.folder / "batch.yml").write_text(EVENTS % self.output())
        self.dlq("list")
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

    def test_a_refused_row_tells_which_one_it_was(self):
        (self.folder / "batch.yml").write_text("""
batchout: 1
pipeline: {on_row_error: row}
inputs: {orders: {type: file, path: events.jsonl, split: lines}}
indexes: {line: lines}
columns: {order_id: {path: id, type: integer}, number: {path: "lines[{line}].number", type: integer}}
outputs: {out: {type: sqlite, path: out.db, table: out, mode: insert, keys: [number], create: if_missing}}
""")
        self.write({"id": 1, "lines": [{"number": 1}]}, {"id": 2, "lines": [{"number": 2}, {"number": None}, {"number": 4}, {"number": None}]})
        self.run_program("run", "--once", str(self.folder / "batch.yml"))
        letters = self.letters()
        self.assertEqual([(letter["row_no"], letter["row_count"]) for letter in letters], [(1, 4), (3, 4)])
        self.assertEqual([letter["payload_of"] for letter in letters], [letters[0]["id"]] * 2)
        self.assertIn('"lines"', self.dlq("show", letters[1]["id"]))


class File(Everywhere, Folder):
    def output(self):
        return "{type: csv, path: out.csv}"

    def test_a_file_with_a_line_that_is_none_is_refused(self):
        self.broken()
        with open(self.folder / "out.csv.rejected.jsonl", "a", encoding="utf-8") as file:
            file.write('{"id": }\n')
        self.dlq("list", expect=3)
        self.assertIn("BO558", self.said)
        self.assertIn("line 4", self.said)

    def test_a_torn_last_line_is_not_there_yet(self):
        self.broken()
        with open(self.folder / "out.csv.rejected.jsonl", "a", encoding="utf-8") as file:
            file.write('{"pipeline":"events","so')
        self.assertEqual(len(self.letters()), 3)


@unittest.skipUnless("BATCHOUT_TEST_PG_HOST" in os.environ, "no PostgreSQL")
class Postgres(Everywhere, Folder):
    def setUp(self):
        super().setUp()
        self.sql("DROP TABLE IF EXISTS letters_test; DROP SCHEMA IF EXISTS batchout_delivery CASCADE")

    def output(self):
        return POSTGRES % tuple(os.environ[f"BATCHOUT_TEST_PG_{name}"] for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME"))

    def sql(self, text):
        environment = dict(os.environ)
        for name, key in (("HOST", "HOST"), ("PORT", "PORT"), ("USER", "USER"), ("PASSWORD", "PASSWORD"), ("DBNAME", "DATABASE")):
            environment["PG" + key] = os.environ["BATCHOUT_TEST_PG_" + name]
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text], env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

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


class Arguments(Folder):
    def test_what_does_not_go_together(self):
        (self.folder / "batch.yml").write_text(EVENTS % "{type: sqlite, path: out.db, table: out}")
        self.dlq("show", expect=2)
        self.assertIn("needs the id", self.said)
        self.dlq("list", "--dry-run", expect=2)
        self.dlq("list", "--payloads", "x", expect=2)
        self.dlq("discard", "--format", "json", expect=2)
        self.dlq("list", "--since", "yesterday", expect=2)
        self.assertIn("how long ago", self.said)
        self.dlq("list", "--id", "0", expect=2)
        self.dlq("burn", expect=2)
        self.assertIn("list, show, export", self.said)

    def test_an_output_that_keeps_none(self):
        (self.folder / "batch.yml").write_text(EVENTS % "{type: discard}")
        self.dlq("list", expect=3)
        self.assertIn("BO508", self.said)


if __name__ == "__main__":
    unittest.main()
