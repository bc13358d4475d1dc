"""How many prediction sets hold the true label, over random splits of labelled rows.

Each split calibrates the model on some rows (`headserve calibrate`) and asks for the sets of others.
The rows are the images of digits, for the trained demo model, and instances of a made head of many
classes whose labels follow a law that the head does not know: it is too sure.
"""

from __future__ import annotations

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import table
from answers import Asking
from heads import DIGITS
from nets import softmax
from running_server import command

SPLITS = 200
SPLITS_AT_ONCE = 25
"""Models of one server."""
METHODS = ("lac", "aps", "raps")
COVERAGES = (0.8, 0.9, 0.95)
MOST_BELOW = 0.01
"""That a coverage may fall short of its target."""
CLASSES, WIDTH, ROWS = 1200, 64, 3000
OVERCONFIDENCE = 1.6
"""The made head's logits beside those of the law that labels follow."""


@dataclass(frozen=True)
class Labelled:
    """A model in a lone file, and rows with their labels: so many to calibrate, others to test."""

    name: str
    file: Path
    features: np.ndarray
    labels: np.ndarray
    calibrated: int
    tested: int

    def split(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        order = np.random.default_rng([3, number]).permutation(len(self.labels))
        return order[:self.calibrated], order[self.calibrated:][:self.tested]


def digits(folder: Path) -> Labelled:
    from sklearn.datasets import load_digits
    data = load_digits()
    file = folder / "digits.safetensors"
    _run("convert", DIGITS, "--to", file)
    return Labelled("digits-hetxl", file, data.data.astype(np.float32) / 16, data.target, 900, 897)


def many_classes(folder: Path) -> Labelled:
    """A dense head; each label is drawn from the softmax of smaller logits."""
    random = np.random.default_rng(11)
    weights = random.standard_normal((CLASSES, WIDTH)).astype(np.float32) * 0.45
    features = random.standard_normal((ROWS, WIDTH)).astype(np.float32)
    law = softmax(features.astype(float) @ weights.T.astype(float))
    labels = np.array([random.choice(CLASSES, p=row) for row in law])
    place = folder / "many"
    place.mkdir()
    np.savez(place / "head.npz", coef_=OVERCONFIDENCE * weights, intercept_=np.zeros(CLASSES),
             classes_=np.arange(CLASSES))
    (place / "model.json").write_text(json.dumps(
        {"checkpoint": "head.npz", "head": "dense", "link": "softmax"}))
    file = folder / "many.safetensors"
    _run("convert", place, "--to", file)
    return Labelled(f"dense-K{CLASSES}", file, features, labels, 1000, 300)


def calibrate(subject: Labelled, number: int, method: str, folder: Path) -> Path:
    rows, _ = subject.split(number)
    stem = folder / f"{subject.name}-{number}-{method}"
    np.save(stem.with_suffix(".x.npy"), subject.features[rows])
    np.save(stem.with_suffix(".y.npy"), subject.labels[rows].astype(np.int64))
    file = stem.with_suffix(".json")
    _run("calibrate", "--model", subject.file, "--method", method, "--output", file,
         "--data", stem.with_suffix(".x.npy"), "--labels", stem.with_suffix(".y.npy"))
    return file


def coverages(subject: Labelled, folder: Path) -> dict[tuple[str, float], np.ndarray]:
    """For each method and target, [split, 2]: the share of sets that hold the label, mean size."""
    found = {(method, target): np.zeros((SPLITS, 2)) for method in METHODS for target in COVERAGES}
    for first in range(0, SPLITS, SPLITS_AT_ONCE):
        tasks = [(number, method) for number in range(first, min(SPLITS, first + SPLITS_AT_ONCE))
                 for method in METHODS]
        with ThreadPoolExecutor(2) as pool:
            files = list(pool.map(lambda task: calibrate(subject, *task, folder), tasks))
        names = [f"{method}-{number}" for number, method in tasks]
        flags = [word for name, file in zip(names, files, strict=True)
                 for word in ("--calibration", f"{name}={file}")]
        with Asking([(name, subject.file) for name in names], flags=flags) as asking:
            for (number, method), name in zip(tasks, names, strict=True):
                for target in COVERAGES:
                    found[method, target][number] = _tested(asking, subject, number, name, target)
    return found


def _tested(
    asking: Asking, subject: Labelled, number: int, name: str, target: float
) -> tuple[float, float]:
    _, rows = subject.split(number)
    answer = asking.post({
        "model": name, "instances": subject.features[rows].tolist(),
        "parameters": {"top_k": 1, "coverage": target}})
    sets = [prediction["prediction_set"] for prediction in answer["predictions"]]
    holds = [label in {entry["index"] for entry in own["labels"]}
             for label, own in zip(subject.labels[rows], sets, strict=True)]
    return float(np.mean(holds)), float(np.mean([own["size"] for own in sets]))


def run(options) -> list[str]:
    table.heading(f"Prediction sets that hold the label, {SPLITS} random splits", [
        "model", "method", "target", "held", "of the splits, 5 % below", "mean size"])
    faults = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for subject in (digits(folder), many_classes(folder)):
            for (method, target), found in coverages(subject, folder).items():
                held = found[:, 0].mean()
                table.line([
                    subject.name, method, table.percent(target), table.percent(held),
                    table.percent(np.quantile(found[:, 0], 0.05)), f"{found[:, 1].mean():.2f}"])
                if held < target - MOST_BELOW:
                    faults.append(
                        f"{subject.name}, {method}, {target}: {table.percent(held)} are held")
    return faults


def _run(*arguments) -> None:
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
