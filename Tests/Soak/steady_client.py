"""A client that asks the same over a kept connection and times each answer."""

from __future__ import annotations

import http.client
import threading
import time
from array import array

REQUESTS_PER_CONNECTION = 500
"""After so many it connects anew, and so meets the certificate in force."""


class SteadyClient:
    """`is_right` judges a body. Confined to a thread."""

    def __init__(self, server, context, headers, body, is_right):
        self.address = (("127.0.0.1", server.port), {"context": context, "timeout": 60})
        self.headers = headers
        self.body = body
        self.is_right = is_right
        self.connection = None
        self.count = 0

    def ask(self) -> float:
        """Seconds until the answer was there; an answer that is wrong ends the run."""
        if self.count % REQUESTS_PER_CONNECTION == 0:
            self.close()
            place, options = self.address
            self.connection = http.client.HTTPSConnection(*place, **options)
            self.connection.connect()
        self.count += 1
        start = time.perf_counter()
        self.connection.request("POST", "/predict", self.body, self.headers)
        response = self.connection.getresponse()
        content = response.read()
        elapsed = time.perf_counter() - start
        if response.status != 200 or not self.is_right(content):
            raise AssertionError(f"{response.status}: {content[:200]!r}")
        return elapsed

    def close(self) -> None:
        if self.connection:
            self.connection.close()


class SteadyLoad:
    """A steady client on a thread of its own."""

    def __init__(self, client: SteadyClient):
        self.client = client
        self.times = array("d")
        self.failure = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.times.append(self.client.ask())
        except Exception as failure:
            self.failure = failure

    def take(self) -> array:
        """The times since the last call."""
        times, self.times = self.times, array("d")
        return times

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(60)
        self.client.close()
