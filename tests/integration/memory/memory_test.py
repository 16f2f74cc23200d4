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
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        some, _ = peak_of(program, folder, PAYLOADS // 4, "64MiB")
        small, batches = peak_of(program, folder, PAYLOADS, "64MiB")
        large, one = peak_of(program, folder, PAYLOADS, "8GiB")
    print(f"{PAYLOADS * ITEMS:,} rows: {small >> 20} MiB in {batches} batches, {some >> 20} MiB for a quarter of them, "
          f"{large >> 20} MiB without a budget")
    assert one == 1 and batches > 1
    assert small < some * 1.3, "memory grows with the number of payloads"
    assert small < large * 0.7, "the budget of memory has no effect"
    return 0


if __name__ == "__main__":
    sys.exit(main())
