"""What the campaigns of this folder share: orders in a topic, a pipeline into PostgreSQL, and a checker.

The checker knows nothing of the program: it derives the rows that must be there from the numbers of the orders (feed.cpp
says how they look), and asks the database itself.
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

PG = {name: os.environ.get(f"BATCHOUT_TEST_PG_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}
KAFKA = os.environ.get("BATCHOUT_TEST_KAFKA", "")

# Points of the program at which it can be ended, see `failpoint(` in src/, and how often a process surely comes by.
POINTS = {"before_claim": 4, "after_claim": 4, "units_assigned": 1, "starts_stored": 1, "batch_built": 6, "after_begin": 6,
          "copying": 12, "before_finish": 12, "after_finish": 12, "before_commit": 6, "commit_sent": 6, "commit_answered": 6,
          "committed": 6, "acknowledged": 6}

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
  order_lines: [id, line, sku]
outputs:
  orders: {{type: postgres, table: {name}_orders, {mode}}}
  order_lines: {{type: postgres, table: {name}_lines, {line_mode}}}
defaults:
  outputs: {{host: {HOST}, port: {PORT}, user: {USER}, password: {PASSWORD}, dbname: {DBNAME}, sslmode: disable}}
"""


def psql(query):
    done = subprocess.run(
        ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", PG["HOST"], "-p", PG["PORT"], "-U", PG["USER"], "-d",
         PG["DBNAME"], "-c", query], env={**os.environ, "PGPASSWORD": PG["PASSWORD"]}, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


class Campaign:
    """A topic with orders, two tables, and processes that bring the one into the others."""

    def __init__(self, program, feed, partitions=4, payloads=500, delivery="exactly_once", membership=None, port=None, seed=1):
        self.program, self.feeder, self.partitions = program, feed, partitions
        self.random = random.Random(seed)
        self.name = f"crash_{os.getpid()}_{time.time_ns() % 1_000_000_000}"
        self.orders = 0
        self.folder = tempfile.TemporaryDirectory()
        self.config = pathlib.Path(self.folder.name, "crash.yml")
        if membership is None:
            membership = f"partitions: [{', '.join(str(i) for i in range(partitions))}]"
        self.config.write_text(CONFIG.format(name=self.name, topic=self.name, kafka=KAFKA, delivery=delivery,
                                             payloads=payloads, membership=membership, mode="mode: insert",
                                             line_mode="mode: insert", **{**PG, "PORT": port or PG["PORT"]}))
        psql(f"CREATE TABLE {self.name}_orders (id bigint, name text);"
             f"CREATE TABLE {self.name}_lines (id bigint, line int, sku text)")

    def feed(self, count):
        subprocess.run([self.feeder, self.name, str(self.partitions), str(self.orders), str(count)], check=True)
        self.orders += count

    def start(self, failpoint="", *options):
        return subprocess.Popen([self.program, "run", str(self.config), "-l", "error", *options],
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
        """Lost and doubled rows of both tables."""
        expected_orders = collections.Counter(range(self.orders))
        expected_lines = collections.Counter((n, line) for n in range(self.orders) for line in range(n % 4))
        orders, lines = collections.Counter(), collections.Counter()
        for row in psql(f"SELECT id, name FROM {self.name}_orders").splitlines():
            number, name = row.split("|")
            assert name == f"order {number}", row
            orders[int(number)] += 1
        for row in psql(f"SELECT id, line, sku FROM {self.name}_lines").splitlines():
            number, line, sku = row.split("|")
            assert sku == f"{number}-{line}", row
            lines[int(number), int(line)] += 1
        lost = (expected_orders - orders).total() + (expected_lines - lines).total()
        double = (orders - expected_orders).total() + (lines - expected_lines).total()
        return lost, double

    def committed(self):
        """Batches in the position table."""
        return int(psql(f"SELECT coalesce(sum(batch_no), 0) FROM batchout_delivery.source_position WHERE pipeline = '{self.name}'"))

    def drop(self):
        psql(f"DROP TABLE IF EXISTS {self.name}_orders, {self.name}_lines")
        psql(f"DELETE FROM batchout_delivery.source_position WHERE pipeline = '{self.name}'")


def kill_at_points(campaign, kills, say=print):
    """Ends the program at one point after the other, until so many ends were effective."""
    effective, turn, counts = 0, 0, collections.Counter()
    while effective < kills:
        point, times = list(POINTS.items())[turn % len(POINTS)]
        turn += 1
        code, said = campaign.run(f"kill:{point}:{campaign.random.randint(1, times)}", "--until-idle", "3s")
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
