"""HeadServe takes no request that h11 or httptools refuses, nor reads one as another.

Thousands of streams, made from good requests by mutation with a fixed seed. Every request names
itself with X-Request-Id, which comes back; the body of a POST is a JSON object with one unknown
key, which comes back in the problem's pointer. So it shows where each request ended and what its
body was. Where HeadServe takes more than another parser does, REASONS must say why.
"""

import json
import random
import re

import pytest
from raw_connection import RawConnection, chunked
from reference_parsers import Message, Verdict, by_h11, by_httptools

SEED = 9112
STREAMS = 20_000
HTTP_CODES = {
    "malformed_http", "request_timeout", "body_too_large", "target_too_long",
    "unsupported_expectation", "headers_too_large", "not_implemented", "unsupported_http_version",
}
"""Codes of problems that are about the message and not about what is asked for."""

NASTY = [
    b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b"\x0b", b"\x7f", b"\xff", b":", b";", b",", b"=",
    b'"', b"\\", b"0", b"1", b"a", b"f", b"-", b"+", b"0x", b"_", b"#", b"%", b"%0", b"\x80", b"/",
    b"\r\n ", b"\r\n\t", b"\n\n", b"\r\r\n", b"chunked", b", chunked", b"HTTP/1.1", b"HTTP/1.0",
    b"http://a", b"*", b"?", b"@", b"[", b"]", b"{", b"}", b"\xc3\xa9",
]
LINES = [
    b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: 05", b"Content-Length: +5",
    b"Content-Length: 5, 5", b"Content-Length: ", b"Content-Length : 5", b"Content-length:\t5",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked ", b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: xchunked", b"Transfer-Encoding:",
    b"Transfer-Encoding : chunked", b"Transfer-Encoding: chunked, chunked", b"Host: b", b"Host:",
    b"Host: [::1]:80", b"Connection: close", b"Connection: keep-alive", b"Connection: x, close",
    b"Connection: upgrade\r\nUpgrade: h2c", b"Upgrade: websocket", b"Expect: 100-continue",
    b"Expect: x", b" folded", b"\tfolded", b"X:1", b"X: a b", b"X", b":", b"X: \xe9",
    b"TE: trailers", b"Trailer: X", b"Keep-Alive: 1", b"Proxy-Connection: keep-alive",
]
METHODS = [b"GET", b"POST", b"OPTIONS", b"PUT", b"TRACE", b"QUERY", b"X-Y", b"CONNECT"]
TARGETS = [b"/predict", b"/health/live", b"/", b"/?a=b", b"//", b"*", b"http://a/predict"]
VERSIONS = [b"HTTP/1.1"] * 8 + [b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/1.1 ", b"http/1.1"]


def unknown_key(source):
    return json.dumps({f"k{source.randrange(10**6)}": 1}).encode()


def chunks(source, body):
    """The body in chunks, now and then with extensions, odd sizes and trailers."""
    cut = source.randrange(1, len(body))
    framed = chunked([body[:cut], body[cut:]], source.choice([b"", b"", b"X-T: 1\r\n"]))
    if source.random() < 0.3:
        extension = source.choice([b";a", b";a=b", b' ; a = "b;\\"c"', b";", b" ", b"\t", b";a=\xff"])
        framed = framed.replace(b"\r\n", extension + b"\r\n", 1)
    if source.random() < 0.1:
        framed = source.choice([b"0", b"000", b"0" * 16, b"F" * 16, b" ", b"+", b"0x"]) + framed
    return framed


def good_request(source):
    """A request that is mostly good before mutation."""
    lines = [b"Host: a", b"X-Request-Id: r%d" % source.randrange(10**6)]
    method = source.choice(METHODS[:2] * 6 + METHODS)
    body = b""
    if method == b"POST":
        body = unknown_key(source)
        if source.random() < 0.6:
            lines.append(b"Transfer-Encoding: chunked")
            body = chunks(source, body)
        else:
            lines.append(b"Content-Length: %d" % len(body))
    while source.random() < 0.3:
        lines.insert(source.randrange(len(lines) + 1), source.choice(LINES))
    target = b"/predict" if method == b"POST" else source.choice(TARGETS)
    start = b" ".join([method, target, source.choice(VERSIONS)])
    return b"\r\n".join([start, *lines, b"", body])


def mutated(source, stream):
    where = source.randrange(len(stream) + 1)
    to = min(len(stream), where + source.randrange(1, 4))
    kind = source.randrange(5)
    if kind == 0:
        return stream[:where] + source.choice(NASTY) + stream[where:]
    if kind == 1:
        return stream[:where] + source.choice(NASTY) + stream[to:]
    if kind == 2:
        return stream[:where] + stream[to:]
    if kind == 3:
        return stream[:where] + stream[where:to] * 2 + stream[to:]
    return stream[:where] + bytes([source.randrange(256)]) + stream[to:]


def streams():
    source = random.Random(SEED)
    for _ in range(STREAMS):
        stream = b"".join(good_request(source) for _ in range(source.randrange(1, 4)))
        for _ in range(source.choice([0, 0, 1, 1, 1, 2, 3])):
            stream = mutated(source, stream)
        yield source.choice([b""] * 63 + [b"\r\n"]) + stream


def by_headserve(server, stream):
    verdict = Verdict()
    with RawConnection(server) as connection:
        connection.send_as_far_as_it_is_read(stream)
        connection.end_if_open()
        for response in connection.all_responses():
            if response.status == 100:
                continue
            problem = problem_of(response)
            if problem.get("code") in HTTP_CODES:
                verdict.error = problem["detail"]
                break
            message = Message(response.headers["x-request-id"])
            message.body = problem.get("pointer")
            verdict.messages.append(message)
    return verdict


def problem_of(response):
    is_problem = response.headers.get("content-type") == "application/problem+json"
    return json.loads(response.body) if is_problem and response.body else {}


def pointer_to(body):
    """The pointer that the problem has, where the body is an object with one key."""
    try:
        (key,) = json.loads(body)
    except (ValueError, TypeError):
        return None
    return "/" + key.replace("~", "~0").replace("/", "~1")


# Why HeadServe takes what another parser refuses: the parser, what it says, and what the stream
# has to contain for that to be the reason.
REASONS = {
    "methods are open (RFC 9110 §9.1): an unknown one is a 405, and llhttp has a list": (
        "httptools", r"Invalid method encountered|Expected space after method", rb""
    ),
    "no protocol is switched to: Upgrade may be ignored (RFC 9110 §7.8)": (
        "httptools", r"^upgrade$", rb"(?i)connection:[^\n]*upgrade.*\n"
    ),
    "white space around a chunk extension's ';' has to be taken (RFC 9112 §7.1.1)": (
        "httptools", r"Invalid character in chunk size", rb"\n[0-9A-Fa-f]+[ \t]+;"
    ),
    "HTTP/1.0 knows keep-alive by custom (RFC 9112 §9.3), and h11 does not": (
        "h11", r"^$", rb"(?i)HTTP/1\.0\r\n.*connection:[^\n]*keep-alive"
    ),
    "an empty line before a request is to be ignored (RFC 9112 §2.2)": (
        "h11", r"no request line received", rb"^\r\n"
    ),
    "white space around a chunk extension's ';' has to be taken (RFC 9112 §7.1.1), here too": (
        "h11", r"illegal chunk header", rb"\n[0-9A-Fa-f]+[ \t]+;"
    ),
}


def reason(judge, error, stream):
    for text, (name, said, pattern) in REASONS.items():
        if name == judge and re.search(said, error) and re.search(pattern, stream, re.DOTALL):
            return text
    return None


def disagreement(ours, theirs):
    """The first difference from the requests that we took, or None."""
    for index, message in enumerate(ours.messages):
        if index >= len(theirs.messages):
            return f"takes request {index}, which is refused: {theirs.error or 'incomplete'}"
        other = theirs.messages[index]
        sane = other.request_id and re.fullmatch(r"[\x21-\x7e]{1,128}", other.request_id)
        if sane and other.request_id != message.request_id:
            return f"request {index} is {message.request_id}, not {other.request_id}"
        if message.body is not None and pointer_to(other.body) not in (None, message.body):
            return f"request {index} has the key {message.body}, not that of {other.body}"
    return None


@pytest.fixture(scope="module")
def verdicts(server):
    return [(stream, by_headserve(server, stream)) for stream in streams()]


def test_the_streams_are_of_both_kinds(verdicts):
    """Enough is taken, and enough refused, for the comparison to say something."""
    taken = sum(len(ours.messages) for _, ours in verdicts)
    refused = sum(bool(ours.error) for _, ours in verdicts)
    bodies = sum(message.body is not None for _, ours in verdicts for message in ours.messages)
    assert taken > STREAMS // 4 and refused > STREAMS // 3 and bodies > STREAMS // 10


@pytest.mark.parametrize(
    ("judge", "parse"), [("h11", by_h11), ("httptools", by_httptools)], ids=["h11", "httptools"]
)
def test_nothing_is_taken_that_another_parser_refuses(verdicts, judge, parse):
    unexplained = []
    used = set()
    for stream, ours in verdicts:
        theirs = parse(stream)
        if what := disagreement(ours, theirs):
            why = reason(judge, theirs.error, stream)
            used.add(why)
            if why is None:
                unexplained.append(f"{what}\n    {stream!r}")
    assert not unexplained, f"{len(unexplained)} streams:\n" + "\n".join(unexplained[:20])
    unused = {text for text, (name, *_) in REASONS.items() if name == judge} - used
    assert not unused, f"reasons that nothing needs: {unused}"
