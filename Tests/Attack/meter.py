"""Processor time and memory that a server takes for a request."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from raw_connection import RawConnection, Response


PATIENCE = 120
"""Seconds that one answer may take; what is that slow has failed long before."""
LOOK = 0.002
"""Seconds between two looks at a clock."""
IDLE = 30e-6
"""Processor time in a look below which a server does nothing."""
LOOKS = 5
"""Looks in a row that have to find it so."""
SCHEDULED = 2
"""Number of the kernel's processor clock of a process, see clock_getcpuclockid(3)."""


@dataclass(frozen=True)
class Cost:
    """Figures of some equal requests; the least time, the most memory."""

    status: int
    body: bytes
    seconds: float
    """Of the processor."""
    peak_bytes: int
    """Over what was resident before them."""
    most_resident_bytes: int


class Meter:
    """Reads the figures of a server's process, in which nothing else may happen meanwhile."""

    def __init__(self, server):
        self.server = server
        self.folder = Path(f"/proc/{server.process.pid}")
        self.clock = ~server.process.pid << 3 | SCHEDULED

    def processor_seconds(self) -> float:
        """Of all threads, also those that have ended, to the nanosecond."""
        return time.clock_gettime(self.clock)

    def settled_seconds(self) -> float:
        """The same once the server idles: what it frees and drops after an answer counts too."""
        last, quiet = self.processor_seconds(), 0
        while quiet < LOOKS:
            time.sleep(LOOK)
            now = self.processor_seconds()
            quiet = quiet + 1 if now - last < IDLE else 0
            last = now
        return last

    def resident(self, which: str) -> int:
        text = (self.folder / "status").read_text()
        return int(re.search(rf"^{which}:\s+(\d+) kB$", text, re.M).group(1)) * 1024

    def forget_peak(self) -> None:
        (self.folder / "clear_refs").write_text("5")

    def cost(self, request: bytes, least: int, seconds: float) -> Cost:
        """Sends the request at least so often, and on until so much time is over."""
        self.settled_seconds()
        before = self.resident("VmRSS")
        self.forget_peak()
        rounds, end = [], time.monotonic() + seconds
        while len(rounds) < least or time.monotonic() < end:
            answer, whole = self.round(request)
            rounds.append(whole)
        peak = self.resident("VmHWM")
        return Cost(answer.status, answer.body, min(rounds), peak - before, peak)

    def round(self, request: bytes) -> tuple[Response, float]:
        """The answer, and the processor time that it took."""
        start = self.settled_seconds()
        answer = self.ask(request)
        return answer, self.settled_seconds() - start

    def ask(self, request: bytes) -> Response:
        with RawConnection(self.server) as connection:
            connection.socket.settimeout(PATIENCE)
            connection.send_as_far_as_it_is_read(request)
            return connection.response()
