"""Hundreds of slow connections of every kind delay nobody, and are closed at their limits."""

import json
import os
import resource
import ssl
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles

import pytest
from certificates import Authority, tls_server
from raw_connection import RawConnection, post
from running_server import DEADLINE, RunningServer, eventually, request_body
from slow_clients import UNREAD
from test_metrics import scrape, total

pytestmark = pytest.mark.own_allocator

CLEAR = {"head": 300, "body": 300, "chunked": 300, "reader": 300, "idle": 300, "stuck": 20}
"""Each that is stuck holds 6 MB, most of it the kernel's."""
TLS = {"handshake": 300, "idle": 300}
PEER_LIMIT = 2_500
"""Connections of one address (`Listener.Options`): all of the slow ones fit, so that it is not
this limit that keeps them from others."""
assert sum(CLEAR.values()) < PEER_LIMIT

BODY = json.dumps(request_body([[0.5] * 64], "digits-mhs")).encode()
CONNECTIONS = 8
REQUESTS = 1_000
PER_NEW_CONNECTION = 50
PAIRS, MOST_PAIRS = 5, 25
"""Turns without slow ones and with them. What else the machine does only adds to a turn's time, and
what slow ones cost is in each of theirs: so the calmest turn of either side counts, and where the
machine is so busy that five had none, more are waited for."""

MOST_TIMES = 1.5
"""The median with slow ones over that without. One that is not looked at costs nothing; looking at
each of 1,500 once a request, at the 100 ns of one miss of the cache, would add 150 µs to one of
about 75 µs and so make it three times. This is a quarter of the way."""

MOST_TURN = 0.015
"""Seconds that the 99th percentile may grow by: the turn of a loop in which all of 1,500 had sent
their byte at once, at 10 µs a system call and its event. Waiting for any of them takes longer."""

LIMITS = {
    "head": 10, "handshake": 10, "body": 30, "chunked": 30, "reader": 30, "stuck": 30, "idle": 75,
}
"""Seconds (`HTTPLimits`, `Listener.Options`)."""
LINGER = 5
"""Seconds that the server leaves a client that does not close to read its 408 (`HTTPLimits`)."""
STATUS = {"head": "408", "body": "408", "chunked": "408"}
LONGEST = float(os.environ.get("HEADSERVE_TEST_SLOW_SECONDS", "13"))
"""How long the slow ones are kept; 90 shows the end of every kind."""
SLACK = 2
"""Seconds that an end may come late on a busy machine; none may come early, counted from before the
connection was made."""


class SlowClients:
    """Leaves with what became of them in `ends`."""

    def __init__(self, server, kinds):
        script = Path(__file__).with_name("slow_clients.py")
        command = [sys.executable, str(script), str(server.port)]
        command += [f"{kind}={count}" for kind, count in kinds.items()]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        output, _ = self.process.communicate(timeout=DEADLINE)
        self.ends = json.loads(output)


class Others:
    """Clients as there should be: they keep connections, and now and then make a new one."""

    def __init__(self, server, context=None):
        self.server = server
        self.context = context
        self.kept = [self.connect() for _ in range(CONNECTIONS)]
        self.answer = self.ask(self.kept[0]).body

    def connect(self):
        connection = RawConnection(self.server)
        if self.context:
            connection.socket = self.context.wrap_socket(
                connection.socket, server_hostname="127.0.0.1")
            connection.received = connection.socket.makefile("rb")
        return connection

    def ask(self, connection):
        connection.send(post(BODY))
        response = connection.response()
        assert response.status == 200
        return response

    def times(self, count=REQUESTS):
        """Seconds of each request; every one of them is answered, and rightly."""
        found = []
        for number in range(count):
            start = time.perf_counter()
            if number % PER_NEW_CONNECTION == 0:
                with self.connect() as connection:
                    response = self.ask(connection)
            else:
                response = self.ask(self.kept[number % CONNECTIONS])
            found.append(time.perf_counter() - start)
            assert response.body == self.answer
        return found

    def close(self):
        for connection in self.kept:
            connection.__exit__()


