"""Each attack against a server of its own, and the verdict on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from attacks import LIMIT, REFUSED, SMALL_REQUEST, Attack, Body, by_name, unread
from bounds import MOST_RESIDENT_BYTES, Bounds, text_seconds_a_byte
from contents import INPUTS
from dense_model import dense_model
from meter import Cost, Meter
from running_server import BINARY, REPOSITORY, RunningServer
from yardstick import inflating_seconds

LEAST = 2
"""Times that a body is sent, whatever it takes."""
SMALL_REQUESTS = 50
LOOKS = 3
"""Times at most that a body is measured which seems too dear: other work of the machine adds."""
DOUBT = 1.5
"""By which factor it has to be over its bound to need no second look."""
DEMO = REPOSITORY / "Sources/headserve/Models/digits-mhs"

@dataclass(frozen=True)
class Finding:
    """An attack's figures beside their bounds."""

    kind: str
    name: str
    sent: int
    decoded: int
    cost: Cost
    allowed_seconds: float
    inflating: float | None
    faults: tuple[str, ...]

    @property
    def longest(self) -> int:
        """The length that is compared: that of the content, or of a longer coding."""
        return max(self.sent, self.decoded)

    @property
    def inflations(self) -> float | None:
        return self.cost.seconds / self.inflating if self.inflating else None

    @property
    def is_clear(self) -> bool:
        return self.cost.seconds > DOUBT * self.allowed_seconds


class Trial:
    """A run over the table of attacks."""

    def __init__(self, folder: Path, seconds: float):
        self.seconds = seconds
        weights = np.linspace(-1, 1, 2 * INPUTS, dtype="<f4")
        dense_model(folder / "wide", 2, INPUTS, weights, [0.0, 0.0])
        self.models = ("--model", DEMO, "--model", folder / "wide")
        with self.server() as server:
            meter = Meter(server)
            times = [meter.round(SMALL_REQUEST)[1] for _ in range(SMALL_REQUESTS)]
            assert meter.ask(SMALL_REQUEST).status == 200
        small, body = median(times), unread().body()
        received = (self.cost(body, seconds).seconds - small) / len(body.sent)
        self.bounds = Bounds(small, text_seconds_a_byte(), received)

    def server(self) -> RunningServer:
        return RunningServer(*self.models)

    def describe(self) -> str:
        return (
            f"{BINARY}: a small coded request takes {self.bounds.request_seconds * 1e6:.0f} µs of "
            f"processor time; zlib inflates the text of numbers in "
            f"{self.bounds.text_seconds_a_byte * 1e9:.2f} ns a byte; receiving takes "
            f"{self.bounds.received_seconds_a_byte * 1e9:.2f} ns a byte")

    def run(self, part: str | None) -> Iterator[Finding]:
        return map(self.find, by_name(part))

    def find(self, attack: Attack) -> Finding:
        body, twin = attack.body(), attack.twin()
        for _ in range(LOOKS):
            finding = self.look(attack, body, twin)
            if finding.cost.seconds <= finding.allowed_seconds or finding.is_clear:
                break
        return finding

    def look(self, attack: Attack, body: Body, twin: Body | None) -> Finding:
        """The memory is the body's; where there is a twin, the time is the twin's."""
        seen = self.cost(body, 0 if twin else self.seconds)
        if twin:
            read = self.cost(twin, self.seconds)
            seen = replace(seen, seconds=read.seconds)
        timed = twin or body
        inflating = inflating_seconds(timed.sent, LIMIT) if attack.coding else None
        sent, decoded = len(timed.sent), timed.decoded
        allowed = self.bounds.seconds(sent, decoded, inflating, attack.shows_early)
        faults = list(self.faults(attack, seen, allowed, sent, decoded))
        if twin and read.status not in REFUSED:
            faults.append(f"{read.status} for the twin: {read.body[:120]!r}")
        return Finding(
            attack.kind, attack.name, sent, decoded, seen, allowed, inflating, tuple(faults))

    def cost(self, body: Body, seconds: float) -> Cost:
        with self.server() as server:
            meter = Meter(server)
            meter.ask(SMALL_REQUEST)
            return meter.cost(body.request, LEAST, seconds)

    def faults(self, attack: Attack, cost: Cost, allowed: float, sent: int, decoded: int):
        if cost.status not in attack.statuses:
            yield f"{cost.status} instead of {attack.statuses}: {cost.body[:120]!r}"
        if cost.seconds > allowed:
            yield f"{cost.seconds * 1e3:.1f} ms, at most {allowed * 1e3:.1f}"
        most = self.bounds.peak_bytes(sent, decoded)
        if cost.peak_bytes > most:
            yield f"{cost.peak_bytes / 1e6:.0f} MB of memory, at most {most / 1e6:.0f}"
        if cost.most_resident_bytes > MOST_RESIDENT_BYTES:
            yield f"{cost.most_resident_bytes / 1e6:.0f} MB resident in all"
