"""Clients in closed loops, in processes of their own: a small one, timed, and greedy ones."""

from __future__ import annotations

import multiprocessing
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


@dataclass
class Times:
    """Seconds of each answer of the small client, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def ask_and_time(port: int, request: bytes, stop, results) -> None:
    """Until it is told to stop, at least once; all answers have to be alike."""
    asker, times, right = Asker(port, request), Times(), None
    while not times.seconds or not stop.is_set():
        start = time.perf_counter()
        answer = asker.ask()
        times.seconds.append(time.perf_counter() - start)
        right = right or answer.body
        if answer.status != 200 or answer.body != right:
            times.faults.append(f"{answer.status}: {answer.body[:100]!r}")
    asker.close()
    results.put(times)


def ask_for_much(port: int, request: bytes, clients: int, each: int, first_done, results) -> None:
    """Each connection asks until it has so many answers; gives the seconds that took, and the
    number of refusals."""
    refusals = []

    def run() -> None:
        asker, done = Asker(port, request), 0
        while done < each:
            answer = asker.ask()
            if answer.status == 200:
                done += 1
            else:
                refusals.append(answer.status)
                time.sleep(min(MOST_PAUSE, float(answer.headers.get("retry-after", 0))))
        first_done.set()
        asker.close()

    threads = [threading.Thread(target=run) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((time.perf_counter() - start, len(refusals)))


class SmallClient:
    """The timed one, as long as the block that it is used in."""

    def __init__(self, port: int, request: bytes, stop=None):
        self.stop = stop or PROCESSES.Event()
        self.results = PROCESSES.Queue()
        self.process = PROCESSES.Process(
            target=ask_and_time, args=(port, request, self.stop, self.results))

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.times = self.results.get(timeout=PATIENCE)
        self.process.join()


class GreedyClients:
    """Connections that keep the server busy until each has its answers."""

    def __init__(self, port: int, request: bytes, clients: int, each: int):
        self.first_done = PROCESSES.Event()
        self.results = PROCESSES.Queue()
        self.process = PROCESSES.Process(
            target=ask_for_much,
            args=(port, request, clients, each, self.first_done, self.results))
        self.process.start()

    def result(self) -> tuple[float, int]:
        """Waits for all answers: the seconds that they took, and the number of refusals."""
        found = self.results.get()
        self.process.join()
        return found
