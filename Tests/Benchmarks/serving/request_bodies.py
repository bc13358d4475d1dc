"""The request that all servers get: one image of a handwritten digit, 64 numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

IMAGES = (
    Path(__file__).resolve().parents[2] / "Fixtures/models/digits-hetxl/expected.npz")
PARAMETERS = {
    "digits-mhs": {},
    "digits-hetxl": {"parameters": {"samples": 1000, "estimator": "monte-carlo"}},
}
"""By model; independent draws, as the peer makes them, whatever is HeadServe's default."""


def write_bodies(folder: Path) -> dict[str, Path]:
    """A file with the request for each model."""
    with np.load(IMAGES) as arrays:
        image = arrays["features"][0].tolist()
    files = {}
    for model, parameters in PARAMETERS.items():
        files[model] = folder / f"{model}.json"
        body = {"model": model, "instances": [image], **parameters}
        files[model].write_text(json.dumps(body))
    return files
