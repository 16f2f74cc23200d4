"""All faults by turns, for a long time: members of a group are killed, frozen and told to go, PostgreSQL is killed, connections
are cut when COMMIT is sent, and one order in a hundred is bad. Nothing is lost or double, and the member that lives throughout
stays as it is.

soak.py PROGRAM FEED [SECONDS [ORDERS_PER_SECOND]], with the addresses in BATCHOUT_TEST_*, which must be those of servers
that ./dev up has started: PostgreSQL is killed.
"""

import collections
import signal
import sys
import threading
import time

import crash
import cut
import servers
import sinks
import watch

PROGRAM, FEED = sys.argv[1:3]
SECONDS, RATE = crash.argument(1, 60), crash.argument(2, 200)
BETWEEN_FAULTS = 15
# In a shorter run each fault happens once or twice, and memory and connections still become what they will be.
SECONDS_TO_JUDGE = 300
COMMITS_BETWEEN_CUTS = 20
# Longer than the session of a member, so that the others get its partitions.
FROZEN = 9
MEMBERSHIP = "librdkafka: {session.timeout.ms: 6000, heartbeat.interval.ms: 500}"


class Members:
    """One that stays, and one that comes and goes."""

    def __init__(self, campaign):
        self.campaign = campaign
        self.steady, self.other = campaign.start(), campaign.start()
        self.counts = collections.Counter()
        self.faults = [self.kill, self.freeze_other, self.kill_server, self.replace, self.freeze_steady, self.kill_server]

    def next_fault(self):
        fault = self.faults[self.counts.total() % len(self.faults)]
        fault()
        self.counts[fault.__name__] += 1

    def kill(self):
        crash.end(self.other, kill=True)
        self.other = self.campaign.start()

    def replace(self):
        code, said = crash.end(self.other)
        if code != 0:
            crash.fail(f"a member ended with {code}: {said}")
        self.other = self.campaign.start()

    def freeze_other(self):
        self._freeze(self.other)

    def freeze_steady(self):
        self._freeze(self.steady)

    def kill_server(self):
        servers.serve("postgres", "kill")

    @staticmethod
    def _freeze(process):
        process.send_signal(signal.SIGSTOP)
        time.sleep(FROZEN)
        process.send_signal(signal.SIGCONT)

    def check_alive(self):
        for process in (self.steady, self.other):
            if process.poll() is not None:
                crash.fail(f"a member has ended with {process.returncode}: {process.stderr.read()}")

    def end(self):
        for process in (self.steady, self.other):
            crash.end(process)


def keep_feeding(campaign, ended):
    while not ended.is_set():
        second = time.monotonic()
        campaign.feed(RATE)
        ended.wait(max(0.0, second + 1 - time.monotonic()))


def connections():
    return int(crash.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'batchout'"))


def run(campaign):
    campaign.feed(0)
    members = Members(campaign)
    seen = watch.Watch(members.steady.pid, every=min(5.0, SECONDS / 60), connections=connections)
    ended = threading.Event()
    feeder = threading.Thread(target=keep_feeding, args=(campaign, ended))
    feeder.start()
    try:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            time.sleep(min(BETWEEN_FAULTS, SECONDS / 12))
            members.check_alive()
            members.next_fault()
        members.check_alive()
    finally:
        ended.set()
        feeder.join()
        seen.stop()
        members.end()
    proxy.left = 0
    wrong = []
    # A little memory goes to tables that have not had their full size before.
    for name, most in (("MiB", 4), ("descriptors", 1), ("threads", 0), ("connections", 0)):
        grown = watch.growth(seen.samples[name])
        print(f"{name:12} {watch.picture(seen.samples[name])}, grown by {grown:.2g}")
        wrong += [name] * (grown > most and SECONDS >= SECONDS_TO_JUDGE)
    faults = ", ".join(f"{count} {name}" for name, count in members.counts.items())
    return (f"{SECONDS} s, {faults}, {proxy.cut_before + proxy.cut_after} cut connections, 1 % bad",
            f"grown: {', '.join(wrong)}" if wrong else "")


crash.need_servers()
proxy = cut.Proxy(-1, every=COMMITS_BETWEEN_CUTS)
crash.judge(crash.Campaign(PROGRAM, FEED, partitions=6, membership=MEMBERSHIP, bad=100,
                           sinks=[lambda name, folder: sinks.Postgres(name, folder, proxy.port)]), run)
