"""What exactly-once costs: the same messages from Kafka into PostgreSQL with positions in the transaction and without, in
turns, with batches of 10,000 rows.

cost.py PROGRAM FEED [ORDERS [ROUNDS]], with the addresses in BATCHOUT_TEST_*. A build for speed is wanted, on a machine that
has nothing else to do. Prints the medians; the exit code is 1 if exactly-once takes more than 5 % longer.
"""

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


def seconds_of(delivery, topic, folder):
    sink = sinks.Postgres(f"cost_{time.time_ns()}", folder)
    config = pathlib.Path(folder, "cost.yml")
    config.write_text(CONFIG.format(name=sink.name, delivery=delivery, kafka=crash.KAFKA, topic=topic, orders=ORDERS,
                                    partitions=list(range(PARTITIONS)), access=sinks.access()))
    sinks.psql("CHECKPOINT")
    start = time.monotonic()
    subprocess.run([PROGRAM, "run", str(config), "--once", "-l", "error"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    stored = int(sinks.psql(f"SELECT count(*) FROM {sink.name}_orders"))
    sink.drop()
    assert stored == ORDERS, stored
    return seconds


def main():
    topic = f"cost_{time.time_ns()}"
    subprocess.run([FEED, topic, str(PARTITIONS), "0", str(ORDERS), "0"], check=True)
    levels = ("at_least_once", "exactly_once")
    times = {level: [] for level in levels}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(-1, ROUNDS):
            for level in levels if turn % 2 == 0 else reversed(levels):
                seconds = seconds_of(level, topic, folder)
                if turn >= 0:  # The first round warms up.
                    times[level].append(seconds)
    least, exactly = (statistics.median(times[level]) for level in levels)
    print(f"{ORDERS} orders in batches of 10,000 rows, {ROUNDS} rounds: at_least_once {least:.3f} s, exactly_once {exactly:.3f} s, "
          f"{exactly / least - 1:+.1%} (each: {', '.join(f'{a:.2f}/{b:.2f}' for a, b in zip(*times.values()))})")
    if exactly > 1.05 * least:
        crash.fail("exactly_once costs more than 5 %")


crash.need_servers()
main()
