"""The main job, as a user runs it: the program, a real broker, a real database.

end_to_end_test.py PROGRAM PRODUCE, with the addresses in BATCHOUT_TEST_*. BATCHOUT_TEST_MESSAGES is the number of messages
of the large runs (300,000; sanitizers run with fewer).
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import uuid

PROGRAM, PRODUCE = sys.argv[1:3]
MESSAGES = int(os.environ.get("BATCHOUT_TEST_MESSAGES", "300000"))
PG = {name: os.environ.get(f"BATCHOUT_TEST_PG_{name}", "") for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}
KAFKA = os.environ.get("BATCHOUT_TEST_KAFKA", "")

MESSAGE = {
    "user": {"id": "someuserid", "last_seen": "2019-11-01T00:00:00"},
    "sessions": [
        {"id": "somesessionid", "created_at": "2019-10-01T00:00:00", "device": {"useragent": "chrome"}},
        {"id": "othersessionid", "created_at": "2019-11-01T00:00:00", "device": {"useragent": "firefox"}},
    ],
}

# The published example of version 0.0.1 in YAML; only servers, host and port differ, and the names of topic and database.
PUBLISHED = """
inputs:
  kafka:
    type: kafka
    bootstrap_servers: ['{kafka}']
    consumer_group: {group}
    topic: {topic}
indexes:
  session_idx:
    type: for_list
    path: sessions
columns:
  user_id: {{type: extracted, cast: string, path: user.id}}
  user_last_seen: {{type: extracted, cast: string, path: user.last_seen}}
  session_id: {{type: extracted, cast: string, path: 'sessions[{{session_idx}}].id'}}
  session_created_at: {{type: extracted, cast: timestamp, path: 'sessions[{{session_idx}}].created_at'}}
  session_useragent: {{type: extracted, cast: {agent}, path: 'sessions[{{session_idx}}].device.useragent'}}
outputs:
  local:
    type: postgres
    mode: upsert
    keys: [user_id, session_id]
    host: {host}
    port: {port}
    dbname: {table}
    from_env:
      user: PG_USER
      password: PG_PASSWORD
