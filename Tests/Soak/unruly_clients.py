"""Clients that leave at every point of an exchange, ask for too much at once or in too little time.

`unruly_clients.py PORT FOLDER COUNT SEED [CA]` goes on until its input ends, and then prints what
it saw as JSON. With CA it speaks TLS.
"""

from __future__ import annotations

import json
import random
import select
import socket
import ssl
import struct
import sys
from collections import Counter
from pathlib import Path

from raw_connection import RawConnection, post
from running_server import request_body

RESET = struct.pack("ii", 1, 0)
"""Linger zero: the close sends RST."""
PAUSE = 0.01
"""Seconds between two acts: about a hundred a second, beside the steady load."""
ROW = [0.25] * 64
MODEL = "digits-hetxl"
LONG = post(json.dumps(request_body([ROW] * 64, MODEL, samples=2_000)).encode())
"""Milliseconds of work."""
BIG = post(json.dumps(request_body(
    [ROW] * 256, "digits-mhs", top_k=10, outputs=["probabilities"])).encode())
"""An answer of 200 KiB."""
FLOOD = [post(json.dumps(request_body([ROW] * 64, MODEL, samples=100, seed=seed)).encode())
         for seed in range(12)]
"""Three times the rows that the queue takes."""
HURRIED = post(json.dumps(request_body([ROW] * 64, MODEL, samples=20_000)).encode(),
               "X-Request-Timeout-Ms: 2")


class UnrulyClients:
    def __init__(self, port: int, folder: Path, count: int, seed: int, authority: str | None):
        self.port = port
        self.context = ssl.create_default_context(cafile=authority) if authority else None
        self.sent = [(folder / f"{number}.request").read_bytes() for number in range(count)]
        self.answers = [(folder / f"{number}.answer").read_bytes() for number in range(count)]
        self.chosen = random.Random(seed)
        self.seen = Counter()
        self.faults = []
        self.flooded = {}
        self.acts = [
            self.leave_while_sending, self.leave_while_sending, self.leave_while_waiting,
            self.leave_while_reading, self.pipeline, self.flood, self.hurry,
        ] + ([self.leave_in_handshake] if self.context else [])

    def connect(self) -> RawConnection:
        connection = RawConnection(self)
        if self.context:
            connection.received.close()
            connection.socket = self.context.wrap_socket(
                connection.socket, server_hostname="127.0.0.1")
            connection.received = connection.socket.makefile("rb")
        return connection

    def run(self) -> None:
        while not select.select([sys.stdin], [], [], PAUSE)[0]:
            act = self.chosen.choice(self.acts)
            try:
                act()
            except Exception as failure:
                self.faults.append(f"{act.__name__}: {failure!r}")
            self.seen[act.__name__] += 1
        print(json.dumps({"seen": self.seen, "faults": self.faults}))

    def leave(self, connection: RawConnection) -> None:
        """With RST or FIN; under TLS without close_notify, as a client does that is killed."""
        if self.chosen.random() < 0.5:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.__exit__()

    def leave_while_sending(self) -> None:
        """In the middle of the head or of the body, whatever its coding."""
        request = self.chosen.choice(self.sent)
        connection = self.connect()
        connection.send(request[: self.chosen.randrange(len(request))])
        self.leave(connection)

    def leave_while_waiting(self) -> None:
        connection = self.connect()
        connection.send(LONG)
        select.select([], [], [], self.chosen.random() * PAUSE)
        self.leave(connection)

    def leave_while_reading(self) -> None:
        """In the middle of a big answer, which begins at least."""
        connection = self.connect()
        connection.send(BIG)
        self.check(connection.received.read(12) in (b"HTTP/1.1 200", b"HTTP/1.1 429"), "big")
        self.leave(connection)

    def leave_in_handshake(self) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            greeting = outgoing.read()
        connection = RawConnection(self)
        connection.send(greeting[: self.chosen.randrange(len(greeting)) + 1])
        self.leave(connection)

    def pipeline(self) -> None:
        """Several requests at once are answered in order; some may find the queue full."""
        numbers = [self.chosen.randrange(len(self.sent)) for _ in range(8)]
        with self.connect() as connection:
            connection.send(b"".join(self.sent[number] for number in numbers))
            for number in numbers:
                response = connection.response()
                self.check(response.headers["x-request-id"] == str(number), "out of order")
                self.judge(response, self.answers[number])

    def flood(self) -> None:
        """More rows than the queue takes; those that are answered are answered alike."""
        with self.connect() as connection:
            connection.send(b"".join(FLOOD))
            for seed in range(len(FLOOD)):
                response = connection.response()
                if response.status == 200:
                    self.judge(response, self.flooded.setdefault(seed, response.body))
                else:
                    self.judge(response, None)

    def hurry(self) -> None:
        """A deadline that cannot be met is 504, or 429 where that shows at once."""
        with self.connect() as connection:
            connection.send(HURRIED)
            response = connection.response()
            self.seen[f"hurried: {response.status}"] += 1
            self.check(response.status in (429, 504), f"hurried: {response.status}")

    def judge(self, response, answer: bytes | None) -> None:
        self.seen[str(response.status)] += 1
        if response.status == 429:
            self.check(int(response.headers["retry-after"]) >= 1, "no Retry-After")
        else:
            self.check(response.status == 200 and response.body == answer, "a wrong answer")

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            raise AssertionError(what)


def main() -> None:
    port, folder, count, seed, *authority = sys.argv[1:]
    UnrulyClients(
        int(port), Path(folder), int(count), int(seed), authority[0] if authority else None).run()


if __name__ == "__main__":
    main()