@pytest.fixture(scope="module", autouse=True)
def _room_for_connections():
    least = sum(CLEAR.values()) + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < least:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(least, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


def in_turns(server, others, kinds):
    """The times of the others in each turn, without slow ones and with them."""
    without, beside = [], []
    while len(beside) < PAIRS or (len(beside) < MOST_PAIRS and not is_alike(without, beside)):
        without.append(others.times())
        with SlowClients(server, kinds) as slow:
            are_settled(server)
            beside.append(others.times())
        for kind, ends in slow.ends.items():
            assert_not_early(kind, ends)
    return without, beside


def are_settled(server):
    """The readers' predictions are computed: only this request has no answer."""
    eventually(
        lambda: total(scrape(server), "headserve_inflight_requests") == 1, "all is answered")


def calmest(without, beside):
    """The lowest median and the lowest 99th percentile of either side."""
    sides = (without, beside)
    medians = [min(median(times) for times in turns) for turns in sides]
    tails = [min(quantiles(times, n=100)[98] for times in turns) for turns in sides]
    return medians, tails


def is_alike(without, beside):
    medians, tails = calmest(without, beside)
    return medians[1] <= MOST_TIMES * medians[0] and tails[1] <= tails[0] + MOST_TURN


def compare(without, beside, kinds):
    medians, tails = calmest(without, beside)
    print(f"{kinds}: {len(beside)} turns, median {medians[0] * 1e6:.0f} µs without "
          f"and {medians[1] * 1e6:.0f} µs beside them, 99th percentile {tails[0] * 1e6:.0f} and "
          f"{tails[1] * 1e6:.0f} µs")
    assert is_alike(without, beside)


def test_slow_connections_delay_nobody():
    with RunningServer() as server:
        others = Others(server)
        compare(*in_turns(server, others, CLEAR), CLEAR)
        others.close()


def test_stopped_handshakes_delay_nobody(authority):
    with tls_server(authority) as server:
        others = Others(server, ssl.create_default_context(cafile=str(authority.certificate)))
        compare(*in_turns(server, others, TLS), TLS)
        others.close()


def assert_not_early(kind, ends):
    """None was refused: those that have ended, if any, did so at their limit."""
    assert all(end is None or end[0] >= LIMITS[kind] for end in ends), kind


def check_ends(ends, kind, held):
    """Each of a kind was ended at its limit, or lives if that has not come. Who does not read does
    not see its end, which shows in the server's descriptors only."""
    limit = LIMITS[kind]
    if held < limit - SLACK:
        assert not any(ends), kind
    elif held >= limit + SLACK:
        assert all(ends), f"{sum(end is None for end in ends)} of {kind} were not closed"
        assert_not_early(kind, ends)
        assert max(seconds for seconds, _ in ends) <= limit + SLACK, kind
        said = {line.split()[1] if line else "" for _, line in ends}
        assert said == {STATUS.get(kind, "")}, (kind, said)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def hold(server, others, kinds):
    """Asks on until the slow ones have been kept long enough."""
    asked = 0
    before = descriptors(server)
    with SlowClients(server, kinds) as slow:
        start = time.monotonic()
        while time.monotonic() < start + LONGEST:
            asked += len(others.times(CONNECTIONS))
        held = time.monotonic() - start
        due = [count for kind, count in kinds.items() if LIMITS[kind] + LINGER + SLACK <= held]
        most = before + sum(kinds.values()) - sum(due)
        eventually(lambda: descriptors(server) <= most, "those that are due are closed")
    for kind in set(kinds) - set(UNREAD):
        check_ends(slow.ends[kind], kind, held)
    others.close()
    print(f"{asked} requests of others answered in {held:.0f} s")


def test_slow_connections_end_at_their_limits_while_others_are_answered():
    with RunningServer() as server:
        hold(server, Others(server), CLEAR)
