"""Full load by wrk, in turns: every answer compared, the latency of each turn kept."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).with_name("steady.lua")
CONNECTIONS = 24
"""For a server."""


@dataclass
class Turns:
    """Results of wrk in each turn so far."""

    right: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)

    def add(self, result: dict) -> None:
        """Times are microseconds."""
        self.right += result["right"]
        self.refused += result["refused"]
        self.medians.append(result["median"])
        self.tails.append(result["tail"])
        if result["wrong"] or result["lost"]:
            self.faults.append(
                f"{result['wrong']} wrong answers, such as {result['example']}, {result['lost']} "
                f"lost in turn {len(self.medians)}")


class SteadyLoad:
    """A turn of wrk against one server."""

    def __init__(self, url: str, folder: Path, count: int, seconds: int, seed: int):
        command = [
            "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s",
            "-s", str(SCRIPT), url, "--", str(folder), str(count), str(seed),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def result(self) -> dict:
        output, _ = self.process.communicate()
        lines = [line for line in output.splitlines() if line.startswith("RESULT ")]
        if not lines:
            raise AssertionError(f"wrk failed: {output}")
        return json.loads(lines[0].removeprefix("RESULT "))
