"""gzip and deflate: bodies that are taken and refused, and answers."""

import gzip
import json
import subprocess
import threading
import zlib

import pytest
from raw_connection import RawConnection, post
from running_server import RunningServer, request_body
from test_refusals import assert_problem

ROW = [0.5] * 64
LIMIT = 4096


def body(size=None):
    text = json.dumps(request_body([ROW], "digits-mhs")).encode()
    return text + b" " * ((size or len(text)) - len(text))


def many_rows(count):
    return json.dumps(
        request_body([[x / 64 for x in range(64)]] * count, "digits-mhs", outputs=["probabilities"])
    ).encode()


@pytest.fixture(scope="module")
def strict():
    with RunningServer("--max-body-bytes", LIMIT) as server:
        yield server


CODINGS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", CODINGS)
def test_coded_bodies_have_the_plain_ones_answer(server, coding):
    coded = CODINGS[coding](body())
    answer = server.post(body()).content
    assert server.post(coded, headers={"Content-Encoding": coding}).content == answer


def test_members_of_a_gzip_body_are_one_body(server, tmp_path):
    """As gzip(1) joins files, and as a compressor writes that flushes a member for each line."""
    text = json.dumps(request_body([ROW, ROW], "digits-mhs"), indent=1).encode()
    answer = server.post(text).content
    parts = [tmp_path / name for name in ("head", "nothing", "tail")]
    for part, content in zip(parts, (text[:100], b"", text[100:])):
        part.write_bytes(content)
    joined = b"".join(
        subprocess.run(["gzip", "-c", part], stdout=subprocess.PIPE, check=True).stdout
        for part in parts)
    lines = b"".join(gzip.compress(line) for line in text.splitlines(keepends=True))
    assert lines.count(b"\x1f\x8b") > 100
    for coded in (joined, lines):
        assert gzip.decompress(coded) == text
        assert server.post(coded, headers={"Content-Encoding": "gzip"}).content == answer


