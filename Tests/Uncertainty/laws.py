"""The law of a row's logits in double precision, from a checkpoint and its model.json.

u = mean + loadings·ζ with ζ standard normal: the equations of HET and HET-XL, written a second
time and from the checkpoint's tensors alone.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FLOOR = 1e-3
"""Of a deviation of the diagonal noise, in the authors' JAX code."""


@dataclass(frozen=True)
class RowLaw:
    """The normal law of the tempered logits of one row."""

    mean: np.ndarray
    """[K]"""
    loadings: np.ndarray
    """[K, N]"""

    @property
    def largest_deviation(self) -> float:
        """Over the classes: how far the noise moves a logit beside the mean of all logits."""
        centred = self.loadings - self.loadings.mean(axis=0)
        return float(np.sqrt((centred**2).sum(axis=1).max()))

    def in_fewest_dimensions(self) -> RowLaw:
        """The same law with no more columns than classes, by Cholesky's factor."""
        classes, columns = self.loadings.shape
        if columns <= classes:
            return self
        covariance = self.loadings @ self.loadings.T
        jitter = 1e-14 * np.trace(covariance) * np.eye(classes)
        return RowLaw(self.mean, np.linalg.cholesky(covariance + jitter))


class HeadLaw:
    """A checkpoint of uncertainty-baselines: what it makes of a row."""

    def __init__(self, folder: Path):
        self.settings = json.loads((folder / "model.json").read_text())
        tensors = _arrays(folder / self.settings["checkpoint"])
        name = next(name for name in tensors if name.endswith("loc_layer/kernel"))
        root = name.removesuffix("loc_layer/kernel")
        self.tensors = {
            name.removeprefix(root): _floats(value) for name, value in tensors.items()
            if name.startswith(root)}
        self.link = "sigmoid" if "multilabel_head" in root else "softmax"
        self.pre_logits = None
        if self.settings.get("pre_logits") == "tanh":
            outer = root.rstrip("/").rpartition("/")[0] + "/pre_logits/"
            self.pre_logits = [_floats(tensors[outer + part]) for part in ("kernel", "bias")]

    @property
    def temperature(self) -> float:
        if "temperature" in self.settings:
            return self.settings["temperature"]
        low, high = self.settings["temperature_bounds"]
        raw = self.tensors["pre_sigmoid_temperature"].item()
        return low + (high - low) / (1 + np.exp(-raw))

    def row(self, features: np.ndarray) -> RowLaw:
        x = features.astype(float)
        if self.pre_logits:
            kernel, bias = self.pre_logits
            x = np.tanh(x @ kernel + bias)
        shift, factors = self._factors(x)
        deviation = np.logaddexp(0, self._dense("diag_layer", x)) + FLOOR
        is_shared = self.settings.get("diagonal_noise", "shared") == "shared"
        diagonal = deviation[:, None] if is_shared else np.diag(deviation)
        noise = np.concatenate([factors, diagonal], axis=1)
        if self.settings["head"] == "het-xl":
            weights = self.tensors["loc_layer/kernel"]
            mean = self._dense("loc_layer", x + shift)
            noise = weights.T @ noise
        else:
            mean = self._dense("loc_layer", x) + shift
        return RowLaw(mean / self.temperature, noise / self.temperature)

    def _factors(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The noise's mean [N] and the loadings [N, R] of its factors, where it has such."""
        width = len(self.tensors["diag_layer/bias"])
        if "scale_layer/kernel" in self.tensors:
            loadings = self._dense("scale_layer", x).reshape(width, -1)
            return np.zeros(width), loadings
        if "scale_layer_homoscedastic/kernel" not in self.tensors:
            return np.zeros(width), np.zeros((width, 0))
        scale = self._dense("scale_layer_heteroscedastic", x)
        kernel = self.tensors["scale_layer_homoscedastic/kernel"]
        bias = self.tensors["scale_layer_homoscedastic/bias"]
        return bias * scale, scale[:, None] * kernel.T

    def _dense(self, layer: str, x: np.ndarray) -> np.ndarray:
        return x @ self.tensors[layer + "/kernel"] + self.tensors[layer + "/bias"]


class URLHeadLaw:
    """The PyTorch port of mkirchhof/url, from the safetensors file that `convert` writes of it."""

    link = "softmax"

    def __init__(self, file: Path):
        self.tensors = _safetensors(file)

    def row(self, features: np.ndarray) -> RowLaw:
        x = features.astype(float)
        weights, bias = self._named("fc.weight"), self._named("fc.bias")
        noise = x @ self._named("C")
        width = len(x)
        factors = noise[:-width].reshape(width, -1)
        deviation = np.sqrt(np.logaddexp(0, noise[-width:]))
        temperature = np.logaddexp(0, self._named("temp").item())
        loadings = weights @ np.concatenate([factors, deviation[:, None]], axis=1)
        return RowLaw((weights @ x + bias) / temperature, loadings / temperature)

    def _named(self, end: str) -> np.ndarray:
        return next(value for name, value in self.tensors.items()
                    if name == end or name.endswith("." + end))


def _arrays(file: Path) -> dict[str, np.ndarray]:
    with np.load(file) as arrays:
        return {name: arrays[name] for name in arrays}


def _floats(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.dtype("V2"):  # bfloat16: the upper half of a float32
        words = array.view(np.uint16).astype(np.uint32) << 16
        return words.view(np.float32).astype(float)
    return array.astype(float)


def _safetensors(file: Path) -> dict[str, np.ndarray]:
    data = file.read_bytes()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    found = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            assert tensor["dtype"] == "F32", name
            begin, end = (8 + length + offset for offset in tensor["data_offsets"])
            values = np.frombuffer(data[begin:end], "<f4").astype(float)
            found[name] = values.reshape(tensor["shape"])
    return found
