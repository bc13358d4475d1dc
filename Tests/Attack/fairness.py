"""A small client beside greedy ones: has it its share, and have they theirs?

`make fairness`. The small client asks for little in a closed loop, alone and beside 1 and 20
connections that ask for as much as they may. With n of them it may have to wait for n others' turns
before its own: (1 + n) times what it takes alone, and one turn that was just begun. The greedy ones
together may lose what the small one takes, and a twentieth.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import mean, median, quantiles

GREEDY = [1, 20]
TAIL = 2
"""By which factor the 99th percentile may be over the bound of the median."""
LEAST_WORK = 0.95
MOST_RESIDENT_BYTES = (1 << 30) * 5 // 4 + (64 << 20)
"""Bodies and answers of all connections with their reserve, see `HeldBytes`, and the server."""
ROUNDS, LONG_ROUNDS = 9, 3
"""Of alone, without and together: machines are not equally fast for long, so that rounds are short
and the work that is done is their median. Those of many clients are long, as all are answered."""
ALONE_SECONDS = 0.5
"""That the small client is alone, before the others come and after they have left."""
SECONDS = 1.3
"""That greedy clients are busy in each round, or as long as one answer to each takes."""


@dataclass(frozen=True)
class Outcome:
    """One line of the table; times are seconds."""

    name: str
    greedy: int
    quantum: float
    """Of the turns that the small client waits for."""
    count: int
    alone: float
    median: float
    tail: float
    faults: int
    refusals: int
    greedy_work: float
    """Of the greedy clients, as a part of what they do without the small one."""
    small_work: float
    """Of the small client, as a part of what it does alone in the same time."""
    work: float
    """Of both together."""
    resident_bytes: int
    """Of the server at its peak."""

    @property
    def median_bound(self) -> float:
        return (1 + self.greedy) * self.alone + self.quantum

    def broken(self) -> list[str]:
        claims = [
            (self.faults == 0, f"{self.faults} answers of the small client are not 200"),
            (self.median <= self.median_bound, f"median {ms(self.median)} ms"),
            (self.tail <= TAIL * self.median_bound, f"99th percentile {ms(self.tail)} ms"),
            (self.work >= LEAST_WORK, f"{self.work:.3f} of the work is done"),
            (self.resident_bytes <= MOST_RESIDENT_BYTES, "too much memory"),
        ]
        return [text for holds, text in claims if not holds]


HEAD = (
    f"{'kind':16} {'greedy':>6} {'answers':>7} {'alone':>8} {'median':>8} {'bound':>8} {'99th':>8} "
    f"{'bound':>8} {'not 200':>7} {'refused':>7} {'greedy':>7} {'small':>6} {'sum':>6} {'MB':>6}  ")


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f}"


def line(found: Outcome) -> str:
    return (
        f"{found.name:16} {found.greedy:6} {found.count:7} {ms(found.alone):>8} "
        f"{ms(found.median):>8} {ms(found.median_bound):>8} {ms(found.tail):>8} "
        f"{ms(TAIL * found.median_bound):>8} {found.faults:7} {found.refusals:7} "
        f"{found.greedy_work:7.3f} {found.small_work:6.3f} "
        f"{found.work:6.3f} {found.resident_bytes / 1e6:6.0f}  "
        f"{'BROKEN: ' + '; '.join(found.broken()) if found.broken() else ''}").rstrip()


class Rounds:
    """A small client alone, greedy clients without it, and all together, again and again."""

    def __init__(self, server, meter, kind, greedy: int, seconds: float):
        self.server, self.meter = server, meter
        self.small, self.greedy, self.quantum = kind.small, greedy, kind.quantum
        self.request = kind.greedy(greedy)
        one = min(self.load(1, 1).result()[0] for _ in range(2))
        self.answers = greedy * ceil(seconds / (greedy * one))
        self.alone: list[float] = []
        self.beside: list[float] = []
        self.faults = self.refusals = 0
        self.work: list[tuple[float, float]] = []
        """Of the greedy clients and of the small one, by round."""

    def load(self, clients: int, answers: int):
        from clients import GreedyClients
        return GreedyClients(self.server.port, self.request, clients, answers)

    def be_alone(self) -> list[float]:
        """Seconds of each of its answers."""
        from clients import SmallClient
        with SmallClient(self.server.port, self.small) as small:
            time.sleep(ALONE_SECONDS)
        self.alone += small.times.seconds
        self.faults += len(small.times.faults)
        return small.times.seconds

    def run(self) -> None:
        from clients import SmallClient
        before = self.be_alone()
        without = self.load(self.greedy, self.answers).result()[0]
        small = SmallClient(self.server.port, self.small)
        self.wait_for_quiet()
        self.meter.forget_peak()
        load = self.load(self.greedy, self.answers)
        eventually_inflight(self.server, lambda count: count > 1, "greedy requests have come")
        with small:
            together, refusals = load.result()
        self.wait_for_quiet()
        # By its median, the small client would seem to do less alone than it does: a machine's
        # stalls are in all other times.
        alone = mean(before + self.be_alone())
        self.beside += small.times.seconds
        self.faults += len(small.times.faults)
        self.refusals += refusals
        self.work.append((without / together, len(small.times.seconds) * alone / together))

    def wait_for_quiet(self) -> None:
        eventually_inflight(self.server, lambda count: count == 1, "what is left is dropped")

    def outcome(self, name: str) -> Outcome:
        return Outcome(
            name, self.greedy, self.quantum, len(self.beside), median(self.alone),
            median(self.beside), percentile(self.beside), self.faults, self.refusals,
            median(greedy for greedy, _ in self.work), median(small for _, small in self.work),
            median(greedy + small for greedy, small in self.work), self.meter.resident("VmHWM"))


def eventually_inflight(server, condition, what: str) -> None:
    from running_server import eventually
    from test_turns import inflight
    eventually(lambda: condition(inflight(server)), what)


def outcomes(server, kind, greedies: list[int], seconds: float):
    """A line for each number of greedy clients."""
    from meter import Meter
    meter = Meter(server)
    for greedy in greedies:
        rounds = Rounds(server, meter, kind, greedy, seconds)
        for _ in range(ROUNDS if greedy == 1 else LONG_ROUNDS):
            rounds.run()
        yield rounds.outcome(kind.name)


def percentile(seconds: list[float]) -> float:
    """The 99th; the longest of few."""
    return quantiles(seconds, n=100)[98] if len(seconds) >= 100 else max(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="fairness", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME", default="", help="kinds whose names hold this")
    parser.add_argument("--greedy", type=int, nargs="+", default=GREEDY,
                        help="greedy clients (%(default)s)")
    parser.add_argument("--server", metavar="PATH", help="binary (.build/release/headserve)")
    parser.add_argument("--seconds", type=float, default=SECONDS,
                        help="that greedy clients are busy in a round (%(default)s)")
    options = parser.parse_args()
    if options.server:
        os.environ["HEADSERVE_BINARY"] = options.server
    from kinds_of_load import KINDS, models
    from quiet_server import QuietServer

    found = []
    print("milliseconds; work as a part of what the greedy clients do without the small one")
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as name:
        flags = [*models(Path(name)), "--request-timeout", "600s"]
        for kind in (kind for kind in KINDS if options.only in kind.name):
            with QuietServer(*flags) as server:
                for each in outcomes(server, kind, options.greedy, options.seconds):
                    found.append(each)
                    print(line(each), flush=True)
    broken = [each for each in found if each.broken()]
    print(f"{len(found)} loads, {len(broken)} with a broken bound")
    return 1 if broken or not found else 0


if __name__ == "__main__":
    sys.exit(main())
