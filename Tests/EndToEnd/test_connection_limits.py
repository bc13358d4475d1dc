"""Connections have limits, in all, from one address and on the admin port: below, at, beyond."""

import resource
import socket
from contextlib import ExitStack

import pytest
from running_server import DEADLINE, RunningServer, eventually
from test_admin_port import admin_port

PROBE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
IN_ALL, OF_AN_ADDRESS, OF_ADMIN = 10_000, 2_500, 99


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    """A socket for each connection; the server raises its own limit by itself."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < IN_ALL + 500:
        pytest.skip("the system allows too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (IN_ALL + 500, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def server():
    with RunningServer() as running:
        yield running


class Clients:
    """Connections that are kept, each made from the address it is asked for."""

    def __init__(self, port):
        self.port = port
        self.kept = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kept.close()

    def connect(self, address="127.0.0.1"):
        connection = socket.create_connection(
            ("127.0.0.1", self.port), timeout=DEADLINE, source_address=(address, 0)
        )
        return self.kept.enter_context(connection)

    def connect_many(self, count, address="127.0.0.1"):
        """The last of them; connections are accepted in the order in which they come."""
        for _ in range(count - 1):
            self.connect(address)
        return self.connect(address)


def is_served(connection):
    """Whether a probe is answered; otherwise the server has closed the connection."""
    try:
        connection.sendall(PROBE)
        return connection.recv(12) == b"HTTP/1.1 200"
    except ConnectionError:
        return False


def waits(connection):
    """A probe has no answer, and the connection no end."""
    connection.sendall(PROBE)
    connection.settimeout(0.5)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.settimeout(DEADLINE)
    return True


def is_open(connection):
    """Whether no end follows what was sent on the connection so far."""
    connection.settimeout(0.5)
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return True
    finally:
        connection.settimeout(DEADLINE)
    return False


def refused(server):
    line = 'headserve_rejected_total{reason="connections"} '
    text = server.get("/metrics").text
    return int(next(each for each in text.splitlines() if each.startswith(line))[len(line) :])


def test_connections_of_an_address(server):
    with Clients(server.port) as clients:
        address = "127.0.0.2"
        assert is_served(clients.connect_many(OF_AN_ADDRESS - 1, address))
        last = clients.connect(address)
        assert is_served(last)
        assert refused(server) == 0
        assert not is_served(clients.connect(address))
        assert refused(server) == 1
        assert is_served(clients.connect("127.0.0.3")), "another address has its own limit"
        last.close()
        eventually(lambda: is_served(clients.connect(address)), "there is room again")


def test_connections_in_all(server):
    with Clients(server.port) as clients:
        for number in range(IN_ALL // OF_AN_ADDRESS - 1):
            assert is_served(clients.connect_many(OF_AN_ADDRESS, f"127.0.0.{number + 2}"))
        assert is_served(clients.connect_many(OF_AN_ADDRESS - 1, "127.0.0.8"))
        last = clients.connect("127.0.0.8")
        assert is_served(last)
        waiting = clients.connect("127.0.0.9")
        assert waits(waiting)
        last.close()
        assert waiting.recv(12) == b"HTTP/1.1 200"


def test_the_admin_port_answers_probes_however_many_connections_idle():
    """Each new one takes the place of the one that was idle for longest."""
    with RunningServer("--admin-port", 0) as server:
        with Clients(admin_port(server)) as clients:
            first, second = clients.connect(), clients.connect()
            assert is_served(first) and is_served(second)
            assert is_served(clients.connect_many(OF_ADMIN - 2))
            first.sendall(PROBE)
            assert is_open(first), "there is room for all of them"
            assert is_served(clients.connect())
            assert is_open(first) and not is_open(second)
            for _ in range(2 * OF_ADMIN):
                assert is_served(clients.connect())
            assert server.status("/health/live") == 200
