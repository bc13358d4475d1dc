"""Clients of every kind at the same time, under which a sanitizer watches the server."""

import gzip
import json
import random
import signal
import socket
import ssl
import struct
import subprocess
import threading
from collections import Counter
from pathlib import Path

from raw_connection import RawConnection, post
from running_server import DEADLINE, request_body

ROW = [0.5] * 64
WIDE_ROW = [0.25] * 48
DEMO_MODELS = ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]
CONNECTIONS = 64
INLINE_BYTES = 1 << 20
"""A longer body is read on a queue of its own."""

RESET = struct.pack("ii", 1, 0)
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
"""How a TLS client begins."""


def encoded(*arguments, **parameters):
    return json.dumps(request_body(*arguments, **parameters)).encode()


SMALL = encoded([ROW], "digits-mhs")
SLOW = encoded([WIDE_ROW], "wide", samples=20_000)


def asks_with_a_long_body(server):
    return server.post(SMALL + b" " * INLINE_BYTES).status_code


def asks_with_a_coded_body(server):
    body = gzip.compress(SMALL + b" " * random.choice([0, INLINE_BYTES]))
    return server.post(body, headers={"Content-Encoding": "gzip"}).status_code


def asks_for_much(server):
    """An answer so long that it is compressed on a queue of its own."""
    body = encoded([WIDE_ROW] * 12, "wide", samples=8, outputs=["probabilities"])
    answer = server.post(body)
    assert len(answer.content) > 1 << 16, "the answer is a short one"
    assert answer.headers["Content-Encoding"] == "gzip"
    return answer.status_code


def is_in_a_hurry(server):
    return server.post(SLOW, headers={"X-Request-Timeout-Ms": "20"}).status_code


def looks_around(server):
    """Probes and metrics; their status if all have the same."""
    paths = ["/metrics", "/health/ready", "/v1/models", "/openapi.yaml", "/metrics"]
    statuses = {server.get(path).status_code for path in paths}
    return statuses.pop() if len(statuses) == 1 else tuple(statuses)


def asks_for_too_much(server):
    """Asks again and again before it has an answer: more rows than one client may have waiting."""
    requests = post(encoded([WIDE_ROW] * 3, "wide", samples=2000)) * 6
    with RawConnection(server) as connection:
        connection.send(requests)
        return max(connection.response().status for _ in range(6))


def leaves(server):
    """Sends some of a request, or all of it, and is gone."""
    request = post(random.choice([SMALL, SLOW]))
    part = request[: random.choice([random.randrange(len(request)), len(request)])]
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        if random.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        if server.scheme == "http":
            connection.sendall(part)
        elif random.random() < 0.2:
            connection.sendall(HELLO)
        else:
            with unverified().wrap_socket(connection) as session:
                session.sendall(part)


def unverified():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Wrk:
    """wrk over keep-alive connections, with these bodies in turn, until it is told to stop."""

    LONGEST = "600s"

    def __init__(self, server, folder, bodies):
        files = []
        for index, body in enumerate(bodies):
            files.append(folder / f"body-{index}")
            files[-1].write_bytes(body)
        script = Path(__file__).with_name("rotate.lua")
        self.process = subprocess.Popen(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{self.LONGEST}", "--timeout", self.LONGEST]
            + ["-s", script, f"{server.url}/predict", "--", *files],
            stdout=subprocess.PIPE, text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdout.close()

    def statuses(self):
        """Stops it; how many answers had which status."""
        self.process.send_signal(signal.SIGINT)
        output, _ = self.process.communicate(timeout=DEADLINE)
        lines = [line.split() for line in output.splitlines() if line.startswith("STATUS")]
        return Counter({int(status): int(count) for _, status, count in lines})


class Crowd:
    """Threads that each do one thing again and again; what came of it is counted."""

    def __init__(self, server, *clients):
        self.server = server
        self.outcomes = Counter()
        self.failures = []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._repeat, args=[each]) for each in clients]

    def _repeat(self, client):
        while not self.is_over.is_set():
            try:
                outcome, failure = client(self.server), None
            except Exception as error:
                failure = error
            # When the server is told to stop, connections end under its clients' feet.
            if self.is_over.is_set():
                return
            if failure:
                self.failures.append(f"{client.__name__}: {failure!r}")
            else:
                self.outcomes[client.__name__, outcome] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join(DEADLINE)

    def statuses(self, client):
        return {status: count for (name, status), count in self.outcomes.items()
                if name == client.__name__}
