"""Processes are frozen at named points, others take their partitions over, and the frozen ones come back: what they hold is
fenced off.

zombies.py PROGRAM FEED [FREEZES [ORDERS]], with the addresses in BATCHOUT_TEST_*; PROGRAM is of a build with failpoints.
"""

import collections
import signal
import sys
import time

import crash

PROGRAM, FEED = sys.argv[1:3]
FREEZES = int(sys.argv[3]) if len(sys.argv) > 3 else 6
ORDERS = int(sys.argv[4]) if len(sys.argv) > 4 else 20_000
POINTS = ["batch_built", "after_begin", "copying", "before_finish", "after_finish", "before_commit", "commit_sent", "committed"]

if not crash.KAFKA or not crash.PG["HOST"]:
    sys.exit(77)
start = time.monotonic()
campaign = crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (FREEZES * 40)))
try:
    portion = ORDERS // FREEZES
    fenced, frozen = 0, collections.Counter()
    for turn in range(FREEZES):
        campaign.feed(portion)
        point = POINTS[turn % len(POINTS)]
        zombie = campaign.start(f"stop:{point}:{campaign.random.randint(1, 4)}", "--until-idle", "2s", level="warning")
        frozen[point] += crash.wait_until_stopped(zombie)
        code, said = campaign.run("kill:committed:6", "--until-idle", "3s")
        if code not in (0, -signal.SIGKILL):
            crash.fail(f"the other one ended with {code}: {said}")
        zombie.send_signal(signal.SIGCONT)
        _, said = zombie.communicate(timeout=120)
        fenced += "has claimed a unit" in said
    campaign.finish()
    lost, double = campaign.check()
    print(f"{campaign.orders} orders, {frozen.total()} frozen {dict(sorted(frozen.items()))}, {fenced} fenced, {lost} lost, "
          f"{double} double, {time.monotonic() - start:.0f} s")
    if lost or double or frozen.total() < FREEZES or fenced < FREEZES // 3:
        crash.fail("the promise was broken, or too few were fenced")
finally:
    campaign.drop()
