#!/usr/bin/env python3
"""Runs every configuration of this folder and compares each table with flatten.py's: run.py PROGRAM [FOLDER].

The documents are this folder's own. With FOLDER they are public ones of the same shapes, which are not part of the
project: twitter.json, citm_catalog.json, github_events.json, amazon_cellphones.ndjson, apache_builds.json and
update-center.json of the simdjson project's examples.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import flatten

PUBLIC = {
    "timeline": "twitter.json",
    "catalogue": "citm_catalog.json",
    "events": "github_events.json",
    "listing": "amazon_cellphones.ndjson",
    "builds": "apache_builds.json",
    "plugins": "update-center.json",
}


def parsed(document):
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".ndjson":
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    return json.loads(text)


def rows_of(file):
    # Split at line feeds only: texts may hold other characters that Python takes for line ends.
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line] if file.exists() else []


def differences(shape, expected, work):
    for table, rows in expected.items():
        found = rows_of(work / f"{table}.jsonl")
        for number, (row, other) in enumerate(zip(rows, found)):
            if list(row.items()) != list(other.items()):
                yield f"{shape}/{table}, row {number}: expected {row}, found {other}"
                break
        if len(rows) != len(found):
            yield f"{shape}/{table}: expected {len(rows)} rows, found {len(found)}"


def run(program, shape, folder):
    own = pathlib.Path(__file__).parent / shape
    document = next(own.glob("document.*"))
    with tempfile.TemporaryDirectory() as made:
        work = pathlib.Path(made)
        shutil.copy(own / "batch.yml", work)
        shutil.copy(folder / PUBLIC[shape] if folder else document, work / document.name)
        subprocess.run([program, "run", "batch.yml", "--once", "-l", "error"], cwd=work, check=True, capture_output=True)
        expected = flatten.tables(shape, parsed(work / document.name))
        counts = ", ".join(f"{table} {len(rows)}" for table, rows in expected.items())
        print(f"{shape}: {counts}")
        return list(differences(shape, expected, work))


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    wrong = [difference for shape in flatten.SHAPES for difference in run(program, shape, folder)]
    print("\n".join(wrong) if wrong else "all tables are equal")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
