"""Requests of a soak's clients: every kind of body, and the one right answer to each."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from raw_connection import RawConnection, chunked, post
from running_server import RunningServer, npy_bytes, request_body

MODELS = ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]
INPUTS = 64
ROWS = [1, 1, 1, 2, 3, 8, 33]
SAMPLES = [100, 500, 1000]
TIMEOUT = "X-Request-Timeout-Ms: 20000"
COUNT = 96


@dataclass(frozen=True)
class Request:
    """The bytes of a request, and its answer's body; both hold its number as identifier."""

    sent: bytes
    answer: bytes


def requests(folder: Path) -> list[Request]:
    """The answers are those of a server that computes on one thread, a row at a time, and has
    nothing else to do. Files for wrk are left in the folder."""
    chosen = random.Random(5)
    sent = [request(number, chosen) for number in range(COUNT)]
    found = []
    with RunningServer("--threads", 1, "--max-batch-rows", 1) as alone:
        with RawConnection(alone) as connection:
            for each in sent:
                connection.send(each)
                response = connection.response()
                assert response.status == 200, response
                found.append(Request(each, response.body))
    for number, each in enumerate(found):
        (folder / f"{number}.request").write_bytes(each.sent)
        (folder / f"{number}.answer").write_bytes(each.answer)
    return found


def request(number: int, chosen: random.Random) -> bytes:
    """Models, shapes and codings take turns, of coprime lengths, so that all of them meet."""
    model = MODELS[number % len(MODELS)]
    rows = digits(chosen, ROWS[number % len(ROWS)])
    headers = [f"X-Request-Id: {number}", TIMEOUT]
    if number % 5 == 0:
        headers.append("Accept-Encoding: gzip")
    parameters = {"seed": number % 3, "top_k": number % 11}
    if model == "digits-hetxl":
        parameters["samples"] = chosen.choice(SAMPLES)
    if number % 3 == 0:
        parameters["outputs"] = ["probabilities"]
    path, headers, body = (array if number % 8 == 1 else json_body)(
        model, rows, parameters, number, headers)
    return coded(body, number, headers, path)


def json_body(model: str, rows: list, parameters: dict, number: int, headers: list[str]):
    instances = [sparse(row) for row in rows] if number % 4 == 3 else rows
    body = json.dumps(request_body(instances, model, **parameters)).encode()
    return "/predict", [*headers, "Content-Type: application/json"], body


def array(model: str, rows: list, parameters: dict, number: int, headers: list[str]):
    """A NumPy array, its parameters in the query string."""
    query = urlencode({"model": model} | parameters, doseq=True)
    body = npy_bytes(np.array(rows, "<f4" if number % 3 else "<f8"))
    return f"/predict?{query}", [*headers, "Content-Type: application/x-npy"], body


def coded(body: bytes, number: int, headers: list[str], path: str) -> bytes:
    """Plain, gzip, deflate or in chunks."""
    match number % 9:
        case 3:
            return post(gzip.compress(body), *headers, "Content-Encoding: gzip", path=path)
        case 5:
            return post(zlib.compress(body), *headers, "Content-Encoding: deflate", path=path)
        case 7:
            pieces = [body[start : start + 700] for start in range(0, len(body), 700)]
            head = post(b"", *headers, "Transfer-Encoding: chunked", path=path, length=False)
            return head + chunked(pieces)
    return post(body, *headers, path=path)


def digits(chosen: random.Random, count: int) -> list[list[float]]:
    """Sparse as pixels are, in sixteenths."""
    return [[max(0, chosen.randint(-16, 16)) / 16 for _ in range(INPUTS)] for _ in range(count)]


def sparse(row: list[float]) -> dict:
    places = [place for place, value in enumerate(row) if value]
    return {"indices": places, "values": [row[place] for place in places]}
