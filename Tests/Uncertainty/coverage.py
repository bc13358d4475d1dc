"""How often `interval` holds the truth, by estimator and number of points.

At least 2,000 rows of each head with a seed each. The truth of a row is the server's answer from
many more points and a seed of its own; beside those of the answers its error has to be small. Heads
whose law is exact are judged by it, and sampled by an estimator's name.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import table
from answers import Answers, Asking
from heads import Subject, digits, fixtures

ROWS = 2000
SETTINGS = [
    ("monte-carlo", 10), ("monte-carlo", 50), ("monte-carlo", 1000),
    ("quasi-monte-carlo", 16), ("quasi-monte-carlo", 256), ("quasi-monte-carlo", 1024)]
PROMISED = {("monte-carlo", 1000), ("quasi-monte-carlo", 256), ("quasi-monte-carlo", 1024)}
LEAST, MOST = 0.93, 0.97
BOUNDS = np.array([1e-4, 0.01, 0.99, 0.9999])
RANGES = ["p < .0001", ".0001–.01", ".01–.99", ".99–.9999", "> .9999"]
MIDDLE = 2
"""The range that the promise is about."""
TRUTH_NUMBERS = 1 << 31
"""Points times classes for the truths of one head."""
MOST_TRUTH_POINTS = 1 << 20
TRUTH_SEED = 1 << 40
LARGEST_RATIO = 0.2
"""Of the truth's standard error to that of an answer, in the root of the mean square: the variance
that an interval has to hold grows by its square, 4 %, and coverage falls by half a point."""
FLOAT_STEP = 2.0**-24
"""Probabilities are float32: half a unit in the last place of 1."""


class Count:
    """Of intervals by range of p: how many hold the truth, how many there are."""

    def __init__(self):
        self.held = np.zeros(len(RANGES))
        self.all = np.zeros(len(RANGES))
        self.ratios: list[float] = []

    def add(self, truth: np.ndarray, truth_error: np.ndarray, found: Answers) -> None:
        holds = (found.low - FLOAT_STEP <= truth) & (truth <= found.high + FLOAT_STEP)
        place = np.digitize(truth, BOUNDS)
        self.held += np.bincount(place[holds], minlength=len(RANGES))
        self.all += np.bincount(place.ravel(), minlength=len(RANGES))
        inside = place == MIDDLE
        ratio = (truth_error[inside]**2).mean() / (found.standard_error[inside]**2).mean()
        self.ratios.append(float(np.sqrt(ratio)))

    def join(self, other: Count) -> None:
        self.held += other.held
        self.all += other.all
        self.ratios += other.ratios

    @property
    def parts(self) -> np.ndarray:
        return np.where(self.all > 0, self.held / np.maximum(self.all, 1), np.nan)


def truths(asking: Asking, subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and their errors, from many points or by quadrature."""
    rows, classes = len(subject.features), len(subject.rows()[0].mean)
    points = MOST_TRUTH_POINTS
    while points * classes * rows > TRUTH_NUMBERS:
        points //= 2
    first = asking.all_classes(
        subject.name, subject.features[:1], [0], classes, estimator="auto", samples=16)
    is_exact = first.uncertainty[0]["estimator"] == "quadrature"
    estimator = "auto" if is_exact else "quasi-monte-carlo"
    found = asking.all_classes(
        subject.name, subject.features, TRUTH_SEED + np.arange(rows), classes,
        estimator=estimator, samples=points)
    return found.probability, found.standard_error


def counts(asking: Asking, subject: Subject) -> dict[tuple, Count]:
    """For each setting, over rows that repeat the instances with seeds of their own."""
    truth, error = truths(asking, subject)
    which = np.arange(max(ROWS, len(truth))) % len(truth)
    found = {}
    for setting in SETTINGS:
        estimator, samples = setting
        answers = asking.all_classes(
            subject.name, subject.features[which], np.arange(len(which)), truth.shape[1],
            estimator=estimator, samples=samples)
        assert answers.uncertainty[0]["estimator"] == estimator
        found[setting] = Count()
        found[setting].add(truth[which], error[which], answers)
    return found


def run(options) -> list[str]:
    found = []
    table.heading("Intervals of 95 % that hold the truth, .01 ≤ p ≤ .99", [
        "head", *(f"{estimator}, {samples:,}" for estimator, samples in SETTINGS)])
    with tempfile.TemporaryDirectory() as name:
        subjects = [digits(), *fixtures(Path(name))]
        with Asking([(subject.name, subject.folder) for subject in subjects]) as asking:
            for subject in subjects:
                found.append(counts(asking, subject))
                table.line([subject.name, *(
                    table.percent(found[-1][setting].parts[MIDDLE]) for setting in SETTINGS)])
    whole = {setting: Count() for setting in SETTINGS}
    for setting, count in whole.items():
        for counted in found:
            count.join(counted[setting])
    _show("The trained demo model, by the true probability", found[0])
    _show("All heads together, by the true probability", whole)
    return _faults(whole)


def _show(title: str, counts: dict[tuple, Count]) -> None:
    table.heading(title, ["estimator", "samples", *RANGES, "error of the truth"])
    for (estimator, samples), count in counts.items():
        table.line([estimator, f"{samples:,}", *map(table.percent, count.parts),
                    f"{max(count.ratios):.3f}"])


def _faults(whole: dict[tuple, Count]) -> list[str]:
    faults = [
        f"{estimator}, {samples}: {table.percent(whole[estimator, samples].parts[MIDDLE])} are held"
        for estimator, samples in PROMISED
        if not LEAST <= whole[estimator, samples].parts[MIDDLE] <= MOST]
    faults += [
        f"{setting}: the truth is not known well enough" for setting in PROMISED
        if max(whole[setting].ratios) > LARGEST_RATIO]
    return faults
