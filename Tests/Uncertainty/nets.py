"""Quasi-Monte-Carlo without rotation, by SciPy's scrambled Sobol points: a second estimator.

Beside the server's answers it shows which part of their worth the principal axes are.
"""

from __future__ import annotations

import numpy as np
from laws import RowLaw
from scipy.special import ndtri
from scipy.stats import qmc

SCRAMBLES = 8


def estimates(law: RowLaw, points: int, seeds: int) -> np.ndarray:
    """Probabilities [seed, class], each from `points` points in eight scrambles."""
    columns = law.loadings.shape[1]
    found = np.zeros((seeds, len(law.mean)))
    for seed in range(seeds):
        for scramble in range(SCRAMBLES):
            net = qmc.Sobol(columns, seed=np.random.default_rng([seed, scramble]))
            uniform = net.random(points // SCRAMBLES)
            noise = ndtri(np.clip(uniform, 2.0**-33, 1 - 2.0**-33))
            found[seed] += softmax(law.mean + noise @ law.loadings.T).mean(axis=0) / SCRAMBLES
    return found


def softmax(u: np.ndarray) -> np.ndarray:
    exponentials = np.exp(u - u.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
