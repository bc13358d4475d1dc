"""A headserve process under test: started on a free port, watched through its log."""

import io
import os
import re
import resource
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import requests
from documented import check_answer

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("HEADSERVE_BINARY", REPOSITORY / ".build/release/headserve"))
FIXTURES = REPOSITORY / "Tests/Fixtures"

DEADLINE = 60.0
"""Seconds that a condition has before a test gives up; generous, since it is no measurement."""

PAUSE = 0.02
"""Seconds between two looks at a condition that cannot be waited for otherwise."""


def seconds(count):
    """A duration as the server's flags take it."""
    return f"{count}s"


def eventually(condition, what, deadline=DEADLINE):
    """Waits until the condition holds and returns what it gave; fails when the deadline passes."""
    end = time.monotonic() + deadline
    while not (outcome := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {deadline} s")
        threading.Event().wait(PAUSE)
    return outcome


def command(*arguments, environment=None, deadline=DEADLINE):
    """Runs the binary to its end."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        env={**clean_environment(), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=deadline,
    )


def clean_environment():
    """The environment without settings of the server, which would change what a test sees."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HEADSERVE_")}


class RunningServer:
    """`headserve serve` on 127.0.0.1 and a free port; leaves with its process ended."""

    def __init__(self, *arguments, directory=None, client=None, environment=None, limits=None):
        """`client` is what its requests need, such as the certificates that they trust; `limits` is
        what the process may use, by the numbers of `resource`."""
        self.client = client or {}
        self.scheme = self.port = None
        self.process = subprocess.Popen(
            [str(BINARY), "serve", "--host", "127.0.0.1", "--port", "0", *map(str, arguments)],
            env={**clean_environment(), **(environment or {})},
            cwd=directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: [
                resource.setrlimit(number, (most, most)) for number, most in (limits or {}).items()
            ],
        )
        self.log = []
        self._bound = threading.Event()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line)
            address = re.search(r"(https?)://127\.0\.0\.1:(\d+)", line)
            if address and not self._bound.is_set():
                self.scheme, self.port = address.group(1), int(address.group(2))
                self._bound.set()
        self._bound.set()

    def __enter__(self):
        try:
            self._bound.wait(DEADLINE)
            assert self.port, "no bound address in the log:\n" + "".join(self.log)
            eventually(self.is_ready, "the server is ready")
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        self.process.stderr.close()

    def terminate(self):
        self.process.terminate()

    def exit_code(self, deadline=DEADLINE):
        return self.process.wait(deadline)

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def get(self, path, **options):
        return self._ask("GET", path, **options)

    def post(self, body, path="/predict", content_type="application/json", headers=None, **options):
        """Posts bytes or text as they are, and anything else as JSON."""
        if not isinstance(body, (bytes, str)):
            return self._ask("POST", path, json=body, headers=headers, **options)
        data = body.encode() if isinstance(body, str) else body
        headers = {**({"Content-Type": content_type} if content_type else {}), **(headers or {})}
        return self._ask("POST", path, data=data, headers=headers, **options)

    def _ask(self, method, path, **options):
        """The answer, which is as openapi.yaml says unless the test reads it by itself."""
        options = {"timeout": DEADLINE, **self.client, **options}
        response = requests.request(method, self.url + path, **options)
        if not options.get("stream"):
            target = path.partition("?")[0]
            check_answer(method, target, response.status_code, response.headers, response.content)
        return response

    def predict(self, instances, model=None, **parameters):
        """The parsed answer, which has to be 200."""
        response = self.post(request_body(instances, model, **parameters))
        assert response.status_code == 200, response.text
        return response.json()

    def is_ready(self):
        assert self.process.poll() is None, "the server ended:\n" + "".join(self.log)
        return self.status("/health/ready") == 200

    def waits_for_log(self, text):
        """Waits for a line of the log that holds the text, and returns it."""
        return eventually(
            lambda: next((line for line in list(self.log) if text in line), None), f"'{text}' in the log"
        )

    def status(self, path):
        """The status of a GET, or None where no connection is to be had."""
        try:
            return self.get(path).status_code
        except requests.ConnectionError:
            return None


def request_body(instances, model=None, **parameters):
    """The JSON value of a predict request; rows may be NumPy arrays."""
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in instances]
    body = {"instances": rows}
    if model is not None:
        body["model"] = model
    if parameters:
        body["parameters"] = parameters
    return body


def npy_bytes(array):
    """The bytes that `numpy.save` writes to a file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def post_array(server, array, path="/predict", headers=None, **query):
    """Posts an array, or the bytes of one, with its parameters in the query string."""
    body = array if isinstance(array, bytes) else npy_bytes(array)
    return server.post(
        body, path, content_type="application/x-npy", headers=headers, params=query
    )
