"""Load of every kind at once, reloads, overload and both ways to stop, for `run` under a sanitizer.

What the sanitizer finds it writes itself, and `run` counts it; here, the load has to have been one:
every client got the answers it should.
"""

import os
import signal
import threading

import pytest
from certificates import Authority, tls_server
from crowd import (DEMO_MODELS, ROW, WIDE_ROW, Crowd, Wrk, asks_for_much, asks_for_too_much,
                   asks_with_a_coded_body, asks_with_a_long_body, encoded, is_in_a_hurry, leaves,
                   looks_around)
from running_server import FIXTURES, REPOSITORY, RunningServer, eventually
from test_metrics import scrape, total
from test_model_reload import biased, reload
from test_reload import replace

SECONDS = float(os.environ.get("HEADSERVE_LOAD_SECONDS", "10"))
"""How long everything goes on at once, before it is looked at whether all of it has happened."""

DEMOS = REPOSITORY / "Sources/headserve/Models"
WIDE = FIXTURES / "het/hetxl-softmax-wide"
ASKING = [asks_with_a_long_body, asks_with_a_coded_body, asks_for_much, looks_around]


def counted(server, name):
    return total(scrape(server), f"headserve_{name}", f"headserve_{name}_total")


@pytest.fixture(params=["http", "https"])
def start(request, tmp_path):
    """Starts a server with the demo models, a wide one and one that changes; with it comes what
    puts other models and other certificates into the place of those that it has."""
    flags = [f"--model={DEMOS / name}" for name in DEMO_MODELS]
    flags += [f"--model=wide={WIDE}", f"--model={biased(tmp_path / 'served', 20.0)}"]
    flags += ["--log-format", "json", "--admin-port", 0]
    if request.param == "http":
        server, renew = RunningServer(*flags), lambda: None
    else:
        authority = Authority(tmp_path)
        server = tls_server(authority, *flags)
        used = authority.issue("server")
        renew = lambda: replace(used, authority.issue("next"))

    def reloads(server):
        renew()
        biased(tmp_path / "served", 20.0)
        reload(server)

    with server:
        yield server, reloads


@pytest.mark.parametrize("signals", [1, 2])
def test_everything_at_once(start, signals, tmp_path):
    """Then SIGTERM, once or twice; twice ends the process at once, whatever is under way."""
    server, reloads = start
    bodies = [encoded([ROW], name) for name in DEMO_MODELS]
    clients = [*ASKING, is_in_a_hurry, leaves, leaves, reloads]
    with Wrk(server, tmp_path, bodies) as wrk, Crowd(server, *clients) as crowd:
        threading.Event().wait(SECONDS)
        eventually(lambda: {name for name, _ in crowd.outcomes} >= {c.__name__ for c in clients},
                   "every client has been answered")
        eventually(lambda: counted(server, "cancelled"), "work of clients that left is dropped")
        crowd.is_over.set()
        for _ in range(signals):
            server.terminate()
        assert server.exit_code() == 0
        statuses = wrk.statuses()
    print(statuses, crowd.outcomes)
    assert crowd.failures == []
    for client in ASKING:
        assert set(crowd.statuses(client)) == {200}, client.__name__
    assert set(crowd.statuses(is_in_a_hurry)) <= {200, 429, 504}
    # A request that comes over a kept connection while the server drains is refused.
    assert statuses[200] > 100 and set(statuses) <= {200, 503}


def test_overload(tmp_path):
    """More than clients' queues take, with deadlines that pass while they wait."""
    limits = ["--max-queue-rows", 8, "--max-batch-rows", 4, "--request-timeout", "500ms"]
    with RunningServer("--model", f"wide={WIDE}", *limits) as server:
        bodies = [encoded([WIDE_ROW] * rows, "wide", samples=samples)
                  for rows, samples in [(1, 1000), (3, 100), (2, 10_000)]]
        clients = [leaves, leaves, asks_for_too_much]
        with Wrk(server, tmp_path, bodies) as wrk, Crowd(server, *clients) as crowd:
            threading.Event().wait(SECONDS)
            eventually(lambda: counted(server, "rejected"), "requests are refused")
            statuses = wrk.statuses()
        server.process.send_signal(signal.SIGINT)
        assert server.exit_code() == 0
    print(statuses, crowd.outcomes)
    assert statuses[200] and set(statuses) <= {200, 429, 504}
    assert set(crowd.statuses(asks_for_too_much)) <= {200, 429, 504}
