"""SIGHUP: new credentials come into force between two connections, and bad ones never do."""

import shutil
import signal
import threading

import requests
from certificates import Authority, tls_server
from running_server import DEADLINE, RunningServer, command, eventually, request_body
from test_refusals import assert_problem

BODY = request_body([[0.5] * 64], "digits-mhs")


class Load:
    """Threads that ask over a new connection each time; leaves with every answer counted."""

    def __init__(self, server, threads=4):
        self.server = server
        self.failures = []
        self.answers = 0
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]

    def run(self):
        while not self.stop.is_set():
            try:
                response = self.server.post(BODY)
                assert response.status_code == 200, response.text
                self.answers += 1
            except Exception as failure:
                self.failures.append(failure)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(DEADLINE)


def is_trusted_by(server, authority):
    try:
        return server.get("/health/live", **authority.trusted).status_code == 200
    except requests.exceptions.SSLError:
        return False


def replace(old, new):
    shutil.copy(new.certificate, old.certificate)
    shutil.copy(new.key, old.key)


def test_certificates_are_exchanged_under_load(tmp_path):
    first, second = Authority(tmp_path, "first"), Authority(tmp_path, "second")
    both = tmp_path / "both.pem"
    both.write_bytes(first.certificate.read_bytes() + second.certificate.read_bytes())
    with tls_server(first, client={"verify": str(both)}) as server, Load(server) as load:
        used = first.issue("server")
        for authority in (second, first, second):
            replace(used, authority.issue("next"))
            before = load.answers
            server.process.send_signal(signal.SIGHUP)
            eventually(lambda: is_trusted_by(server, authority), "the new certificate is shown")
            eventually(lambda: load.answers > before + 20, "answers go on")
        used.key.write_bytes(first.issue("other").key.read_bytes())
        server.process.send_signal(signal.SIGHUP)
        assert "is not that of the certificate" in server.waits_for_log("reload failed")
        assert is_trusted_by(server, second)
    assert load.failures == []
    assert load.answers > 60


def test_client_authorities_are_exchanged_too(tmp_path):
    first, second = Authority(tmp_path, "first"), Authority(tmp_path, "second")
    clients = tmp_path / "clients.pem"
    shutil.copy(first.certificate, clients)
    certificate = second.issue("client").files
    with tls_server(first, "--tls-client-ca", clients) as server:
        assert server.post(BODY, cert=first.issue("client").files).status_code == 200
        shutil.copy(second.certificate, clients)
        server.process.send_signal(signal.SIGHUP)
        server.waits_for_log("reloaded")
        assert server.post(BODY, cert=certificate).status_code == 200
        assert_problem(server.post(BODY), 403)


def test_sighup_without_credentials_does_no_harm():
    with RunningServer() as server:
        server.process.send_signal(signal.SIGHUP)
        server.waits_for_log("reloaded")
        assert server.post(BODY).status_code == 200
        assert command("healthcheck", "--port", server.port).returncode == 0
