"""HTTP/1.1 on the wire: keep-alive, pipelining, chunks, limits and refusals."""

import json
import re
import subprocess

import pytest
from raw_connection import RawConnection, chunked, post
from running_server import DEADLINE, RunningServer, request_body

CHUNKED = "Transfer-Encoding: chunked"


def body(row, model="digits-mhs"):
    return json.dumps(request_body([row], model)).encode()


@pytest.fixture(scope="module")
def answers(server, digits):
    """Requests and the answers they have on connections of their own."""
    bodies = [body(row) for row in digits[:20]]
    return [(each, server.post(each).content) for each in bodies]


def exchange(server, request):
    with RawConnection(server) as connection:
        connection.send_as_far_as_it_is_read(request)
        return connection.response()


def test_a_connection_serves_many_requests(server, answers):
    with RawConnection(server) as connection:
        for request, answer in answers:
            connection.send(post(request))
            response = connection.response()
            assert (response.status, response.body) == (200, answer)


def test_pipelined_requests_are_answered_in_order(server, answers):
    with RawConnection(server) as connection:
        requests = [post(request) for request, _ in answers[:-1]]
        connection.send(b"".join(requests) + post(answers[-1][0], "Connection: close"))
        assert [connection.response().body for _ in answers] == [answer for _, answer in answers]
        assert connection.is_closed_by_the_server()


def test_slow_and_quick_pipelined_requests_keep_their_order(server, digits):
    slow = json.dumps(request_body(digits[:1], "digits-hetxl", samples=50_000)).encode()
    with RawConnection(server) as connection:
        live = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.send(post(slow) + post(body(digits[0])) + live)
        models = [json.loads(connection.response().body)["model"]["name"] for _ in range(2)]
        assert models == ["digits-hetxl", "digits-mhs"]
        assert json.loads(connection.response().body) == {"status": "live"}


@pytest.mark.parametrize("count", [15, 16, 17, 18, 40])
def test_many_requests_that_are_answered_at_once_leave_the_connection_usable(server, count):
    live = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    with RawConnection(server) as connection:
        for requests in (count, 1):
            connection.send(live * requests)
            assert {connection.response().status for _ in range(requests)} == {200}


@pytest.mark.parametrize("size", [1, 2, 7, 100_000])
def test_chunked_bodies_of_any_chunk_size(server, answers, size):
    request, answer = answers[0]
    pieces = [request[start : start + size] for start in range(0, len(request), size)]
    with RawConnection(server) as connection:
        for trailer in (b"", b"X-Checksum: 1\r\n"):
            connection.send(post(b"", CHUNKED, length=False) + chunked(pieces, trailer))
            response = connection.response()
            assert (response.status, response.body) == (200, answer)


def test_requests_that_arrive_byte_by_byte(server, answers):
    request, answer = answers[0]
    with RawConnection(server) as connection:
        for byte in post(request):
            connection.send(bytes([byte]))
        assert connection.response().body == answer


def test_expect_100_continue_is_answered_before_the_body(server, answers):
    request, answer = answers[0]
    with RawConnection(server) as connection:
        head = post(request, "Expect: 100-continue")[: -len(request)]
        connection.send(head)
        assert connection.response().status == 100
        connection.send(request)
        assert connection.response().body == answer


def test_http_1_0_is_answered_and_closed(server):
    with RawConnection(server) as connection:
        connection.send(b"GET /health/live HTTP/1.0\r\n\r\n")
        assert connection.response().status == 200
        assert connection.is_closed_by_the_server()


