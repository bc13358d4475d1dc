"""The number of independent draws that quasi-Monte-Carlo points are worth.

The worth of S points is Var(softmax_k) over the mean square error of the estimate, which 128 seeds
tell. Rows of the fixtures whose noise moves no class by more than two beside the mean of all are
promised 1,000 draws for 128 points and 20,000 for 1,024, in the median over their classes. Digits
that the trained demo model is unsure of, and made heads, stand beside them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nets
import numpy as np
import table
from answers import Asking
from heads import Shape, Subject, digits, fixtures, made

SEEDS = 128
"""The mean square of so many errors is off by an eighth; a median over the classes by less."""
PROMISED = {128: 1000, 1024: 20_000}
MOST_DEVIATION = 2
TRUTH_POINTS = 1 << 20
TRUTH_SEED = 1 << 40
UNSURE_DIGITS = [1729, 1664, 547, 31, 345]
"""Images of which no class has more than 0.53."""
SHAPES = [
    *(Shape(300, 50, deviation, "het-xl", is_efficient=True) for deviation in (0.6, 1.0, 2.0, 3.0)),
    *(Shape(300, 50, deviation) for deviation in (1.0, 3.0))]
"""Noise in the space of 64 features, and noise that each class has of its own."""
MOST_CLASSES_OF_NETS = 100
"""A thousand classes take SciPy minutes: fewer seeds then."""
ROUNDING = 2.0**-24
"""Of a probability in float32, beside itself."""


def worths(probabilities: np.ndarray, truth: np.ndarray, variance: np.ndarray) -> float:
    """The median over the classes, in draws; estimates are [seed, class]."""
    errors = ((probabilities - truth)**2).mean(axis=0)
    return float(np.median(variance / np.maximum(errors, (ROUNDING * truth)**2)))


def rows_of(asking: Asking, subject: Subject):
    """For each row its deviation and, by number of points, the worth with and without rotation."""
    for number, law in enumerate(subject.rows()):
        features, classes = subject.features[[number]], len(law.mean)

        def ask(points: int, seeds) -> np.ndarray:
            return asking.all_classes(
                subject.name, np.repeat(features, len(seeds), axis=0), seeds, classes,
                estimator="quasi-monte-carlo", samples=points)

        precise = ask(TRUTH_POINTS if classes < 100 else TRUTH_POINTS >> 3, [TRUTH_SEED])
        truth, variance = precise.probability[0], precise.standard_deviation[0]**2
        seeds = 16 if classes > MOST_CLASSES_OF_NETS else SEEDS
        plain = law.in_fewest_dimensions()
        yield number, law.largest_deviation, {
            points: (worths(ask(points, range(SEEDS)).probability, truth, variance),
                     worths(nets.estimates(plain, points, seeds), truth, variance))
            for points in PROMISED}


def run(options) -> list[str]:
    table.heading("Independent draws that points are worth", [
        "head", "row", "largest deviation", *(
            f"{points:,} points, {how}" for points in PROMISED
            for how in ("rotated", "not rotated"))])
    faults = []
    with tempfile.TemporaryDirectory() as name:
        promised = [subject for subject in fixtures(Path(name)) if subject.link == "softmax"]
        others = [digits(UNSURE_DIGITS), *(made(shape, Path(name)) for shape in SHAPES)]
        subjects = promised + others
        with Asking([(subject.name, subject.folder) for subject in subjects]) as asking:
            for subject in subjects:
                for row, deviation, found in rows_of(asking, subject):
                    cells = [table.count(worth) for pair in found.values() for worth in pair]
                    table.line([subject.name, row, f"{deviation:.2f}", *cells])
                    if subject in promised and deviation <= MOST_DEVIATION:
                        faults += _faults(subject.name, row, found)
    return faults


def _faults(name: str, row: int, found: dict) -> list[str]:
    return [
        f"{name}, row {row}: {points} points are worth {table.count(worth)} draws"
        for points, (worth, _) in found.items() if worth < PROMISED[points]]
