"""Answers of a server as arrays [row, class]: every class of every row, a seed a row."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from quiet_server import QuietServer

MOST_ENTRIES = 100_000
"""Entries of the lists of one answer, some megabytes."""
FIELDS = ("probability", "standard_error", "standard_deviation")


@dataclass(frozen=True)
class Answers:
    """Probabilities, what is said of their errors, and the uncertainty of each row."""

    probability: np.ndarray
    standard_error: np.ndarray
    standard_deviation: np.ndarray
    low: np.ndarray
    high: np.ndarray
    uncertainty: list[dict]

    def entropies(self, name: str) -> np.ndarray:
        return np.array([row[name] for row in self.uncertainty])


class Asking:
    """A server of some models, over a connection for each request: minutes may lie between two."""

    def __init__(self, models, most_samples: int = 1 << 22, flags=()):
        """`models` are (name, path); `flags` those of the server beside its limits."""
        paths = [word for name, path in models for word in ("--model", f"{name}={path}")]
        self.server = QuietServer(
            *paths, *flags, "--max-samples", most_samples, "--request-timeout", "3600s",
            "--max-response-bytes", 1 << 30)

    def __enter__(self) -> Asking:
        self.server.__enter__()
        return self

    def __exit__(self, *reason) -> None:
        self.server.__exit__(*reason)

    def post(self, body: dict) -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        with closing(connection):
            connection.request("POST", "/predict", json.dumps(body))
            response = connection.getresponse()
            text = response.read()
        assert response.status == 200, text[:2000]
        return json.loads(text)

    def all_classes(self, model: str, features, seeds, classes: int, **parameters) -> Answers:
        """Instances and their seeds, in requests of as many rows as an answer may have."""
        step = max(1, MOST_ENTRIES // classes)
        predictions = []
        for first in range(0, len(seeds), step):
            part = slice(first, first + step)
            answer = self.post({
                "model": model, "instances": [row.tolist() for row in features[part]],
                "parameters": {
                    "top_k": classes, "seed": [int(seed) for seed in seeds[part]], **parameters}})
            predictions += answer["predictions"]
        return _arrays(predictions, classes)


def _arrays(predictions: list[dict], classes: int) -> Answers:
    arrays = {name: np.zeros((len(predictions), classes)) for name in (*FIELDS, "low", "high")}
    for row, prediction in enumerate(predictions):
        entries = prediction["top_k"]
        order = [entry["index"] for entry in entries]
        for name in FIELDS:
            arrays[name][row, order] = [entry[name] for entry in entries]
        arrays["low"][row, order], arrays["high"][row, order] = np.transpose(
            [entry["interval"] for entry in entries])
    return Answers(**arrays, uncertainty=[row["uncertainty"] for row in predictions])
