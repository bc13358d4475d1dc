"""Weights and rows of a dense layer, the same for every peer."""

import numpy as np


def weights(shape: dict) -> tuple[np.ndarray, np.ndarray]:
    """A kernel [D, K] with logits of standard deviation one, and a bias [K]."""
    features, classes = shape["features"], shape["classes"]
    kernel = np.random.default_rng(0).standard_normal((features, classes), dtype=np.float32)
    return kernel / np.float32(features**0.5), np.zeros(classes, np.float32)


def batch(shape: dict, rows: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((rows, shape["features"]), dtype=np.float32)
