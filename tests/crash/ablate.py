"""Turns safeguards off one by one: the checker must notice each, or it would notice nothing.

ablate.py PROGRAM FEED [NAME...], with the addresses in BATCHOUT_TEST_*; PROGRAM is of a build with failpoints. NAME: some
of the scenes below; without names, all.

Where two safeguards watch the same thing (the epoch of a unit and the position that a batch begins at), one of them is off
throughout, so that the scene shows what the other one is for.
"""

import functools
import signal
import sys
import time

import crash
import cut
import sinks

PROGRAM, FEED = sys.argv[1:3]
ORDERS = 8_000

# A scene gets a campaign and what is to be turned off, with a comma behind it or nothing.


def killed(point, times, campaign, off):
    """The process is killed at one point again and again."""
    campaign.feed(ORDERS)
    for number in times:
        code, said = campaign.run(f"{off}kill:{point}:{number}")
        assert code == -signal.SIGKILL, (code, said)


def frozen(campaign, off):
    """A process is frozen with a batch in its hands; another one takes the partitions over and reads on."""
    for number in (2, 3, 4):
        campaign.feed(ORDERS // 3)
        zombie = campaign.start(f"{off}stop:batch_built:{number}", "--until-idle", "2s")
        assert crash.wait_until_stopped(zombie)
        campaign.run("kill:committed:4")
        zombie.send_signal(signal.SIGCONT)
        zombie.communicate(timeout=120)


def undisturbed(campaign, off):
    campaign.feed(ORDERS)
    campaign.run(off)


def begun_at_the_end(campaign, off):
    """The process dies when it has just found out where to begin: at the end of a topic that then grows."""
    campaign.feed(0)
    code, said = campaign.run(f"{off}kill:starts_stored:1")
    assert code == -signal.SIGKILL, (code, said)
    campaign.feed(ORDERS)


class Scene:
    def __init__(self, run, with_it="", **settings):
        """`with_it`: what is off although the safeguard is on."""
        self.run, self.with_it, self.settings, self.proxy = run, with_it, settings, None

    def outcome(self, off):
        campaign = crash.Campaign(PROGRAM, FEED, payloads=100, quiet=1, **self.settings)
        try:
            self.run(campaign, off + "," if off else "")
            campaign.finish()
            return campaign.check()
        finally:
            campaign.drop()


class CutScene(Scene):
    """Connections are cut when COMMIT is sent: `after` the server has it, or before."""

    def __init__(self, after, with_it=""):
        super().__init__(undisturbed, with_it)
        self.after = after

    def outcome(self, off):
        proxy = cut.Proxy(5, every=3, after=self.after)
        self.settings["sinks"] = [lambda name, folder: sinks.Postgres(name, folder, proxy.port)]
        outcome = super().outcome(off)
        assert proxy.left == 0
        return outcome


def half_a_batch(campaign, off):
    killed("rows_half_written", (2, 3, 4), campaign, "half_write," + off)


def killed_between(point, campaign, off):
    """The point is one that is only there while the safeguard is off."""
    killed(point if off else "before_commit", range(1, 6), campaign, off)


SCENES = {
    "positions_apart": Scene(functools.partial(killed_between, "rows_without_positions")),
    "dead_letters_apart": Scene(functools.partial(killed_between, "rows_without_letters"), bad=50),
    "no_epoch_check": Scene(frozen),
    "no_epoch_check in SQLite": Scene(frozen, sinks=[sinks.Sqlite]),
    "no_rewind": CutScene(after=False),
    "no_reclaim": CutScene(after=True, with_it="no_position_check"),
    "doubt_is_success": CutScene(after=False, with_it="no_position_check"),
    "doubt_is_retried": CutScene(after=True, with_it="no_position_check"),
    "starts_not_stored": Scene(begun_at_the_end, membership="start: latest"),
    "acknowledged_first": Scene(functools.partial(killed, "before_commit", (2, 3, 4)), delivery="at_least_once",
                                sinks=[sinks.PostgresWithRepeats]),
    "payloads_kept": Scene(undisturbed, bad=50),
    "no_isolation": Scene(undisturbed, bad=50),
    "oldest_wins": Scene(undisturbed, sinks=[sinks.Boxes]),
    "rest_kept": Scene(half_a_batch, sinks=[sinks.Csv]),
    "positions_first": Scene(half_a_batch, sinks=[sinks.Csv]),
}


def judge(name, scene):
    """Whether the checker has said what it must."""
    start = time.monotonic()
    off = name.split()[0]
    without = scene.outcome(",".join(filter(None, [off, scene.with_it])))
    kept = scene.outcome(scene.with_it)
    print(f"{name}: without the safeguard {without[0]} lost, {without[1]} double; with it {kept[0]} lost, {kept[1]} double; "
          f"{time.monotonic() - start:.0f} s")
    return sum(without) > 0 and sum(kept) == 0


if __name__ == "__main__":
    crash.need_servers()
    names = sys.argv[3:] or SCENES
    wrong = [name for name in names if not judge(name, SCENES[name])]
    print(f"{len(names) - len(wrong)} of {len(names)} safeguards are noticed when they are off, and do what they are for")
    if wrong:
        crash.fail("not as it should be:", ", ".join(wrong))