"""


def psql(query, database=None):
    return subprocess.run(
        ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", PG["HOST"], "-p", PG["PORT"], "-U", PG["USER"],
         "-d", database or PG["DBNAME"], "-c", query],
        env={**os.environ, "PGPASSWORD": PG["PASSWORD"]}, check=True, capture_output=True, text=True).stdout.strip()


def produce(topic, lines=None, count=None, first=0):
    if lines is not None:
        subprocess.run([PRODUCE, topic], input="".join(line + "\n" for line in lines), text=True, check=True)
    else:
        subprocess.run([PRODUCE, topic, str(count), str(first)], check=True)


class Pipeline:
    """One configuration in a folder of its own, with a database, a topic and a group that nobody else uses."""

    def __init__(self, agent="string", extra="", key="primary key (user_id, session_id)"):
        mark = uuid.uuid4().hex[:12]
        self.name = f"user_session_{mark}"
        self.topic = f"auth.sessions.{mark}"
        self.folder = tempfile.TemporaryDirectory()
        self.config = pathlib.Path(self.folder.name) / "batch.yml"
        psql(f"create database {self.name}")
        psql(f"create table {self.name} (user_id text, user_last_seen text, session_id text, session_created_at timestamptz,"
             f" session_useragent text, {key})", self.name)
        text = PUBLISHED.format(kafka=KAFKA, group=f"batchout-{mark}", topic=self.topic, agent=agent, host=PG["HOST"],
                                port=PG["PORT"], table=self.name)
        self.config.write_text(text.replace(f"    topic: {self.topic}\n", f"    topic: {self.topic}\n{extra}"))

    def make_topic(self, partitions=4):
        script = pathlib.Path(__file__).parents[2] / "servers" / "kafka.sh"
        subprocess.run([script, "topic", self.topic, str(partitions)], check=True, capture_output=True)

    def start(self, *arguments):
        environment = {**os.environ, "PG_USER": PG["USER"], "PG_PASSWORD": PG["PASSWORD"]}
        return subprocess.Popen([PROGRAM, "run", str(self.config), *arguments], env=environment, text=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def run(self, *arguments):
        process = self.start(*arguments)
        _, err = process.communicate(timeout=600)
        return process.returncode, err

    def rows(self):
        return psql(f"set timezone to 'UTC'; select user_id, user_last_seen, session_id, session_created_at,"
                    f" coalesce(session_useragent, 'NULL') from {self.name} order by session_created_at", self.name).split("\n")

    def count(self):
        return int(psql(f"select count(*) from {self.name}", self.name))

    def close(self):
        psql(f"drop database {self.name} with (force)")
        self.folder.cleanup()


class EndToEnd(unittest.TestCase):
    def pipeline(self, **options):
        made = Pipeline(**options)
        self.addCleanup(made.close)
        return made

    def run_once(self, pipeline):
        code, err = pipeline.run("--once")
        self.assertEqual(code, 0, err)
        return err

    def test_the_published_example_fills_the_published_table(self):
        pipeline = self.pipeline(agent="timestamp")
        pipeline.make_topic(1)
        err = self.run_once(pipeline)
        self.assertIn("the table is missing, so it is named like the database", err)
        self.assertEqual(pipeline.count(), 0)
        produce(pipeline.topic, [json.dumps(MESSAGE)])
        err = self.run_once(pipeline)
        self.assertEqual(pipeline.rows(), [
            "someuserid|2019-11-01T00:00:00|somesessionid|2019-10-01 00:00:00+00|NULL",
            "someuserid|2019-11-01T00:00:00|othersessionid|2019-11-01 00:00:00+00|NULL"])
        self.assertRegex(err, r"session_useragent.*chrome")
        self.assertRegex(err, r"failed casts +2 in column session_useragent")

    def test_a_text_user_agent_comes_out_as_published_and_a_second_message_updates(self):
        pipeline = self.pipeline()
        pipeline.make_topic(1)
        self.run_once(pipeline)
        produce(pipeline.topic, [json.dumps(MESSAGE)])
        self.run_once(pipeline)
        published = ["someuserid|2019-11-01T00:00:00|somesessionid|2019-10-01 00:00:00+00|chrome",
                     "someuserid|2019-11-01T00:00:00|othersessionid|2019-11-01 00:00:00+00|firefox"]
        self.assertEqual(pipeline.rows(), published)
        changed = json.loads(json.dumps(MESSAGE).replace("firefox", "lynx"))
        produce(pipeline.topic, [json.dumps(MESSAGE), json.dumps(changed)])
        self.run_once(pipeline)
        self.assertEqual(pipeline.rows(), [published[0], published[1].replace("firefox", "lynx")])

    def test_a_round_that_may_take_nothing_stores_where_the_topic_begins(self):
        pipeline = self.pipeline(extra="    max_batch_size: 0\n")
        pipeline.make_topic(1)
        self.assertRegex(self.run_once(pipeline), r"payloads +0 ")
        produce(pipeline.topic, [json.dumps(MESSAGE)])
        self.assertRegex(self.run_once(pipeline), r"payloads +0 ")
        pipeline.config.write_text(pipeline.config.read_text().replace("max_batch_size: 0", "max_batch_size: -1"))
        self.run_once(pipeline)
        self.assertEqual(pipeline.count(), 2)

    def test_bad_messages_are_counted_and_never_block(self):
        pipeline = self.pipeline(extra="    start: earliest\n")
        pipeline.make_topic(1)
        produce(pipeline.topic, ['{"user": {"id": "cut', "", "[1, 2", json.dumps(MESSAGE), '{"user": {"id": "u"}}'])
        err = self.run_once(pipeline)
        self.assertEqual(pipeline.count(), 2, err)
        self.assertRegex(err, r"rejects +2 of BO401")
        self.assertRegex(err, r"rejects +1 of BO402")
        self.assertRegex(self.run_once(pipeline), r"payloads +0 ")

    def test_many_messages_arrive_once_in_little_memory(self):
        pipeline = self.pipeline(extra="    start: earliest\n")
        pipeline.make_topic()
        produce(pipeline.topic, count=MESSAGES)
        started = time.monotonic()
        process = pipeline.start("--once")
        peak = 0
        while process.poll() is None:
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", status).group(1)))
            except (OSError, AttributeError):
                pass
            time.sleep(0.2)
        _, err = process.communicate()
        elapsed = time.monotonic() - started
        self.assertEqual(process.returncode, 0, err)
        expected = int(re.search(r"rows +(\d+)", err).group(1))
        self.assertEqual(pipeline.count(), expected)
        self.assertEqual(int(psql(f"select count(distinct user_id) from {pipeline.name}", pipeline.name)), MESSAGES)
        print(f"{MESSAGES} messages, {expected} rows in {elapsed:.1f} s: {MESSAGES / elapsed:.0f} messages/s,"
              f" {expected / elapsed:.0f} rows/s, peak {peak / 1024:.0f} MiB", file=sys.stderr)
        if "sanitize" not in PROGRAM and "asan" not in PROGRAM:
            self.assertLess(peak, 300 * 1024)

    def test_after_kill_9_nothing_is_missing(self):
        pipeline = self.pipeline(extra="    start: earliest\n    librdkafka: {session.timeout.ms: '1500'}\n")
        pipeline.make_topic()
        count = max(MESSAGES // 5, 1000)
        produce(pipeline.topic, count=count)
        kills = 0
        for wanted in (1, count // 2):
            process = pipeline.start("--once")
            while process.poll() is None and pipeline.count() < wanted:
                time.sleep(0.02)
            kills += process.poll() is None
            process.kill()
            process.communicate()
        self.assertGreater(kills, 0, "the runs ended before they could be killed")
        for _ in range(10):
            self.run_once(pipeline)
            if int(psql(f"select count(distinct user_id) from {pipeline.name}", pipeline.name)) == count:
                break
        self.assertEqual(int(psql(f"select count(distinct user_id) from {pipeline.name}", pipeline.name)), count)
        self.assertEqual(pipeline.count(), int(psql(f"select count(*) from (select distinct user_id, session_id"
                                                    f" from {pipeline.name}) d", pipeline.name)))

    def test_sigterm_ends_a_running_pipeline_cleanly(self):
        pipeline = self.pipeline(extra="    start: earliest\n")
        pipeline.make_topic(1)
        process = pipeline.start()
        produce(pipeline.topic, [json.dumps(MESSAGE)])
        deadline = time.monotonic() + 60
        while pipeline.count() < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertRegex(err, r"written +2 to local")
        self.assertRegex(self.run_once(pipeline), r"payloads +0 ")

    def test_an_unreachable_database_is_exit_5_and_nothing_is_lost(self):
        pipeline = self.pipeline(extra="    start: earliest\n")
        pipeline.make_topic(1)
        produce(pipeline.topic, [json.dumps(MESSAGE)])
        text = pipeline.config.read_text()
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            pipeline.config.write_text(text.replace(f"port: {PG['PORT']}", f"port: {unused.getsockname()[1]}"))
            code, err = pipeline.run("--once", "--retry-for", "2")
        self.assertEqual(code, 5, err)
        self.assertIn("outputs.local", err)
        pipeline.config.write_text(text)
        self.run_once(pipeline)
        self.assertEqual(pipeline.count(), 2)

    def test_six_mistakes_are_six_problems_before_anything_connects(self):
        pipeline = self.pipeline()
        text = pipeline.config.read_text()
        for right, wrong in (("type: kafka", "type: kafak"), ("type: for_list", "type: for_lists"), ("cast: timestamp", "cast: datime"),
                             ("path: user.id", "path: 'user..[id'"), ("mode: upsert", "mode: upsrt"), ("port: ", "prot: ")):
            self.assertIn(right, text)
            text = text.replace(right, wrong)
        pipeline.config.write_text(textwrap.dedent(text))
        code, err = pipeline.run("--once")
        self.assertEqual(code, 3, err)
        problems = [line for line in err.splitlines() if re.match(r".*batch\.yml:\d+:\d+: ", line)]
        self.assertGreaterEqual(len(problems), 6, err)


if __name__ == "__main__":
    if not KAFKA or not PG["HOST"]:
        print("skipped: needs the servers of ./dev up", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