@pytest.mark.parametrize("excess", [-1, 0, 1])
@pytest.mark.parametrize("cut", [1, LIMIT // 2, LIMIT - 1])
def test_the_bodys_limit_is_that_of_all_members(strict, cut, excess):
    text = body(LIMIT + excess)
    coded = gzip.compress(text[:cut]) + gzip.compress(text[cut:])
    assert len(coded) < LIMIT
    response = strict.post(coded, headers={"Content-Encoding": "gzip"})
    assert response.status_code == (413 if excess > 0 else 200)


@pytest.mark.own_allocator
def test_a_bomb_of_many_members_costs_bounded_memory(server):
    """4 × 256 members of a mebibyte each, with the limit at 64 of them."""
    bomb = gzip.compress(b" " * (1 << 20)) * 256
    before = peak_memory(server)
    for _ in range(4):
        assert_problem(server.post(bomb, headers={"Content-Encoding": "gzip"}), 413)
    # The decoded bytes, and their copy while the array that holds them grows.
    assert peak_memory(server) - before < 3 * (64 << 20)


@pytest.mark.parametrize("excess", [-1, 0, 1])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_the_bodys_limit_holds_after_decoding(strict, coding, excess):
    coded = CODINGS[coding](body(LIMIT + excess))
    assert len(coded) < LIMIT
    response = strict.post(coded, headers={"Content-Encoding": coding})
    assert response.status_code == (413 if excess > 0 else 200)


def raw_deflate(data):
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


BAD = {
    "another coding": (body(), "br", 415),
    "gzip twice": (gzip.compress(gzip.compress(body())), "gzip, gzip", 415),
    "identity twice": (body(), "identity, identity", 415),
    "a plain body": (body(), "gzip", 400),
    "an empty body": (b"", "gzip", 400),
    "zlib's format as gzip": (zlib.compress(body()), "gzip", 400),
    "gzip as deflate": (gzip.compress(body()), "deflate", 400),
    "deflate without zlib's format": (raw_deflate(body()), "deflate", 400),
    "a body cut short": (gzip.compress(body())[:-1], "gzip", 400),
    "a wrong checksum": (gzip.compress(body())[:-8] + b"\0" * 8, "gzip", 400),
    "a byte too many": (gzip.compress(body()) + b"\0", "gzip", 400),
    "padding of zeros": (gzip.compress(body()) + bytes(512), "gzip", 400),
    "a damaged second member": (gzip.compress(body()) + gzip.compress(b" ")[:-8] + b"\1" * 8, "gzip", 400),
    "a second member cut short": (gzip.compress(body()) + gzip.compress(b" ")[:-1], "gzip", 400),
    "two streams as deflate": (zlib.compress(body()) + zlib.compress(b" "), "deflate", 400),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_codings_are_refused_and_the_connection_kept(server, name):
    data, coding, status = BAD[name]
    with RawConnection(server) as connection:
        connection.send(post(data, f"Content-Encoding: {coding}"))
        response = connection.response()
        assert response.status == status, response
        accepted = "gzip, deflate" if status == 415 else None
        assert response.headers.get("accept-encoding") == accepted
        connection.send(post(body()))
        assert connection.response().status == 200


def test_codings_on_two_lines_are_refused(server):
    with RawConnection(server) as connection:
        lines = ("Content-Encoding: gzip", "Content-Encoding: identity")
        connection.send(post(gzip.compress(body()), *lines))
        assert connection.response().status == 415


@pytest.mark.own_allocator
def test_a_bomb_costs_bounded_memory(server):
    """Four bombs of 256 MiB each; the server may hold the limit of 64 MiB, once per loop."""
    compressor = zlib.compressobj(wbits=31)
    bomb = b"".join(compressor.compress(b" " * (1 << 20)) for _ in range(256)) + compressor.flush()
    before = peak_memory(server)
    for _ in range(4):
        response = server.post(bomb, headers={"Content-Encoding": "gzip"})
        assert_problem(response, 413)
    # The decoded bytes, and their copy while the array that holds them grows.
    assert peak_memory(server) - before < 3 * (64 << 20)


def peak_memory(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


ACCEPT = {
    "gzip": True, "gzip;q=0.1": True, "*": True, "br, gzip": True, "identity;q=0, *": True,
    "gzip;q=0": False, "identity, gzip;q=0.5": False, "br": False, "": False, "gzip;q=nan": False,
}


@pytest.mark.parametrize("accepted", ACCEPT)
def test_long_answers_go_as_the_client_prefers(server, accepted):
    with RawConnection(server) as connection:
        connection.send(post(many_rows(50)))
        plain = connection.response()
        connection.send(post(many_rows(50), f"Accept-Encoding: {accepted}"))
        coded = connection.response()
    assert plain.headers["vary"] == coded.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert "etag" not in coded.headers
    assert (coded.headers.get("content-encoding") == "gzip") == ACCEPT[accepted]
    content = gzip.decompress(coded.body) if ACCEPT[accepted] else coded.body
    assert content == plain.body


def test_short_answers_go_as_they_are(server):
    with RawConnection(server) as connection:
        connection.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
        response = connection.response()
        assert "content-encoding" not in response.headers
        assert "vary" not in response.headers


def test_long_answers_are_coded_in_order_and_beside_the_loop(server):
    """An answer that is compressed elsewhere keeps its place among its connection's answers."""
    big = many_rows(2000)
    with RawConnection(server) as connection:
        connection.send(post(big, "Accept-Encoding: gzip") + post(body()))
        first, second = connection.response(), connection.response()
    assert first.headers["content-encoding"] == "gzip"
    plain = gzip.decompress(first.body)
    assert len(plain) > 256 << 10
    assert len(json.loads(plain)["predictions"]) == 2000
    assert len(json.loads(second.body)["predictions"]) == 1


@pytest.mark.own_allocator
def test_nobody_waits_for_bodies_that_expand(server):
    """Four bodies of 64 KiB that hold 63 MiB each take hundreds of milliseconds each, a request of
    another connection less than one: if the loop read them, few requests would get between."""
    compressor = zlib.compressobj(wbits=31)
    pieces = [compressor.compress(b" " * (1 << 20)) for _ in range(63)]
    bomb = b"".join(pieces) + compressor.flush()
    statuses, answered = [], 0

    def send():
        with RawConnection(server) as connection:
            for _ in range(4):
                connection.send(post(bomb, "Content-Encoding: gzip"))
                statuses.append(connection.response().status)

    sender = threading.Thread(target=send)
    sender.start()
    with RawConnection(server) as other:
        while sender.is_alive():
            other.send(post(body()))
            assert other.response().status == 200
            answered += 1
    assert statuses == [400] * 4
    assert answered > 40
