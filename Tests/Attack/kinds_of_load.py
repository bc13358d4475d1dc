"""Requests of greedy clients, that of the small client beside them, and the models."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import codings
import numpy as np
from attacks import SMALL_REQUEST
from contents import INPUTS, Rows, blanks, digits
from dense_model import dense_model
from raw_connection import post
from running_server import REPOSITORY, request_body

CLASSES, FEATURES, FACTORS = 10_000, 64, 50
LONG_CODED = 63 << 20
LONG_PLAIN = 10 << 20
DEMO = REPOSITORY / "Sources/headserve/Models/digits-mhs"
ROW = [0.25] * FEATURES


def sampling_model(folder: Path) -> Path:
    """A HET-XL head of many classes: a row with 1,000 samples takes milliseconds."""
    folder.mkdir()
    chosen = np.random.default_rng(1)
    widths = {"loc_layer": CLASSES, "scale_layer": FEATURES * FACTORS, "diag_layer": FEATURES}
    arrays = {}
    for layer, width in widths.items():
        place = f"opt/target/multiclass_head/{layer}"
        arrays[f"{place}/kernel"] = 0.1 * chosen.normal(size=(FEATURES, width)).astype("<f4")
        arrays[f"{place}/bias"] = np.zeros(width, "<f4")
    np.savez(folder / "checkpoint.npz", **arrays)
    settings = {"checkpoint": "checkpoint.npz", "head": "het-xl", "temperature": 1.0}
    (folder / "model.json").write_text(json.dumps(settings))
    return folder


def models(folder: Path) -> list:
    """Flags of the server: the sampling model is the first."""
    dense_model(folder / "wide", 2, INPUTS, np.linspace(-1, 1, 2 * INPUTS), [0.0, 0.0])
    paths = [sampling_model(folder / "many-classes"), DEMO, folder / "wide"]
    return [flag for path in paths for flag in ("--model", path)]


def sampled(rows: int, samples: int, *headers: str) -> bytes:
    body = request_body([ROW] * rows, "many-classes", samples=samples, top_k=1)
    return post(json.dumps(body).encode(), *headers)


def coded(content: Callable[[int], bytes]) -> bytes:
    return post(codings.best(content(LONG_CODED)), "Content-Encoding: gzip")


SMALL = sampled(1, 1000, "X-Request-Timeout-Ms: 30000")
"""With the time that a client has who asks for no other; the server's is longer, see `fairness`."""


COMPUTING, READING = 8e-3, 2e-3
"""Seconds of a turn."""


@dataclass(frozen=True)
class Kind:
    """A greedy request, made when it is needed for a number of clients that send it, and the small
    one that stands beside it."""

    name: str
    greedy: Callable[[int], bytes]
    small: bytes = SMALL
    quantum: float = COMPUTING
    """Of the turns that the small one waits for."""


KINDS = [
    Kind("long", lambda _: sampled(64, 2000)),
    Kind("rows", lambda clients: sampled(1024 if clients == 1 else 512, 100)),
    Kind("gzip of blanks", lambda _: coded(blanks("behind")), SMALL_REQUEST, READING),
    Kind("gzip of numbers", lambda _: coded(Rows(digits(17))), SMALL_REQUEST, READING),
    Kind("bodies", lambda _: post(Rows(digits(17))(LONG_PLAIN))),
]
"""A request takes a second or more: all are answered in turn."""
