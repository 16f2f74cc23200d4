"""Where the orders of the campaigns go: the outputs of a configuration, and how the rows are read back.

A sink says which tables it has: `orders` (id, name) and `lines` (id, line, sku). Rows that come twice in a sink with
`exact = False` are no fault.
"""

import csv
import os
import pathlib
import sqlite3
import subprocess

PG = {name: os.environ.get(f"BATCHOUT_TEST_PG_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}

# How often a process surely comes by, of the points that all sinks have.
COMMON = {"units_assigned": 1, "starts_stored": 1, "batch_built": 6, "after_begin": 6, "before_finish": 12,
          "after_finish": 12, "committed": 6, "acknowledged": 6}


def psql(query):
    done = subprocess.run(
        ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", PG["HOST"], "-p", PG["PORT"], "-U", PG["USER"], "-d",
         PG["DBNAME"], "-c", query], env={**os.environ, "PGPASSWORD": PG["PASSWORD"]}, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


class Postgres:
    tables = ("orders", "lines")
    exact = True
    points = COMMON | {"before_claim": 4, "after_claim": 4, "copying": 12, "before_commit": 6, "commit_sent": 6,
                       "commit_answered": 6}

    def __init__(self, name, folder, port=None):
        self.name, self.port = name, port or PG["PORT"]
        psql(f"CREATE TABLE {name}_orders (id bigint, name text);"
             f"CREATE TABLE {name}_lines (id bigint, line int, sku text)")

    def outputs(self):
        access = "type: postgres, host: {HOST}, port: {PORT}, user: {USER}, password: {PASSWORD}, dbname: {DBNAME}".format(
            **{**PG, "PORT": self.port})
        return {table: f"{access}, sslmode: disable, table: {self.name}_{table}, mode: insert" for table in self.tables}

    def orders(self):
        return [row.split("|") for row in psql(f"SELECT id, name FROM {self.name}_orders").splitlines()]

    def lines(self):
        return [row.split("|") for row in psql(f"SELECT id, line, sku FROM {self.name}_lines").splitlines()]

    def committed(self):
        return int(psql("SELECT coalesce(sum(batch_no), 0) FROM batchout_delivery.source_position "
                        f"WHERE pipeline = '{self.name}'"))

    def drop(self):
        psql(f"DROP TABLE IF EXISTS {self.name}_orders, {self.name}_lines")
        psql(f"DELETE FROM batchout_delivery.source_position WHERE pipeline = '{self.name}'")


class Sqlite:
    tables = ("orders", "lines")
    exact = True
    points = COMMON | {"before_claim": 4, "after_claim": 4, "before_commit": 6, "commit_answered": 6}

    def __init__(self, name, folder, mode="insert"):
        self.file, self.mode = pathlib.Path(folder, "rows.db"), mode

    def outputs(self):
        keys = {"orders": "[id]", "lines": "[id, line]"}
        upsert = {table: f", keys: {key}" if self.mode == "upsert" else "" for table, key in keys.items()}
        return {table: f"type: sqlite, path: {self.file}, table: {table}, mode: {self.mode}, create: if_missing{upsert[table]}"
                for table in self.tables}

    def select(self, query):
        with sqlite3.connect(self.file) as database:
            return list(database.execute(query))

    def orders(self):
        return self.select("SELECT id, name FROM orders")

    def lines(self):
        return self.select("SELECT id, line, sku FROM lines")

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

    def orders(self):
        return []

    def lines(self):
        """A torn line would have too few fields, or be one with its neighbour."""
        with open(self.file, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file, strict=True))
        if rows[:1] != [["id", "line", "sku"]] or any(len(row) != 3 for row in rows):
            raise AssertionError(f"the file has torn lines: {self.file}")
        return rows[1:]

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
