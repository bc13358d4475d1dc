"""Answers by quadrature beside a second quadrature in double precision, with other nodes.

Sigmoid links under both laws of the noise, and softmax without factors under shared noise: Gauss's
rule of 16 nodes in each of 400 pieces of [−10, 10], where the server has a trapezoid rule.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import table
from answers import Asking
from draws import bernoulli_entropy
from heads import Shape, Subject, fixtures, made
from laws import RowLaw
from nets import softmax

MOST = 1e-5
"""Difference of a probability, a deviation, or an entropy; of a label's where they are summed."""
PIECES, NODES, REACH = 400, 16, 10
SHAPES = [
    *(Shape(classes, factors, deviation, head, noise, "sigmoid")
      for noise in ("shared", "independent") for classes, factors, head in [
          (10, 0, "het"), (300, 15, "het-xl"), (5000, 50, "het-xl"), (2000, 5, "het")]
      for deviation in (0.1, 1.0, 6.0)),
    *(Shape(classes, 0, deviation, head)
      for head in ("het", "het-xl") for classes in (2, 300, 5000) for deviation in (0.1, 1.0, 6.0)),
]


def normal_nodes() -> tuple[np.ndarray, np.ndarray]:
    """Places in z and weights with the normal density in them."""
    places, weights = np.polynomial.legendre.leggauss(NODES)
    half = REACH / PIECES
    centres = -REACH + half * (2 * np.arange(PIECES) + 1)
    z = (centres[:, None] + half * places).ravel()
    return z, np.tile(half * weights, PIECES) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)


def sigmoid_truth(law: RowLaw) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Probabilities and deviations of the labels, and their summed entropies: that of the means
    and the mean of them."""
    z, weights = normal_nodes()
    spread = np.sqrt((law.loadings**2).sum(axis=1))
    p, squares, entropy = np.zeros_like(spread), np.zeros_like(spread), 0.0
    for node, weight in zip(z, weights, strict=True):
        u = law.mean + spread * node
        own = 1 / (1 + np.exp(-u))
        p += weight * own
        squares += weight * own**2
        entropy += weight * bernoulli_entropy(u, own).sum()
    inverse = np.log(p) - np.log1p(-p)
    return p, np.sqrt(np.maximum(squares - p**2, 0)), bernoulli_entropy(inverse, p).sum(), entropy


def softmax_truth(law: RowLaw) -> tuple[np.ndarray, np.ndarray, float, float]:
    z, weights = normal_nodes()
    p, squares, entropy = np.zeros_like(law.mean), np.zeros_like(law.mean), 0.0
    for node, weight in zip(z, weights, strict=True):
        own = softmax((law.mean + law.loadings[:, 0] * node)[None])[0]
        p += weight * own
        squares += weight * own**2
        entropy -= weight * (own * np.log(np.maximum(own, 1e-300))).sum()
    predictive = -(p * np.log(np.maximum(p, 1e-300))).sum()
    return p, np.sqrt(np.maximum(squares - p**2, 0)), predictive, entropy


def is_exact(subject: Subject) -> bool:
    return subject.link == "sigmoid" or subject.rows()[0].loadings.shape[1] == 1


def differences(asking: Asking, subject: Subject) -> list[float]:
    """The largest of probability, deviation and both entropies over all rows."""
    laws = subject.rows()
    classes = len(laws[0].mean)
    found = asking.all_classes(subject.name, subject.features, [0] * len(laws), classes)
    summed = classes if subject.link == "sigmoid" else 1
    worst = np.zeros(4)
    for row, law in enumerate(laws):
        answer = found.uncertainty[row]
        assert answer["estimator"] == "quadrature" and answer["samples"] == 0
        truth = sigmoid_truth(law) if subject.link == "sigmoid" else softmax_truth(law)
        own = [
            np.abs(found.probability[row] - truth[0]).max(),
            np.abs(found.standard_deviation[row] - truth[1]).max(),
            abs(answer["predictive_entropy"] - truth[2]) / summed,
            abs(answer["expected_entropy"] - truth[3]) / summed]
        worst = np.maximum(worst, own)
    return list(worst)


def run(options) -> list[str]:
    table.heading("Exact laws: largest difference from another quadrature", [
        "head", "probability", "standard deviation", "predictive entropy", "expected entropy"])
    faults = []
    with tempfile.TemporaryDirectory() as name:
        subjects = [subject for subject in fixtures(Path(name)) if is_exact(subject)]
        subjects += [made(shape, Path(name)) for shape in SHAPES]
        with Asking([(subject.name, subject.folder) for subject in subjects]) as asking:
            for subject in subjects:
                found = differences(asking, subject)
                table.line([subject.name, *map(table.small, found)])
                if max(found) > MOST:
                    faults.append(f"{subject.name} is off by {max(found):.1e}")
    return faults
