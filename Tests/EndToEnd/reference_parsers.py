"""Two other HTTP/1.1 parsers, h11 and httptools (llhttp), as judges of a byte stream."""

from dataclasses import dataclass, field

import h11
import httptools


@dataclass
class Message:
    """A request that was taken, to its end."""

    request_id: str | None = None
    body: bytes = b""


@dataclass
class Verdict:
    """A parser's reading of a stream: the requests it took, and why it took no more."""

    messages: list = field(default_factory=list)
    error: str = ""


def by_h11(stream):
    verdict = Verdict()
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(stream)
    connection.receive_data(b"")
    message = None
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                ids = [value for name, value in event.headers if name == b"x-request-id"]
                message = Message(ids[0].decode("latin-1") if ids else None)
            elif isinstance(event, h11.Data):
                message.body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                verdict.messages.append(message)
                connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE:
                    break
                connection.start_next_cycle()
            else:
                break
    except h11.RemoteProtocolError as error:
        verdict.error = str(error)
    return verdict


class _Callbacks:
    def __init__(self):
        self.messages = []

    def on_message_begin(self):
        self.message = Message()

    def on_header(self, name, value):
        if name.lower() == b"x-request-id" and self.message.request_id is None:
            self.message.request_id = value.decode("latin-1").strip(" \t")

    def on_body(self, data):
        self.message.body += data

    def on_message_complete(self):
        self.messages.append(self.message)


def by_httptools(stream):
    callbacks = _Callbacks()
    verdict = Verdict(callbacks.messages)
    try:
        httptools.HttpRequestParser(callbacks).feed_data(stream)
    except httptools.HttpParserUpgrade:
        verdict.error = "upgrade"
    except httptools.HttpParserError as error:
        verdict.error = str(error)
    return verdict
