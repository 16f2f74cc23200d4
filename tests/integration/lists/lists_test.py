"""`replace_within` of SQLite on random lists, against a model that keeps a dictionary.

Usage: lists_test.py PROGRAM [FIRST LAST]    the seeds, 0 to 40 by default
"""

import contextlib
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

CONFIG = """batchout: 1
inputs: {{docs: docs.jsonl}}
indexes: {{line: {{type: for_list, path: items, outer: true}}}}
columns:
  order: {{type: integer, path: order}}
  item: {{type: integer, path: "items[{{line}}].item"}}
  name: "items[{{line}}].name"
outputs: {{out: {{type: sqlite, path: out.sqlite, table: t, mode: upsert, keys: [{keys}], replace_within: [order]}}}}
pipeline: {{batch: {{payloads: {batch}}}}}
"""
TABLE = """create table t ("order" integer, item integer, name text check (name <> 'bad'), primary key ({keys})){rest}"""


class Model:
    """Rows by key. Within one batch the last list of an order counts; a list whose rows all lack their key is none."""

    def __init__(self, keys):
        self.keys = keys
        self.rows = {}

    def key(self, order, item):
        return item if self.keys == "item" else (order, item)

    def take_batch(self, payloads):
        lists = {}
        for order, items in payloads:
            known = {self.key(order, item) for item, _ in items if item is not None}
            if known or not items:
                lists[order] = known
            for item, name in items:
                if item is not None and name != "bad":
                    self.rows[self.key(order, item)] = (order, item, name)
        self.rows = {key: row for key, row in self.rows.items() if row[0] not in lists or key in lists[row[0]]}


def random_items(chance):
    return [(chance.randrange(5) if chance.random() < 0.95 else None, chance.choice(["a", "b", "c", "bad"]))
            for _ in range(chance.randrange(4))]


def wrong(program, seed, folder):
    """What is wrong with the table, or None."""
    chance = random.Random(seed)
    model = Model(chance.choice(["item", '"order", item', '"order", item']))
    batch = chance.choice([1, 2, 3, 100])
    with contextlib.closing(sqlite3.connect(folder / "out.sqlite")) as database:
        database.execute(TABLE.format(keys=model.keys, rest=chance.choice(["", " without rowid"])))
        for _ in range(chance.randrange(8)):
            row = (chance.randrange(3), chance.randrange(5), "old")
            if model.rows.setdefault(model.key(*row[:2]), row) is row:
                database.execute("insert into t values (?, ?, ?)", row)
        database.commit()
    payloads = [(chance.randrange(3), random_items(chance)) for _ in range(chance.randrange(1, 8))]
    for first in range(0, len(payloads), batch):
        model.take_batch(payloads[first:first + batch])
    (folder / "docs.jsonl").write_text("".join(
        json.dumps({"order": order, "items": [{"item": item, "name": name} for item, name in items]}) + "\n"
        for order, items in payloads))
    (folder / "batch.yml").write_text(CONFIG.format(keys=model.keys.replace('"', ""), batch=batch))
    done = subprocess.run([program, "run", "--once", "batch.yml"], cwd=folder, capture_output=True, text=True, timeout=60)
    with contextlib.closing(sqlite3.connect(folder / "out.sqlite")) as database:
        found = sorted(database.execute("select * from t"))
    if done.returncode == 0 and found == sorted(model.rows.values()):
        return None
    return f"seed {seed}: exit {done.returncode}, found {found}, expected {sorted(model.rows.values())}\n{done.stderr}"


def main(arguments):
    first, last = map(int, arguments[1:3] or (0, 40))
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            if complaint := wrong(pathlib.Path(arguments[0]).resolve(), seed, pathlib.Path(folder)):
                print(complaint)
                return 1
    print(f"seeds {first} to {last - 1}: the tables are as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
