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
pipeline: {{name: {name}, delivery: {delivery}, batch: {{payloads: {payloads}}}{limits}}}
inputs:
  orders:
    type: kafka
    bootstrap_servers: ['{kafka}']
    consumer_group: {name}
    topic: {topic}
    timeout_sec: {quiet}
    {membership}
indexes: {{line: lines}}
columns:
  id: [id, integer]
  name: name
  box: [box, integer]
  line: {{position: line, type: integer}}
  sku: lines[{{line}}].sku
selectors:
{selectors}
outputs:
{outputs}
tasks:
{tasks}
"""

COLUMNS = {"orders": "[id, name]", "lines": "[id, line, sku]", "boxes": "[box, id]"}
BOXES = 40


class Campaign:
    """A topic with orders, sinks, and processes that bring the one into the others.

    The first sink is the one that counts; the others come second. `bad`: every so many-th order is refused, the one half
    because they are no JSON, the other half by PostgreSQL, which wants a better name; for sinks with dead letters.
    `quiet`: seconds without orders after which a round is over, and a run `--until-idle`."""

    def __init__(self, program, feed, partitions=4, payloads=500, delivery="exactly_once", membership="", seed=1,
                 sinks=(sinks.Postgres,), bad=0, quiet=2):
        self.program, self.feeder, self.partitions, self.bad, self.quiet = program, feed, partitions, bad, quiet
        self.random = random.Random(seed)
        self.name = f"crash_{os.getpid()}_{time.time_ns() % 1_000_000_000}"
        self.orders = 0
        self.folder = tempfile.TemporaryDirectory()
        self.config = pathlib.Path(self.folder.name, "crash.yml")
        self.sinks = [make(self.name, self.folder.name) for make in sinks]
        if "librdkafka" not in membership:
            membership = f"partitions: {list(range(partitions))}\n    {membership}"
        outputs, writers = [], collections.defaultdict(list)
        for number, sink in enumerate(self.sinks):
            for table, settings in sink.outputs().items():
                outputs.append(f"  {table}_{number}: {{{settings}}}")
                writers[table].append(f"{table}_{number}")
        tasks = ["  read: {type: reader, inputs: orders}"]
        tasks += [f"  {table}: {{type: writer, selector: {table}, outputs: [{', '.join(names)}]}}"
                  for table, names in writers.items()]
        self.config.write_text(CONFIG.format(
            name=self.name, topic=self.name, kafka=KAFKA, delivery=delivery, payloads=payloads, membership=membership,
            quiet=quiet, limits=", reject_limit: {share: 1}" if bad else "", outputs="\n".join(outputs), tasks="\n".join(tasks),
            selectors="\n".join(f"  {table}: {COLUMNS[table]}" for table in writers)))

    def feed(self, count):
        """Makes the topic, too, if it is not there."""
        subprocess.run([self.feeder, self.name, str(self.partitions), str(self.orders), str(count), str(self.bad)], check=True)
        self.orders += count

    def start(self, failpoint="", *options, level="error"):
        return subprocess.Popen([self.program, "run", str(self.config), "-l", level, *options],
                                env={**os.environ, "BATCHOUT_FAILPOINT": failpoint},
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def run(self, failpoint="", limit=120):
        """Reads until nothing more comes; exit code (negative: the signal) and what it said."""
        process = self.start(failpoint, "--until-idle", f"{self.quiet + 1}s")
        try:
            _, said = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
            return None, said
        return process.returncode, said

    def finish(self):
        """Reads the rest without faults."""
        code, said = self.run(limit=900)
        if code != 0:
            raise RuntimeError(f"the last run ended with {code}: {said}")

    def is_bad(self, order):
        return self.bad > 0 and order % self.bad == self.bad - 1

    def expected(self, table):
        good = [n for n in range(self.orders) if not self.is_bad(n)]
        if table == "orders":
            return collections.Counter(f"{n}|order {n}" for n in good)
        if table == "lines":
            return collections.Counter(f"{n}|{line}|{n}-{line}" for n in good for line in range(n % 4))
        return collections.Counter(f"{box}|{n}" for box, n in {n % BOXES: n for n in good}.items())

    def check(self):
        """Lost and doubled rows and dead letters of all sinks; doubled ones only where that is a fault. What nobody expects,
        such as a torn line, counts as double."""
        lost = double = self.repeated = 0
        for sink in self.sinks:
            pairs = [(self.expected(table), collections.Counter(sink.rows(table))) for table in sink.tables]
            if self.bad:
                letters = (f"{n % self.partitions}|{n // self.partitions}" for n in range(self.orders) if self.is_bad(n))
                pairs.append((collections.Counter(letters), collections.Counter(sink.letters())))
            for expected, found in pairs:
                wrong = sinks.differences(expected, found)
                lost += wrong["lost"]
                double += wrong["unknown"] + wrong["double"] * sink.exact
                self.repeated += wrong["double"] * (not sink.exact)
        return lost, double

    def committed(self):
        """Steps of units in the position table."""
        return self.sinks[0].committed()

    def drop(self):
        for sink in self.sinks:
            sink.drop()


def judge(campaign, run, orders=0):
    """A campaign from its first order to the verdict. `run` returns what it did, in words, and what it has missed to do,
    if anything. Without servers the exit code is 77, with a broken promise it is 1."""
    start = time.monotonic()
    try:
        did, missed = run(campaign)
        campaign.feed(max(0, orders - campaign.orders))
        campaign.finish()
        lost, double = campaign.check()
        again = f", {campaign.repeated} once more in the sink beside" if campaign.repeated else ""
        print(f"{campaign.orders} orders, {did}, {lost} lost, {double} double{again}, {time.monotonic() - start:.0f} s")
        if lost or double or missed:
            fail(missed or "the promise was broken")
    finally:
        campaign.drop()


def need_servers():
    if not KAFKA or not PG["HOST"]:
        sys.exit(77)


def argument(number, default):
    """An argument behind the program and the feed, of the type of its default."""
    return type(default)(sys.argv[number + 2]) if len(sys.argv) > number + 2 else default


def kill_at_points(campaign, kills, say=print):
    """Ends the program at one point after the other, until so many ends were effective."""
    effective, turn, counts = 0, 0, collections.Counter()
    points = list(campaign.sinks[0].points.items())
    while effective < kills:
        point, times = points[turn % len(points)]
        turn += 1
        half = "half_write," if point == "rows_half_written" else ""
        code, said = campaign.run(f"{half}kill:{point}:{campaign.random.randint(1, times)}")
        if code == -signal.SIGKILL:
            effective += 1
            counts[point] += 1
        elif code != 0:
            raise RuntimeError(f"{point}: ended with {code}: {said}")
        elif turn > 2 * kills:
            break  # Everything has been read.
    say(f"{effective} effective kills: {dict(sorted(counts.items()))}")
    return effective


def end(process, kill=False):
    """Exit code of a process that is told to end, and what it said."""
    if kill:
        process.kill()
    else:
        process.terminate()
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def wait_until_stopped(process, limit=60):
    """True if SIGSTOP has taken effect, false if the process has ended."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        state = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state in "TZ":
            return state == "T"
        time.sleep(0.02)
    raise RuntimeError("the process was not stopped")


def fail(*words):
    print(*words, file=sys.stderr)
    sys.exit(1)