def test_head_has_the_headers_of_get_and_no_body_or_is_not_allowed(server):
    with RawConnection(server) as connection:
        connection.send(b"HEAD /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.response(head_only=True).status in (200, 405)
        connection.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.response().status == 200


BAD_HTTP = {
    "no HTTP": (b"hello\r\n\r\n", 400),
    "no host": (b"GET /health/live HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "space before the colon": (b"GET /health/live HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "a folded header": (b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400),
    "a NUL in a header": (b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
    "two lengths": (post(b"{}", "Content-Length: 3"), 400),
    "two like lengths": (post(b"{}", "Content-Length: 2"), 400),
    "length and chunks": (post(chunked([b"{}"]), CHUNKED), 400),
    "a negative length": (post(b"", "Content-Length: -1", length=False), 400),
    "a signed length": (post(b"{}", "Content-Length: +2", length=False), 400),
    "a length beyond 64 bits": (post(b"", "Content-Length: 1" + "0" * 20, length=False), 400),
    "a bad chunk size": (post(b"", CHUNKED, length=False) + b"xyz\r\n", 400),
    "a negative chunk size": (post(b"", CHUNKED, length=False) + b"-1\r\n", 400),
    "a chunk without its end": (post(b"", CHUNKED, length=False) + b"2\r\n{}0\r\n\r\n", 400),
    "an unknown transfer coding": (post(b"", "Transfer-Encoding: br, chunked", length=False), 501),
    "HTTP/2.0": (b"GET /health/live HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "no length at all": (post(b"", length=False), 411),
    "a length over the limit": (post(b"", "Content-Length: 67108865", length=False), 413),
    "a long target": (b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "XML": (post(b"{}", "Content-Type: application/xml"), 415),
    "multipart": (post(b"{}", "Content-Type: multipart/form-data; boundary=x"), 415),
    "an unknown coding of the body": (post(b"{}", "Content-Encoding: br"), 415),
    "an unknown expectation": (post(b"{}", "Expect: miracles"), 417),
    "a long header": (b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: " + b"a" * (1 << 20), 431),
    "many headers": (b"GET /health/live HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 100_000, 431),
}


@pytest.mark.parametrize("name", BAD_HTTP)
def test_bad_http_is_refused(server, name):
    request_bytes, status = BAD_HTTP[name]
    response = exchange(server, request_bytes)
    assert response.status == status, response
    assert response.headers["content-type"] == "application/problem+json"
    problem = json.loads(response.body)
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/predict", "POST"),
        ("PUT", "/predict", "POST"),
        ("QUERY", "/predict", "POST"),
        ("GET", "/v1/models/digits-mhs:predict", "POST"),
        ("POST", "/v1/models", "GET"),
        ("DELETE", "/v1/models/digits-mhs", "GET"),
        ("POST", "/health", "GET"),
        ("POST", "/health/live", "GET"),
        ("PATCH", "/health/ready", "GET"),
        ("TRACE", "/metrics", "GET"),
        ("POST", "/openapi.yaml", "GET"),
    ],
)
def test_other_methods_are_405_with_allow(server, method, path, allow):
    request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    response = exchange(server, request.encode())
    assert response.status == 405
    assert set(response.headers["allow"].split(", ")) - {"HEAD", "OPTIONS"} == {allow}


@pytest.mark.parametrize(
    "path", ["/nothing", "/predict/", "/predict/x", "/v1", "/v1/models/", "//predict", "/../predict"]
)
def test_other_paths_are_404(server, path):
    assert exchange(server, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()).status == 404


def test_a_sane_request_id_comes_back_and_another_is_replaced(server):
    sane = "abc-123._~"
    for given, kept in ((sane, True), ("x" * 4096, False), ('a"b c', False)):
        request = f"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Request-Id: {given}\r\n\r\n"
        answered = exchange(server, request.encode()).headers["x-request-id"]
        assert (answered == given) is kept
        assert 0 < len(answered) <= 128
    first, second = (server.get("/health/live").headers["X-Request-Id"] for _ in range(2))
    assert first != second


def test_a_traceparent_is_kept(server):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    response = server.get("/health/live", headers={"traceparent": parent})
    assert response.headers["traceparent"] == parent


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["-H", "Content-Type: application/json"],
        ["-H", "Content-Type: application/json; charset=utf-8"],
        ["-H", "Content-Type:"],
    ],
    ids=["curl's own type", "application/json", "with a charset", "no type"],
)
def test_curl_needs_no_content_type(server, answers, flags):
    request, answer = answers[0]
    curl = ["curl", "--silent", "--show-error", "--fail", *flags, "--data-binary", "@-"]
    done = subprocess.run(
        [*curl, server.url + "/predict"], input=request, capture_output=True, timeout=DEADLINE
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == answer


@pytest.mark.parametrize("deadline", ["soon", "0", "-1", "1.5", ""])
def test_a_deadline_that_is_none_is_400(server, answers, deadline):
    response = server.post(answers[0][0], headers={"X-Request-Timeout-Ms": deadline})
    assert response.status_code == 400


def test_many_connections_that_say_nothing_do_not_block_others(server, answers):
    request, answer = answers[0]
    idle = [RawConnection(server) for _ in range(200)]
    try:
        for connection in idle[::2]:
            connection.send(b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Le")
        assert server.post(request).content == answer
    finally:
        for connection in idle:
            connection.__exit__()


def test_clients_that_leave_do_not_disturb_others(server, digits, answers):
    slow = json.dumps(request_body(digits, "digits-hetxl", samples=10_000)).encode()
    for cut in (10, len(slow) // 2, None):
        with RawConnection(server) as connection:
            connection.send(post(slow)[:cut])
    request, answer = answers[0]
    assert server.post(request).content == answer
    assert server.process.poll() is None


@pytest.fixture(scope="module")
def counted():
    """A server of its own: clients that left another one may be counted there any time later."""
    with RunningServer() as running:
        yield running


def cancelled(server):
    line = re.search(r"^headserve_cancelled_total (\d+)$", server.get("/metrics").text, re.MULTILINE)
    return int(line.group(1))


def slow_post(digits, *headers):
    """A request whose rows keep the head busy for seconds."""
    rows = [digits[0]] * 64
    body = json.dumps(request_body(rows, "digits-hetxl", samples=100_000, seed=1)).encode()
    return post(body, *headers)


def test_the_end_of_a_clients_input_drops_its_work(counted, digits, answers):
    before = cancelled(counted)
    with RawConnection(counted) as connection:
        connection.send(slow_post(digits) * 2)
        connection.end()
        assert connection.is_closed_by_the_server()
    assert cancelled(counted) == before + 2
    assert counted.post(answers[0][0]).content == answers[0][1]


def test_a_client_that_announced_its_last_request_may_end_its_input(counted, answers):
    before = cancelled(counted)
    request, answer = answers[0]
    with RawConnection(counted) as connection:
        connection.send(post(request) + post(request, "Connection: close"))
        connection.end()
        assert [connection.response().body for _ in range(2)] == [answer, answer]
        assert connection.is_closed_by_the_server()
    assert cancelled(counted) == before
