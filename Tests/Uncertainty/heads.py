"""The heads that are measured: the fixtures, the trained demo model, and made ones of any shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from laws import FLOOR, HeadLaw, RowLaw, URLHeadLaw
from running_server import FIXTURES, REPOSITORY, command

DIGITS = REPOSITORY / "Sources/headserve/Models/digits-hetxl"
PORT = "hetxl-pytorch-url"


@dataclass(frozen=True)
class Subject:
    """A head with noise, and instances for it."""

    name: str
    folder: Path
    features: np.ndarray
    law: HeadLaw | URLHeadLaw

    @property
    def link(self) -> str:
        return self.law.link

    @cache
    def rows(self) -> list[RowLaw]:
        return [self.law.row(row) for row in self.features]

    def __hash__(self) -> int:
        return hash(self.name)


def fixtures(folder: Path) -> list[Subject]:
    """Heads with the authors' outputs; `folder` is for files that are made on the way."""
    found = []
    for place in sorted((FIXTURES / "het").iterdir()):
        with np.load(place / "expected.npz") as expected:
            features = expected["features"]
        if place.name == PORT:
            file = folder / f"{PORT}.safetensors"
            if not file.exists():
                converted = command("convert", place, "--to", file)
                assert converted.returncode == 0, converted.stderr
            law = URLHeadLaw(file)
        else:
            law = HeadLaw(place)
        found.append(Subject(place.name, place, features, law))
    return found


def digits(which: slice | list[int] = slice(None)) -> Subject:
    """The trained demo model and images of digits."""
    from sklearn.datasets import load_digits
    images = load_digits().data.astype(np.float32) / 16
    return Subject("digits-hetxl", DIGITS, images[which], HeadLaw(DIGITS))


# MARK: made heads

@dataclass(frozen=True)
class Shape:
    """A head to be made: K classes, R factors, and noise that moves a logit by `deviation`."""

    classes: int
    factors: int
    deviation: float
    head: str = "het"
    noise: str = "shared"
    link: str = "softmax"
    is_efficient: bool = False

    @property
    def name(self) -> str:
        form = "-efficient" if self.is_efficient else ""
        return (f"{self.head}{form}-{self.link}-{self.noise}-K{self.classes}"
                f"-R{self.factors}-s{self.deviation}").replace(".", "_")


WIDTH = 64
"""Of the instances of made heads."""


def made(shape: Shape, folder: Path) -> Subject:
    """Writes a head whose first row has the deviation that is asked for."""
    random = np.random.default_rng([shape.classes, shape.factors, round(1000 * shape.deviation)])
    features = random.standard_normal((1, WIDTH)).astype(np.float32)
    tensors = _tensors(shape, random)
    place = folder / shape.name
    place.mkdir(parents=True, exist_ok=True)
    settings = {"checkpoint": "checkpoint.npz", "head": shape.head, "temperature": 1.0,
                "diagonal_noise": shape.noise}
    (place / "model.json").write_text(json.dumps(settings))
    unit = _written(place, shape, tensors).row(features[0])
    spread = (unit.largest_deviation if shape.link == "softmax"
              else np.sqrt((unit.loadings**2).sum(axis=1).max()))
    factor = shape.deviation / spread
    _scale_noise(tensors, factor, features[0])
    return Subject(shape.name, place, features, _written(place, shape, tensors))


def _tensors(shape: Shape, random: np.random.Generator) -> dict[str, np.ndarray]:
    space = WIDTH if shape.head == "het-xl" else shape.classes

    def layer(name: str, inputs: int, outputs: int, kernel: float, bias: float):
        return {f"{name}/kernel": kernel * random.standard_normal((inputs, outputs)),
                f"{name}/bias": bias * random.standard_normal(outputs)}

    tensors = layer("loc_layer", WIDTH, shape.classes, 2 / WIDTH**0.5, 0.5)
    tensors |= layer("diag_layer", WIDTH, space, 0.3 / WIDTH**0.5, 0.5)
    if shape.factors and shape.is_efficient:
        tensors |= layer("scale_layer_homoscedastic", shape.factors, space, 1, 0.2)
        tensors |= layer("scale_layer_heteroscedastic", WIDTH, space, 0.3 / WIDTH**0.5, 1)
    elif shape.factors:
        # Factors of falling weight, as training finds them: the last has a tenth of the first's.
        weight = np.geomspace(1, 0.1, shape.factors)
        loadings = layer("scale_layer", WIDTH, space * shape.factors, 0.3 / WIDTH**0.5, 1)
        tensors |= {name: value * np.tile(weight, space) for name, value in loadings.items()}
    return tensors


def _scale_noise(tensors: dict[str, np.ndarray], factor: float, x: np.ndarray) -> None:
    """Multiplies all noise of the row `x`: factors by their layer, and d = softplus(a) + 0.001 by
    a bias that makes it so."""
    for layer in ("scale_layer", "scale_layer_heteroscedastic"):
        for part in ("kernel", "bias"):
            if f"{layer}/{part}" in tensors:
                tensors[f"{layer}/{part}"] *= factor
    inner = x.astype(float) @ tensors["diag_layer/kernel"]
    deviation = factor * (np.logaddexp(0, inner + tensors["diag_layer/bias"]) + FLOOR)
    wanted = np.maximum(deviation - FLOOR, 1e-6)
    tensors["diag_layer/bias"] = wanted + np.log(-np.expm1(-wanted)) - inner


def _written(place: Path, shape: Shape, tensors: dict[str, np.ndarray]) -> HeadLaw:
    root = "multilabel_head/" if shape.link == "sigmoid" else "multiclass_head/"
    np.savez(place / "checkpoint.npz", **{
        root + name: value.astype(np.float32) for name, value in tensors.items()})
    return HeadLaw(place)
