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
    """Passes bytes on, until a message says COMMIT and it is time for a cut."""

    def __init__(self, host, port, cuts, every, seed=1):
        self.server = (host, port)
        self.left, self.every = cuts, every
        self.commits = self.cut_before = self.cut_after = 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(self.server)
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
            after = self.random.random() < 0.5
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
    CUTS = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    ORDERS = int(sys.argv[4]) if len(sys.argv) > 4 else 20_000
    if not crash.KAFKA or not crash.PG["HOST"]:
        sys.exit(77)
    start = time.monotonic()
    proxy = Proxy(crash.PG["HOST"], int(crash.PG["PORT"]), CUTS, every=3)
    campaign = crash.Campaign(PROGRAM, FEED, payloads=max(10, ORDERS // (CUTS * 6)),
                              sinks=[lambda name, folder: sinks.Postgres(name, folder, proxy.port)])
    try:
        campaign.feed(ORDERS)
        campaign.finish()
        lost, double = campaign.check()
        print(f"{ORDERS} orders, {proxy.cut_before} cuts before and {proxy.cut_after} after the server had COMMIT, "
              f"{lost} lost, {double} double, {time.monotonic() - start:.0f} s")
        if lost or double or proxy.left:
            crash.fail("the promise was broken, or too few connections were cut")
    finally:
        campaign.drop()
