"""Processes are frozen at named points, others take their partitions over, and the frozen ones come back: what they hold is
fenced off.

zombies.py PROGRAM FEED [FREEZES [ORDERS]], with the addresses in BATCHOUT_TEST_*; PROGRAM is of a build with failpoints.
"""

import collections
import signal
import sys

import crash

PROGRAM, FEED = sys.argv[1:3]
FREEZES, ORDERS = crash.argument(1, 6), crash.argument(2, 20_000)
POINTS = ["batch_built", "after_begin", "copying", "before_finish", "after_finish", "before_commit", "commit_sent", "committed"]


def run(campaign):
    fenced, turns, frozen = 0, 0, collections.Counter()
    while frozen.total() < FREEZES and turns < 2 * FREEZES:
        campaign.feed(ORDERS // FREEZES)
        point = POINTS[turns % len(POINTS)]
        turns += 1
        zombie = campaign.start(f"stop:{point}:{campaign.random.randint(1, 4)}", "--until-idle", "2s", level="warning")
        # On a machine that is too busy it may have been idle for too long before it came to the point.
        if not crash.wait_until_stopped(zombie):
            zombie.communicate()
            continue
        frozen[point] += 1
        code, said = campaign.run("kill:committed:6")
        if code not in (0, -signal.SIGKILL):
            crash.fail(f"the other one ended with {code}: {said}")
        zombie.send_signal(signal.SIGCONT)
        _, said = zombie.communicate(timeout=120)
        fenced += "has claimed a unit" in said
    missed = frozen.total() < FREEZES or fenced < FREEZES // 3
    return (f"{frozen.total()} frozen {dict(sorted(frozen.items()))}, {fenced} fenced",
            "too few were fenced" if missed else "")


crash.need_servers()
crash.judge(crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (FREEZES * 40))), run)
