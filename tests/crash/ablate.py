"""Turns safeguards off one by one: the checker must notice each, or it would notice nothing.

ablate.py PROGRAM FEED, with the addresses in BATCHOUT_TEST_*; PROGRAM is of a build with failpoints.
"""

import signal
import sys
import time

import crash

PROGRAM, FEED = sys.argv[1:3]


def killed_between_rows_and_positions(campaign):
    """Rows in one transaction, positions in the next."""
    for times in range(1, 6):
        campaign.run(f"positions_apart,kill:rows_without_positions:{times}", "--until-idle", "3s")
    campaign.finish()


def frozen_before_commit(campaign, off):
    """A process is frozen with a batch in its hands; another one takes the partitions over and reads on."""
    for times in (2, 3, 4):
        zombie = campaign.start(f"{off}stop:batch_built:{times}", "--until-idle", "3s")
        crash.wait_until_stopped(zombie)
        campaign.run("kill:committed:4", "--until-idle", "3s")
        zombie.send_signal(signal.SIGCONT)
        zombie.communicate(timeout=120)
    campaign.finish()


def answer_lost(campaign, off):
    """The connection is cut when COMMIT has been sent, so that nobody knows whether it arrived."""
    for times in (2, 3, 4, 5):
        campaign.run(f"{off}cut_before_commit:{times}", "--until-idle", "3s")
    campaign.finish()


SCENES = {
    "positions_apart": (killed_between_rows_and_positions, None),
    "no_epoch_check": (lambda c: frozen_before_commit(c, "no_epoch_check,"), lambda c: frozen_before_commit(c, "")),
}


def outcome(scene):
    campaign = crash.Campaign(PROGRAM, FEED, payloads=100)
    try:
        campaign.feed(8_000)
        scene(campaign)
        return campaign.check()
    finally:
        campaign.drop()


if not crash.KAFKA or not crash.PG["HOST"]:
    sys.exit(77)
wrong = 0
for name, (without, with_it) in SCENES.items():
    start = time.monotonic()
    lost, double = outcome(without)
    words = f"{name}: without the safeguard {lost} lost, {double} double"
    wrong += lost + double == 0
    if with_it is not None:
        kept = outcome(with_it)
        words += f"; with it {kept[0]} lost, {kept[1]} double"
        wrong += kept != (0, 0)
    print(f"{words}; {time.monotonic() - start:.0f} s")
if wrong:
    crash.fail(f"{wrong} outcomes are not what they should be")
