"""`batchout positions`: what it shows, what it changes, and what becomes of a process that reads meanwhile.

positions_test.py PROGRAM, with the address of PostgreSQL in BATCHOUT_TEST_PG_* for the part that needs it.
"""

import fcntl
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

PROGRAM = sys.argv.pop(1)
PG = {name: os.environ.get(f"BATCHOUT_TEST_PG_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}

LINES = """
batchout: 1
pipeline: {name: %s}
inputs:
  orders: {type: file, path: "%s", split: lines}
columns:
  order_id: {path: id, type: integer}
outputs:
  out: %s
"""
TWO = """
batchout: 1
pipeline: {name: batch}
inputs:
  a: {type: file, path: "%s", split: lines}
  b: {type: file, path: "b.jsonl", split: lines}
columns:
  order_id: {path: id, type: integer}
maps: {a: [order_id], b: [order_id]}
outputs:
  a: {type: sqlite, path: ../out.db, table: %s_a, mode: insert}
  b: {type: sqlite, path: ../out.db, table: %s_b, mode: insert}
"""
SQLITE = "{type: sqlite, path: out.db, table: orders, mode: insert}"
JSONL = "{type: jsonl, path: out.jsonl}"

QUERY = """
batchout: 1
inputs:
  shop: {type: sqlite, path: shop.db, sql: "SELECT id, state FROM orders", cursor: [id]}
columns:
  order_id: {path: id, type: integer}
outputs:
  out: {type: sqlite, path: out.db, table: orders, mode: insert}
"""

TOPICS = """
batchout: 1
inputs:
  %s: {type: kafka, bootstrap_servers: ["127.0.0.1:1"], consumer_group: g, topic: %s}
columns:
  order_id: {path: id, type: integer}
outputs:
  out: {type: sqlite, path: out.db, table: orders, mode: insert}
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def configure(self, text):
        (self.folder / "batch.yml").write_text(text)

    def append(self, name, *ids):
        with open(self.folder / name, "a", encoding="utf-8") as file:
            file.write("".join(json.dumps({"id": i}, separators=(",", ":")) + "\n" for i in ids))

    def program(self, *arguments, expect=0):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=self.folder, timeout=120)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def run_once(self, expect=0):
        return self.program("run", "--once", "batch.yml", expect=expect).stderr

    def positions(self, action, *arguments, expect=0):
        return self.program("positions", action, "batch.yml", *arguments, expect=expect)

    def listed(self):
        return json.loads(self.positions("list", "--format", "json").stdout)

    def told(self):
        return [(entry["source"], entry["unit"], entry["position"]) for entry in self.listed()]

    def rows(self):
        with sqlite3.connect(self.folder / "out.db") as database:
            return [row[0] for row in database.execute("SELECT order_id FROM orders ORDER BY rowid")]


class Files(Folder):
    """A SQLite file keeps the positions of files."""

    def setUp(self):
        super().setUp()
        self.configure(LINES % ("shop", "*.jsonl", SQLITE))
        self.append("a.jsonl", 1, 2)
        self.append("b.jsonl", 3)

    def test_list_shows_what_is_kept(self):
        self.run_once()
        first = self.listed()[0]
        self.assertEqual({"pipeline": "shop", "source": "file:*.jsonl", "unit": "a.jsonl", "position": 18}.items()
                         - first.items(), set())
        self.assertTrue(first["token"].startswith("first=18&fnv1a="), first)
        self.assertRegex(first["changed_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertGreaterEqual(first["epoch"], 1)
        table = self.positions("list").stdout.splitlines()
        self.assertEqual(table[0].split(), ["source", "unit", "position", "token", "epoch", "owner", "changed"])
        self.assertEqual(table[2].split()[:3], ["file:*.jsonl", "b.jsonl", "9"])

    def test_before_the_first_run_there_is_nothing_and_nothing_is_made(self):
        done = self.positions("list")
        self.assertEqual((done.stdout, "nothing is kept yet of pipeline shop" in done.stderr), ("", True))
        self.assertEqual(self.listed(), [])
        self.assertFalse((self.folder / "out.db").exists())

    def test_set_moves_a_file_back_and_forth(self):
        self.run_once()
        done = self.positions("set", "a.jsonl=9")
        self.assertEqual(done.stdout, "file:*.jsonl/a.jsonl: 18 -> 9\n")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 2])
        self.append("a.jsonl", 4, 5)
        self.positions("set", "orders:a.jsonl=27")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 2, 5])

    def test_set_before_the_first_run(self):
        self.positions("set", "file:*.jsonl/a.jsonl=9")
        self.run_once()
        self.assertEqual(self.rows(), [2, 3])

    def test_set_is_meant_for_the_file_that_is_there_now(self):
        self.run_once()
        (self.folder / "a.jsonl").unlink()
        self.append("a.jsonl", 7, 8, 9)
        self.positions("set", "a.jsonl=9")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 8, 9])

    def test_a_dry_run_changes_nothing(self):
        self.run_once()
        before = self.listed()
        self.assertIn("18 -> 0", self.positions("set", "a.jsonl=0", "--dry-run").stdout)
        self.assertIn("9 -> none", self.positions("reset", "--dry-run").stdout)
        self.assertEqual(self.listed(), before)

    def test_reset_begins_anew(self):
        self.run_once()
        done = self.positions("reset", "--unit", "b.jsonl")
        self.assertEqual(done.stdout, "file:*.jsonl/b.jsonl: 9 -> none\n")
        self.assertIn("inputs.orders begins at the start of the file", done.stderr)
        self.assertEqual(self.told()[1], ("file:*.jsonl", "b.jsonl", None))
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 3])
        self.positions("reset", "--source", "file:*.jsonl")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 3, 1, 2, 3])
        self.positions("reset")
        self.assertEqual(self.positions("reset").stdout, "")

    def test_every_change_raises_the_epoch(self):
        self.run_once()
        epochs = [self.listed()[0]["epoch"]]
        for change in (["set", "a.jsonl=9"], ["reset"], ["set", "a.jsonl=0"]):
            self.positions(*change)
            epochs.append(self.listed()[0]["epoch"])
        self.assertEqual(epochs, list(range(epochs[0], epochs[0] + 4)))

    def test_units_that_cannot_be(self):
        self.run_once()
        for wish, words in (
            ("c.jsonl=0", 'no input reads a unit "c.jsonl"; kept are file:*.jsonl/a.jsonl, file:*.jsonl/b.jsonl'),
            ("a.jsonl=19", "cannot be set to 19: it is behind the end of the file: a.jsonl, 18 bytes"),
            ("a.jsonl", "needs UNIT=POS with a position from 0 on, but is a.jsonl"),
            ("a.jsonl=-1", "needs UNIT=POS"),
            ("a.jsonl=9x", "needs UNIT=POS"),
            ("=9", "needs UNIT=POS"),
            ("a.jsonl=99999999999999999999", "needs UNIT=POS"),
        ):
            self.assertIn(words, self.positions("set", wish, expect=2).stderr)
        self.assertIn("given twice", self.positions("set", "a.jsonl=0", "orders:a.jsonl=9", expect=2).stderr)
        self.assertIn("made from its bytes", self.positions("set", "a.jsonl=0", "--token", "x", expect=2).stderr)
        self.assertIn("nothing is kept of the source", self.positions("reset", "--source", "x", expect=2).stderr)

    def test_options_in_the_wrong_place(self):
        for arguments in (["list", "a=1"], ["list", "--dry-run"], ["list", "--unit", "a"], ["set"], ["set", "a=1", "--unit", "a"],
                          ["set", "a=1", "--format", "json"], ["reset", "a=1"], ["reset", "--token", "x"], ["move"]):
            self.program("positions", arguments[0], "batch.yml", *arguments[1:], expect=2)

    def test_a_file_that_another_process_holds(self):
        self.run_once()
        holder = sqlite3.connect(self.folder / "out.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        self.assertIn("another process holds the file", self.positions("set", "a.jsonl=0", expect=8).stderr)
        holder.close()
        self.positions("set", "a.jsonl=0")

    def test_a_file_that_is_no_database(self):
        (self.folder / "out.db").write_text("no database at all, but long enough to be looked at as one by sqlite\n" * 20)
        self.assertIn("BO541", self.positions("list", expect=3).stderr)


class Others(Folder):
    def test_nothing_keeps_positions(self):
        self.append("a.jsonl", 1)
        for text, words in (
            (LINES % ("shop", "a.jsonl", "{type: discard}"), "no output can"),
            ((LINES % ("shop", "a.jsonl", SQLITE)).replace("name: shop", "delivery: at_least_once"), "at_least_once"),
            ((LINES % ("shop", "a.jsonl", SQLITE)).replace("split", "resume: false, split"), "no input goes on"),
            ((LINES % ("shop", "a.jsonl", SQLITE)).replace("batchout: 1", "").replace("pipeline: {name: shop}", "")
             .replace("orders:", "a:").replace("{path: id, type: integer}", "{type: extracted, cast: integer, path: id}")
             .replace("split: lines", ""), "old dialects"),
        ):
            self.configure(text)
            error = self.positions("list", expect=3).stderr
            self.assertIn(words, error)
            self.assertIn("[BO580]", error)
        self.configure("batchout: 1")
        self.positions("list", expect=3)

    def test_a_query_goes_on_behind_a_row(self):
        with sqlite3.connect(self.folder / "shop.db") as shop:
            shop.execute("CREATE TABLE orders (id INTEGER, state TEXT)")
            shop.executemany("INSERT INTO orders VALUES (?, 'new')", [(1,), (2,), (3,)])
        self.configure(QUERY)
        self.run_once()
        self.assertEqual(self.listed()[0]["token"], "id=i3")
        self.assertIn("give them with --token", self.positions("set", "shop=1", expect=2).stderr)
        self.assertIn("has to have the form id=…", self.positions("set", "shop=1", "--token", "x=i1", expect=2).stderr)
        self.positions("set", "shop=1", "--token", "id=i1")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 2, 3])
        self.positions("set", "shop=0")
        self.run_once()
        self.assertEqual(self.rows(), [1, 2, 3, 2, 3, 1, 2, 3])

    def test_partitions_have_several_names(self):
        self.configure(TOPICS % ("in", "orders"))
        self.positions("set", "kafka:orders/0=1", "orders/1=2", "in:2=3", "in:orders/3=4", "4=5", "in:kafka:orders/5=6")
        self.assertEqual(self.told(), [("kafka:orders", str(n), n + 1) for n in range(6)])
        for wish in ("orders/x=1", "others/0=1", "orders/00=1", "orders/-1=1", "orders/99999999999=1", "/=1"):
            self.assertIn("no input reads a unit", self.positions("set", wish, expect=2).stderr)
        self.assertIn("has an offset and no token", self.positions("set", "0=1", "--token", "x", expect=2).stderr)
        self.assertIn('group "g" has committed', self.positions("reset").stderr)

    def test_partitions_of_patterns_and_of_some(self):
        self.configure(TOPICS % ("in", '"^orders-[0-9]+$"'))
        self.positions("set", "orders-17/0=1")
        self.positions("set", "orders-x/0=1", expect=2)
        self.positions("set", "0=1")  # It is kept, and the only one of that name.
        self.positions("set", "1=1", expect=2)
        self.configure(TOPICS % ("in", "orders, partitions: [0, 2]"))
        self.positions("set", "2=1")
        self.positions("set", "orders/1=1", expect=2)


class Journal(Folder):
    """A growing file keeps the positions in its journal."""

    def setUp(self):
        super().setUp()
        self.configure(LINES % ("shop", "in/*", JSONL))
        (self.folder / "in").mkdir()
        self.append("in/a", 1, 2)

    def lines(self):
        return [json.loads(line)["order_id"] for line in (self.folder / "out.jsonl").read_text().splitlines()]

    def test_list_set_and_reset(self):
        self.assertEqual(self.listed(), [])
        self.assertFalse((self.folder / "out.jsonl.batchout").exists())
        self.run_once()
        self.assertEqual(self.told(), [("file:in/*", "in/a", 18)])
        self.assertIsNone(self.listed()[0]["owner"])
        self.positions("set", "in/a=9")
        self.assertEqual(self.told(), [("file:in/*", "in/a", 9)])
        self.run_once()
        self.assertEqual(self.lines(), [1, 2, 2])
        self.positions("reset")
        self.assertEqual(self.told(), [("file:in/*", "in/a", None)])
        self.run_once()
        self.assertEqual(self.lines(), [1, 2, 2, 1, 2])
        self.assertEqual(self.told(), [("file:in/*", "in/a", 18)])

    def test_a_journal_that_another_process_holds_is_shown_and_not_changed(self):
        self.run_once()
        with open(self.folder / "out.jsonl.batchout", "rb+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertEqual(self.told(), [("file:in/*", "in/a", 18)])
            self.assertIn("[BO556]", self.positions("set", "in/a=0", expect=8).stderr)
        self.assertEqual(self.told(), [("file:in/*", "in/a", 18)])

    def test_a_damaged_journal_is_told(self):
        self.run_once()
        journal = self.folder / "out.jsonl.batchout"
        journal.write_bytes(b"zz" + journal.read_bytes()[2:])
        self.assertIn("[BO557]", self.positions("list", expect=3).stderr)


class Folders(Folder):
    """Two folders with a batch.yml and an in.jsonl each, into one database."""

    def setUp(self):
        super().setUp()
        self.all = self.folder
        self.make("a", 1, 2)

    def make(self, name, *ids, table="orders"):
        self.folder = self.all / name
        self.folder.mkdir(exist_ok=True)
        self.configure((LINES % ("batch", "in.jsonl", SQLITE)).replace("out.db, table: orders", f"../out.db, table: {table}"))
        self.append("in.jsonl", *ids)

    def test_a_file_at_another_place_is_another_file(self):
        self.run_once()
        self.make("b", 3)
        error = self.run_once(expect=3)
        self.assertIn("[BO529]", error)
        self.assertIn(f"{self.all}/b/in.jsonl, kept is {self.all}/a/in.jsonl", error)
        self.positions("reset", "--unit", "in.jsonl")
        self.run_once()
        self.run_once()

    def test_a_folder_that_was_moved_goes_on(self):
        self.run_once()
        self.folder = self.folder.rename(self.all / "moved")
        self.append("in.jsonl", 3)
        self.run_once()
        self.folder = self.all
        self.assertEqual(self.rows(), [1, 2, 3])

    def test_a_folder_that_was_moved_with_a_new_file_begins_it(self):
        self.run_once()
        shutil.rmtree(self.folder)
        self.make("b", 3)
        self.run_once()
        self.folder = self.all
        self.assertEqual(self.rows(), [1, 2, 3])

    def test_a_copy_of_the_data_is_not_read_again(self):
        self.run_once()
        self.make("b", 1, 2, 3)
        self.run_once()
        self.folder = self.all
        self.assertEqual(self.rows(), [1, 2, 3])

    def test_a_position_of_an_earlier_version_has_no_place(self):
        self.run_once()
        with sqlite3.connect(self.all / "out.db") as database:
            database.execute("UPDATE batchout_source_position SET token = substr(token, 1, instr(token, '&at=') - 1)")
        self.make("b", 3)
        self.run_once()
        self.folder = self.all
        self.assertEqual(self.rows(), [1, 2, 3])


class Names(Folder):
    """Pipelines of one name into one SQLite file, in folders of their own if need be."""

    def setUp(self):
        super().setUp()
        self.all = self.folder
        self.make("first", "a.jsonl")
        self.run_once()

    def make(self, folder, path, table="orders"):
        self.folder = self.all / folder
        self.folder.mkdir(exist_ok=True)
        self.append(path, 1)
        self.configure(self.text(path, table))

    def text(self, path, table):
        return (LINES % ("batch", path, SQLITE)).replace("out.db, table: orders", f"../out.db, table: {table}")

    def other(self, table="others"):
        self.make("second", "b.jsonl", table)

    def sql(self, text):
        with sqlite3.connect(self.all / "out.db") as database:
            database.execute(text)

    def test_other_sources_and_other_tables_are_another_pipeline(self):
        self.other()
        error = self.run_once(expect=3)
        self.assertIn('"batch" reads file:a.jsonl and writes to orders, this one reads file:b.jsonl and writes to others', error)
        self.assertIn("[BO581]", error)
        self.assertEqual(self.told(), [("file:a.jsonl", "a.jsonl", 9)])
        self.positions("reset")
        self.run_once()

    def test_a_name_of_its_own_helps(self):
        self.other()
        text = (self.folder / "batch.yml").read_text()
        self.configure(text.replace("name: batch", "name: other"))
        self.run_once()

    def test_what_is_changed_step_by_step_stays_the_same(self):
        shutil.rmtree(self.folder)
        self.make("second", "a.jsonl", "others")
        self.run_once()
        self.make("third", "b.jsonl", "others")
        self.run_once()
        self.make("fourth", "b.jsonl", "fourth")
        self.run_once()

    def test_one_configuration_may_read_and_write_others_every_day(self):
        self.configure(self.text("${DAY}.jsonl", '"t_${DAY}"'))
        for day in ("1", "2"):
            self.append(day + ".jsonl", 1)
            os.environ["DAY"] = day
            self.addCleanup(os.environ.pop, "DAY", None)
            self.run_once()

    def test_a_source_of_any_input_is_enough(self):
        for folder, path, table in (("first", "a.jsonl", "x"), ("second", "c.jsonl", "y")):
            self.make(folder, path)
            self.append("b.jsonl", 1)
            self.configure(TWO % (path, table, table))
            self.run_once()

    def test_a_table_of_an_earlier_version_has_no_places(self):
        self.sql("ALTER TABLE batchout_pipeline DROP COLUMN place")
        self.other()
        self.assertIn("[BO581]", self.run_once(expect=3))
        self.make("first", "a.jsonl")
        self.run_once()
        self.make("first", "c.jsonl", "third")
        self.run_once()

    def test_an_earlier_version_has_not_noted_what_is_written(self):
        self.sql("DROP TABLE batchout_pipeline")
        self.other()
        self.run_once()


@unittest.skipUnless(PG["HOST"] and shutil.which("psql"), "no PostgreSQL")
class Postgres(Folder):
    def setUp(self):
        super().setUp()
        self.name = "positions_" + uuid.uuid4().hex[:8]
        output = "{type: postgres, host: %(HOST)s, port: %(PORT)s, user: %(USER)s, password: %(PASSWORD)r, dbname: %(DBNAME)s" % PG
        self.configure(LINES % (self.name, "in/*", f"{output}, sslmode: prefer, table: {self.name}, create: if_missing}}"))
        (self.folder / "in").mkdir()
        self.append("in/a", 1, 2)
        self.addCleanup(self.sql, f"DROP TABLE IF EXISTS {self.name};"
                        f" DELETE FROM batchout_delivery.source_position WHERE pipeline = '{self.name}';"
                        f" DELETE FROM batchout_delivery.pipeline WHERE pipeline = '{self.name}'")

    def psql(self):
        address = {f"PG{name}": PG[name] for name in ("HOST", "PORT", "USER", "PASSWORD")} | {"PGDATABASE": PG["DBNAME"]}
        return subprocess.Popen(["psql", "-qAtX"], env=os.environ | address, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def sql(self, text):
        return self.psql().communicate(text)[0].split()

    def test_list_set_and_reset(self):
        self.assertEqual(self.listed(), [])
        self.run_once()
        self.assertEqual(self.told(), [("file:in/*", "in/a", 18)])
        self.assertRegex(self.listed()[0]["changed_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.positions("set", "in/a=9")
        self.run_once()
        self.positions("reset")
        self.assertEqual(self.told(), [("file:in/*", "in/a", None)])
        self.run_once()
        self.assertEqual(self.sql(f"SELECT order_id FROM {self.name} ORDER BY ctid"), ["1", "2", "2", "1", "2"])

    def test_a_process_that_reads_is_fenced_and_stores_nothing_at_the_old_place(self):
        # The batch in hand waits for a lock on its table, behind which the position is set.
        self.run_once()
        self.append("in/a", 3)
        blocker = self.psql()
        blocker.stdin.write(f"BEGIN; LOCK TABLE {self.name}; SELECT 1;\n")
        blocker.stdin.flush()
        blocker.stdout.readline()
        run = subprocess.Popen([PROGRAM, "run", "--once", "batch.yml"], cwd=self.folder, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        waiting = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{self.name}'::regclass"
        while self.sql(waiting) != ["1"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.positions("set", "in/a=9")
        blocker.communicate("ROLLBACK;\n")
        self.assertEqual((run.wait(120), "BO503" in run.stderr.read()), (8, True))
        run.stderr.close()
        run.stdout.close()
        self.assertEqual(self.sql(f"SELECT order_id FROM {self.name} ORDER BY ctid"), ["1", "2"])
        self.run_once()
        self.assertEqual(self.sql(f"SELECT order_id FROM {self.name} ORDER BY ctid"), ["1", "2", "2", "3"])

    def test_a_unit_that_a_frozen_process_holds(self):
        self.run_once()
        blocker = self.psql()
        blocker.stdin.write(f"BEGIN; SELECT 1 FROM batchout_delivery.source_position WHERE pipeline = '{self.name}' FOR UPDATE;\n")
        blocker.stdin.flush()
        blocker.stdout.readline()
        self.assertIn("another process holds the unit", self.positions("reset", expect=8).stderr)
        blocker.communicate("ROLLBACK;\n")
        self.assertEqual(self.told(), [("file:in/*", "in/a", 18)])

    def test_another_pipeline_of_the_name(self):
        self.run_once()
        text = (self.folder / "batch.yml").read_text()
        self.folder = self.folder / "second"
        for folder in (self.folder, self.folder / "in", self.folder / "other"):
            folder.mkdir()
        self.append("other/b", 7)
        other = text.replace('"in/*"', '"other/*"').replace(f"table: {self.name}", f"table: {self.name}_b")
        self.addCleanup(self.sql, f"DROP TABLE IF EXISTS {self.name}_b")
        self.configure(other)
        error = self.run_once(expect=3)
        self.assertIn("[BO581]", error)
        self.assertIn(f"writes to public.{self.name}, this one reads file:other/* and writes to public.{self.name}_b", error)
        self.append("in/a", 1, 2)
        self.configure(text.replace(f"table: {self.name}", f"table: {self.name}_b"))
        shutil.rmtree(self.folder.parent / "in")
        self.run_once()
        self.configure(other)
        self.run_once()
        self.assertEqual(self.sql(f"SELECT array_to_string(targets, ' ') FROM batchout_delivery.pipeline WHERE pipeline = '{self.name}'"),
                         [f"public.{self.name}_b"])

    def test_one_configuration_may_read_and_write_others(self):
        self.run_once()
        text = (self.folder / "batch.yml").read_text()
        self.addCleanup(self.sql, f"DROP TABLE IF EXISTS {self.name}_b")
        self.append("b", 7)
        self.configure(text.replace('"in/*"', '"b"').replace(f"table: {self.name}", f"table: {self.name}_b"))
        self.run_once()

    def test_a_table_of_an_earlier_version_has_no_places(self):
        self.run_once()
        self.sql("ALTER TABLE batchout_delivery.pipeline DROP COLUMN place")
        self.run_once()
        place = self.sql(f"SELECT place FROM batchout_delivery.pipeline WHERE pipeline = '{self.name}'")
        self.assertEqual(place, [f"{self.folder}/"])

    def test_a_server_that_does_not_answer(self):
        text = (self.folder / "batch.yml").read_text()
        self.configure(text.replace(f"host: {PG['HOST']}", "host: 127.0.0.1").replace(f"port: {PG['PORT']}", "port: 1"))
        self.positions("list", expect=5)


if __name__ == "__main__":
    unittest.main()
