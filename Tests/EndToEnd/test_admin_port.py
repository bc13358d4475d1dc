"""The port for probes and metrics, and `healthcheck`, which follows the server's settings."""

import json
import re

import pytest
import requests
from certificates import Authority, tls_server
from raw_connection import begin_request
from running_server import DEADLINE, RunningServer, command, eventually, seconds
from test_refusals import assert_problem

OPEN = ["/health", "/health/live", "/health/ready", "/metrics"]
CLOSED = ["/v1/models", "/v1/models/digits-mhs", "/openapi.yaml", "/predict", "/"]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def admin_port(server):
    line = server.waits_for_log("listening for probes and metrics")
    return int(re.search(r"http://127\.0\.0\.1:(\d+)", line).group(1))


def test_it_has_probes_and_metrics_in_clear_text_and_nothing_else(authority):
    flags = ["--admin-port", 0, "--tls-client-ca", authority.certificate]
    with tls_server(authority, *flags) as server:
        url = f"http://127.0.0.1:{admin_port(server)}"
        for path in OPEN:
            assert requests.get(url + path, timeout=DEADLINE).status_code == 200
            assert server.get(path).status_code == 200
        for path in CLOSED:
            assert_problem(requests.get(url + path, timeout=DEADLINE), 404)
        assert_problem(requests.post(url + "/predict", json={}, timeout=DEADLINE), 404)
        assert_problem(requests.post(url + "/metrics", json={}, timeout=DEADLINE), 405)


def test_its_connections_do_not_hold_up_the_end():
    with RunningServer("--admin-port", 0, "--shutdown-timeout", seconds(40)) as server:
        port = admin_port(server)
        with requests.Session() as idle:
            assert idle.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
            server.terminate()
            assert server.exit_code(deadline=20) == 0


def test_it_answers_until_the_drain_is_over():
    with RunningServer("--admin-port", 0) as server:
        url = f"http://127.0.0.1:{admin_port(server)}/health/"
        with begin_request(server, b"12345") as busy:
            server.terminate()
            eventually(lambda: server.status("/health/live") is None, "the listener closes")
            assert requests.get(url + "ready", timeout=DEADLINE).status_code == 503
            assert requests.get(url + "live", timeout=DEADLINE).status_code == 200
            busy.send(b"12345")
            assert busy.response().status == 400
        assert server.exit_code() == 0


def test_a_port_that_is_taken_is_an_error():
    with RunningServer() as server:
        done = command("serve", "--port", 0, "--admin-port", server.port)
        assert done.returncode == 1
        assert "in use" in done.stderr


def test_healthcheck_speaks_tls_as_the_server_does(authority, tmp_path):
    with tls_server(authority, "--tls-client-ca", authority.certificate) as server:
        port = ["--port", server.port]
        certificate = authority.folder / "ca-server.pem"
        key = certificate.with_suffix(".key")
        done = command(
            "healthcheck", *port, "--tls-certificate", certificate, "--tls-key", key
        )
        assert (done.returncode, done.stdout) == (0, "ready\n")
        # The certificate is all that matters to it.
        assert command("healthcheck", *port, "--tls-certificate", certificate).returncode == 0
        certificate = str(certificate)
        settings = {"HEADSERVE_TLS_CERTIFICATE": certificate, "HEADSERVE_PORT": str(server.port)}
        assert command("healthcheck", environment=settings).returncode == 0
        file = tmp_path / "settings.json"
        file.write_text(json.dumps({"tls_certificate": certificate, "port": server.port}))
        assert command("healthcheck", "--config", file).returncode == 0
        assert command("healthcheck", *port).returncode == 1
        foreign = Authority(tmp_path, "foreign").issue("server").certificate
        assert command("healthcheck", *port, "--tls-certificate", foreign).returncode == 1


def test_healthcheck_knows_a_renewed_certificate_by_the_issuer_in_its_file(authority):
    with tls_server(authority) as server:
        renewed = authority.issue("renewed").certificate
        flags = ["--port", server.port, "--tls-certificate", renewed]
        assert command("healthcheck", *flags).returncode == 1
        renewed.write_bytes(renewed.read_bytes() + authority.certificate.read_bytes())
        assert command("healthcheck", *flags).returncode == 0


def test_healthcheck_does_not_mind_the_dates_of_a_certificate(authority):
    pair = authority.issue("old", host="elsewhere", age=1)
    with RunningServer(*pair.flags, client={"verify": False}) as server:
        assert command("healthcheck", "--port", server.port, *pair.flags).returncode == 0


def test_healthcheck_uses_the_admin_port(authority):
    with tls_server(authority, "--admin-port", 0) as server:
        flags = ["--admin-port", admin_port(server), "--port", 1]
        assert command("healthcheck", *flags).returncode == 0
        assert command("healthcheck", *flags, *authority.issue("server").flags).returncode == 0
