"""A server on 127.0.0.1 that lives as long as a `with` block."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from contestants import end_of
from turns import Unavailable

LONGEST_START = 90.0
LONGEST_END = 10.0
PAUSE = 0.05
"""All in seconds."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """Entered once the server answers `path` with 200; left with all its processes ended."""

    def __init__(self, command: list[str], port: int, path: str, body: bytes, folder: Path,
                 environment: dict[str, str]):
        self._command = command
        self._port = port
        self._probe = path, body
        self._folder = folder
        self._environment = environment
        self._log = tempfile.TemporaryFile("w+")

    def __enter__(self) -> ServerProcess:
        try:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment,
                stdout=self._log, stderr=self._log, start_new_session=True)
        except FileNotFoundError as error:
            raise Unavailable(f"not installed: {Path(error.filename).name}") from error
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body; throws Unavailable where there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST_START)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"no answer: {error}") from error
        finally:
            connection.close()

    def _wait(self) -> None:
        end = time.monotonic() + LONGEST_START
        status: int | str = "nothing"
        while time.monotonic() < end:
            if self._process.poll() is not None:
                self._log.seek(0)
                raise Unavailable(end_of(self._log.read()))
            try:
                status, _ = self.post(*self._probe)
            except Unavailable as problem:
                status = str(problem)
            if status == 200:
                return
            time.sleep(PAUSE)
        raise Unavailable(f"not ready in {LONGEST_START:.0f} s: {status}")

    def _end(self) -> None:
        """The session is the server's own, so the signal reaches its workers and nobody else."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(LONGEST_END)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._log.close()
