"""The database or the broker is killed and started again while orders are stored.

servers.py PROGRAM FEED postgres|kafka [KILLS [ORDERS]], with the addresses in BATCHOUT_TEST_*, which must be those of
servers that ./dev up has started: their processes are killed.
"""

import os
import pathlib
import subprocess
import sys
import time

import crash

PROGRAM, FEED, SERVER = sys.argv[1:4]
KILLS = int(sys.argv[4]) if len(sys.argv) > 4 else 3
ORDERS = int(sys.argv[5]) if len(sys.argv) > 5 else 20_000
SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "servers"


def kill_and_start():
    folder = pathlib.Path(os.environ["BATCHOUT_TEST_PG_CERTIFICATES"]).parent
    subprocess.run([SCRIPTS / f"{SERVER}.sh", "kill", folder], check=True, stdout=subprocess.DEVNULL)


if not crash.KAFKA or not crash.PG["HOST"]:
    sys.exit(77)
start = time.monotonic()
campaign = crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (KILLS * 40)))
try:
    portion = ORDERS // KILLS
    process = campaign.start()
    for _ in range(KILLS):
        campaign.feed(portion)
        time.sleep(campaign.random.uniform(0, 0.5))
        kill_and_start()
    time.sleep(1)
    process.terminate()
    _, said = process.communicate(timeout=120)
    if process.returncode != 0:
        crash.fail(f"the program ended with {process.returncode}: {said}")
    campaign.finish()
    lost, double = campaign.check()
    print(f"{SERVER}: {campaign.orders} orders, {KILLS} kills of the server, one process throughout, {lost} lost, {double} double, "
          f"{time.monotonic() - start:.0f} s")
    if lost or double:
        crash.fail("the promise was broken")
finally:
    campaign.drop()
