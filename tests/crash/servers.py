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

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "servers"


def serve(server, command):
    """Runs a command of a server's script; the folder is that of ./dev up."""
    folder = pathlib.Path(os.environ["BATCHOUT_TEST_PG_CERTIFICATES"]).parent
    subprocess.run([SCRIPTS / f"{server}.sh", command, folder], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    PROGRAM, FEED, SERVER = sys.argv[1:4]
    KILLS, ORDERS = crash.argument(2, 3), crash.argument(3, 20_000)

    def run(campaign):
        process = campaign.start()
        for _ in range(KILLS):
            campaign.feed(ORDERS // KILLS)
            time.sleep(campaign.random.uniform(0, 0.5))
            serve(SERVER, "kill")
        time.sleep(1)
        code, said = crash.end(process)
        if code != 0:
            crash.fail(f"the program ended with {code}: {said}")
        return f"{KILLS} kills of {SERVER}, one process throughout", ""

    crash.need_servers()
    crash.judge(crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (KILLS * 40))), run)
