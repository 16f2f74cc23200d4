"""The budget of memory: payloads that become two hundred times as many bytes of rows.

Usage: memory_test.py PROGRAM
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

PAYLOADS = 2400
ITEMS = 1000
CONFIG = """batchout: 1
inputs: {orders: orders.jsonl}
indexes: {i: items}
columns:
  item: "items[{i}]"
%s
outputs: {out: {type: discard}}
pipeline: {batch: {payloads: 1000000, rows: 100000000, bytes: 1GiB, age: 1h}, memory_max: %s}
"""
# Columns of each row that repeat what the item says.
COLUMNS = "\n".join(f'  c{i}: "items[{{i}}]"' for i in range(8))

# One small payload that becomes 216,000 rows, of which a query sees all.
PRODUCT = """batchout: 1
inputs: {docs: docs.jsonl}
indexes: {i: a, j: b, k: c}
columns: {x: "a[{i}]", y: "b[{j}]", z: "c[{k}]"}
maps: {docs: [{i: x}, {j: y}, {k: z}]}
selectors: {all: select count(*) as n from docs}
outputs: {out: {type: jsonl, path: "-"}}
pipeline: {memory_max: 64MiB, limits: {product: 1000000}}
"""


def check_rounds_of_queries(program, folder):
    """A round that fits into the memory is one, however much its payloads grow."""
    list_of_60 = "[" + ",".join(["1"] * 60) + "]"
    (folder / "docs.jsonl").write_text('{"a":%s,"b":%s,"c":%s}\n' % ((list_of_60,) * 3))
    (folder / "product.yml").write_text(PRODUCT)
    done = subprocess.run([program, "run", "--once", "product.yml"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, '{"n":216000}\n'), done.stdout + done.stderr


def peak_of(program, folder, payloads, memory):
    """Bytes that the program had in memory at most, and the batches that it made."""
    (folder / "orders.jsonl").write_text(('{"items":[' + ",".join(["1"] * ITEMS) + "]}\n") * payloads)
    config = folder / "batch.yml"
    config.write_text(CONFIG % (COLUMNS, memory))
    process = subprocess.Popen([program, "run", "--once", "--lanes", "2", str(config)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"})
    summary = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0 and re.search(rf"rows +{payloads * ITEMS}\b", summary), summary
    return usage.ru_maxrss * 1024, int(re.search(r"([\d,]+) batch", summary)[1].replace(",", ""))


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_rounds_of_queries(program, folder)
        some, _ = peak_of(program, folder, PAYLOADS // 2, "64MiB")
        small, batches = peak_of(program, folder, PAYLOADS, "64MiB")
        large, one = peak_of(program, folder, PAYLOADS, "8GiB")
    print(f"{PAYLOADS * ITEMS:,} rows: {small >> 20} MiB in {batches} batches, {some >> 20} MiB for half of them, "
          f"{large >> 20} MiB without a budget")
    assert one == 1 and batches > 1
    # Twice the payloads would take twice as much without a budget; the largest batch of more is a little larger.
    assert small < some * 1.6, "memory grows with the number of payloads"
    assert small < large * 0.8, "the budget of memory has no effect"
    return 0


if __name__ == "__main__":
    sys.exit(main())
