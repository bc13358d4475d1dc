"""Clients that ask for as much as they may, one of each kind: beside the steady load, not instead.

`greedy_clients.py PORT SEED [CA]` goes on until its input ends, and then prints what it saw as JSON.
With CA it speaks TLS. After a line `pause` nothing is on its way when it says `paused`, until `go`.
"""

from __future__ import annotations

import gzip
import json
import random
import ssl
import sys
import threading
from collections import Counter
from types import SimpleNamespace

from raw_connection import RawConnection, post
from running_server import request_body

PAUSE = 0.5
"""Seconds at most between two requests of a client, so that it takes its share half of the time."""
ROW = [0.25] * 64
SMALL = json.dumps(request_body([ROW], "digits-mhs")).encode()
CODED = "Content-Encoding: gzip"
LONG_CODED, LONG_PLAIN = 63 << 20, 10 << 20
TOO_WIDE = b'{"model":"digits-mhs","instances":[[' + b"1," * (LONG_CODED // 2 - 32) + b"1]]}"


def sampled(rows: int, samples: int) -> bytes:
    return post(json.dumps(request_body([ROW] * rows, "digits-hetxl", samples=samples)).encode())


def kinds() -> dict[str, tuple[bytes, int]]:
    """The request and the status of its answer."""
    return {
        "long": (sampled(64, 100_000), 200),
        "rows": (sampled(256, 1000), 200),
        "gzip of blanks": (post(gzip.compress(SMALL.ljust(LONG_CODED)), CODED), 200),
        "gzip of numbers": (post(gzip.compress(TOO_WIDE), CODED), 422),
        "bodies": (post(SMALL.ljust(LONG_PLAIN)), 200),
    }


class GreedyClient:
    """A kept connection in a closed loop with pauses; all answers have to be the first one."""

    def __init__(self, name: str, request: bytes, status: int):
        self.name, self.request, self.status = name, request, status
        self.seen: Counter = Counter()
        self.faults: list[str] = []

    def run(self, connect, chosen: random.Random, stop: threading.Event, permits) -> None:
        first = None
        while not stop.wait(chosen.random() * PAUSE):
            try:
                with permits, connect() as connection:
                    connection.send_as_far_as_it_is_read(self.request)
                    answer = connection.response()
            except Exception as fault:
                self.faults.append(f"{self.name}: {fault!r}")
                continue
            first = first or answer.body
            self.seen[f"greedy, {self.name}"] += 1
            if answer.status != self.status or answer.status == 200 and answer.body != first:
                self.faults.append(f"{self.name}: {answer.status}, {answer.body[:100]!r}")


def main() -> None:
    port, seed, *authority = sys.argv[1:]
    server = SimpleNamespace(port=int(port))
    tls = ssl.create_default_context(cafile=authority[0]) if authority else None
    stop = threading.Event()
    clients = [GreedyClient(name, *rest) for name, rest in kinds().items()]
    permits = threading.Semaphore(len(clients))
    threads = [
        threading.Thread(target=client.run, args=(
            lambda: RawConnection(server, tls), random.Random(place), stop, permits))
        for place, client in enumerate(clients, int(seed))]
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        for _ in clients:
            (permits.acquire if line == "pause\n" else permits.release)()
        if line == "pause\n":
            print("paused", flush=True)
    stop.set()
    for thread in threads:
        thread.join()
    seen = sum((client.seen for client in clients), Counter())
    faults = [fault for client in clients for fault in client.faults]
    print(json.dumps({"seen": seen, "faults": faults[:20]}))


if __name__ == "__main__":
    main()
