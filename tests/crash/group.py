"""Members of a consumer group come and go while orders arrive, and nothing is lost or stored twice.

group.py PROGRAM FEED [REBALANCES [ORDERS [STRATEGY]]], with the addresses in BATCHOUT_TEST_*. Every third member that goes is
killed; the others say goodbye. A member that comes or goes is one rebalance. STRATEGY: cooperative-sticky, or an eager one: range.
"""

import sys
import time

import crash

PROGRAM, FEED = sys.argv[1:3]
REBALANCES, ORDERS = crash.argument(1, 12), crash.argument(2, 20_000)
STRATEGY = crash.argument(3, "cooperative-sticky")
MEMBERS = 3

# Short enough that a killed member is missed within seconds.
MEMBERSHIP = ("librdkafka: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, "
              f"partition.assignment.strategy: {STRATEGY}}}")


def run(campaign):
    portion = ORDERS // (REBALANCES + 2)
    campaign.feed(portion)
    members = [campaign.start() for _ in range(MEMBERS)]
    rebalances, killed = MEMBERS, 0
    while rebalances < REBALANCES:
        time.sleep(campaign.random.uniform(0.5, 2))
        campaign.feed(portion)
        kill = rebalances % 6 == 5
        code, said = crash.end(members.pop(0), kill)
        killed += kill
        if not kill and code != 0:
            crash.fail(f"a member ended with {code}: {said}")
        time.sleep(campaign.random.uniform(0.5, 2))
        campaign.feed(portion)
        members.append(campaign.start())
        rebalances += 2
    for member in members:
        crash.end(member)
    return f"{STRATEGY}, {MEMBERS} members, {rebalances} rebalances, {killed} of them by kills", ""


crash.need_servers()
crash.judge(crash.Campaign(PROGRAM, FEED, partitions=6, payloads=max(10, ORDERS // (REBALANCES * 10)),
                           membership=MEMBERSHIP), run, ORDERS)
