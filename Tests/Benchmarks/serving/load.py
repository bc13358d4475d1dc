"""wrk: how many requests a second a server answers, and how long one connection waits."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from turns import Unavailable

SCRIPT = Path(__file__).with_name("post.lua")
LONGEST_WAIT = "30s"
"""A slow answer is a slow answer: after 2 s, unless told otherwise, wrk counts it as an error."""


@dataclass(frozen=True)
class Load:
    """Results of wrk."""

    requests_per_second: float
    median_latency_microseconds: float


def drive(url: str, body: Path, connections: int, threads: int, seconds: int) -> Load:
    """Posts the body over keep-alive connections; an answer that is an error fails the whole."""
    command = [
        "wrk", f"-t{min(threads, connections)}", f"-c{connections}", f"-d{seconds}s",
        "--timeout", LONGEST_WAIT, "-s", str(SCRIPT), url, "--", str(body),
    ]
    if shutil.which("wrk") is None:
        raise Unavailable("wrk is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise Unavailable(f"wrk failed: {(done.stderr or done.stdout).strip()[:80]}")
    result = json.loads(lines[0].removeprefix("RESULT "))
    if result["failed"] or not result["requests"]:
        raise Unavailable(f"{result['failed']} of {result['requests']} requests failed")
    return Load(result["requests"] / result["microseconds"] * 1e6, result["median_latency"])
