"""Random requests to a model of every kind of head, each with the answer that it gets alone."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from raw_connection import RawConnection, post
from running_server import FIXTURES, RunningServer, npy_bytes, request_body

FOLDERS = [
    "het/het-softmax-efficient", "het/het-sigmoid-full", "het/hetxl-softmax-wide",
    "het/hetxl-sigmoid-efficient", "het/hetxl-softmax-independent", "het/hetxl-softmax-bfloat16",
    "mhe/mhp-3heads", "mhe/mhc-2heads", "mhe/mhc-3heads", "mhe/mhc-xmc", "mhe/mhs",
    "mhe/arcface-mhs", "recipes/clip", "recipes/siglip", "recipes/scikit-learn-several-classes",
]
LONG = "het/hetxl-softmax-wide"
"""A thousand classes: many rows with many samples take a tenth of a second, and are held up."""
ALONE = ("--threads", 1, "--max-batch-rows", 1)
"""A server that computes on one thread, a row at a time, and is asked for one thing at a time."""
ROWS = [1, 1, 1, 2, 3, 5, 8, 17, 64, 130]
SAMPLES = [1, 16, 100, 1000, 1003]
LONG_SHARE = 0.01
SEEDS = 2**32


@dataclass(frozen=True)
class Request:
    """A request as bytes, and the body of its answer."""

    sent: bytes
    answer: bytes


def model_flags() -> list:
    models = [f"{name(folder)}={FIXTURES / folder}" for folder in FOLDERS]
    return [flag for model in models for flag in ("--model", model)]


def name(folder: str) -> str:
    return folder.replace("/", "-")


def requests(count: int, seed: int) -> list[Request]:
    chosen = random.Random(seed)
    features = {folder: features_of(folder) for folder in FOLDERS}
    sent = [request(chosen, features) for _ in range(count)]
    with RunningServer(*model_flags(), *ALONE) as server, RawConnection(server) as connection:
        return [Request(each, answer(connection, each)) for each in sent]


def answer(connection: RawConnection, sent: bytes) -> bytes:
    connection.send(sent)
    response = connection.response()
    if response.status != 200:
        raise AssertionError(f"{response}: {sent[:300]!r}")
    return response.body


def features_of(folder: str) -> np.ndarray:
    with np.load(FIXTURES / folder / "expected.npz") as arrays:
        return arrays["features"].astype("<f4")


def request(chosen: random.Random, features: dict[str, np.ndarray]) -> bytes:
    is_long = chosen.random() < LONG_SHARE
    folder = LONG if is_long else chosen.choice(FOLDERS)
    count = 40 if is_long else chosen.choice(ROWS)
    rows = [row(chosen, features[folder]) for _ in range(count)]
    parameters = {"top_k": chosen.randrange(7), "seed": chosen.randrange(SEEDS)}
    if folder.startswith("het/"):
        parameters["samples"] = 3000 if is_long else chosen.choice(SAMPLES)
    headers = ["Accept-Encoding: gzip"] if chosen.random() < 0.2 else []
    if chosen.random() < 0.25:
        body, path, kind = array(chosen, rows, folder, parameters)
    else:
        body, path, kind = text(chosen, rows, folder, parameters)
    return coded(chosen, body, path, [*headers, f"Content-Type: {kind}"])


def row(chosen: random.Random, features: np.ndarray) -> np.ndarray:
    """One of the author's, scaled, with zeros in some places or in most."""
    found = features[chosen.randrange(len(features))] * np.float32(chosen.uniform(0.2, 1))
    places = np.random.default_rng(chosen.randrange(SEEDS)).random(found.shape)
    return np.where(places < chosen.choice([0, 0.3, 0.9]), np.float32(0), found)


def array(chosen: random.Random, rows: list, folder: str, parameters: dict):
    query = urlencode({"model": name(folder)} | parameters)
    body = npy_bytes(np.array(rows, chosen.choice(["<f4", "<f8", "<f2"])))
    return body, f"/predict?{query}", "application/x-npy"


def text(chosen: random.Random, rows: list, folder: str, parameters: dict):
    """Each row dense or sparse; perhaps a seed for each."""
    instances = [sparse(chosen, each) if chosen.random() < 0.3 else each.tolist() for each in rows]
    if chosen.random() < 0.2:
        parameters = {**parameters, "seed": [chosen.randrange(SEEDS) for _ in rows]}
    body = request_body(instances, name(folder), **parameters)
    return json.dumps(body).encode(), "/predict", "application/json"


def sparse(chosen: random.Random, values: np.ndarray) -> dict:
    places = np.flatnonzero(values).tolist()
    chosen.shuffle(places)
    return {"indices": places, "values": [values[place].item() for place in places]}


def coded(chosen: random.Random, body: bytes, path: str, headers: list[str]) -> bytes:
    match chosen.randrange(4):
        case 0:
            return post(gzip.compress(body), *headers, "Content-Encoding: gzip", path=path)
        case 1:
            return post(zlib.compress(body), *headers, "Content-Encoding: deflate", path=path)
    return post(body, *headers, path=path)
