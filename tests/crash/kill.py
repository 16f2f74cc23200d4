"""Kills the program at named points, and counts what was lost or stored twice.

kill.py PROGRAM FEED [KILLS [ORDERS [SINKS]]], with the addresses in BATCHOUT_TEST_*; PROGRAM is of a build with
failpoints. SINKS: one of the names below.
"""

import sys
import time

import crash
import sinks

PROGRAM, FEED = sys.argv[1:3]
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 28
ORDERS = int(sys.argv[4]) if len(sys.argv) > 4 else 30_000

SINKS = {
    "postgres": [sinks.Postgres],
    "sqlite": [sinks.Sqlite],
    "csv": [sinks.Csv],
    "postgres+csv": [sinks.Postgres, sinks.CsvBeside],
    "postgres+sqlite": [sinks.Postgres, sinks.SqliteBeside],
}
NAME = sys.argv[5] if len(sys.argv) > 5 else "postgres"

if not crash.KAFKA or not crash.PG["HOST"]:
    sys.exit(77)
start = time.monotonic()
campaign = crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (KILLS * 20)), sinks=SINKS[NAME],
                          delivery="exactly_once" if len(SINKS[NAME]) == 1 else "best")
try:
    campaign.feed(ORDERS)
    effective = crash.kill_at_points(campaign, KILLS)
    campaign.finish()
    lost, double = campaign.check()
    again = f", {campaign.repeated} once more in the sink beside" if campaign.repeated else ""
    print(f"{NAME}: {ORDERS} orders, {effective} kills, {campaign.committed()} steps of units, {lost} lost, {double} double{again}, "
          f"{time.monotonic() - start:.0f} s")
    if lost or double or effective < KILLS:
        crash.fail("the promise was broken, or too few kills were effective")
finally:
    campaign.drop()
