#!/usr/bin/env python3
"""Runs the examples: run.py EXAMPLES PROGRAM [--update].

Each folder with a folder `expected` is copied, its batch.yml is run once, and what it writes is compared: a file with
the file of that name (compressed ones as what is in them), each table of a SQLite file with expected/FILE/TABLE.csv.
A server.py of the folder is started first, and says its address in its first line: the variable API of the program.
--update writes what is expected anew.
"""

import csv
import gzip
import io
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile


def tables_of(file):
    """Yields (table, its rows as CSV)."""
    with sqlite3.connect(file) as database:
        # Those of the program itself have times and process numbers in them.
        names = "select name from sqlite_master where type = 'table' and substr(name, 1, 9) <> 'batchout_' order by name"
        for (table,) in database.execute(names).fetchall():
            rows = database.execute(f'select * from "{table}"')
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(column[0] for column in rows.description)
            writer.writerows(rows)
            yield table, text.getvalue()


def written(folder, given):
    """What was written into a folder: name below `expected`, text."""
    found = {}
    for file in sorted(folder.iterdir()):
        # A journal names inodes.
        if file.name in given or not file.is_file() or file.suffix == ".batchout":
            continue
        if file.suffix == ".sqlite":
            found |= {f"{file.name}/{table}.csv": text for table, text in tables_of(file)}
        elif file.suffix == ".gz":
            found[file.stem] = gzip.decompress(file.read_bytes()).decode().replace("\r\n", "\n")
        else:
            found[file.name] = file.read_text(encoding="utf-8")
    return found


def started_server(folder):
    """The process and what it tells the program, or nothing."""
    script = folder / "server.py"
    if not script.exists():
        return None, {}
    server = subprocess.Popen([sys.executable, "-B", script], stdout=subprocess.PIPE, text=True)
    return server, {"API": server.stdout.readline().strip()}


def run(example, program):
    """What the example writes, and a complaint of the program, if any."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place) / example.name
        shutil.copytree(example, folder, ignore=shutil.ignore_patterns("expected", "__pycache__"))
        given = {file.name for file in folder.iterdir()}
        server, variables = started_server(folder)
        try:
            done = subprocess.run(
                [program, "run", "--once", "batch.yml"],
                cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
        finally:
            if server is not None:
                server.kill()
                server.wait()
        complaint = "" if done.returncode == 0 else f"exit code {done.returncode}\n{done.stderr}"
        return written(folder, given), complaint


def expected_of(example):
    expected = example / "expected"
    return {
        str(file.relative_to(expected)): file.read_text(encoding="utf-8")
        for file in sorted(expected.rglob("*"))
        if file.is_file()
    }


def update(example, found):
    shutil.rmtree(example / "expected")
    for name, text in found.items():
        file = example / "expected" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def differences(expected, found):
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"{name}\nexpected:\n{expected.get(name, 'nothing')}\nfound:\n{found.get(name, 'nothing')}"


def main(arguments):
    examples, program = pathlib.Path(arguments[0]).resolve(), str(pathlib.Path(arguments[1]).resolve())
    count = failed = 0
    for example in sorted(folder.parent for folder in examples.glob("*/expected")):
        count += 1
        found, complaint = run(example, program)
        if "--update" in arguments and not complaint:
            update(example, found)
        wrong = [complaint] if complaint else list(differences(expected_of(example), found))
        failed += bool(wrong)
        for text in wrong:
            print(f"{example.name}: {text}")
    print(f"{count} examples, {failed} failed")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
