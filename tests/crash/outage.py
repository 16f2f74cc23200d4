"""PostgreSQL is down for minutes while orders come: the process waits with as much memory as it had, refuses nothing, and
catches up.

outage.py PROGRAM FEED [SECONDS [ORDERS_PER_SECOND]], with the addresses in BATCHOUT_TEST_*, which must be those of servers
that ./dev up has started: PostgreSQL is killed.
"""

import sys
import time

import crash
import servers
import watch

PROGRAM, FEED = sys.argv[1:3]
SECONDS, RATE = crash.argument(1, 15), crash.argument(2, 1_000)
# What librdkafka fetches ahead fills up when nobody takes it: 16 MiB by default, plus what its messages cost beside.
MEMORY_MAX = 64


def feed_for(campaign, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        second = time.monotonic()
        campaign.feed(RATE)
        time.sleep(max(0.0, second + 1 - time.monotonic()))


def stored(campaign):
    return int(crash.psql(f"SELECT count(*) FROM {campaign.name}_orders"))


def run(campaign):
    campaign.feed(0)
    process = campaign.start(level="warning")
    feed_for(campaign, 5)
    seen = watch.Watch(process.pid)
    time.sleep(2)
    before = max(seen.samples["MiB"])
    servers.serve("postgres", "halt")
    try:
        feed_for(campaign, SECONDS)
    finally:
        servers.serve("postgres", "resume")
    most, grown = max(seen.samples["MiB"]), watch.growth(seen.samples["MiB"])
    back = time.monotonic()
    while stored(campaign) < campaign.orders and time.monotonic() < back + 300:
        time.sleep(0.2)
    behind, caught_up = campaign.orders - stored(campaign), time.monotonic() - back
    seen.stop()
    code, said = crash.end(process)
    if code != 0:
        crash.fail(f"the program ended with {code}: {said}")
    letters = len(campaign.sinks[0].letters())
    for name, samples in seen.samples.items():
        print(f"{name:12} {watch.picture(samples)}")
    missed = ", ".join(word for word, wrong in (
        ("memory has grown", most > before + MEMORY_MAX or grown > MEMORY_MAX / 10), ("it has not caught up", behind > 0),
        ("there are dead letters", letters > 0), ("nothing was said of it", "trying again" not in said)) if wrong)
    return (f"PostgreSQL down for {SECONDS} s, {before:.0f} MiB before and at most {most:.0f} MiB in it, {letters} dead letters, "
            f"{caught_up:.1f} s to catch up", missed)


crash.need_servers()
crash.judge(crash.Campaign(PROGRAM, FEED), run)
