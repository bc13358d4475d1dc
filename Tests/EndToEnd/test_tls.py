"""TLS as clients see it: versions, protocols, ends, abuse."""

import json
import os
import socket
import ssl
import struct
import subprocess

import pytest
from certificates import Authority, connect, locked_key, tls_server
from running_server import DEADLINE, RunningServer, command, eventually, request_body

BODY = json.dumps(request_body([[0.5] * 64], "digits-hetxl", top_k=3)).encode()
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
HANDSHAKE_TIMEOUT = 10


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls(authority):
    with tls_server(authority) as running:
        yield running


def request(body, *headers):
    lines = ["POST /predict HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer(stream):
    """The body of the answer that comes next; reads no byte more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.recv(1)
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = b""
    while len(body) < length:
        # Tiny reads: records end up cut at every place.
        body += stream.recv(min(7, length - len(body)))
    return body


@pytest.mark.parametrize("version", VERSIONS)
def test_answers_are_those_of_clear_text(server, tls, authority, version):
    expected = server.post(BODY).content
    with connect(tls, authority.context(version)) as stream:
        assert stream.version() == version.name.replace("TLSv1_", "TLSv1.")
        assert stream.compression() is None
        for _ in range(3):
            stream.sendall(request(BODY))
            assert answer(stream) == expected
        stream.sendall(request(BODY, "Connection: close"))
        assert answer(stream) == expected
        # A clean end: without close_notify this raises.
        assert stream.recv(1) == b""


def test_older_versions_are_refused(tls, authority):
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
        connect(tls, context)


@pytest.mark.parametrize("cipher", ["AES256-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA"])
def test_ciphers_without_forward_secrecy_or_authentication_are_refused(tls, authority, cipher):
    context = authority.context(ssl.TLSVersion.TLSv1_2)
    context.set_ciphers(cipher)
    with pytest.raises(ssl.SSLError, match="(?i)handshake.failure"):
        connect(tls, context)


@pytest.mark.parametrize("version", VERSIONS)
def test_sessions_are_resumed(tls, authority, version):
    context = authority.context(version)
    with connect(tls, context) as stream:
        stream.sendall(request(BODY))
        answer(stream)
        session = stream.session
    with connect(tls, context, session=session) as stream:
        assert stream.session_reused


def test_http_1_1_is_the_only_protocol(tls, authority):
    for offered in (["http/1.1"], ["h2", "http/1.1"]):
        with connect(tls, authority.context(protocols=offered)) as stream:
            assert stream.selected_alpn_protocol() == "http/1.1"
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        connect(tls, authority.context(protocols=["h2"]))


@pytest.mark.parametrize("flag", ["--http2", "--http1.1"])
def test_curl_is_answered(server, tls, authority, flag):
    done = subprocess.run(
        ["curl", "-sS", flag, "--cacert", authority.certificate, "-d", BODY, tls.url + "/predict"],
        capture_output=True,
        timeout=DEADLINE,
    )
    assert (done.returncode, done.stdout) == (0, server.post(BODY).content), done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_large_bodies_and_answers_pass_in_small_pieces(server, tls, authority, version):
    rows = [[(row * 64 + column) % 17 / 16 for column in range(64)] for row in range(1000)]
    body = json.dumps(request_body(rows, "digits-mhs", outputs=["probabilities"])).encode()
    expected = server.post(body).content
    assert min(len(body), len(expected)) > 200_000
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    sock.settimeout(DEADLINE)
    sock.connect(("127.0.0.1", tls.port))
    with connect(tls, authority.context(version), sock) as stream:
        stream.sendall(request(body))
        assert answer(stream) == expected


def test_plain_http_gets_no_answer_and_does_no_harm(tls):
    with socket.create_connection(("127.0.0.1", tls.port), timeout=DEADLINE) as stream:
        stream.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"HTTP/1.1 200" not in stream.recv(1000)
    assert tls.status("/health/live") == 200


def test_renegotiation_is_refused(tls, authority):
    client = subprocess.Popen(
        [
            "openssl", "s_client", "-tls1_2", "-CAfile", authority.certificate,
            "-connect", f"127.0.0.1:{tls.port}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    client.stdin.write("R\n")
    client.stdin.flush()
    output, _ = client.communicate(timeout=DEADLINE)
    assert "RENEGOTIATING" in output and "no renegotiation" in output
    assert tls.status("/health/live") == 200


def test_silent_and_dripping_clients_lose_their_connection_in_time(tls):
    silent = socket.create_connection(("127.0.0.1", tls.port), timeout=3 * HANDSHAKE_TIMEOUT)
    slow = socket.create_connection(("127.0.0.1", tls.port), timeout=0.1)
    greeting = bytes([22, 3, 1, 64, 0, 1, 0, 63, 252]) + bytes(16_000)
    with silent, slow:
        for byte in greeting:
            try:
                slow.send(bytes([byte]))
                if slow.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("the dripping client was never dropped")
        assert silent.recv(1) == b""


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_resets_in_the_handshake_leave_no_descriptor(tls, authority):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = authority.context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    greeting = outgoing.read()
    before = descriptors(tls)
    for index in range(200):
        stream = socket.create_connection(("127.0.0.1", tls.port), timeout=DEADLINE)
        stream.sendall(greeting[: index * len(greeting) // 199])
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()
    eventually(lambda: descriptors(tls) <= before, "every descriptor is back")
    assert tls.status("/health/live") == 200


def test_files_that_do_not_go_together_end_the_start(authority, tmp_path):
    one, two = authority.issue("one"), authority.issue("two")
    nothing = tmp_path / "nothing"
    nothing.write_text("nothing")
    missing = tmp_path / "missing"
    locked = locked_key(one)
    for certificate, key, reason in [
        (one.certificate, two.key, "is not that of the certificate"),
        (nothing, one.key, "holds no certificate"),
        (one.certificate, nothing, "holds no private key"),
        (one.certificate, locked, "pass phrase"),
        (missing, one.key, "No such file"),
        (tmp_path, one.key, "not a regular file"),
    ]:
        done = command("serve", "--port", 0, "--tls-certificate", certificate, "--tls-key", key)
        assert done.returncode == 1
        assert reason in done.stderr, done.stderr


def test_contradictory_settings_are_errors(authority):
    pair = authority.issue("pair")
    for flags, named in [
        (["--tls-certificate", pair.certificate], "--tls-key"),
        (["--tls-key", pair.key], "--tls-certificate"),
        (["--tls-client-ca", authority.certificate], "--tls-certificate"),
        (["--port", 9001, "--admin-port", 9001], "--admin-port"),
    ]:
        done = command("serve", *flags)
        assert done.returncode != 0
        assert named in done.stderr


def test_an_expired_certificate_is_served_with_a_warning(authority):
    pair = authority.issue("old", age=1)
    with RunningServer(*pair.flags, client={"verify": False}) as server:
        assert server.waits_for_log("has expired").split()[1] == "warning"
