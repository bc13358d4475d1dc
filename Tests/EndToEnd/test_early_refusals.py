"""Refusals at the head of a request: no body is waited for, asked for or kept."""

import json

import pytest
from certificates import Authority, connect, tls_server
from raw_connection import RawConnection, post
from running_server import RunningServer, request_body

BODY = json.dumps(request_body([[0.5] * 64], "digits-mhs")).encode()
PROBE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
KEY = "Authorization: Bearer sesame"
UNREAD = 16 << 10
"""Bytes that are taken of a body nobody reads."""

CLOSED = ["/predict", "/v1/models/digits-mhs:predict", "/v1/models", "/openapi.yaml"]
FRAMINGS = ["Content-Length: 67108864", "Content-Length: 1", "Transfer-Encoding: chunked"]
OTHERS = ["X: 1", "Expect: 100-continue", "Content-Encoding: gzip"]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text("sesame\n")
    with RunningServer("--api-key-file", keys) as running:
        yield running


def head(path, *lines, method="POST"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *lines, "", ""]).encode()


def assert_last(connection, status):
    """The refusal is all that comes, and nothing more is read as a request."""
    response = connection.response()
    assert (response.status, response.headers["connection"]) == (status, "close")
    assert json.loads(response.body)["status"] == status
    connection.send_as_far_as_it_is_read(PROBE)
    assert connection.is_closed_by_the_server()


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("path", CLOSED)
def test_a_stranger_is_refused_when_only_the_head_was_sent(keyed, path, framing, other):
    with RawConnection(keyed) as connection:
        connection.send(head(path, framing, other))
        assert_last(connection, 401)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_client_without_a_certificate_is_refused_at_the_head(tmp_path, framing):
    authority = Authority(tmp_path)
    with tls_server(authority, "--tls-client-ca", authority.certificate) as server:
        with connect(server, authority.context()) as stream:
            stream.sendall(head("/predict", framing, "Expect: 100-continue"))
            assert stream.recv(12) == b"HTTP/1.1 403"


def test_a_refusal_reaches_a_stranger_that_goes_on_sending(keyed):
    with RawConnection(keyed) as connection:
        connection.send(head("/predict", "Content-Length: 67108864"))
        for _ in range(64):
            connection.send(b"x" * (1 << 16))
        assert connection.response().status == 401


def test_who_has_a_key_is_told_to_go_on(keyed):
    with RawConnection(keyed) as connection:
        connection.send(post(BODY, KEY, "Expect: 100-continue")[: -len(BODY)])
        assert connection.response().status == 100
        connection.send(BODY)
        assert connection.response().status == 200


def test_a_refusal_keeps_its_place_among_pipelined_requests(keyed):
    """Without a body it is one answer among others; with one it is the last."""
    bare = head("/v1/models", method="GET")
    with RawConnection(keyed) as connection:
        connection.send(post(BODY, KEY) + bare + PROBE + post(BODY, KEY) + post(BODY) + PROBE)
        answers = list(connection.all_responses())
        assert [answer.status for answer in answers] == [200, 401, 200, 200, 401]
        closing = [answer.headers.get("connection") == "close" for answer in answers]
        assert closing == [False] * 4 + [True]


@pytest.mark.parametrize("excess", [-1, 0, 1])
@pytest.mark.parametrize(
    ("method", "path", "within", "beyond"),
    [
        ("GET", "/health/live", 200, 413),
        ("GET", "/metrics", 200, 413),
        ("OPTIONS", "*", 204, 413),
        ("POST", "/health/live", 405, 405),
        ("PUT", "/predict", 405, 405),
        ("POST", "/nothing", 404, 404),
    ],
)
def test_a_body_that_nobody_reads_is_bounded(server, method, path, within, beyond, excess):
    size = UNREAD + excess
    for lines, body in [
        ([f"Content-Length: {size}"], b"x" * size),
        (["Transfer-Encoding: chunked"], b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n"),
    ]:
        with RawConnection(server) as connection:
            request = head(path, *lines, method=method)
            connection.send_as_far_as_it_is_read(request if excess > 0 else request + body)
            if excess > 0 and "chunked" in lines[0]:
                connection.send(b"%x\r\n" % size)
            response = connection.response(head_only=method == "HEAD")
            assert response.status == (beyond if excess > 0 else within)
            if excess > 0:
                assert response.headers["connection"] == "close"
                assert connection.is_closed_by_the_server()
            else:
                connection.send(PROBE)
                assert connection.response().status == 200


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/metrics", 405)])
def test_nobody_is_told_to_go_on_towards_a_refusal(server, path, status):
    with RawConnection(server) as connection:
        connection.send(head(path, "Content-Length: 2", "Expect: 100-continue"))
        assert_last(connection, status)


def test_probes_and_metrics_ask_for_nothing(keyed):
    with RawConnection(keyed) as connection:
        for path in ("/health", "/health/live", "/health/ready", "/metrics"):
            connection.send(head(path, "Content-Length: 2", method="GET") + b"{}")
            assert connection.response().status == 200


@pytest.mark.own_allocator
def test_strangers_cannot_make_the_server_hold_their_bodies(keyed):
    """Fifty of them offer 64 MiB each; what the kernel has is not the process's."""
    def resident():
        lines = keyed.get("/metrics").text.splitlines()
        line = next(each for each in lines if each.startswith("process_resident_memory_bytes "))
        return float(line.split()[1])

    before = resident()
    strangers = [RawConnection(keyed) for _ in range(50)]
    try:
        for stranger in strangers:
            stranger.send(head("/predict", "Content-Length: 67108864"))
            stranger.send_as_far_as_it_is_read(b"x" * (2 << 20))
        # Of 100 MiB: read buffers and what the allocator rounds up.
        assert resident() - before < 10 << 20
        for stranger in strangers:
            assert stranger.response().status == 401
    finally:
        for stranger in strangers:
            stranger.__exit__()
