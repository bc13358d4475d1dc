"""Memory and descriptors of a process, as the system counts them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
USER_TIME, SYSTEM_TIME = 11, 12
"""Places in /proc/PID/stat behind the name, which may hold blanks."""


@dataclass(frozen=True)
class Figures:
    """One look at a process."""

    resident_bytes: int
    descriptors: int
    threads: int
    cpu_seconds: float


def figures(pid: int) -> Figures:
    folder = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
    )
    times = (folder / "stat").read_text().rpartition(") ")[2].split()
    return Figures(
        resident_bytes=int(status["VmRSS"].split()[0]) * 1024,
        descriptors=len(os.listdir(folder / "fd")),
        threads=int(status["Threads"]),
        cpu_seconds=(int(times[USER_TIME]) + int(times[SYSTEM_TIME])) / TICKS,
    )
