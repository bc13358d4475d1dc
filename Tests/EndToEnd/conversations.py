"""Conversations of many clients with a server at once, and a check of every answer."""

import gzip
import json
import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from raw_connection import RawConnection, chunked, post
from running_server import request_body

CLIENTS = 8
"""Conversations that are held at once."""

ATTEMPTS = 200
"""Tries of a conversation whose connection may be lost. Mixes lose at most three in four, and
0.75**200 is 1e-25."""

LIVE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass(frozen=True)
class Conversation:
    """Requests over one connection: one after the other, or all at once."""

    name: str
    requests: tuple
    is_pipelined: bool = False

    def hold(self, server, tls=None):
        """The answers: status, type, coding and body of each."""
        with RawConnection(server, tls) as connection:
            answers = []
            if self.is_pipelined:
                connection.send(b"".join(self.requests))
            for request in self.requests:
                if not self.is_pipelined:
                    connection.send(request)
                answers.append(told(connection.response()))
            return answers


def told(response):
    """An answer's content without the identifier of its request, which refusals repeat."""
    kinds = (response.headers.get("content-type"), response.headers.get("content-encoding"))
    body = re.sub(rb'"request_id":"[^"]*"', b"", response.body)
    return (response.status, *kinds, body)


def conversations(rows):
    """Every way to ask: keep-alive, pipelined, chunked, coded, long, refused."""
    small = [json.dumps(request_body([row], "digits-mhs")).encode() for row in rows[:10]]
    drawn = json.dumps(request_body(rows[:3], "digits-hetxl", samples=200)).encode()
    long = json.dumps(request_body(rows, "digits-mhs", outputs=["probabilities"])).encode()
    pieces = [drawn[start : start + 97] for start in range(0, len(drawn), 97)]
    in_chunks = post(b"", "Transfer-Encoding: chunked", length=False) + chunked(pieces, b"X: 1\r\n")
    coded = post(gzip.compress(long), "Content-Encoding: gzip", "Accept-Encoding: gzip")
    return [
        Conversation("kept alive", tuple(map(post, small))),
        Conversation("pipelined", (*map(post, small), LIVE), is_pipelined=True),
        Conversation("in chunks", (in_chunks, LIVE, in_chunks)),
        Conversation("coded", (coded, post(small[0], "Accept-Encoding: gzip"))),
        Conversation("long", (post(long), LIVE)),
        # Only the sending side is closed after it, as the rest of the request may still come.
        Conversation("too long", (post(b"", "Content-Length: 67108865", length=False),)),
        Conversation("refused", (post(b"{}"), post(b"1", path="/no"), LIVE)),
    ]


def fill_log(server, tls=None):
    """More lines at once than any test brings: the log's buffers keep the room that they took."""
    burst = Conversation("burst", (LIVE,) * 2000, is_pipelined=True)
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda _: burst.hold(server, tls), range(2 * CLIENTS)))


class Crowd:
    """The conversations with the answers they have to get."""

    def __init__(self, server, rows, tls=None, repeats=10):
        self.server = server
        self.tls = tls
        self.expected = [(each, each.hold(server, tls)) for each in conversations(rows)]
        assert {answers[0][0] for _, answers in self.expected} == {200, 413, 422}
        self.repeats = repeats

    @property
    def connections(self):
        return len(self.expected) * self.repeats

    def warm_up(self):
        """Makes everything as large as it is going to be."""
        fill_log(self.server, self.tls)
        for _ in range(3):
            self.round()

    def round(self, may_lose_connections=False):
        """Holds each conversation `repeats` times; the number of connections that were lost."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            held = [
                clients.submit(self._hold, conversation, answers, may_lose_connections)
                for _ in range(self.repeats)
                for conversation, answers in self.expected
            ]
            return sum(each.result() for each in held)

    def _hold(self, conversation, answers, may_lose_connections):
        for lost in range(ATTEMPTS if may_lose_connections else 1):
            try:
                got = conversation.hold(self.server, self.tls)
            except (ConnectionError, ssl.SSLEOFError):
                assert may_lose_connections, conversation.name
                continue
            assert got == answers, f"{conversation.name}: {differing(got, answers)}"
            return lost
        raise AssertionError(f"{conversation.name}: no connection lasted")


def differing(got, answers):
    return [(one, other) for one, other in zip(got, answers) if one != other][:1]
