"""mTLS: certificates are asked for; probes and metrics do without."""

import ssl

import pytest
import requests
from certificates import Authority, connect, tls_server
from running_server import request_body
from test_refusals import assert_problem

BODY = request_body([[0.5] * 64], "digits-mhs")
OPEN = ["/health", "/health/live", "/health/ready", "/metrics"]
CLOSED = ["/v1/models", "/v1/models/digits-mhs", "/openapi.yaml"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def mutual(authority):
    with tls_server(authority, "--tls-client-ca", authority.certificate) as running:
        yield running


def test_without_a_certificate_only_probes_and_metrics_answer(mutual):
    for path in OPEN:
        assert mutual.get(path).status_code == 200
    for path in CLOSED:
        assert_problem(mutual.get(path), 403)
    assert_problem(mutual.post(BODY), 403)


def test_with_a_certificate_everything_answers(mutual, authority):
    certificate = authority.issue("client", host="client").files
    for path in OPEN + CLOSED:
        assert mutual.get(path, cert=certificate).status_code == 200
    assert mutual.post(BODY, cert=certificate).status_code == 200


def test_a_certificate_that_does_not_hold_fails_the_handshake(mutual, authority, tmp_path):
    foreign = Authority(tmp_path, "foreign").issue("client").files
    expired = authority.issue("expired", age=1).files
    for certificate in (foreign, expired):
        with pytest.raises(requests.ConnectionError):
            mutual.get("/health/live", cert=certificate)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_every_connection_proves_its_certificate_anew(mutual, authority, version):
    context = authority.context(version)
    context.load_cert_chain(*authority.issue("client", host="client").files)
    session = None
    for _ in range(2):
        with connect(mutual, context, session=session) as stream:
            stream.sendall(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n")
            assert stream.recv(12) == b"HTTP/1.1 200"
            session = stream.session
            assert not stream.session_reused


def test_a_certificate_and_a_key_are_both_asked_for(authority, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("sesame\n")
    certificate = authority.issue("client", host="client").files
    bearer = {"Authorization": "Bearer sesame"}
    flags = ["--tls-client-ca", authority.certificate, "--api-key-file", keys]
    with tls_server(authority, *flags) as server:
        assert server.post(BODY, cert=certificate, headers=bearer).status_code == 200
        assert_problem(server.post(BODY, headers=bearer), 403)
        assert_problem(server.post(BODY, cert=certificate), 401)
