"""The kernel fails calls, or does less than it was asked, in every way it may: answers stay right
and nothing leaks. Tests/Faults/faults.c says which ways these are.

FAULT_SEEDS repeats each mix so often, each time with another seed."""

import json
import os
import signal

import pytest
from certificates import Authority
from conversations import LIVE, Crowd
from dense_model import dense_model
from fault_table import FaultyServer, is_sanitized
from process_state import idle_descriptor_count, leaves_nothing_behind, wait_for_descriptors
from prometheus_client.parser import text_string_to_metric_families
from raw_connection import RawConnection
from running_server import eventually, request_body
from test_metrics import scrape, total

SEEDS = range(1, 1 + int(os.environ.get("FAULT_SEEDS", "1")))
REPEATS = 20

UNNOTICED = {
    "few bytes": {"recv SHORT": 0.5, "send SHORT": 0.5},
    "not now": {"recv EAGAIN": 0.3, "send EAGAIN": 0.3, "accept4 EAGAIN": 0.3},
    "interrupted": {
        "recv EINTR": 0.3, "send EINTR": 0.3, "accept4 EINTR": 0.3, "epoll_wait EINTR": 0.3,
        "close EINTR": 0.5,
    },
    # Each of these four stops accepting for a tenth of a second.
    "no room for connections": {
        "accept4 EMFILE": 0.02, "accept4 ENFILE": 0.02, "accept4 ENOMEM": 0.02,
        "accept4 ENOBUFS": 0.02,
    },
    "lost in the backlog": {"accept4 ECONNABORTED": 0.3, "accept4 EPROTO": 0.3},
    "ended before its end": {"shutdown ENOTCONN": 0.5, "close EINTR": 0.5},
    "all at once": {
        "recv SHORT": 0.3, "recv EAGAIN": 0.2, "recv EINTR": 0.2,
        "send SHORT": 0.3, "send EAGAIN": 0.2, "send EINTR": 0.2,
        "accept4 EAGAIN": 0.2, "accept4 ECONNABORTED": 0.2, "accept4 EMFILE": 0.02,
        "epoll_wait SHORT": 0.5, "epoll_wait EINTR": 0.2, "close EINTR": 0.3,
    },
}
"""Mixes that no client may notice."""

COSTLY = {
    "dead while received from": {
        "recv ECONNRESET": 0.05, "recv ENOMEM": 0.05, "recv ENOBUFS": 0.05,
    },
    "dead while sent to": {
        "send EPIPE": 0.05, "send ECONNRESET": 0.05, "send ENOBUFS": 0.05, "send ENOMEM": 0.05,
    },
    "not watched": {"epoll_add ENOMEM": 0.04, "epoll_add ENOSPC": 0.04},
    "watched for something else": {"send EAGAIN": 0.3, "epoll_modify ENOMEM": 0.2},
    "dead when accepted": {
        "getpeername ENOTCONN": 0.1, "getpeername ENOBUFS": 0.02,
        "setsockopt EINVAL": 0.1, "setsockopt ENOBUFS": 0.02,
    },
}
"""Mixes that cost connections: the client sees an end, and never a wrong byte."""

SLOW_LOG = {
    "log SHORT": 0.5, "log EAGAIN": 0.3, "log EINTR": 0.3, "poll EINTR": 0.3, "poll ENOMEM": 0.3,
}
FAILING_LOG = {"log SHORT": 0.5, "log EIO": 0.2, "log ENOSPC": 0.2}
FAILING_RELOADS = [
    "open EMFILE", "open ENFILE", "open ENOMEM", "mmap ENOMEM", "memalign ENOMEM", "read EIO",
]
INTERRUPTED_RELOAD = {"open EINTR": 0.5, "read EINTR": 0.5, "read SHORT": 0.5, "close EINTR": 0.5}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module", params=["clear text", "TLS"])
def crowd(request, tmp_path_factory, digits, authority):
    context, flags, client = None, [], {}
    if request.param == "TLS":
        context = authority.context()
        flags, client = authority.issue("server").flags, authority.trusted
    folder = tmp_path_factory.mktemp("faults")
    with FaultyServer(*flags, folder=folder, client=client) as server:
        crowd = Crowd(server, digits[:100], context, REPEATS)
        crowd.warm_up()
        yield crowd


def test_every_fault_is_in_some_mix(crowd):
    mixes = [*UNNOTICED.values(), *COSTLY.values(), SLOW_LOG, FAILING_LOG, INTERRUPTED_RELOAD]
    used = {name for mix in mixes for name in mix} | {*FAILING_RELOADS}
    assert used == {*crowd.server.faults.places}


def rounds_under(crowd, shares, seed, may_lose_connections=False):
    faults = crowd.server.faults

    def act():
        with faults.striking(shares):
            crowd.round(may_lose_connections)

    with faults.must_strike(shares, seed):
        leaves_nothing_behind(crowd.server, crowd.connections, act)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mix", UNNOTICED)
