"""Kills the program at named points, and counts what was lost or stored twice.

kill.py PROGRAM FEED [KILLS [ORDERS [SINKS]]], with the addresses in BATCHOUT_TEST_*; PROGRAM is of a build with
failpoints. SINKS: one of the names below.
"""

import sys

import crash
import sinks

PROGRAM, FEED = sys.argv[1:3]
KILLS, ORDERS = crash.argument(1, 28), crash.argument(2, 30_000)
NAME = crash.argument(3, "postgres")

SINKS = {
    "postgres": [sinks.Postgres],
    "sqlite": [sinks.Sqlite],
    "csv": [sinks.Csv],
    "postgres+csv": [sinks.Postgres, sinks.CsvBeside],
    "postgres+sqlite": [sinks.Postgres, sinks.SqliteBeside],
}


def run(campaign):
    campaign.feed(ORDERS)
    effective = crash.kill_at_points(campaign, KILLS)
    return f"{NAME}, {effective} kills", "too few kills were effective" if effective < KILLS else ""


crash.need_servers()
crash.judge(crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (KILLS * 20)), sinks=SINKS[NAME],
                           delivery="exactly_once" if len(SINKS[NAME]) == 1 else "best"), run)
