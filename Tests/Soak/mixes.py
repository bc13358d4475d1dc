"""Ten thousand random mixes of requests: every answer has the bytes that it has alone.

`make mixes`. A mix is several connections, each with some requests at once, of every kind of head,
body and coding, short ones and long ones. Servers with other threads and batches take turns.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from contextlib import ExitStack

from quiet_server import QuietServer
from random_requests import Request, model_flags, requests
from raw_connection import RawConnection

POOL = 1500
"""Different requests."""
CONNECTIONS = 8
PIPELINED = 4
SERVERS = [
    (), ("--threads", 1), ("--threads", 3, "--max-batch-rows", 7),
    ("--max-batch-rows", 256, "--max-batch-delay", "1ms"),
]


class Mixer:
    """Asks one server for mixes, and keeps what came back otherwise than alone."""

    def __init__(self, server: QuietServer, pool: list[Request], chosen: random.Random):
        self.pool = pool
        self.chosen = chosen
        self.answers = 0
        self.faults: list[str] = []
        self.stack = ExitStack()
        self.connections = [
            self.stack.enter_context(RawConnection(server)) for _ in range(CONNECTIONS)]

    def mix(self) -> None:
        """Sends all of it before it reads an answer."""
        used = self.chosen.sample(self.connections, self.chosen.randint(2, CONNECTIONS))
        sent = [
            (connection, self.chosen.choices(self.pool, k=self.chosen.randint(1, PIPELINED)))
            for connection in used]
        for connection, batch in sent:
            connection.send(b"".join(each.sent for each in batch))
        for connection, batch in sent:
            for each in batch:
                self.compare(connection.response(), each)

    def compare(self, response, expected: Request) -> None:
        self.answers += 1
        if response.status != 200 or response.body != expected.answer:
            self.faults.append(
                f"{response.status}, {response.body[:200]!r} instead of {expected.answer[:200]!r}")


def run(flags: tuple, pool: list[Request], count: int, chosen: random.Random) -> Mixer:
    with QuietServer(*model_flags(), *flags) as server:
        mixer = Mixer(server, pool, chosen)
        start = time.monotonic()
        with mixer.stack:
            for _ in range(count):
                mixer.mix()
        print(f"{' '.join(map(str, flags)) or 'as it starts':45} {count} mixes, {mixer.answers} "
              f"answers, {len(mixer.faults)} differ, {time.monotonic() - start:.0f} s", flush=True)
        return mixer


def main() -> int:
    parser = argparse.ArgumentParser(prog="mixes", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="mixes (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (%(default)s)")
    options = parser.parse_args()
    pool = requests(min(POOL, max(1, options.count)), options.seed)
    print(f"{len(pool)} requests were answered alone", flush=True)
    chosen = random.Random(options.seed)
    share = -(-options.count // len(SERVERS))
    mixers = [run(flags, pool, share, chosen) for flags in SERVERS]
    faults = [fault for mixer in mixers for fault in mixer.faults]
    for fault in faults[:10]:
        print(f"DIFFERS: {fault}")
    return 1 if faults or not all(mixer.answers for mixer in mixers) else 0


if __name__ == "__main__":
    sys.exit(main())
