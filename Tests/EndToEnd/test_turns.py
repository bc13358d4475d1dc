"""Nobody waits for what another client asks for, or for what nobody is left to take."""

import gzip
import json
import select
from contextlib import ExitStack

import numpy as np
import pytest
from attacks import by_name
from contents import INPUTS
from dense_model import dense_model
from process_state import resident_bytes
from raw_connection import RawConnection, post
from running_server import RunningServer, eventually, request_body
from trial import DEMO

ROW = [0.5] * 64
SMALL = json.dumps(request_body([ROW], "digits-mhs")).encode()
LONG = gzip.compress(SMALL + b" " * (60 << 20))
"""64 KiB that take a good part of a second to inflate and to read."""
CODED = "Content-Encoding: gzip"
CLIENTS, EACH = 2, 14
PATIENCE_MS = 5000
"""Time for three of them even where each takes more than a second; 28 take more in any case."""


@pytest.mark.own_allocator
@pytest.mark.parametrize("stays", [True, False], ids=["stays", "leaves"])
def test_long_bodies_of_others_are_read_in_turns_or_not_at_all(stays):
    with RunningServer() as server:
        others = [RawConnection(server) for _ in range(CLIENTS)]
        for other in others:
            other.send(post(LONG, CODED) * EACH)
        eventually(lambda: inflight(server) > CLIENTS * EACH // 2, "the bodies have come")
        if not stays:
            for other in others:
                other.reset()
        with RawConnection(server) as client:
            client.send(post(gzip.compress(SMALL), CODED, f"X-Request-Timeout-Ms: {PATIENCE_MS}"))
            assert client.response().status == 200
        if not stays:
            eventually(lambda: inflight(server) == 1, "nothing is left", deadline=PATIENCE_MS / 1000)


DEAR = ["blanks behind", "halfway between two"]
BYTES = {1: 63 << 20, 20: 16 << 20}
"""Of one body, by the number of clients that send such: all together take a second or so."""
LEAST_ANSWERS = 6


@pytest.mark.own_allocator
@pytest.mark.parametrize("others", BYTES)
@pytest.mark.parametrize("name", DEAR)
def test_small_coded_bodies_are_read_while_dear_ones_are(dear_server, name, others):
    """If they waited for whole bodies of all others, there would be one answer, or two."""
    dear = by_name(name)[0].body(BYTES[others]).request
    small = post(gzip.compress(SMALL), CODED)
    with ExitStack() as stack, RawConnection(dear_server) as client:
        greedy = [stack.enter_context(RawConnection(dear_server)) for _ in range(others)]
        for connection in greedy:
            connection.send(dear)
        eventually(lambda: inflight(dear_server) > 1, "dear bodies have come")
        answers = 0
        while len(answered(greedy)) < others:
            client.send(small)
            assert client.response().status == 200
            answers += 1
        assert answers >= LEAST_ANSWERS
        assert {connection.response().status for connection in greedy} == {200}


@pytest.fixture(scope="module")
def dear_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "wide"
    dense_model(folder, 2, INPUTS)
    with RunningServer("--model", DEMO, "--model", folder) as server:
        yield server


def answered(connections):
    """Those of which something is to be read."""
    return select.select([each.socket for each in connections], [], [], 0)[0]


def metric(server, name):
    """The sum of the values whose lines begin so."""
    lines = server.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def inflight(server):
    """Requests without an answer, that of the metrics among them."""
    return metric(server, "headserve_inflight_requests")


def predictions(server):
    return metric(server, 'headserve_requests_total{route="/predict"')


GIBIBYTE = 1 << 30
SHORT = 64 << 10
LITTLE = json.dumps(request_body([{"indices": [0], "values": [0.3]}])).encode()
CLASSES, ROWS = 20_000, 240
"""An answer of about 61 MiB, of which the kernel takes 4."""
OTHERS = 24


@pytest.mark.own_allocator
def test_answers_that_nobody_reads_are_kept_up_to_a_limit(tmp_path):
    weights = np.random.default_rng(0).normal(size=(CLASSES, 2))
    dense_model(tmp_path / "wide", CLASSES, 2, weights, [0.0] * CLASSES)
    rows = [{"indices": [0], "values": [0.3]}] * ROWS
    body = request_body(rows, top_k=0, outputs=["probabilities"])
    asked = post(json.dumps(body).encode())
    with RunningServer("--model", tmp_path / "wide") as server:
        others = []
        for count in range(1, OTHERS + 1):
            others.append(RawConnection(server))
            others[-1].send(asked)
            eventually(lambda: predictions(server) == count, "it is answered")
        assert others[-1].response().status == 503
        assert json.loads(refused_body(server, body))["code"] == "out_of_room"
        # A client that asks for little is served all the same, even if it comes in two parts.
        assert in_two_parts(server, LITTLE) == 200
        assert in_two_parts(server, LITTLE + b" " * SHORT) == 503
        # Bytes on their way between threads, or read of one answer, come on top.
        assert resident_bytes(server) < GIBIBYTE + GIBIBYTE // 4
        for other in others:
            other.reset()
        eventually(lambda: server.post(body).status_code == 200, "there is room again")


def in_two_parts(server, body):
    """The status of a request whose last byte follows when the server has read the others."""
    request = post(body)
    with RawConnection(server) as connection:
        connection.send(request[:-1])
        eventually(lambda: is_read(connection), "the first part is read")
        connection.send(request[-1:])
        return connection.response().status


def is_read(connection):
    """Whether the kernel has nothing of what was sent for the server."""
    port = connection.socket.getsockname()[1]
    lines = open("/proc/net/tcp").read().splitlines()[1:]
    entries = [line.split() for line in lines]
    waiting = [entry[4] for entry in entries if entry[2].endswith(f":{port:04X}")]
    return waiting == ["00000000:00000000"]


def refused_body(server, body):
    response = server.post(body)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    return response.content
