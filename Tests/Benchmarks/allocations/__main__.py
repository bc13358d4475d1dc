"""Heap allocations of one request: python3 Tests/Benchmarks/allocations HEADSERVE

Two servers get a different number of the same requests over one connection; what one allocated
more than the other, by the requests it had more, is the allocations of a request.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FEW, MANY = 1_000, 6_000
START_SECONDS, END_SECONDS, PAUSE_SECONDS = 60, 30, 0.05
ROW = [round(index / 64, 4) for index in range(64)]
MODELS = ["digits-mhs", "digits-hetxl"]


def build(folder: Path) -> Path:
    library = folder / "counter.so"
    source = Path(__file__).with_name("counter.c")
    subprocess.run(
        ["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
         "-o", library, source], check=True)
    return library


def connect(port: int) -> http.client.HTTPConnection:
    end = time.monotonic() + START_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/health/ready")
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                return connection
        except OSError:
            pass
        connection.close()
        if time.monotonic() > end:
            raise SystemExit("the server is not ready")
        time.sleep(PAUSE_SECONDS)


def allocations(binary: Path, library: Path, model: str, requests: int) -> int:
    """Heap allocations of a server from its start to its end, with that many requests between."""
    count = library.with_name("count")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [binary, "serve", "--port", str(port), "--log-level", "error"],
        env={"PATH": os.environ["PATH"], "LD_PRELOAD": str(library), "ALLOCATIONS_FILE": str(count)})
    try:
        connection = connect(port)
        body = json.dumps({"model": model, "instances": [ROW]})
        for _ in range(requests):
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise SystemExit(f"status {response.status}")
        connection.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(END_SECONDS)
    return int(count.read_text())


def main() -> None:
    binary = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder))
        for model in MODELS:
            few, many = (allocations(binary, library, model, count) for count in (FEW, MANY))
            print(f"{model}: {(many - few) / (MANY - FEW):.1f} heap allocations a request")


if __name__ == "__main__":
    main()