def test_no_client_notices(crowd, mix, seed):
    rounds_under(crowd, UNNOTICED[mix], seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mix", COSTLY)
def test_a_connection_is_lost_and_nothing_else(crowd, mix, seed):
    rounds_under(crowd, COSTLY[mix], seed, may_lose_connections=True)


def test_interrupted_waits_do_not_put_off_timers(crowd):
    """The end of the pause after EMFILE is one: without it, the client is never accepted."""
    with crowd.server.faults.injecting({"epoll_wait EINTR": 1}):
        with crowd.server.faults.injecting({"accept4 EMFILE": 1}):
            connection = RawConnection(crowd.server)
            eventually(lambda: crowd.server.faults.injected("accept4 EMFILE"), "an EMFILE")
        with connection:
            if crowd.tls:
                connection.begin_tls(crowd.tls)
            connection.send(LIVE)
            assert connection.response().status == 200


@pytest.fixture(scope="module")
def logging_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    with FaultyServer("--log-format", "json", folder=folder) as server:
        yield server


def request_lines(server):
    """The lines of requests that are whole; each is JSON, which a part of one is not."""
    lines = []
    for line in list(server.log):
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in lines if line["message"] == "request"]


def log_counts(server):
    """Requests, their lines that are in the log, lines that are counted as dropped, failed writes;
    all as of one scrape, when its own line has come and so everything before it."""
    name = f"scrape-{len(server.log)}"
    text = server.get("/metrics", headers={"X-Request-Id": name}).text
    server.waits_for_log(f'"{name}"')
    families = {each.name: each for each in text_string_to_metric_families(text)}

    def count(family):
        return total(families, family, family + "_total")

    lines = request_lines(server)
    return (
        count("headserve_requests") + 1, len(lines), count("headserve_log_lines_dropped"),
        count("headserve_log_write_errors"),
    )


def ask_until_struck(server, faults):
    """Asks, some lines of the log at a time, until each of the faults has struck."""

    def ask():
        with RawConnection(server) as connection:
            for _ in range(20):
                connection.send(LIVE)
                assert connection.response().status == 200
        return server.faults.have_struck(faults)

    eventually(ask, "every fault has struck")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_log_that_is_slow_loses_no_line(logging_server, seed):
    before = log_counts(logging_server)
    with logging_server.faults.injecting(SLOW_LOG, seed):
        ask_until_struck(logging_server, SLOW_LOG)
        after = log_counts(logging_server)
    assert after[1] - before[1] == after[0] - before[0] > 0
    assert after[2:] == before[2:]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_log_that_fails_counts_every_line_it_loses(logging_server, seed):
    before = log_counts(logging_server)
    faults = logging_server.faults
    with faults.injecting(FAILING_LOG, seed):
        ask_until_struck(logging_server, FAILING_LOG)

    def add_up():
        requests, lines, dropped, _ = log_counts(logging_server)
        return lines - before[1] + dropped - before[2] == requests - before[0]

    eventually(add_up, "lines that are there and lines that are not are all")
    after = log_counts(logging_server)
    assert after[2] > before[2]
    assert after[3] - before[3] == faults.injected("log EIO") + faults.injected("log ENOSPC")


@pytest.fixture(scope="module")
def reloading_server(tmp_path_factory, authority):
    """With files of every kind: a manifest, a checkpoint of 4 MiB, a certificate and its key."""
    folder = tmp_path_factory.mktemp("reload")
    dense_model(folder / "large", 1024, 1024)
    flags = authority.issue("reloaded").flags
    with FaultyServer(
        "--model", folder / "large", *flags, folder=folder, client=authority.trusted
    ) as server:
        yield server


ROW = request_body([[0.5] * 1024], top_k=3)


def reload(server, result):
    """Sends SIGHUP and waits for what becomes of it."""

    def count():
        return total(scrape(server), "headserve_reloads", "headserve_reloads_total", result=result)

    before = count()
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: count() == before + 1, f"a reload: {result}")


@pytest.mark.parametrize("fault", FAILING_RELOADS)
def test_a_reload_that_fails_leaves_what_was(reloading_server, fault):
    if fault == "memalign ENOMEM" and is_sanitized():
        pytest.skip("AddressSanitizer gives memory itself")
    server = reloading_server
    expected = server.post(ROW).content
    descriptors = idle_descriptor_count(server)
    with server.faults.injecting({fault: 1}):
        reload(server, "failure")
        assert server.post(ROW).content == expected
    wait_for_descriptors(server, descriptors)
    reload(server, "success")
    assert server.post(ROW).content == expected
    wait_for_descriptors(server, descriptors)


def test_a_reload_that_is_interrupted_goes_on(reloading_server):
    def act():
        with reloading_server.faults.injecting(INTERRUPTED_RELOAD):
            for _ in range(10):
                reload(reloading_server, "success")

    # Each scrape is a connection; a reload waits for a few.
    leaves_nothing_behind(reloading_server, 100, act)
