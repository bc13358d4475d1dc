"""Thousands of reloads of everything that files give: are memory and latency what they were?

`make reloads`. Two sets of models, certificate and keys take turns, each with versions of its own,
so that a reload which did nothing would show. Latency is compared with that of a second server
that is never reloaded, measured in turns with it, so that a busy machine is the same for both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import ssl
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from certificates import Authority
from process_figures import Figures, figures
from quiet_server import QuietServer
from running_server import DEADLINE, REPOSITORY, request_body
from steady_client import SteadyClient, SteadyLoad
from verdict import MEMORY_TOLERANCE, QUARTER_TURNS, Verdict, has_risen

MODELS = ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]
TURN_REQUESTS = 1000
STAGES = 10
PROOF_EVERY = 50
"""Reloads between two looks at what is in force."""
BODY = json.dumps(request_body([[0.5] * 64], "digits-hetxl")).encode()
COMMON_KEY = "in-both-sets"
PAUSE = 0.001
"""Seconds between two looks at whether a reload is over."""


class Sets:
    """The folder `current` is the one or the other of two sets, exchanged in one step."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.authorities = {}
        for name in ("first", "second"):
            place = folder / name
            shutil.copytree(REPOSITORY / "Sources/headserve/Models", place)
            for model in MODELS:
                settings = json.loads((place / model / "model.json").read_text())
                (place / model / "model.json").write_text(json.dumps({**settings, "version": name}))
            authority = self.authorities[name] = Authority(folder, name)
            pair = authority.issue("server")
            shutil.copy(pair.certificate, place / "server.pem")
            shutil.copy(pair.key, place / "server.key")
            (place / "keys").write_text(f"{COMMON_KEY}\n{name}-key\n")
        both = [(folder / f"{name}.pem").read_bytes() for name in ("first", "second")]
        (folder / "both.pem").write_bytes(b"".join(both))
        self.current = "second"
        self.exchange()

    def exchange(self) -> None:
        self.current = "second" if self.current == "first" else "first"
        (self.folder / "next").symlink_to(self.current)
        os.replace(self.folder / "next", self.folder / "current")

    def serve(self) -> QuietServer:
        place = self.folder / "current"
        models = [flag for model in MODELS for flag in ("--model", place / model)]
        return QuietServer(
            *models, "--tls-certificate", place / "server.pem", "--tls-key", place / "server.key",
            "--api-key-file", place / "keys", client={"verify": str(self.folder / "both.pem")})

    def client(self, server: QuietServer) -> SteadyClient:
        """One for whom both sets are right."""
        context = ssl.create_default_context(cafile=str(self.folder / "both.pem"))
        return self._client(server, context, COMMON_KEY, ("first", "second"))

    def prove(self, server: QuietServer) -> None:
        """Certificate, key and model of the current set are in force."""
        context = self.authorities[self.current].context()
        client = self._client(server, context, f"{self.current}-key", (self.current,))
        client.ask()
        client.close()

    def _client(self, server, context, key, versions) -> SteadyClient:
        marks = [f'"version":"{version}"'.encode() for version in versions]
        return SteadyClient(
            server, context, {"Authorization": f"Bearer {key}"}, BODY,
            lambda content: any(mark in content for mark in marks))


def reload(server: QuietServer, sets: Sets) -> None:
    sets.exchange()
    before = server.reload_count
    server.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + DEADLINE
    while server.reload_count == before:
        if time.monotonic() > end or server.process.poll() is not None:
            raise AssertionError(f"no reload: {server.alarms[-5:]}")
        time.sleep(PAUSE)


def ratios(server: SteadyClient, twin: SteadyClient) -> list[float]:
    """Of the medians of turns that the server and its twin take."""
    found = []
    for _ in range(QUARTER_TURNS):
        mine, other = (
            median(client.ask() for _ in range(TURN_REQUESTS)) for client in (server, twin)
        )
        found.append(mine / other)
    return found


def stage(server: QuietServer, sets: Sets, load: SteadyLoad, count: int) -> None:
    """Reloads under load, with proofs that they are reloads."""
    for number in range(count):
        reload(server, sets)
        if number % PROOF_EVERY == 0:
            sets.prove(server)
        if load.failure:
            raise load.failure


def report(done: int, server: QuietServer, times: list[float]) -> Figures:
    now = figures(server.process.pid)
    line = f"{done:6} reloads  {now.resident_bytes / 1e6:7.2f} MB  {now.descriptors:3} descriptors"
    line += f"  {now.threads:2} threads"
    if len(times) > 1:
        line += f"  {len(times):6} answers, median {median(times) * 1e6:.0f} µs"
        line += f", 99th percentile {quantiles(times, n=100)[98] * 1e6:.0f} µs"
    print(line, flush=True)
    return now


def run(sets: Sets, count: int) -> Verdict:
    verdict = Verdict()
    with sets.serve() as server, sets.serve() as twin:
        clients = (sets.client(server), sets.client(twin))
        before = ratios(*clients)
        report(0, server, [])
        held = []
        for number in range(1, STAGES + 1):
            with SteadyLoad(sets.client(server)) as load:
                stage(server, sets, load, count // STAGES)
            held.append(report(number * (count // STAGES), server, load.times))
        after = ratios(*clients)
        sets.prove(server)
    judge(verdict, held, before, after)
    return verdict


def judge(verdict: Verdict, held: list[Figures], before: list[float], after: list[float]) -> None:
    first, last = held[0], held[-1]
    grown = last.resident_bytes / first.resident_bytes - 1
    verdict.claim(
        f"resident memory behind the last stage is {grown:+.2%} of that behind the first, at most "
        f"{MEMORY_TOLERANCE:.0%} more", grown <= MEMORY_TOLERANCE)
    verdict.claim(
        f"{first.descriptors} descriptors were open behind the first stage, {last.descriptors} "
        "behind the last", last.descriptors <= first.descriptors)
    verdict.claim(
        f"latency is {median(before):.3f} of the twin's before and {median(after):.3f} after "
        f"(highest turn before: {max(before):.3f})", not has_risen(before, after))


def main() -> int:
    parser = argparse.ArgumentParser(prog="reloads", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="reloads (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        verdict = run(Sets(Path(folder)), options.count)
    print(verdict)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
