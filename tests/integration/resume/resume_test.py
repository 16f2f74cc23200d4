"""Runs over files and incremental queries go on where the last one ended, with a SQLite file that keeps the positions.

resume_test.py PROGRAM
"""

import gzip
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)

FILES = """
batchout: 1
inputs:
  orders: {type: file, path: "*.jsonl", split: lines%s}
columns:
  order_id: {path: id, type: integer}
outputs:
  out: {type: sqlite, path: out.db, table: orders, mode: insert, create: if_missing}
"""

ROWS = """
batchout: 1
inputs:
  orders: {type: sqlite, path: shop.db, sql: "SELECT id, state FROM orders", cursor: [%s]}
columns:
  order_id: {path: id, type: integer}
  state: state
outputs:
  out: {type: sqlite, path: out.db, table: orders, mode: insert, create: if_missing}
"""


class Resume(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def configure(self, text):
        (self.folder / "batch.yml").write_text(text)

    def append(self, name, *ids, end="\n"):
        self.append_text(name, "".join(json.dumps({"id": i}) + "\n" for i in ids)[: None if end else -1])

    def append_text(self, name, text):
        with open(self.folder / name, "a", encoding="utf-8") as file:
            file.write(text)

    def run_once(self, *options, expect=0):
        done = subprocess.run(
            [PROGRAM, "run", "--once", *options, str(self.folder / "batch.yml")], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def rows(self):
        with sqlite3.connect(self.folder / "out.db") as database:
            return [row[0] for row in database.execute("SELECT order_id FROM orders ORDER BY rowid")]

    # ------------------------------------------------------------------------------------------------------ files

    def test_a_second_run_reads_only_what_is_new(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1, 2)
        self.run_once()
        self.assertIn("1 of 1", self.run_once())
        self.assertEqual(self.rows(), [1, 2])
        self.append("a.jsonl", 3)
        self.append("b.jsonl", 4)
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 4])

    def test_from_start_reads_everything_again_and_the_next_run_nothing(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1, 2)
        self.run_once()
        self.run_once("--from-start")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 1, 2])

    def test_rounds_of_one_run_begin_at_the_start_once(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1, 2)
        done = subprocess.run(
            [PROGRAM, "run", "-n", "2", "--from-start", str(self.folder / "batch.yml")], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.rows(), [1, 2])

    def test_without_resume_every_run_reads_everything(self):
        self.configure(FILES % ", resume: false")
        self.append("a.jsonl", 1, 2)
        self.run_once()
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 1, 2])

    def test_a_file_that_came_in_the_place_of_another_is_read_from_its_start(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1, 2)
        self.run_once()
        (self.folder / "a.jsonl").unlink()
        self.append("a.jsonl", 11, 12, 13)
        self.assertIn("another one", self.run_once())
        self.assertEqual(self.rows(), [1, 2, 11, 12, 13])
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 11, 12, 13])

    def test_files_that_are_rotated_are_read_on_under_their_new_names(self):
        self.configure((FILES % "").replace("*.jsonl", "log*"))
        self.append("log", 1, 2)
        self.run_once()
        for run in range(3):
            first = 10 * run + 10
            self.append("log", first)  # Has not been read when it gets another name.
            for old in range(run, 0, -1):
                (self.folder / f"log.{old}").rename(self.folder / f"log.{old + 1}")
            (self.folder / "log").rename(self.folder / "log.1")
            self.append("log", first + 1, *range(100 * first, 100 * first + run))
            self.assertIn("log.1", self.run_once())
        self.run_once()
        self.assertEqual(sorted(self.rows()), [1, 2, 10, 11, 20, 21, 30, 31, 2000, 3000, 3001])

    def test_a_new_file_that_begins_like_a_rotated_one_is_read(self):
        self.configure((FILES % "").replace("*.jsonl", "log*"))
        self.append("log", 1)
        self.append("other", 1, 2)
        self.run_once()
        (self.folder / "log").rename(self.folder / "old")
        (self.folder / "other").rename(self.folder / "log.1")
        self.append("log", 3)
        self.run_once()
        self.assertEqual(self.rows(), [1, 3, 1, 2])

    def test_a_rotated_file_that_has_become_shorter_is_read_from_its_start(self):
        self.configure((FILES % "").replace("*.jsonl", "log*"))
        self.append("log", *range(9000))
        self.run_once()
        (self.folder / "log").rename(self.folder / "log.1")
        os.truncate(self.folder / "log.1", (self.folder / "log.1").read_bytes().index(b"\n", 90_000) + 1)
        self.append("log", 20_000)
        for _ in range(2):
            self.run_once()
            self.assertEqual(self.rows().count(0), 2)
            self.assertEqual(self.rows().count(20_000), 1)

    def test_positions_without_an_inode_belong_to_no_other_name(self):
        self.configure((FILES % "").replace("*.jsonl", "log*"))
        self.append("log", 1, 2)
        self.run_once()
        with sqlite3.connect(self.folder / "out.db") as database:
            (token,) = database.execute("SELECT token FROM batchout_source_position").fetchone()
            earlier = re.sub("&inode=[0-9:]+", "", token)
            database.execute("UPDATE batchout_source_position SET token = ?", (earlier,))
        self.assertIn("&inode=", token)
        (self.folder / "log").rename(self.folder / "log.1")
        self.append("log", 3)
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 1, 2])

    def test_a_copy_of_a_file_that_is_still_there_is_read(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1, 2)
        self.run_once()
        self.append("b.jsonl", 1, 2)
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 1, 2])

    def test_a_file_whose_name_is_no_text_is_read_once(self):
        self.configure(FILES % "")
        for name in (b"caf\xe9.jsonl", b"caf%E9.jsonl"):
            with open(os.path.join(os.fsencode(self.folder), name), "wb") as file:
                file.write(b'{"id": %d}\n' % len(name))
        self.run_once()
        self.run_once()
        self.assertEqual(self.rows(), [12, 10])
        with sqlite3.connect(self.folder / "out.db") as database:
            units = database.execute("SELECT unit FROM batchout_source_position ORDER BY unit").fetchall()
        self.assertEqual(units, [("caf%E9.jsonl",), ("caf%E9.jsonl/",)])
        with open(os.path.join(os.fsencode(self.folder), b"caf\xe9.jsonl"), "ab") as file:
            file.write(b'{"id": 3}\n')
        self.run_once()
        self.assertEqual(self.rows(), [12, 10, 3])
        for unit in (b"caf%E9.jsonl/", b"caf\xe9.jsonl"):
            done = subprocess.run([PROGRAM, "positions", "set", self.folder / "batch.yml", unit + b"=0"], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.run_once()
        self.assertEqual(self.rows(), [12, 10, 3, 10, 3, 10, 3])

    def test_a_file_that_became_shorter_is_an_error_or_read_again(self):
        self.configure(FILES % "")
        long = [10_000_000 + i for i in range(8000)]
        self.append("a.jsonl", *long)
        self.run_once()
        with open(self.folder / "a.jsonl", "r+b") as file:
            file.truncate(17 * 7000)
        error = self.run_once(expect=3)
        self.assertIn("BO527", error)
        self.assertIn("a.jsonl", error)
        self.configure(FILES % ", on_truncate: restart")
        self.run_once()
        self.assertEqual(self.rows(), long + long[:7000])

    def test_a_line_that_is_still_written_is_read_once_it_is_whole(self):
        self.configure(FILES % ", final: false")
        self.append("a.jsonl", 1, 2, end="")
        self.run_once()
        self.assertEqual(self.rows(), [1])
        self.append_text("a.jsonl", "\n")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2])

    def test_compressed_files_go_on_in_what_they_unpack_to(self):
        self.configure((FILES % "").replace("*.jsonl", "*.gz"))
        packed = gzip.compress(b'{"id": 1}\n{"id": 2}\n', mtime=0)
        (self.folder / "a.gz").write_bytes(packed)
        self.run_once()
        self.run_once()
        self.assertEqual(self.rows(), [1, 2])
        (self.folder / "a.gz").write_bytes(packed + gzip.compress(b'{"id": 3}\n', mtime=0))
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3])

    def test_a_whole_document_that_has_changed_is_read_again(self):
        self.configure((FILES % "").replace(", split: lines", "").replace("*.jsonl", "*.json"))
        (self.folder / "a.json").write_text('{"id": 1}')
        (self.folder / "b.json").write_text('{"id": 2}')
        self.run_once()
        self.run_once()
        self.assertEqual(self.rows(), [1, 2])
        (self.folder / "a.json").write_text('{"id": 1, "state": "paid"}')
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 1])

    def test_files_that_a_query_joins_are_read_whole_every_time(self):
        self.configure(
            """
batchout: 1
inputs:
  orders: {type: file, path: "orders*.jsonl", split: lines}
  names: {type: file, path: names.jsonl, split: lines}
columns: {id: {path: id, type: integer}, name: name}
maps: {orders: [id], names: [id, name]}
selectors: {named: "SELECT o.id AS order_id, n.name FROM orders o JOIN names n USING (id)"}
outputs: {out: {type: sqlite, path: out.db, table: orders, mode: upsert, keys: [order_id], create: if_missing}}
"""
        )
        self.append_text("names.jsonl", '{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n')
        self.append("orders1.jsonl", 1)
        self.run_once()
        self.append("orders2.jsonl", 2)
        self.run_once()
        self.assertEqual(self.rows(), [1, 2])

    def test_a_file_that_was_short_when_it_was_met_is_known_by_what_it_has_now(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1)
        self.run_once()
        self.append("a.jsonl", 2, 3, 4)
        self.run_once()
        (self.folder / "a.jsonl").unlink()
        self.append("a.jsonl", 1, 12, 13, 14, 15)
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 4, 1, 12, 13, 14, 15])

    def test_a_list_that_was_still_written_is_read_on_where_it_was_broken(self):
        self.configure((FILES % "").replace("split: lines", "split: json_array").replace("*.jsonl", "*.json"))
        self.append_text("a.json", '[{"id": 1}, {"id": 2}, {"id": 3')
        self.assertIn("BO409", self.run_once())
        self.assertNotIn("BO409", self.run_once())
        self.append_text("a.json", '}, {"id": 4}]')
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 4])

    def test_a_compressed_file_that_was_copied_by_half_is_read_on(self):
        self.configure((FILES % "").replace("*.jsonl", "*.gz"))
        ids = list(range(20_000))
        packed = gzip.compress("".join('{"id": %d}\n' % i for i in ids).encode(), mtime=0)
        (self.folder / "a.gz").write_bytes(packed[: len(packed) // 2])
        self.assertIn("BO419", self.run_once())
        (self.folder / "a.gz").write_bytes(packed)
        self.run_once()
        self.assertEqual(sorted(set(self.rows())), ids)
        self.assertEqual(len(self.rows()), len(ids))

    def test_a_file_that_became_shorter_than_its_good_part_is_an_error(self):
        self.configure((FILES % "").replace("split: lines", "split: json_array").replace("*.jsonl", "*.json"))
        whole = ",\n".join('{"id": %d}' % i for i in range(9000))
        (self.folder / "a.json").write_text("[" + whole + ', {"id": 9')
        self.assertIn("BO409", self.run_once())
        (self.folder / "a.json").write_text("[" + whole[: len(whole) - 5000])
        self.assertIn("BO527", self.run_once(expect=3))

    def test_a_refused_line_is_not_read_again(self):
        self.configure(FILES % "")
        self.append("a.jsonl", 1)
        self.append_text("a.jsonl", "{broken\n")
        self.assertIn("BO401", self.run_once())
        self.assertNotIn("BO401", self.run_once())
        with sqlite3.connect(self.folder / "out.db") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM batchout_dead_letter").fetchone(), (1,))

    # ------------------------------------------------------------------------------------------------------- rows

    def shop(self, *rows):
        with sqlite3.connect(self.folder / "shop.db") as database:
            database.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER, state TEXT)")
            database.executemany("INSERT INTO orders VALUES (?, ?)", rows)

    def test_a_query_with_a_cursor_goes_on_behind_the_last_row(self):
        self.configure(ROWS % "id")
        self.shop((1, "new"), (2, "new"))
        self.run_once()
        self.shop((3, "new"))
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3])
        self.run_once("--from-start")
        self.assertEqual(self.rows(), [1, 2, 3, 1, 2, 3])
        self.shop((4, "new"))
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 1, 2, 3, 4])

    def test_cursor_values_may_be_any_text(self):
        self.configure(ROWS % "state")
        self.shop((1, "a&b=%41 ü"), (2, "c\n"))
        self.run_once()
        self.shop((3, "a"), (4, "c\nd"))
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 4])

    def test_columns_that_do_not_tell_rows_apart_are_refused(self):
        self.configure(ROWS % "state")
        self.shop((1, "new"), (2, "new"))
        self.assertIn("BO528", self.run_once(expect=3))

    def test_a_position_of_other_columns_is_refused(self):
        self.configure(ROWS % "id")
        self.shop((1, "new"))
        self.run_once()
        self.configure(ROWS % "state, id")
        self.assertIn("BO526", self.run_once(expect=3))


if __name__ == "__main__":
    unittest.main()
