"""Clients that are as slow as they can be, in a process of their own: it costs its neighbours what
the slow ones cost the server, and not what Python costs itself.

`slow_clients.py PORT KIND=COUNT…` opens connections of each kind, says "ready", and lets those
that trickle send a byte a second each, evenly spread, until its input ends. Then it prints what
became of them: for each kind a list of [seconds from its opening, first line it was sent].
"""

import json
import select
import socket
import sys
import time

HEAD = b"POST /predict HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\n"


def ask_for_much(rows):
    """A request whose answer has about 800 bytes a row."""
    body = json.dumps({
        "model": "digits-mhs", "instances": [{"indices": [1], "values": [1]}] * rows,
        "parameters": {"top_k": 10, "outputs": ["probabilities"]},
    }).encode()
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


CLIENT_HELLO = bytes([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) + bytes(200)
"""The first part of one of 512 bytes."""

# The bytes that each kind sends at once, and those it then sends again and again, one at a time.
KINDS = {
    "head": (HEAD + b"X-Slow: ", b"a"),
    "body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "chunked": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    # Never read their answers: what one of 240 KB leaves is in the kernel's buffer, which takes up
    # to 4 MB, and seven of 960 KB fill that and what the server holds back.
    "reader": (ask_for_much(300), b""),
    "stuck": (ask_for_much(1200) * 7, b""),
    "handshake": (CLIENT_HELLO, b""),
    "idle": (b"", b""),
}
UNREAD = ("reader", "stuck")
PACE = 1.0
"""Seconds between two bytes of a connection."""
TURN = 0.005
LEAST_BUFFER = 4096


class SlowClient:
    def __init__(self, port, kind):
        first, self.drip = KINDS[kind]
        self.kind = kind
        self.sent = 0
        self.end = None
        self.socket = socket.socket()
        if kind in UNREAD:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LEAST_BUFFER)
        self.start = time.monotonic()
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(first)
        self.socket.setblocking(False)

    @property
    def events(self):
        """The events to wait for; epoll reports a reset even where none is asked for."""
        return 0 if self.kind in UNREAD else select.EPOLLIN

    def send_a_byte(self):
        try:
            place = self.sent % len(self.drip)
            self.sent += self.socket.send(self.drip[place : place + 1])
        except OSError:
            pass  # The end is noted where it is read.

    def note_end(self):
        """The server's last word, or that there was none."""
        try:
            line = self.socket.recv(65_536).split(b"\r\n")[0].decode("latin-1")
        except OSError:
            line = ""
        self.end = (time.monotonic() - self.start, line)


def trickle(clients):
    """Until the input ends."""
    poll = select.epoll()
    poll.register(sys.stdin, select.EPOLLIN)
    open_ones = {client.socket.fileno(): client for client in clients}
    for number, client in open_ones.items():
        poll.register(number, client.events)
    dripping = [client for client in clients if client.drip]
    sent, start = 0, time.monotonic()
    while True:
        for number, _ in poll.poll(TURN):
            if number == sys.stdin.fileno():
                return
            open_ones[number].note_end()
            poll.unregister(number)
        due = int((time.monotonic() - start) / PACE * len(dripping))
        for index in range(sent, due):
            client = dripping[index % len(dripping)]
            if client.end is None:
                client.send_a_byte()
        sent = due


def main():
    port, *wanted = sys.argv[1:]
    counts = {kind: int(count) for kind, count in (each.split("=") for each in wanted)}
    # Kinds take turns, so that the bytes of none come in one burst.
    clients = [
        SlowClient(int(port), kind)
        for number in range(max(counts.values())) for kind in counts if number < counts[kind]
    ]
    print("ready", flush=True)
    trickle(clients)
    print(json.dumps({
        kind: [client.end for client in clients if client.kind == kind] for kind in counts
    }))


if __name__ == "__main__":
    main()
