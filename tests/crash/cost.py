"""What exactly-once costs: the same messages from Kafka into PostgreSQL with positions in the transaction and without, in
turns, with batches of 10,000 rows.

cost.py PROGRAM FEED [ORDERS [ROUNDS]], with the addresses in BATCHOUT_TEST_*. A build for speed is wanted, on a machine that
has nothing else to do. Prints the medians of the time, and of the processor time of the program and of PostgreSQL together,
which other work disturbs less; the exit code is 1 if both are more than 5 % higher.
"""

import os

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import crash
import sinks

PROGRAM, FEED = sys.argv[1:3]
ORDERS, ROUNDS = crash.argument(1, 500_000), crash.argument(2, 9)
PARTITIONS = 4

CONFIG = """
batchout: 1
pipeline: {{name: {name}, delivery: {delivery}, batch: {{payloads: 10000, rows: 10000, age: 60s}}}}
inputs:
  orders:
    type: kafka
    bootstrap_servers: ['{kafka}']
    consumer_group: {name}
    topic: {topic}
    partitions: {partitions}
    max_batch_size: {orders}
columns: {{id: [id, integer], name: name}}
outputs:
  orders: {{{access}, table: {name}_orders, mode: insert}}
"""


def server_seconds():
    """Processor time of all connections of PostgreSQL that have ended."""
    pid = sinks.psql("SELECT pg_read_file('postmaster.pid')").split("\n")[0]
    fields = pathlib.Path("/proc", pid, "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def program_seconds():
    times = os.times()
    return times.children_user + times.children_system


def seconds_of(delivery, topic, folder):
    sink = sinks.Postgres(f"cost_{time.time_ns()}", folder)
    config = pathlib.Path(folder, "cost.yml")
    config.write_text(CONFIG.format(name=sink.name, delivery=delivery, kafka=crash.KAFKA, topic=topic, orders=ORDERS,
                                    partitions=list(range(PARTITIONS)), access=sinks.access()))
    sinks.psql("CHECKPOINT")
    served = server_seconds()
    start, used = time.monotonic(), program_seconds()
    subprocess.run([PROGRAM, "run", str(config), "--once", "-l", "error"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    seconds, used = time.monotonic() - start, program_seconds() - used
    served = server_seconds() - served
    stored = int(sinks.psql(f"SELECT count(*) FROM {sink.name}_orders"))
    sink.drop()
    assert stored == ORDERS, stored
    return seconds, used + served


def main():
    topic = f"cost_{time.time_ns()}"
    subprocess.run([FEED, topic, str(PARTITIONS), "0", str(ORDERS), "0"], check=True)
    levels = ("at_least_once", "exactly_once")
    costs = {level: [] for level in levels}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(-1, ROUNDS):
            for level in levels if turn % 2 == 0 else reversed(levels):
                cost = seconds_of(level, topic, folder)
                if turn >= 0:  # The first round warms up.
                    costs[level].append(cost)
    print(f"{ORDERS} orders in batches of 10,000 rows, {ROUNDS} rounds:")
    shares = []
    for what, number in (("time", 0), ("processor time", 1)):
        least, exactly = (statistics.median(cost[number] for cost in costs[level]) for level in levels)
        shares.append(exactly / least - 1)
        each = ", ".join(f"{a[number]:.2f}/{b[number]:.2f}" for a, b in zip(*costs.values()))
        print(f"{what}: at_least_once {least:.3f} s, exactly_once {exactly:.3f} s, {shares[-1]:+.1%} (each: {each})")
    if min(shares) > 0.05:
        crash.fail("exactly_once costs more than 5 %")


crash.need_servers()
main()
