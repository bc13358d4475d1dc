"""Clients in closed loops, in processes of their own: a small one, timed, and greedy ones."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

from raw_connection import RawConnection, Response

PROCESSES = multiprocessing.get_context("spawn")
PATIENCE = 300
"""Seconds for an answer, which is late or refused long before."""
MOST_PAUSE = 1.0
"""Seconds that a refused greedy client waits at most before it asks again."""


class Asker:
    """A kept connection."""

    def __init__(self, port: int, request: bytes):
        self.request = request
        self.address = SimpleNamespace(port=port)
        self.connection: RawConnection | None = None

    def ask(self) -> Response:
        if self.connection is None:
            self.connection = RawConnection(self.address)
            self.connection.socket.settimeout(PATIENCE)
        self.connection.send(self.request)
        answer = self.connection.response()
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self.connection:
            self.connection.__exit__()
        self.connection = None

    def abandon(self) -> None:
        """Ends the connection under a thread that waits for an answer."""
        if connection := self.connection:
            try:
                connection.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Events:
    """Marks of the small client's course."""

    def __init__(self):
        self.ready, self.go, self.stop = (PROCESSES.Event() for _ in range(3))


@dataclass
class Times:
    """Seconds of each answer of the small client, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def ask_and_time(port: int, request: bytes, events: Events, results) -> None:
    """From `go` until `stop`, at least once; all answers have to be alike."""
    asker, times = Asker(port, request), Times()
    right = asker.ask().body
    events.ready.set()
    events.go.wait()
    while not times.seconds or not events.stop.is_set():
        start = time.perf_counter()
        answer = asker.ask()
        times.seconds.append(time.perf_counter() - start)
        if answer.status != 200 or answer.body != right:
            times.faults.append(f"{answer.status}: {answer.body[:100]!r}")
    asker.close()
    results.put(times)


class Crowd:
    """Greedy connections, all of which are busy until they have so many answers together."""

    def __init__(self, port: int, request: bytes, clients: int, answers: int):
        self.askers = [Asker(port, request) for _ in range(clients)]
        self.left = answers
        self.refusals = 0
        self.lock = threading.Lock()
        self.done = threading.Event()

    def run(self) -> tuple[float, int]:
        """Seconds until the last of the answers, and how many refusals came as well."""
        threads = [threading.Thread(target=self.ask, args=(asker,)) for asker in self.askers]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        self.done.wait()
        elapsed = time.perf_counter() - start
        for asker in self.askers:
            asker.abandon()
        for thread in threads:
            thread.join()
        return elapsed, self.refusals

    def ask(self, asker: Asker) -> None:
        while not self.done.is_set():
            try:
                answer = asker.ask()
            except OSError:
                if not self.done.is_set():
                    raise
                return
            if answer.status == 200:
                with self.lock:
                    self.left -= 1
                    if self.left == 0:
                        self.done.set()
            else:
                self.refusals += 1
                self.done.wait(min(MOST_PAUSE, float(answer.headers.get("retry-after", 0))))


def ask_for_much(port: int, request: bytes, clients: int, answers: int, results) -> None:
    results.put(Crowd(port, request, clients, answers).run())


class SmallClient:
    """The timed one, in a process that has begun and waits for the block that it is used in."""

    def __init__(self, port: int, request: bytes):
        self.events = Events()
        self.results = PROCESSES.Queue()
        self.process = PROCESSES.Process(
            target=ask_and_time, args=(port, request, self.events, self.results))
        self.process.start()
        if not self.events.ready.wait(PATIENCE):
            raise TimeoutError("the small client has no answer")

    def __enter__(self):
        self.events.go.set()
        return self

    def __exit__(self, *_):
        self.events.stop.set()
        self.times = self.results.get(timeout=PATIENCE)
        self.process.join()


class GreedyClients:
    """The greedy connections, in a process of their own."""

    def __init__(self, port: int, request: bytes, clients: int, answers: int):
        self.results = PROCESSES.Queue()
        self.process = PROCESSES.Process(
            target=ask_for_much, args=(port, request, clients, answers, self.results))
        self.process.start()

    def result(self) -> tuple[float, int]:
        """Waits for all answers: the seconds that they took, and the number of refusals."""
        found = self.results.get()
        self.process.join()
        return found
