"""Twenty minutes of full load, and five to warm up, with clients that leave: nothing is wrong, nothing grows.

`make soak`. Two servers, one in clear text and one with TLS, each under wrk with every kind of body
on all demo models, beside clients that leave at every point, floods that fill the queue, deadlines
that pass, greedy clients with long work and long bodies, scrapes, and a reload a minute. Every answer is compared with the one right body.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import mixed_requests
from certificates import Authority
from greedy_clients import LONG_CODED, LONG_PLAIN
from process_figures import Figures, figures
from quiet_server import QuietServer
from running_server import eventually
from steady_load import SteadyLoad, Turns
from test_metrics import scrape
from verdict import MEMORY_TOLERANCE, QUARTER_TURNS, Verdict, growth, has_risen

QUEUE_ROWS = 256
LOOK = 5
"""Seconds between two looks at a server, of which each is a scrape too."""
RELOAD = 60
"""Seconds between two reloads."""
MOST_RESIDENT_BYTES = 4 * (2 * LONG_CODED + LONG_PLAIN) + (128 << 20)
"""Four times the greedy bodies that may be read at once, and what else a server holds."""
TURNS = 4 * QUARTER_TURNS
PAUSE = 0.1
SERIAL_QUEUES = 6
"""Of the server: log, loading, lifecycle, drain, timers, reading. Dispatch brings a thread for each
that is busy at once, and lets it go when it has been idle; while a thread is on its way back to
those that wait, its queue may get another one: two a queue at most."""
LANES = 64
"""Batches in progress at once, each of which has a queue and a pool of compute threads."""
MOST_MORE_THREADS = 2 * SERIAL_QUEUES + LANES * (1 + len(os.sched_getaffinity(0)))


class Subject:
    """A server under load, and what was seen of it."""

    def __init__(self, name: str, server: QuietServer, authority: Authority | None):
        self.name = name
        self.server = server
        self.authority = authority
        self.before = figures(server.process.pid)
        self.looks: list[Figures] = []
        self.rests: list[Figures] = []
        self.turns = Turns()
        self.others: list[subprocess.Popen] = []
        self.seen: dict = {}

    def disturb(self, folder: Path, count: int) -> None:
        """Starts clients beside the steady load."""
        self.start("unruly_clients.py", folder, count, len(self.name))
        self.start("greedy_clients.py", len(self.name))

    def start(self, script: str, *arguments) -> None:
        command = [sys.executable, Path(__file__).with_name(script), self.server.port, *arguments]
        if self.authority:
            command.append(self.authority.certificate)
        self.others.append(subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True))

    def calm(self) -> None:
        for other in self.others:
            output, _ = other.communicate(timeout=60)
            result = json.loads(output)
            self.seen |= result["seen"]
            self.turns.faults += result["faults"]
        self.others = []

    def pause(self) -> None:
        """Asks the greedy clients to have nothing on its way."""
        self.tell_greedy("pause")

    def rest(self) -> None:
        """Looks at the server when they have nothing, and lets them go on."""
        self.others[-1].stdout.readline()
        self.rests.append(figures(self.server.process.pid))
        self.tell_greedy("go")

    def tell_greedy(self, text: str) -> None:
        self.others[-1].stdin.write(text + "\n")
        self.others[-1].stdin.flush()

    def look(self) -> None:
        scrape(self.server)
        self.looks.append(figures(self.server.process.pid))

    def report(self, elapsed: float) -> None:
        now = self.rests[-1]
        print(
            f"{elapsed:6.0f} s  {self.name:5}  {now.resident_bytes / 1e6:7.2f} MB  "
            f"{now.descriptors:3} descriptors  {now.threads:2} threads  "
            f"{self.turns.right:9} right  {self.turns.refused:6} refused  "
            f"median {self.turns.medians[-1] / 1e3:.2f} ms  "
            f"99th percentile {self.turns.tails[-1] / 1e3:.2f} ms", flush=True)


def subjects(stack: ExitStack, folder: Path) -> list[Subject]:
    authority = Authority(folder)
    tls = {"client": authority.trusted}
    limits = ["--max-queue-rows", QUEUE_ROWS]
    clear = stack.enter_context(QuietServer(*limits))
    coded = stack.enter_context(QuietServer(*limits, *authority.issue("server").flags, **tls))
    return [Subject("clear", clear, None), Subject("TLS", coded, authority)]


class Soak:
    """A run against some servers at once."""

    def __init__(self, under_load: list[Subject], folder: Path, seconds: int):
        self.subjects = under_load
        self.folder = folder
        self.seconds = seconds
        self.count = len(mixed_requests.requests(folder))
        self.start = self.next_look = time.monotonic()
        self.next_reload = self.start + RELOAD / 2

    def run(self) -> None:
        for subject in self.subjects:
            subject.disturb(self.folder, self.count)
        try:
            for number in range(TURNS):
                self.turn(number)
        finally:
            for subject in self.subjects:
                subject.calm()

    def turn(self, number: int) -> None:
        """One turn of wrk against each server at once, watched meanwhile."""
        seconds = max(1, round(self.seconds / TURNS))
        loads = [
            SteadyLoad(subject.server.url, self.folder, self.count, seconds, seed=number)
            for subject in self.subjects
        ]
        while any(load.process.poll() is None for load in loads):
            self.do_what_is_due(time.monotonic())
            time.sleep(PAUSE)
        for subject in self.subjects:
            subject.pause()
        for subject, load in zip(self.subjects, loads):
            subject.rest()
            subject.turns.add(load.result())
            subject.report(time.monotonic() - self.start)

    def do_what_is_due(self, now: float) -> None:
        if now >= self.next_look:
            self.next_look += LOOK
            for subject in self.subjects:
                subject.look()
        if now >= self.next_reload:
            self.next_reload += RELOAD
            for subject in self.subjects:
                subject.server.process.send_signal(signal.SIGHUP)


def judge(subject: Subject, verdict: Verdict, tolerance: float) -> None:
    name, turns = subject.name, subject.turns
    resident = [look.resident_bytes for look in subject.rests]
    verdict.claim(
        f"{name}: resident memory without long bodies grew by {growth(resident):+.2%} after the "
        f"warm-up, at most {tolerance:.1%}", growth(resident) <= tolerance)
    most = max(look.resident_bytes for look in subject.looks)
    verdict.claim(
        f"{name}: {most / 1e6:.0f} MB were resident at most, of {MOST_RESIDENT_BYTES / 1e6:.0f}",
        most <= MOST_RESIDENT_BYTES)
    judge_what_is_open(subject, verdict)
    first, last = quarters(turns.medians)
    verdict.claim(
        f"{name}: the median latency of the last quarter's turns, {median(last):.0f} µs, is not "
        f"over the first's {min(first):.0f} to {max(first):.0f} µs", not has_risen(first, last))
    verdict.claim(
        f"{name}: {turns.right} answers were right, {turns.refused} were 429, and nothing was "
        f"wrong or lost {turns.faults[:3] or ''}", turns.right > 0 and not turns.faults)
    reloads, alarms = subject.server.reload_count, subject.server.alarms
    verdict.claim(f"{name}: {reloads} reloads, no alarm in the log {alarms[:3] or ''}", not alarms)
    acts = ", ".join(f"{count} {act}" for act, count in sorted(subject.seen.items()))
    print(f"{name}: {acts}")


def judge_what_is_open(subject: Subject, verdict: Verdict) -> None:
    pid, before = subject.server.process.pid, subject.before.descriptors
    try:
        eventually(lambda: figures(pid).descriptors <= before, "descriptors are closed")
    except AssertionError:
        pass
    after = figures(pid).descriptors
    verdict.claim(
        f"{subject.name}: {before} descriptors were open before, {after} after", after <= before)
    most = max(look.threads for look in subject.looks)
    verdict.claim(
        f"{subject.name}: {most} threads at most, {subject.before.threads} before and "
        f"{MOST_MORE_THREADS} for queues and lanes",
        most <= subject.before.threads + MOST_MORE_THREADS)


def quarters(series: list) -> tuple[list, list]:
    """The first and the last."""
    length = len(series) // 4
    return series[:length], series[-length:]


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=1500, help="of load (%(default)s)")
    parser.add_argument("--tolerance", type=float, default=MEMORY_TOLERANCE,
                        help="by which part resident memory may grow (%(default)s)")
    options = parser.parse_args()
    verdict = Verdict()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        soak = Soak(subjects(stack, folder), folder, options.seconds)
        soak.run()
        for subject in soak.subjects:
            judge(subject, verdict, options.tolerance)
    print(verdict)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
