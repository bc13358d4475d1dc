"""SIGTERM drains; probes tell; `headserve healthcheck` asks them."""

import http.client
import json
import signal
import threading
import time

import pytest
from dense_model import dense_model
from raw_connection import RawConnection, begin_request, post
from running_server import RunningServer, command, eventually, request_body, seconds
from test_refusals import assert_problem

BODY = json.dumps(request_body([[0.5] * 64], "digits-hetxl", top_k=3)).encode()
LIVE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
LONG = seconds(600)
"""A delay that no test waits for: a second signal ends it."""


def begin_drain(server):
    server.terminate()
    eventually(lambda: server.status("/health/ready") == 503, "ready turns 503")


def finish_request(connection, answer):
    connection.send(BODY)
    response = connection.response()
    assert (response.status, response.body) == (200, answer)
    assert response.headers["connection"] == "close"
    assert connection.is_closed_by_the_server()


def test_a_request_in_flight_is_answered_after_sigterm():
    with RunningServer() as server:
        answer = server.post(BODY).content
        with begin_request(server, BODY) as connection:
            server.terminate()
            eventually(lambda: server.status("/health/live") is None, "the listener closes")
            finish_request(connection, answer)
        assert server.exit_code() == 0


def test_requests_that_came_before_the_loops_look_are_answered():
    """Requests that the kernel accepted for a stopped process are that process's to answer."""
    with RunningServer() as server:
        answer = server.post(BODY).content
        kept = [RawConnection(server) for _ in range(4)]
        for connection in kept:
            connection.send(LIVE)
            assert connection.response().status == 200
        server.process.send_signal(signal.SIGSTOP)
        connections = kept + [RawConnection(server) for _ in range(4)]
        for connection in connections:
            connection.send(post(BODY))
        server.terminate()
        server.process.send_signal(signal.SIGCONT)
        for connection in connections:
            with connection:
                response = connection.response()
                assert (response.status, response.body) == (200, answer)
                assert connection.is_closed_by_the_server()
        assert server.exit_code() == 0


def test_while_draining_ready_is_503_and_live_is_200():
    with RunningServer("--drain-delay", LONG) as server:
        begin_drain(server)
        refused = server.get("/health/ready")
        assert_problem(refused, 503)
        assert int(refused.headers["Retry-After"]) >= 1
        assert server.status("/health") == 503
        assert server.status("/health/live") == 200
        assert command("healthcheck", "--port", server.port).returncode != 0
        server.terminate()
        assert server.exit_code() == 0


def test_connections_are_kept_through_the_delay():
    """While the balancer still sends, a closed connection would cost it a request."""
    with RunningServer("--drain-delay", LONG) as server, RawConnection(server) as old:
        old.send(LIVE)
        assert old.response().status == 200
        begin_drain(server)
        with RawConnection(server) as new:
            for connection in (old, new, old, new):
                connection.send(LIVE + post(BODY))
                for _ in range(2):
                    response = connection.response()
                    assert response.status == 200
                    assert response.headers.get("connection") != "close"


def test_connections_are_closed_after_the_delay_and_not_before():
    delay = 3
    with RunningServer("--drain-delay", seconds(delay)) as server:
        answer = server.post(BODY).content
        with RawConnection(server) as idle, begin_request(server, BODY) as begun:
            idle.send(LIVE)
            assert idle.response().status == 200
            start = time.monotonic()
            server.terminate()
            with RawConnection(server) as new:
                new.send(LIVE)
                assert new.response().status == 200
                assert idle.is_closed_by_the_server() and new.is_closed_by_the_server()
            assert time.monotonic() - start >= delay
            finish_request(begun, answer)
        assert server.exit_code() == 0


class BusyClient:
    """Asks again and again over a kept connection, until there is nobody to connect to."""

    def __init__(self, port):
        self.port, self.answers, self.broken = port, 0, []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.connect()
            except OSError:
                return
            try:
                self.ask_until_told_to_close(connection)
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(error)
            connection.close()

    def ask_until_told_to_close(self, connection):
        while True:
            connection.request("POST", "/predict", BODY)
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            self.answers += 1
            if response.will_close:
                return


