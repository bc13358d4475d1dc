"""Means over independent draws of the noise, ten millions of them, in double precision.

Heads of many classes multiply and exponentiate in float32, whose rounding errors are below any
standard error here, and add up in double. What was once computed is kept in .build/uncertainty.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from laws import RowLaw
from running_server import REPOSITORY

KEPT = REPOSITORY / ".build/uncertainty"
DRAWS = 10_000_000
BLOCKS = 100
FEW_CLASSES = 64
"""Up to which all is double precision."""
NUMBERS_AT_ONCE = 1 << 17
"""Logits of a piece, which stay in a processor's cache."""


@dataclass(frozen=True)
class Truth:
    """Expectations over the noise, and the standard errors of their estimates."""

    probability: np.ndarray
    variance: np.ndarray
    """Of softmax_k over the noise."""
    error: np.ndarray
    predictive: tuple[float, float]
    """The entropy of the mean in nats, and its standard error."""
    expected: tuple[float, float]
    """The mean of the entropies."""


def truth(law: RowLaw, link: str = "softmax") -> Truth:
    """Of `DRAWS` draws, by blocks."""
    means, squares, entropies = _kept(law.in_fewest_dimensions(), link)
    p = means.mean(axis=0)
    variance = np.maximum(squares.mean(axis=0) - p**2, 0)
    # The entropy of a mean is curved: blocks tell the error of its linear part.
    slope = _slope(p, link)
    return Truth(
        p, variance, np.sqrt(variance / DRAWS),
        (_entropy(p, link), _error_of_mean(means @ slope)),
        (float(entropies.mean()), _error_of_mean(entropies)))


def _kept(law: RowLaw, link: str) -> list[np.ndarray]:
    """Blocks of this law: means and mean squares [block, class], and mean entropies [block]."""
    code = Path(__file__).read_bytes()
    numbers = (law.mean.tobytes(), law.loadings.tobytes())
    digest = hashlib.sha256(b"".join([code, link.encode(), *numbers]))
    file = KEPT / f"{digest.hexdigest()}.npz"
    if not file.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez(part, *_blocks(law, link))
        part.rename(file)
    with np.load(file) as arrays:
        return [arrays[name] for name in arrays]


def _blocks(law: RowLaw, link: str) -> list[np.ndarray]:
    """Shared by as many processes as there are processors."""
    tasks = [(law, link, DRAWS // BLOCKS, block) for block in range(BLOCKS)]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), get_context("fork")) as pool:
        blocks = list(pool.map(_block, tasks))
    return [np.array(part) for part in zip(*blocks, strict=True)]


def _block(task: tuple[RowLaw, str, int, int]) -> tuple[np.ndarray, np.ndarray, float]:
    law, link, draws, number = task
    classes, columns = law.loadings.shape
    kind = np.float64 if classes <= FEW_CLASSES else np.float32
    mean, loadings = law.mean.astype(kind), np.ascontiguousarray(law.loadings.T, dtype=kind)
    random = np.random.Generator(np.random.SFC64([7, number]))
    total, squares, entropy = np.zeros(classes), np.zeros(classes), 0.0
    step = max(1, NUMBERS_AT_ONCE // classes)
    add = _add_sigmoids if link == "sigmoid" else _add_softmaxes
    for first in range(0, draws, step):
        noise = random.standard_normal((min(step, draws - first), columns), dtype=kind)
        entropy += add(mean + noise @ loadings, total, squares)
    return total / draws, squares / draws, entropy / draws


def _add_softmaxes(u: np.ndarray, total: np.ndarray, squares: np.ndarray) -> float:
    """Adds a piece's probabilities and their squares, and returns the sum of its entropies."""
    u -= u.max(axis=1, keepdims=True)
    exponentials = np.exp(u)
    sums = exponentials.sum(axis=1)
    weights = 1 / sums
    total += weights @ exponentials
    inner = np.einsum("nk,nk->n", exponentials, u)
    np.square(exponentials, out=exponentials)
    squares += weights**2 @ exponentials
    return float(np.sum(np.log(sums) - inner * weights, dtype=float))


def _add_sigmoids(u: np.ndarray, total: np.ndarray, squares: np.ndarray) -> float:
    p = 1 / (1 + np.exp(-u))
    total += p.sum(axis=0)
    squares += (p * p).sum(axis=0)
    return float(bernoulli_entropy(u, p).sum(dtype=float))


def bernoulli_entropy(u: np.ndarray, p: np.ndarray) -> np.ndarray:
    """That of p = sigmoid(u) in nats: −p log p − q log q, with log p = −log(1 + e^−u) and
    log q = log p − u."""
    return np.logaddexp(0, -u) + (1 - p) * u


def _entropy(p: np.ndarray, link: str) -> float:
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum()
    if link == "sigmoid":
        entropy -= ((1 - p) * np.log(np.maximum(1 - p, 1e-300))).sum()
    return float(entropy)


def _slope(p: np.ndarray, link: str) -> np.ndarray:
    """The derivative of the entropy by each probability, up to a constant for softmax."""
    log = np.log(np.maximum(p, 1e-300))
    return np.log(np.maximum(1 - p, 1e-300)) - log if link == "sigmoid" else -log


def _error_of_mean(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
