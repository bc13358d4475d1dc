"""Two instances behind Debian's nginx are replaced one after the other under load: nobody notices."""

import os
import shutil
import socket
import subprocess
import threading

import pytest
import requests
from running_server import DEADLINE, RunningServer, eventually, request_body, seconds

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")

CLIENTS = 6
BODY = request_body([[0.5] * 64], "digits-mhs")

# A prediction changes nothing and is the same wherever it is made, so nginx may ask the other
# instance again also when the first one has been sent the request: hence `non_idempotent`.
CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream headserve {{
    server 127.0.0.1:{first} max_fails=0;
    server 127.0.0.1:{second} max_fails=0;
    keepalive 16;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://headserve;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream error timeout http_503 non_idempotent;
      proxy_next_upstream_tries 2;
    }}
  }}
}}
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def nginx(tmp_path):
    """Its port, and those it expects the instances on."""
    port, first, second = free_ports(3)
    file = tmp_path / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=tmp_path, port=port, first=first, second=second))
    process = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(file)])
    yield port, first, second
    process.terminate()
    process.wait(DEADLINE)


def instance(port):
    """`RunningServer` names port 0 first; the last one given counts."""
    return RunningServer("--port", port, "--drain-delay", seconds(1))


class SteadyLoad:
    """Clients that each keep a connection to nginx and ask without a pause."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/predict"
        self.failures = []
        self.answers = [0] * CLIENTS
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=[n]) for n in range(CLIENTS)]

    def run(self, number):
        with requests.Session() as session:
            while not self.stop.is_set():
                try:
                    response = session.post(self.url, json=BODY, timeout=DEADLINE)
                except requests.RequestException as failure:
                    self.failures.append(repr(failure))
                    continue
                if response.status_code == 200:
                    self.answers[number] += 1
                else:
                    self.failures.append((response.status_code, response.text))

    def goes_on(self):
        before = list(self.answers)
        eventually(
            lambda: all(now > then + 5 for now, then in zip(self.answers, before)),
            "every client gets answers",
        )

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(DEADLINE)


def replace(old, port, load):
    """SIGTERM, and the successor as soon as the port is free."""
    old.terminate()
    old.waits_for_log("draining")
    load.goes_on()
    assert old.exit_code() == 0
    load.goes_on()
    new = instance(port)
    new.__enter__()
    load.goes_on()
    return new


def test_no_request_fails_while_both_instances_are_replaced(nginx):
    port, *ports = nginx
    running = []
    try:
        for each in ports:
            running.append(instance(each).__enter__())
        with SteadyLoad(port) as load:
            load.goes_on()
            for number in (0, 1, 0, 1):
                old = running[number]
                running[number] = replace(old, ports[number], load)
                old.kill()
        assert load.failures == []
        print(f"{sum(load.answers)} requests, none failed")
    finally:
        for each in running:
            each.kill()
