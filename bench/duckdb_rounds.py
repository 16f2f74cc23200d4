#!/usr/bin/env python3
"""Measures DuckDB beside batchout-bench-extract: files of one JSON document a line, into tables in memory.

Usage: duckdb_rounds.py PROGRAM [MEGABYTES [ROUNDS]]

DuckDB (Python package duckdb) reads with one thread and unnests into a table in memory, once as it is usually called, so that
it finds the types by itself, and once told the names and types of just the fields that are wanted; ours reads the same file
and keeps all rows as blocks. Rounds alternate; processor time, medians. Ours is shown without reading, too: from payloads
in memory to blocks in memory.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

SESSION = "STRUCT(id VARCHAR, created_at TIMESTAMP, device STRUCT(useragent VARCHAR))"
LINE = "STRUCT(sku VARCHAR, quantity BIGINT, price DOUBLE)"
SHIPMENT = f"STRUCT(id VARCHAR, sent_at TIMESTAMP, weight DOUBLE, lines {LINE}[])"

# Per shape: what is read, and what is selected of it.
SHAPES = {
    "sessions": (
        {"user": "STRUCT(id VARCHAR, last_seen TIMESTAMP)", "sessions": f"{SESSION}[]"},
        "SELECT u.id, u.last_seen, s.id, s.created_at, s.device.useragent FROM "
        '(SELECT "user" AS u, unnest(sessions) AS s FROM {source})',
    ),
    "wide": (
        {
            "name_0": "VARCHAR", "count_6": "BIGINT", "amount_13": "DOUBLE", "changed_at_24": "TIMESTAMP",
            "is_flag_35": "BOOLEAN", "note_47": "VARCHAR", "count_56": "BIGINT", "code_59": "VARCHAR",
        },
        "SELECT name_0, count_6, amount_13, changed_at_24, is_flag_35, note_47, count_56, code_59 FROM {source}",
    ),
    "deep": (
        {
            "order": "BIGINT", "customer": "STRUCT(id VARCHAR)", "placed_at": "TIMESTAMP",
            "shipments": f"{SHIPMENT}[]",
        },
        "SELECT o, c, placed_at, s.id, s.sent_at, s.weight, l.sku, l.quantity, l.price FROM "
        "(SELECT o, c, placed_at, s, unnest(s.lines) AS l FROM "
        '(SELECT "order" AS o, customer.id AS c, placed_at, unnest(shipments) AS s FROM {source}))',
    ),
}


def duckdb_round(shape, path, told):
    """Seconds and rows of one load."""
    columns, select = SHAPES[shape]
    fields = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    source = f"read_json('{path}', format='newline_delimited', columns={{{fields}}})" if told else f"read_json('{path}')"
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        start = time.process_time()
        connection.execute(f"CREATE TABLE t AS {select.format(source=source)}")
        seconds = time.process_time() - start
        return seconds, connection.execute("SELECT count(*) FROM t").fetchone()[0]


def our_round(program, shape, path):
    """The same of ours, and the seconds without those for reading the file."""
    seconds, extracting, rows = subprocess.run(
        [program, "load", shape, path], check=True, capture_output=True, text=True
    ).stdout.split()
    return float(seconds), float(extracting), int(rows)


def measure(program, shape, path, rounds):
    """A line of the table."""
    seconds = []  # Of each round: ours, ours without reading, theirs told and not told.
    for _ in range(rounds + 1):
        mine, extracting, my_rows = our_round(program, shape, path)
        others = [duckdb_round(shape, path, told) for told in (True, False)]
        for _, other_rows in others:
            if my_rows != other_rows:
                sys.exit(f"{shape}: {my_rows} rows, DuckDB {other_rows}")
        seconds.append((mine, extracting, *(other for other, _ in others)))
    del seconds[0]  # The first round warms up.
    size = os.path.getsize(path) / 1e6
    ours, alone, told, untold = (size / statistics.median(each) for each in zip(*seconds))

    def ratio(theirs, mine):
        return f"**{statistics.median(each[theirs] / each[mine] for each in seconds):.1f}**"

    return (
        f"| {shape} | {my_rows} | {ours:.0f} | {untold:.0f} | {ratio(3, 0)} | {told:.0f} | {ratio(2, 0)} | {alone:.0f} | "
        f"{ratio(2, 1)} |"
    )


def main(program, megabytes="100", rounds="5"):
    os.sched_setaffinity(0, {0})
    print(f"DuckDB {duckdb.__version__}, {megabytes} MB a shape, medians of {rounds} rounds\n")
    print("| shape | rows | ours MB/s | DuckDB MB/s | ratio | told the types | ratio | ours without reading | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            path = str(pathlib.Path(folder) / f"{shape}.jsonl")
            subprocess.run([program, "write", shape, path, megabytes], check=True)
            print(measure(program, shape, path, int(rounds)), flush=True)
            os.remove(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
