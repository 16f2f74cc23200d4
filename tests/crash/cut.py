"""Cuts the connection to PostgreSQL when COMMIT is sent, before or after the server has it, so that nobody knows.

cut.py PROGRAM FEED [CUTS [ORDERS]], with the addresses in BATCHOUT_TEST_*. Any build of the program will do.
"""

import random
import socket
import sys
import threading
import time

import crash
import sinks


class Proxy:
    """Passes bytes on, until a message says COMMIT and it is time for a cut.

    `after`: whether the server gets the message before a cut; None: every other time, by chance."""

    def __init__(self, cuts, every, after=None, seed=1):
        self.server = (sinks.PG["HOST"], int(sinks.PG["PORT"]))
        self.left, self.every, self.after = cuts, every, after
        self.commits = self.cut_before = self.cut_after = 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(self.server)
            except OSError:  # It is down.
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _due(self, data):
        """None, or whether the server gets the message before the cut. What the start of a unit stores is a COMMIT, too."""
        if b"COMMIT\0" not in data:
            return None
        with self.lock:
            self.commits += 1
            if self.left == 0 or self.commits % self.every:
                return None
            self.left -= 1
            after = self.random.random() < 0.5 if self.after is None else self.after
            self.cut_after += after
            self.cut_before += not after
            return after

    def _pass(self, source, sink, from_client):
        try:
            while data := source.recv(1 << 16):
                cut = self._due(data) if from_client else None
                if cut is not False:
                    sink.sendall(data)
                if cut is not None:
                    # Long enough for the server to be done; its answer is on the way to a socket that is gone.
                    self._close(source)
                    time.sleep(self.random.choice([0, 0.05]))
                    break
        except OSError:
            pass
        self._close(source)
        self._close(sink)

    @staticmethod
    def _close(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()


if __name__ == "__main__":
    PROGRAM, FEED = sys.argv[1:3]
    CUTS, ORDERS = crash.argument(1, 10), crash.argument(2, 20_000)

    def run(campaign):
        campaign.feed(ORDERS)
        campaign.finish()
        return (f"{proxy.cut_before} cuts before and {proxy.cut_after} after the server had COMMIT",
                "too few connections were cut" if proxy.left else "")

    crash.need_servers()
    proxy = Proxy(CUTS, every=3)
    crash.judge(crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (CUTS * 6)),
                               sinks=[lambda name, folder: sinks.Postgres(name, folder, proxy.port)]), run)