@pytest.mark.parametrize("number", range(5))
def test_a_drain_breaks_no_request_of_clients_that_keep_their_connections(number):
    """All that was sent on a connection that was open is answered."""
    with RunningServer() as server:
        clients = [BusyClient(server.port) for _ in range(8)]
        eventually(lambda: all(client.answers > number for client in clients), "all are served")
        server.terminate()
        assert server.exit_code() == 0
        for client in clients:
            client.thread.join()
    assert [client.broken for client in clients] == [[]] * 8


@pytest.mark.parametrize("name", ["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM"])
def test_signals_that_mean_nothing_end_nothing(name):
    with RunningServer() as server:
        server.process.send_signal(getattr(signal, name))
        assert server.post(BODY).status_code == 200
        assert server.process.poll() is None


def test_idle_connections_do_not_hold_up_the_end():
    with RunningServer("--shutdown-timeout", seconds(30)) as server, RawConnection(server) as idle:
        idle.send(LIVE)
        assert idle.response().status == 200
        server.terminate()
        assert idle.is_closed_by_the_server()
        assert server.exit_code(deadline=15) == 0


def test_the_shutdown_timeout_ends_a_request_that_never_finishes():
    timeout = 1
    with RunningServer("--shutdown-timeout", seconds(timeout)) as server:
        with begin_request(server, BODY):
            start = time.monotonic()
            server.terminate()
            assert server.exit_code(deadline=15) == 0
            assert time.monotonic() - start >= timeout


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_skips_the_delay(first, second):
    with RunningServer("--drain-delay", LONG) as server:
        server.process.send_signal(first)
        eventually(lambda: server.status("/health/ready") == 503, "ready turns 503")
        server.process.send_signal(second)
        assert server.exit_code(deadline=15) == 0


def test_a_second_signal_skips_the_waiting():
    with RunningServer("--shutdown-timeout", LONG) as server, begin_request(server, BODY):
        server.terminate()
        eventually(lambda: server.status("/health/live") is None, "the listener closes")
        server.terminate()
        assert server.exit_code(deadline=15) == 0


def test_a_stop_does_not_wait_for_models_that_are_being_loaded(tmp_path):
    """Half a gigabyte is hashed, checked and packed in many times what a stop takes."""
    dense_model(tmp_path / "large", 131_072, 1024)
    server = RunningServer("--model", tmp_path / "large")
    try:
        eventually(lambda: server.port, "it listens")
        server.terminate()
        assert server.exit_code(deadline=15) == 0
    finally:
        server.kill()
    assert any("draining" in line for line in server.log)
    assert not any(" loaded " in line for line in server.log)


def test_sigint_ends_the_server_too():
    with RunningServer() as server:
        server.process.send_signal(signal.SIGINT)
        assert server.exit_code() == 0


def test_healthcheck_tells_by_its_exit_code():
    with RunningServer() as server:
        assert command("healthcheck", "--port", server.port).returncode == 0
        settings = {"HEADSERVE_PORT": str(server.port)}
        assert command("healthcheck", environment=settings).returncode == 0
        port = server.port
    assert command("healthcheck", "--port", port).returncode != 0


def test_healthcheck_finds_a_server_that_listens_on_every_address():
    with RunningServer() as server:
        settings = {"HEADSERVE_PORT": str(server.port), "HEADSERVE_HOST": "0.0.0.0"}
        assert command("healthcheck", environment=settings).returncode == 0


def test_a_port_that_is_taken_is_an_error_that_names_it():
    with RunningServer() as server:
        done = command("serve", "--port", server.port)
        assert done.returncode != 0
        assert str(server.port) in done.stderr


def test_a_model_that_cannot_be_loaded_ends_the_start(tmp_path):
    text = tmp_path / "checkpoint.npz"
    text.write_text("no checkpoint")
    for path in (tmp_path / "missing", text):
        done = command("serve", "--port", 0, "--model", path)
        assert done.returncode != 0
        assert str(path) in done.stderr
