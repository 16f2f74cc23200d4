"""Where the orders of the campaigns go: the outputs of a configuration, and how the rows are read back.

A sink says which tables it has, and gives their rows as texts, values with | between: `orders` (id, name), `lines` (id,
line, sku), `boxes` (box, id: the last order of each box). Rows that come twice in a sink with `exact = False` are no fault.
"""

import collections
import csv
import os
import pathlib
import sqlite3
import subprocess

PG = {name: os.environ.get(f"BATCHOUT_TEST_PG_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}

# How often a process surely comes by, of the points that all sinks have.
COMMON = {"units_assigned": 1, "starts_stored": 1, "payloads_taken": 6, "batch_built": 6, "after_begin": 6,
          "before_finish": 12, "after_finish": 12, "committed": 6, "acknowledging": 6, "acknowledged": 6}


def psql(query):
    done = subprocess.run(
        ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", PG["HOST"], "-p", PG["PORT"], "-U", PG["USER"], "-d",
         PG["DBNAME"], "-c", query], env={**os.environ, "PGPASSWORD": PG["PASSWORD"]}, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def access(port=None):
    """The settings of an output that say where the server is."""
    settings = "type: postgres, host: {HOST}, port: {PORT}, user: {USER}, password: {PASSWORD}, dbname: {DBNAME}, sslmode: disable"
    return settings.format(**{**PG, "PORT": port or PG["PORT"]})


class Postgres:
    tables = ("orders", "lines")
    exact = True
    mode = "mode: insert"
    points = COMMON | {"before_claim": 4, "after_claim": 4, "copying": 12, "before_commit": 6, "commit_sent": 6,
                       "commit_answered": 6}

    def __init__(self, name, folder, port=None):
        self.name, self.port = name, port
        columns = {"orders": "id bigint, name text CHECK (name NOT LIKE 'bad%')", "lines": "id bigint, line int, sku text",
                   "boxes": "box int PRIMARY KEY, id bigint"}
        psql(";".join(f"CREATE TABLE {name}_{table} ({columns[table]})" for table in self.tables))

    def outputs(self):
        return {table: f"{access(self.port)}, table: {self.name}_{table}, {self.mode}" for table in self.tables}

    def rows(self, table):
        return psql(f"SELECT * FROM {self.name}_{table}").splitlines()

    def letters(self):
        """Unit and position of each dead letter."""
        return psql(f"SELECT unit, pos FROM batchout_delivery.dead_letter WHERE pipeline = '{self.name}'").splitlines()

    def committed(self):
        return int(psql("SELECT coalesce(sum(batch_no), 0) FROM batchout_delivery.source_position "
                        f"WHERE pipeline = '{self.name}'"))

    def drop(self):
        psql(f"DROP TABLE IF EXISTS {', '.join(f'{self.name}_{table}' for table in self.tables)}")
        for table in ("source_position", "dead_letter"):
            if psql(f"SELECT to_regclass('batchout_delivery.{table}')").strip():
                psql(f"DELETE FROM batchout_delivery.{table} WHERE pipeline = '{self.name}'")


class PostgresWithRepeats(Postgres):
    """For at_least_once."""

    exact = False


class Boxes(Postgres):
    """Of each box the order that came last."""

    tables = ("boxes",)
    mode = "mode: upsert, keys: [box]"


class Sqlite:
    tables = ("orders", "lines")
    exact = True
    points = COMMON | {"before_claim": 4, "after_claim": 1, "before_commit": 6, "commit_answered": 6}

    def __init__(self, name, folder, mode="insert"):
        self.file, self.mode = pathlib.Path(folder, "rows.db"), mode

    def outputs(self):
        keys = {"orders": "[id]", "lines": "[id, line]"}
        upsert = {table: f", keys: {key}" if self.mode == "upsert" else "" for table, key in keys.items()}
        return {table: f"type: sqlite, path: {self.file}, table: {table}, mode: {self.mode}, create: if_missing{upsert[table]}"
                for table in self.tables}

    def rows(self, table):
        with sqlite3.connect(self.file) as database:
            return ["|".join(map(str, row)) for row in database.execute(f"SELECT * FROM {table}")]

    def letters(self):
        return []

    def committed(self):
        return 0

    def drop(self):
        pass


class Csv:
    """One file, of the lines: two files would be two systems, of which one comes after the other."""

    tables = ("lines",)
    exact = True
    points = COMMON | {"rows_half_written": 6, "journal_writing": 6, "journal_before_written": 6, "journal_written": 6}

    def __init__(self, name, folder):
        self.file = pathlib.Path(folder, "lines.csv")

    def outputs(self):
        return {"lines": f"type: csv, path: {self.file}"}

    def rows(self, table):
        """A torn line has too few fields, or is one with its neighbour: no row that is expected."""
        with open(self.file, newline="", encoding="utf-8") as file:
            rows = ["|".join(row) for row in csv.reader(file)]
        assert rows[:1] == ["id|line|sku"], rows[:1]
        return rows[1:]

    def letters(self):
        return []

    def committed(self):
        return 0

    def drop(self):
        pass


class CsvBeside(Csv):
    """Comes second beside a database, so its rows may come twice."""

    exact = False
    points = {}


class SqliteBeside(Sqlite):
    """The same, but with keys nothing comes twice."""

    points = {}

    def __init__(self, name, folder):
        super().__init__(name, folder, "upsert")


def differences(expected, found):
    """Two Counters: how many are missing, are there too often, and are there though nobody expects them."""
    lost = (expected - found).total()
    unknown = sum(found[key] for key in found.keys() - expected.keys())
    return collections.Counter(lost=lost, double=(found - expected).total() - unknown, unknown=unknown)
