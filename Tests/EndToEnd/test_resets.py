"""Clients that reset their connection at every place: nothing of them is left."""

import json

import pytest
from certificates import Authority
from conversations import LIVE, fill_log, told
from dense_model import dense_model
from fault_table import FaultyServer
from process_state import leaves_nothing_behind
from raw_connection import RawConnection, post
from running_server import REPOSITORY, eventually, request_body
from test_metrics import scrape, total

DEMO_MODELS = REPOSITORY / "Sources/headserve/Models"
RESETS = 200
ROW = [0.5] * 64
SMALL = post(json.dumps(request_body([ROW], "digits-mhs")).encode())
LONG = post(json.dumps(request_body([ROW] * 500, "digits-mhs")).encode())
"""More than one read brings."""

ANSWERED_AT_LENGTH = post(
    json.dumps(request_body([ROW] * 3, "many", outputs=["probabilities"])).encode()
)
"""Half a megabyte from 20,000 classes: more than sockets hold for a client that reads little."""

SLOW_ROWS = 64
AT_ONCE = 4
SLOW = post(json.dumps(request_body([ROW] * SLOW_ROWS, "digits-hetxl", samples=100_000)).encode())
"""A second or two of drawing, unless it is stopped."""

COMPUTED = 50
"""Resets of those that take a moment each."""

CHUNKED = post(b"", "Transfer-Encoding: chunked", length=False)


def served(folder, *flags, **options):
    dense_model(folder / "many", 20_000, 64)
    paths = [folder / "many", DEMO_MODELS / "digits-mhs", DEMO_MODELS / "digits-hetxl"]
    models = [flag for path in paths for flag in ("--model", path)]
    # One thread computes, so that a processor is left for the clients.
    return FaultyServer(*models, "--threads", 1, *flags, folder=folder, **options)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("clear")) as running:
        fill_log(running)
        yield running


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls(tmp_path_factory, authority):
    flags = authority.issue("server").flags
    folder = tmp_path_factory.mktemp("tls")
    with served(folder, *flags, client=authority.trusted) as running:
        fill_log(running, authority.context())
        yield running


def is_idle(server):
    """Nothing waits or is computed, and no request is open but the scrape itself."""
    families = scrape(server)
    waiting = total(families, "headserve_queue_rows")
    return waiting == 0 and total(families, "headserve_inflight_requests") == 1


def cut(message, index):
    """The message up to one of many places in it, the first behind its first byte."""
    return message[: 1 + index * (len(message) - 2) // (RESETS - 1)]


def resets(server, send, context=None, count=RESETS):
    """Does as `send` says with a new connection and the number of it, and resets it."""
    with RawConnection(server, context) as kept:
        kept.send(SMALL)
        expected = told(kept.response())

        def act():
            for index in range(count):
                connection = RawConnection(server, context)
                send(connection, index)
                connection.reset()
            eventually(lambda: is_idle(server), "the server is idle")
            kept.send(SMALL)
            assert told(kept.response()) == expected

        leaves_nothing_behind(server, count, act)


def part_of_an_answer(connection, index):
    connection.send(ANSWERED_AT_LENGTH)
    connection.received.read(1 + 100 * index)


PLACES = {
    "nothing sent": lambda connection, index: None,
    "within the head": lambda connection, index: connection.send(cut(SMALL.split(b"{")[0], index)),
    "within the body": lambda connection, index: connection.send(cut(LONG, index)),
    "within a chunk": lambda connection, index: connection.send(
        CHUNKED + b"2\r\n{}\r\n" + cut(b"100\r\n" + bytes(254), index)
    ),
    "after the answer": lambda connection, index: connection.send(LIVE) or connection.response(),
    "before the answer": lambda connection, index: connection.send(SMALL),
    "within the answer": part_of_an_answer,
    "with requests behind": lambda connection, index: connection.send(SMALL * 40),
}


@pytest.mark.parametrize("place", PLACES)
def test_resets_leave_nothing(server, place):
    resets(server, PLACES[place])


@pytest.mark.parametrize("place", ["nothing sent", "within the body", "within the answer"])
def test_resets_under_tls_leave_nothing(tls, authority, place):
    resets(tls, PLACES[place], authority.context())


def test_resets_while_waiting_leave_nothing(server):
    """Behind predictions of their own, a few connections at a time: each batch in progress has
    threads, which are kept."""

    def act():
        before = total(scrape(server), "headserve_cancelled", "headserve_cancelled_total")
        for _ in range(RESETS // AT_ONCE):
            waiting = [RawConnection(server) for _ in range(AT_ONCE)]
            for connection in waiting:
                connection.send(SLOW * 3)
            rows = AT_ONCE * SLOW_ROWS
            eventually(lambda: total(scrape(server), "headserve_queue_rows") >= rows, "some wait")
            for connection in waiting:
                connection.reset()
        eventually(lambda: is_idle(server), "the server is idle")
        after = total(scrape(server), "headserve_cancelled", "headserve_cancelled_total")
        assert after - before > RESETS

    leaves_nothing_behind(server, RESETS, act)


def test_resets_while_computed_leave_nothing(server):
    """Each is computed for a moment, as no other one waits."""

    def computed(connection, index):
        connection.send(SLOW)
        eventually(lambda: not is_idle(server), "it is begun")

    resets(server, computed, count=COMPUTED)
