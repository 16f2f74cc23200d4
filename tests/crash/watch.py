"""Looks at a process once a second or so: memory, descriptors, threads, and what else the caller counts; and says whether they
stay as they are."""

import os
import pathlib
import statistics
import threading

BARS = "▁▂▃▄▅▆▇█"


class Watch:
    """Samples of a process until `stop`. `more`: name to function, for what is not to be seen in /proc; a sample that fails is
    left out, since servers may be down."""

    def __init__(self, pid, every=1.0, **more):
        self.process = pathlib.Path("/proc", str(pid))
        self.samples = {name: [] for name in ("MiB", "descriptors", "threads", *more)}
        self.every, self.more = every, more
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        while not self.ended.wait(self.every):
            for name, function in {"MiB": self._memory, "descriptors": self._descriptors, "threads": self._threads,
                                   **self.more}.items():
                try:
                    self.samples[name].append(function())
                except (OSError, RuntimeError, IndexError):
                    pass

    def _memory(self):
        return int((self.process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def _descriptors(self):
        return len(os.listdir(self.process / "fd"))

    def _threads(self):
        return len(os.listdir(self.process / "task"))

    def stop(self):
        self.ended.set()
        self.thread.join()


def picture(samples, width=60):
    """A line of bars, each the largest of its share of the samples; from 0, so that what looks flat is flat."""
    if not samples:
        return "nothing was seen"
    width = min(width, len(samples))
    most = max(samples) or 1
    shares = (samples[i * len(samples) // width:(i + 1) * len(samples) // width] for i in range(width))
    bars = "".join(BARS[min(7, int(max(share) / most * 7.999))] for share in shares)
    return f"{bars} {min(samples):.4g} to {max(samples):.4g}"


def growth(samples):
    """By how much the median of the last third is above that of the second: the first one is for warming up."""
    third = len(samples) // 3
    return statistics.median(samples[2 * third:]) - statistics.median(samples[third:2 * third]) if third else 0
