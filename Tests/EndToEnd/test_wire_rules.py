"""Every rule of the wire, one row each: bytes in, status out, and what becomes of the connection.

A connection is kept when a request that follows is answered, and closed when the server ends it
after the answer. Which of both it is must also be said: `Connection: close` or nothing.
"""

import json

import pytest
from raw_connection import RawConnection, chunked

PROBE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"
KEPT, CLOSED = "kept", "closed"


def get(*lines, target="/health/live", version="1.1"):
    return "\r\n".join([f"GET {target} HTTP/{version}", *lines, "", ""]).encode("latin-1")


def send(*lines, body=b"", target="/health/live", method="POST"):
    head = "\r\n".join([f"{method} {target} HTTP/1.1", "Host: a", *lines, "", ""])
    return head.encode("latin-1") + body


def chunks(wire):
    """A chunked POST; the probe's path takes no POST, so what is well-formed is a 405."""
    return send(CHUNKED, body=wire)


# Rows: what is sent, the status, the connection's fate.
REQUEST_LINE = {
    "a GET": (get("Host: a"), 200, KEPT),
    "an empty line before it": (b"\r\n" + get("Host: a"), 200, KEPT),
    "two empty lines before it": (b"\r\n\r\n" + get("Host: a"), 400, CLOSED),
    "an absolute target": (get("Host: b", target="http://a/health/live"), 200, KEPT),
    "an absolute target in capitals": (get("Host: b", target="HTTP://a/health/live"), 200, KEPT),
    "an absolute target without Host": (get(target="http://a/health/live"), 400, CLOSED),
    "a target of another scheme": (get("Host: a", target="ftp://a/"), 400, CLOSED),
    "a target with a user": (get("Host: a", target="http://u@a/"), 400, CLOSED),
    "an authority as the target": (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "a path for CONNECT": (b"CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "the whole server, for GET": (get("Host: a", target="*"), 400, CLOSED),
    "a query": (get("Host: a", target="/health/live?x=%41"), 200, KEPT),
    "a fragment": (get("Host: a", target="/health/live#x"), 400, CLOSED),
    "half a percent sign": (get("Host: a", target="/%4"), 400, CLOSED),
    "a percent-encoded NUL": (get("Host: a", target="/%00"), 404, KEPT),
    "a NUL in the target": (get("Host: a", target="/\0"), 400, CLOSED),
    "a raw byte above 127": (get("Host: a", target="/\xe9"), 400, CLOSED),
    "no target": (b"GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "tabs for spaces": (b"GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "a space at the start": (b" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "a space at the end": (b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, CLOSED),
    "a bare LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400, CLOSED),
    "a bare CR": (b"GET / HTTP/1.1\rHost: a\r\r\n", 400, CLOSED),
    "HTTP/0.9": (b"GET /\r\n", 400, CLOSED),
    "HTTP/1.0": (get(version="1.0"), 200, CLOSED),
    "HTTP/1.0 to be kept": (get("Connection: keep-alive", version="1.0"), 200, KEPT),
    "HTTP/1.0 to be kept and closed": (
        get("Connection: keep-alive, close", version="1.0"), 200, CLOSED
    ),
    "HTTP/1.2": (get("Host: a", version="1.2"), 505, CLOSED),
    "HTTP/2.0": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, CLOSED),
    "http in small letters": (b"GET / http/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "a method that is no token": (b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, CLOSED),
    "a method in small letters": (b"get /health/live HTTP/1.1\r\nHost: a\r\n\r\n", 405, KEPT),
    "a TLS handshake": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, CLOSED),
    "OPTIONS of the server": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, KEPT),
    "OPTIONS of a path": (b"OPTIONS /predict HTTP/1.1\r\nHost: a\r\n\r\n", 204, KEPT),
    "OPTIONS of no path": (b"OPTIONS /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404, KEPT),
    "to be closed": (get("Host: a", "Connection: close"), 200, CLOSED),
    "to be closed, in a list": (get("Host: a", "Connection: x , CLOSE"), 200, CLOSED),
    "to be closed, on a second line": (
        get("Host: a", "Connection: x", "Connection: close"), 200, CLOSED
    ),
    "to be upgraded": (
        get("Host: a", "Connection: upgrade, HTTP2-Settings", "Upgrade: h2c"), 200, KEPT
    ),
}

HEADERS = {
    "no Host": (get(), 400, CLOSED),
    "no Host in HTTP/1.0": (get(version="1.0"), 200, CLOSED),
    "an empty Host": (get("Host:"), 200, KEPT),
    "a port": (get("Host: a:80"), 200, KEPT),
    "an IPv6 Host": (get("Host: [::1]:80"), 200, KEPT),
    "an IPv6 Host that is none": (get("Host: [::1::]"), 400, CLOSED),
    "two Hosts": (get("Host: a", "Host: a"), 400, CLOSED),
    "two Hosts in HTTP/1.0": (get("Host: a", "Host: a", version="1.0"), 400, CLOSED),
    "two Hosts on one line": (get("Host: a, b"), 400, CLOSED),
    "a Host with a path": (get("Host: a/b"), 400, CLOSED),
    "a Host with a user": (get("Host: u@a"), 400, CLOSED),
    "a Host with a space": (get("Host: a b"), 400, CLOSED),
    "a space before the colon": (get("Host: a", "X : 1"), 400, CLOSED),
    "a tab before the colon": (get("Host: a", "X\t: 1"), 400, CLOSED),
    "a name without a colon": (get("Host: a", "X"), 400, CLOSED),
    "no name": (get("Host: a", ": 1"), 400, CLOSED),
    "a folded line": (get("Host: a", "X: 1", " 2"), 400, CLOSED),
    "a line folded by a tab": (get("Host: a", "X: 1", "\t2"), 400, CLOSED),
    "a first line that is folded": (get(" Host: a"), 400, CLOSED),
    "white space around a value": (get("Host:\t a \t"), 200, KEPT),
    "a NUL": (get("Host: a", "X: \0"), 400, CLOSED),
    "a control byte": (get("Host: a", "X: \x01"), 400, CLOSED),
    "a DEL": (get("Host: a", "X: \x7f"), 400, CLOSED),
    "a byte above 127": (get("Host: a", "X: \xe9"), 200, KEPT),
    "a bare CR in a value": (get("Host: a", "X: a\rb"), 400, CLOSED),
    "a bare LF in a value": (get("Host: a", "X: a\nY: b"), 400, CLOSED),
    "a bare LF at the end": (b"GET / HTTP/1.1\r\nHost: a\r\n\n", 400, CLOSED),
    "an unknown expectation": (send("Expect: 200-ok", "Content-Length: 0"), 417, CLOSED),
    "two expectations": (
        send("Expect: 100-continue, x", "Content-Length: 0"), 417, CLOSED
    ),
}

SMUGGLING = {
    "a length": (send("Content-Length: 2", body=b"{}"), 405, KEPT),
    "no length": (send(), 405, KEPT),
    "leading zeros": (send("Content-Length: 0002", body=b"{}"), 405, KEPT),
    "a length twice": (send("Content-Length: 2", "Content-Length: 2", body=b"{}"), 400, CLOSED),
    "two lengths": (send("Content-Length: 2", "Content-Length: 3", body=b"{}"), 400, CLOSED),
    "a list of lengths": (send("Content-Length: 2, 2", body=b"{}"), 400, CLOSED),
    "CL.TE": (send("Content-Length: 5", CHUNKED, body=b"0\r\n\r\n"), 400, CLOSED),
    "TE.CL": (send(CHUNKED, "Content-Length: 5", body=b"0\r\n\r\n"), 400, CLOSED),
    "a length of zero beside chunks": (send("Content-Length: 0", CHUNKED), 400, CLOSED),
    "an empty length": (send("Content-Length:"), 400, CLOSED),
    "a signed length": (send("Content-Length: +2", body=b"{}"), 400, CLOSED),
    "a negative length": (send("Content-Length: -2"), 400, CLOSED),
    "a hexadecimal length": (send("Content-Length: 0x2", body=b"{}"), 400, CLOSED),
    "a length with a fraction": (send("Content-Length: 2.0", body=b"{}"), 400, CLOSED),
    "a length with a space": (send("Content-Length: 2 2", body=b"{}"), 400, CLOSED),
    "a length with an underscore": (send("Content-Length: 1_0"), 400, CLOSED),
    "a length of 2 to the 64": (send("Content-Length: 18446744073709551616"), 400, CLOSED),
    "a length in other digits": (send("Content-Length: \xb2"), 400, CLOSED),
    "a name with a space": (send("Content-Length : 2", body=b"{}"), 400, CLOSED),
    "a folded length": (send("Content-Length:", " 2", body=b"{}"), 400, CLOSED),
    "chunks": (send(CHUNKED, body=b"0\r\n\r\n"), 405, KEPT),
    "chunks in capitals": (send("TRANSFER-ENCODING: CHUNKED", body=b"0\r\n\r\n"), 405, KEPT),
    "chunks behind a tab": (send("Transfer-Encoding:\tchunked\t", body=b"0\r\n\r\n"), 405, KEPT),
    "chunks in HTTP/1.0": (
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, CLOSED
    ),
    "chunked, chunked": (send("Transfer-Encoding: chunked, chunked"), 501, CLOSED),
    "chunked on two lines": (send(CHUNKED, CHUNKED), 501, CLOSED),
    "xchunked": (send("Transfer-Encoding: xchunked"), 501, CLOSED),
    "chunkedx": (send("Transfer-Encoding: chunkedx"), 501, CLOSED),
    "chunked in quotes": (send('Transfer-Encoding: "chunked"'), 501, CLOSED),
    "chunked and a NUL": (send("Transfer-Encoding: chunked\0"), 400, CLOSED),
    "chunked behind a vertical tab": (send("Transfer-Encoding: \x0bchunked"), 400, CLOSED),
    "identity": (send("Transfer-Encoding: identity"), 501, CLOSED),
    "identity, chunked": (send("Transfer-Encoding: identity, chunked"), 501, CLOSED),
    "gzip, chunked": (send("Transfer-Encoding: gzip, chunked"), 501, CLOSED),
    "chunked, identity": (send("Transfer-Encoding: chunked, identity"), 501, CLOSED),
    "no coding": (send("Transfer-Encoding:"), 501, CLOSED),
    "a folded coding": (send("Transfer-Encoding:", " chunked"), 400, CLOSED),
    "a coding with a space": (send("Transfer-Encoding : chunked"), 400, CLOSED),
    "a coding behind a bare CR": (send("X: 1\rTransfer-Encoding: chunked"), 400, CLOSED),
    "a coding behind a bare LF": (send("X: 1\nTransfer-Encoding: chunked"), 400, CLOSED),
}

CHUNK_GRAMMAR = {
    "a chunk": (chunks(b"2\r\n{}\r\n0\r\n\r\n"), 405, KEPT),
    "capitals and zeros": (chunks(b"00A\r\n0123456789\r\n000\r\n\r\n"), 405, KEPT),
    "an extension": (chunks(b'1;a;b=c;d="\\""\r\nx\r\n0;e\r\n\r\n'), 405, KEPT),
    "a trailer": (chunks(b"0\r\nX: 1\r\n\r\n"), 405, KEPT),
    "no size": (chunks(b"\r\n"), 400, CLOSED),
    "a size that is none": (chunks(b"g\r\n"), 400, CLOSED),
    "a negative size": (chunks(b"-1\r\n"), 400, CLOSED),
    "a signed size": (chunks(b"+1\r\nx\r\n"), 400, CLOSED),
    "a prefixed size": (chunks(b"0x1\r\nx\r\n"), 400, CLOSED),
    "a space before the size": (chunks(b" 1\r\nx\r\n"), 400, CLOSED),
    "a space after the size": (chunks(b"1 \r\nx\r\n"), 400, CLOSED),
    "a tab after the size": (chunks(b"1\t\r\nx\r\n"), 400, CLOSED),
    "an underscore in the size": (chunks(b"1_0\r\n"), 400, CLOSED),
    "a size of 2 to the 64": (chunks(b"10000000000000000\r\n"), 400, CLOSED),
    "a size one below 2 to the 64": (chunks(b"ffffffffffffffff\r\n"), 400, CLOSED),
    "a size of fifteen digits": (
        send(CHUNKED, body=b"fffffffffffffff\r\n", target="/predict"), 413, CLOSED
    ),
    "the same where no body is read": (chunks(b"fffffffffffffff\r\n"), 405, CLOSED),
    "a bare LF after the size": (chunks(b"1\nx\r\n"), 400, CLOSED),
    "a bare CR after the size": (chunks(b"1\rx\r\n"), 400, CLOSED),
    "a bare LF after the data": (chunks(b"1\r\nx\n0\r\n\r\n"), 400, CLOSED),
    "another byte for the CR": (chunks(b"1\r\nxy\n0\r\n\r\n"), 400, CLOSED),
    "another byte for the LF": (chunks(b"1\r\nx\ry0\r\n\r\n"), 400, CLOSED),
    "more data than the size": (chunks(b"1\r\nxy\r\n"), 400, CLOSED),
    "less data than the size": (chunks(b"3\r\nx\r\n0\r\n\r\n"), 400, CLOSED),
    "no end of the data": (chunks(b"1\r\nx0\r\n\r\n"), 400, CLOSED),
    "an extension without a name": (chunks(b"1;\r\nx\r\n"), 400, CLOSED),
    "an extension without a value": (chunks(b"1;a=\r\nx\r\n"), 400, CLOSED),
    "an open quote": (chunks(b'1;a="\r\nx\r\n'), 400, CLOSED),
    "a bare LF in an extension": (chunks(b"1;a\nx\r\n"), 400, CLOSED),
    "a bare CR in an extension": (chunks(b"1;a\rb\r\nx\r\n"), 400, CLOSED),
    "a NUL in an extension": (chunks(b"1;a\0\r\nx\r\n"), 400, CLOSED),
    "a trailer without a colon": (chunks(b"0\r\nX\r\n\r\n"), 400, CLOSED),
    "a trailer with a space": (chunks(b"0\r\nX : 1\r\n\r\n"), 400, CLOSED),
    "a folded trailer": (chunks(b"0\r\nX: 1\r\n 2\r\n\r\n"), 400, CLOSED),
    "a trailer with a bare LF": (chunks(b"0\r\nX: 1\n\r\n"), 400, CLOSED),
    "a length as a trailer": (chunks(b"0\r\nContent-Length: 1\r\n\r\n"), 400, CLOSED),
    "a coding as a trailer": (chunks(b"0\r\n" + CHUNKED.encode() + b"\r\n\r\n"), 400, CLOSED),
    "a Host as a trailer": (chunks(b"0\r\nHost: b\r\n\r\n"), 400, CLOSED),
}


def method(count):
    return f"{'M' * count} /health/live HTTP/1.1\r\nHost: a\r\n\r\n".encode()


def target(count):
    return get("Host: a", target="/health/live?" + "a" * (count - 13))


def header_lines(count):
    return get("Host: a", *[f"X: {number}" for number in range(count - 1)])


def header_bytes(count):
    empty = len("Host: a\r\nX: \r\n\r\n")
    return get("Host: a", "X: " + "a" * (count - empty))


def extension_bytes(count):
    return chunks(b"1;" + b"a" * (count - 1 - 4) + b"\r\nx\r\n0;bbb\r\n\r\n")


def length_digits(count):
    return send("Content-Length: " + "1".rjust(count, "0"), body=b"x")


def size_digits(count):
    return chunks(b"1".rjust(count, b"0") + b"\r\nx\r\n0\r\n\r\n")


def trailer_lines(count):
    return chunks(chunked([], b"X: 1\r\n" * count))


def trailer_bytes(count):
    return chunks(chunked([], b"X: " + b"a" * (count - 7) + b"\r\n"))


# Rows: how a request of that size is made, the limit, the status up to it, the status beyond.
LIMITS = {
    "method bytes": (method, 32, 405, 501),
    "target bytes": (target, 8 << 10, 200, 414),
    "header lines": (header_lines, 100, 200, 431),
    "header bytes": (header_bytes, 32 << 10, 200, 431),
    "length digits": (length_digits, 18, 405, 400),
    "chunk extension bytes": (extension_bytes, 4 << 10, 405, 400),
    "chunk size digits": (size_digits, 15, 405, 400),
    "trailer lines": (trailer_lines, 32, 405, 431),
    "trailer bytes": (trailer_bytes, 8 << 10, 405, 431),
}

TABLES = {
    "request line": REQUEST_LINE,
    "headers": HEADERS,
    "smuggling": SMUGGLING,
    "chunks": CHUNK_GRAMMAR,
    "limits": {
        f"{name} {excess:+}": (
            make(limit + excess),
            beyond if excess > 0 else within,
            CLOSED if excess > 0 else KEPT,
        )
        for name, (make, limit, within, beyond) in LIMITS.items()
        for excess in (-1, 0, 1)
    },
}
ROWS = [(table, name) for table, rows in TABLES.items() for name in rows]


def check(connection, row):
    request, status, fate = row
    connection.send_as_far_as_it_is_read(request)
    response = connection.response()
    assert response.status == status, response
    if response.body and status >= 400:
        assert json.loads(response.body)["title"] == response.reason != ""
    if fate == CLOSED:
        assert response.headers.get("connection") == "close"
        # The bytes that follow must not be taken for a request of their own.
        connection.send_as_far_as_it_is_read(PROBE)
        assert connection.is_closed_by_the_server()
    else:
        assert response.headers.get("connection", "keep-alive") == "keep-alive"
        connection.send(PROBE)
        assert connection.response().status == 200


@pytest.mark.parametrize(("table", "name"), ROWS)
def test_whole(server, table, name):
    with RawConnection(server) as connection:
        check(connection, TABLES[table][name])


@pytest.mark.parametrize("table", TABLES)
def test_behind_another_request(server, table):
    """A request that is refused leaves the answers before it alone."""
    for name, row in TABLES[table].items():
        if not row[0].startswith(b"\r\n"):
            with RawConnection(server) as connection:
                connection.send(PROBE)
                assert connection.response().status == 200, name
                check(connection, row)


def test_options_tells_the_methods(server):
    allowed = {
        "*": {"GET", "HEAD", "POST", "OPTIONS"},
        "/predict": {"POST", "OPTIONS"},
        "/v1/models/digits-mhs:predict": {"POST", "OPTIONS"},
        "/health/ready": {"GET", "HEAD", "OPTIONS"},
    }
    with RawConnection(server) as connection:
        for path, methods in allowed.items():
            connection.send(f"OPTIONS {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            assert set(connection.response().headers["allow"].split(", ")) == methods


@pytest.mark.parametrize("count", [15, 16, 17, 200])
def test_pipelined_requests_are_all_answered(server, count):
    """Beyond the limit reading pauses; nothing is lost by it."""
    with RawConnection(server) as connection:
        connection.send(PROBE * count)
        assert [connection.response().status for _ in range(count)] == [200] * count


def test_continue_is_not_said_for_what_is_refused(server):
    heads = {
        413: send("Expect: 100-continue", "Content-Length: 99999999999"),
        417: send("Expect: 100-continue", "Expect: 100-continue", "Content-Length: 2"),
        501: send("Expect: 100-continue", "Transfer-Encoding: gzip"),
    }
    for status, head in heads.items():
        with RawConnection(server) as connection:
            connection.send(head)
            assert connection.response().status == status
            assert connection.is_closed_by_the_server()


def test_a_refusal_reaches_a_client_that_goes_on_sending(server):
    """The server reads on for a while: a reset would destroy the answer on its way."""
    head = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"
    with RawConnection(server) as connection:
        connection.send(head)
        for _ in range(64):
            connection.send(b"x" * (1 << 16))
        response = connection.response()
        assert response.status == 413
        assert b"67108864" in response.body


def test_a_request_that_is_cut_off_is_refused(server):
    for cut in (b"GET / HT", PROBE[:-2], send("Content-Length: 5", body=b"123"), chunks(b"5\r\n12")):
        with RawConnection(server) as connection:
            connection.send(cut)
            connection.end()
            assert connection.response().status == 400
            assert connection.is_closed_by_the_server()


def test_head_has_the_length_and_coding_of_get(server):
    for coding in ("", "Accept-Encoding: gzip\r\n"):
        seen = {}
        with RawConnection(server) as connection:
            for name in ("HEAD", "GET"):
                request = f"{name} /openapi.yaml HTTP/1.1\r\nHost: a\r\n{coding}\r\n"
                connection.send(request.encode())
                headers = connection.response(head_only=name == "HEAD").headers
                del headers["date"], headers["x-request-id"]
                seen[name] = headers
        assert seen["HEAD"] == seen["GET"]
        assert ("content-encoding" in seen["GET"]) == bool(coding)
