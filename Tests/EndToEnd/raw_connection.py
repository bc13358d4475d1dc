"""An HTTP/1.1 client that sends exactly the bytes it is given."""

import socket
import struct
from dataclasses import dataclass

from documented import PROBLEM, check_problem
from running_server import DEADLINE


@dataclass
class Response:
    status: int
    headers: dict
    body: bytes
    reason: str = ""


class RawConnection:
    """One TCP connection; headers come back with lower-case names."""

    def __init__(self, server, tls=None):
        """`tls` is the context of a client that speaks it."""
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = self.socket.makefile("rb")
        if tls:
            self.begin_tls(tls)

    def begin_tls(self, context):
        """Shakes hands and goes on encrypted."""
        self.received.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.received = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.received.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_as_far_as_it_is_read(self, data):
        """For requests that are refused before their end: the server may close first."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end(self):
        """Closes the sending side."""
        self.socket.shutdown(socket.SHUT_WR)

    def end_if_open(self):
        """The same for a connection that the server may have reset."""
        try:
            self.end()
        except OSError:
            pass

    def all_responses(self):
        """Every response until the server ends the connection; none of them to HEAD."""
        try:
            while self.received.peek(1):
                yield self.response()
        except ConnectionResetError:
            return

    def reset(self):
        """Ends the connection as a client that has crashed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.received.close()
        self.socket.close()

    def response(self, head_only=False):
        """The next one; a ConnectionError where the connection ends before it does."""
        _, code, reason = self._line().decode().rstrip("\r\n").split(" ", 2)
        status = int(code)
        headers = {}
        while (line := self._line().rstrip(b"\r\n")):
            name, value = line.decode("latin-1").split(":", 1)
            headers[name.lower()] = value.strip()
        length = 0 if head_only or status in (100, 204) else int(headers["content-length"])
        body = self.received.read(length)
        if len(body) < length:
            raise ConnectionError(f"{len(body)} of {length} bytes")
        if body and headers.get("content-type") == PROBLEM and "content-encoding" not in headers:
            check_problem(status, headers, body)
        return Response(status, headers, body, reason)

    def _line(self):
        line = self.received.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("no response, or not all of its head")
        return line

    def is_closed_by_the_server(self):
        """Waits for the server's end of the connection; false if it says more instead."""
        try:
            return self.received.read(1) == b""
        except ConnectionResetError:
            return True


def post(body, *headers, path="/predict", length=True):
    """A request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: test", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def begin_request(server, body):
    """A connection whose request the server has begun to read, and which still owes its body."""
    connection = RawConnection(server)
    connection.send(post(body, "Expect: 100-continue")[: -len(body)])
    assert connection.response().status == 100
    return connection


def chunked(pieces, trailer=b""):
    """The pieces in chunked transfer coding."""
    framed = [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces]
    return b"".join(framed) + b"0\r\n" + trailer + b"\r\n"
