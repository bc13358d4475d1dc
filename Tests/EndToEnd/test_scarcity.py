"""Too few descriptors, too little room for the log: what a server does until there is more."""

import fcntl
import json
import os
import re
import resource
import signal
import threading
from types import SimpleNamespace

import pytest
import requests
from conversations import LIVE
from fault_table import compiled
from process_state import idle_descriptor_count, processor_seconds, wait_for_descriptors
from raw_connection import RawConnection
from running_server import DEADLINE, RunningServer, eventually
from test_access_log import free_port, is_ready, metric, start

CLIENTS = 60
PLACES = 20
"""Descriptors that there are for them."""

SECONDS_WITHOUT = 1.0
SECONDS_USED = 0.1
"""Of a processor, in that time: a pause of a tenth of a second between two tries makes eleven
tries, each of a few system calls; a millisecond each, ten times over. Spinning takes all of it."""


def test_without_descriptors_accepting_waits_and_goes_on():
    with RunningServer() as server, RawConnection(server) as kept:
        kept.send(LIVE)
        assert kept.response().status == 200
        idle = idle_descriptor_count(server)
        free = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        few = (idle + PLACES, free[1])
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, few)
        clients = [RawConnection(server) for _ in range(CLIENTS)]
        for client in clients:
            client.send(LIVE)
        wait_for_descriptors(server, idle + PLACES)
        before = processor_seconds(server)
        threading.Event().wait(SECONDS_WITHOUT)
        assert processor_seconds(server) - before < SECONDS_USED
        # A connection that is there is served as ever; models stay as they are.
        kept.send(LIVE)
        assert kept.response().status == 200
        server.process.send_signal(signal.SIGHUP)
        assert "Too many open files" in server.waits_for_log("reload failed")
        for client in clients:
            assert client.response().status == 200
            client.__exit__()
        wait_for_descriptors(server, idle)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, free)
        server.process.send_signal(signal.SIGHUP)
        server.waits_for_log("reloaded")


def test_clients_leave_descriptors_for_probes_and_reloads():
    """Of 300, half are for clients; the others wait until one of them closes."""
    most, clients = 300, 200
    with RunningServer("--admin-port", 0, limits={resource.RLIMIT_NOFILE: most}) as server:
        line = next(line for line in server.log if "probes and metrics" in line)
        admin = line.split("address=")[1].split()[0]
        idle = idle_descriptor_count(server)
        connections = [RawConnection(server) for _ in range(clients)]
        for connection in connections:
            connection.send(LIVE)
        wait_for_descriptors(server, idle + most // 2)
        for _ in range(10):
            assert requests.get(admin + "/health/ready", timeout=DEADLINE).status_code == 200
        assert "process_open_fds" in requests.get(admin + "/metrics", timeout=DEADLINE).text
        server.process.send_signal(signal.SIGHUP)
        server.waits_for_log("reloaded")
        for connection in connections:
            assert connection.response().status == 200
            connection.__exit__()
        wait_for_descriptors(server, idle)


@pytest.fixture(scope="module")
def threads(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("threads"), "threads")


@pytest.mark.parametrize("number", range(1, 10))
def test_without_one_of_its_threads_a_server_serves_or_says_why_not(threads, number):
    """Dispatch waits for threads, the kernels go on with those they have, and the rest must be."""
    environment = {"LD_PRELOAD": str(threads), "FAILING_THREAD": str(number)}
    server = RunningServer("--threads", 2, environment=environment)
    try:
        eventually(
            lambda: server.process.poll() is not None
            or (server.port and server.status("/health/ready") == 200),
            "the server serves or has ended",
        )
        server.terminate()
        code = server.exit_code()
        server.kill()
        log = "".join(server.log)
        assert (code == 1 and "cannot serve reason=pthread_create: " in log) or (
            code == 0 and "stopped" in log
        ), log
    finally:
        server.kill()


def is_json(line):
    try:
        return bool(json.loads(line))
    except ValueError:
        return False


def test_a_log_file_that_may_not_grow_ends_nothing_and_goes_on_when_it_may(tmp_path):
    """The limit answers as a full disk does, first with a part of a line, and by SIGXFSZ."""
    port, path = free_port(), tmp_path / "log"
    with open(path, "ab") as file:
        process = start(port, stderr=file, arguments=["--log-format", "json"])
    try:
        eventually(lambda: is_ready(port), "ready")
        free = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        full = path.stat().st_size + 777
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (full, free[1]))
        for number in range(50):
            ask(port, f"full-{number}")
        eventually(lambda: metric(port, "headserve_log_write_errors_total") > 0, "an error")
        assert path.stat().st_size == full
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, free)
        ask(port, "later")
        eventually(lambda: '"later"' in path.read_text(), "the log goes on")
        lines = path.read_text().splitlines()
        assert is_json(lines[-1])
        assert sum(not is_json(line) for line in lines) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait(DEADLINE)


def test_lines_that_a_full_pipe_holds_up_are_written_later_or_counted():
    """A pipe of one page that nobody reads, until the buffer's MiB is full and lines are dropped."""
    port = free_port()
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = start(port, stderr=writing, arguments=["--log-format", "json"])
    os.close(writing)
    reader = PipeReader(reading)
    try:
        eventually(lambda: is_ready(port), "ready")
        named = b"X-Request-Id: " + b"x" * 128
        request = b"GET /health/live HTTP/1.1\r\nHost: a\r\n" + named + b"\r\n\r\n"
        with RawConnection(SimpleNamespace(port=port)) as connection:
            while metric(port, "headserve_log_lines_dropped_total") == 0:
                connection.send(request * 500)
                assert all(connection.response().status == 200 for _ in range(500))
        reader.start()
        eventually(lambda: reader.has_line_of(port, "later"), "there is room again")
        text = ask(port, "last", "/metrics").text
        eventually(lambda: reader.has("last"), "the line of the scrape")
        lines = [json.loads(line) for line in reader.text.splitlines()]
        written = sum(line["message"] == "request" for line in lines)
        # Its own request is not yet among those that the scrape counts.
        assert written + dropped(text) == requests_answered(text) + 1
    finally:
        process.kill()
        process.wait(DEADLINE)
        reader.join(DEADLINE)


def ask(port, name, path="/health/live"):
    response = requests.get(
        f"http://127.0.0.1:{port}{path}", headers={"X-Request-Id": name}, timeout=DEADLINE
    )
    assert response.status_code == 200
    return response


def dropped(text):
    return sum_of(text, "headserve_log_lines_dropped_total")


def requests_answered(text):
    return sum_of(text, "headserve_requests_total")


def sum_of(text, name):
    return sum(float(each) for each in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M))


class PipeReader(threading.Thread):
    """Reads a pipe to its end and closes it."""

    def __init__(self, descriptor):
        super().__init__(daemon=True)
        self.descriptor = descriptor
        self.text = ""

    def run(self):
        with open(self.descriptor) as pipe:
            for line in pipe:
                self.text += line

    def has(self, name):
        return f'"{name}"' in self.text

    def has_line_of(self, port, name):
        ask(port, name)
        return self.has(name)
