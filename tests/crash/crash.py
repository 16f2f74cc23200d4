"""What the campaigns of this folder share: orders in a topic, a pipeline into a sink (sinks.py), and a checker.

The checker knows nothing of the program: it derives the rows that must be there from the numbers of the orders (feed.cpp
says how they look), and asks the sink itself.
"""

import collections
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import sinks
from sinks import PG, psql

KAFKA = os.environ.get("BATCHOUT_TEST_KAFKA", "")

CONFIG = """
batchout: 1
pipeline: {{name: {name}, delivery: {delivery}, batch: {{payloads: {payloads}}}}}
inputs:
  orders:
    type: kafka
    bootstrap_servers: ['{kafka}']
    consumer_group: {name}
    topic: {topic}
    timeout_sec: 2
    {membership}
indexes: {{line: lines}}
columns:
  id: [id, integer]
  name: name
  line: {{position: line, type: integer}}
  sku: lines[{{line}}].sku
selectors:
  orders: [id, name]
  lines: [id, line, sku]
outputs:
{outputs}
tasks:
{tasks}
"""


class Campaign:
    """A topic with orders, sinks, and processes that bring the one into the others.

    The first sink is the one that counts; the others come second."""

    def __init__(self, program, feed, partitions=4, payloads=500, delivery="exactly_once", membership=None, seed=1,
                 sinks=(sinks.Postgres,)):
        self.program, self.feeder, self.partitions = program, feed, partitions
        self.random = random.Random(seed)
        self.name = f"crash_{os.getpid()}_{time.time_ns() % 1_000_000_000}"
        self.orders = 0
        self.folder = tempfile.TemporaryDirectory()
        self.config = pathlib.Path(self.folder.name, "crash.yml")
        self.sinks = [make(self.name, self.folder.name) for make in sinks]
        if membership is None:
            membership = f"partitions: [{', '.join(str(i) for i in range(partitions))}]"
        outputs, writers = [], collections.defaultdict(list)
        for number, sink in enumerate(self.sinks):
            for table, settings in sink.outputs().items():
                outputs.append(f"  {table}_{number}: {{{settings}}}")
                writers[table].append(f"{table}_{number}")
        tasks = ["  read: {type: reader, inputs: orders}"]
        tasks += [f"  {table}: {{type: writer, selector: {table}, outputs: [{', '.join(names)}]}}"
                  for table, names in writers.items()]
        self.config.write_text(CONFIG.format(name=self.name, topic=self.name, kafka=KAFKA, delivery=delivery,
                                             payloads=payloads, membership=membership, outputs="\n".join(outputs),
                                             tasks="\n".join(tasks)))

    def feed(self, count):
        subprocess.run([self.feeder, self.name, str(self.partitions), str(self.orders), str(count)], check=True)
        self.orders += count

    def start(self, failpoint="", *options, level="error"):
        return subprocess.Popen([self.program, "run", str(self.config), "-l", level, *options],
                                env={**os.environ, "BATCHOUT_FAILPOINT": failpoint},
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def run(self, failpoint="", *options, limit=120):
        """Exit code (negative: the signal) and what it said."""
        process = self.start(failpoint, *options)
        try:
            _, said = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
            return None, said
        return process.returncode, said

    def finish(self):
        """Reads the rest without faults."""
        code, said = self.run("", "--until-idle", "3s", limit=900)
        if code != 0:
            raise RuntimeError(f"the last run ended with {code}: {said}")

    def check(self):
        """Lost and doubled rows of all sinks; doubled ones only where that is a fault."""
        expected_orders = collections.Counter(range(self.orders))
        expected_lines = collections.Counter((n, line) for n in range(self.orders) for line in range(n % 4))
        lost = double = self.repeated = 0
        for sink in self.sinks:
            orders, lines = collections.Counter(), collections.Counter()
            for number, name in sink.orders():
                assert name == f"order {number}", (number, name)
                orders[int(number)] += 1
            for number, line, sku in sink.lines():
                assert sku == f"{number}-{line}", (number, line, sku)
                lines[int(number), int(line)] += 1
            pairs = [(expected_lines, lines)] + [(expected_orders, orders)] * ("orders" in sink.tables)
            lost += sum((expected - found).total() for expected, found in pairs)
            surplus = sum((found - expected).total() for expected, found in pairs)
            unknown = sum(found[row] for expected, found in pairs for row in found.keys() - expected.keys())
            double += surplus if sink.exact else unknown
            self.repeated += 0 if sink.exact else surplus - unknown
        return lost, double

    def committed(self):
        """Batches in the position table."""
        return self.sinks[0].committed()

    def drop(self):
        for sink in self.sinks:
            sink.drop()


def kill_at_points(campaign, kills, say=print):
    """Ends the program at one point after the other, until so many ends were effective."""
    effective, turn, counts = 0, 0, collections.Counter()
    points = list(campaign.sinks[0].points.items())
    while effective < kills:
        point, times = points[turn % len(points)]
        turn += 1
        half = "half_write," if point == "rows_half_written" else ""
        code, said = campaign.run(f"{half}kill:{point}:{campaign.random.randint(1, times)}", "--until-idle", "3s")
        if code == -signal.SIGKILL:
            effective += 1
            counts[point] += 1
        elif code != 0:
            raise RuntimeError(f"{point}: ended with {code}: {said}")
        elif turn > 2 * kills:
            break  # Everything has been read.
    say(f"{effective} effective kills: {dict(sorted(counts.items()))}")
    return effective


def wait_until_stopped(process, limit=60):
    """Until SIGSTOP has taken effect."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        state = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state in "TZ":
            return state == "T"
        time.sleep(0.02)
    raise RuntimeError("the process was not stopped")


def fail(*words):
    print(*words, file=sys.stderr)
    sys.exit(1)
