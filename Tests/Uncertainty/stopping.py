"""Samples that end early: whether `certify` proves what is so, and what error `tolerance` leaves.

Rows of `certify` are chosen so that their leads fill 0 to 0.5 evenly; the truth is the server's
answer from many more points. Ties are those of a head of which each class has a mirror image.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import table
from answers import Asking
from heads import Shape, Subject, digits, fixtures, made

SHAPES = [Shape(20, 3, 1.0, "het-xl"), Shape(20, 3, 3.0, "het-xl")]
DELTA = 0.05
ROWS = 10_000
LEADS = np.arange(0, 0.501, 0.05)
CANDIDATES = 4_096
"""Random instances of a head, of which the rows are chosen."""
MOST_SAMPLES = 20_000
TRUTH_POINTS = 1 << 14
SURE = 5
"""Standard errors of the truth that a lead has to have for its leader to be known."""
TIES = 4_000
TOLERANCES = [0.02, 0.005]
TOLERANCE_ROWS = 1_000
MOST_DOUBLED = 1 << 17
ROWS_AT_ONCE = 1_000


def run(options) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        random = np.random.default_rng(5)
        heads = [_with_rows(made(shape, folder), CANDIDATES, random) for shape in SHAPES]
        tie = _mirrored(folder / "mirrored")
        subjects = [
            digits(), *(head for head in fixtures(folder) if head.link == "softmax"), *heads]
        models = [(subject.name, subject.folder) for subject in subjects]
        with Asking([*models, (tie.name, tie.folder)]) as asking:
            faults = _certify(asking, heads, random)
            faults += _ties(asking, tie)
            return faults + _tolerance(asking, subjects, random)


def _with_rows(subject: Subject, count: int, random: np.random.Generator) -> Subject:
    # Longer instances have larger leads.
    rows = random.standard_normal((count, subject.features.shape[1]))
    rows *= random.uniform(0.2, 1.5, (count, 1))
    return Subject(subject.name, subject.folder, rows.astype(np.float32), subject.law)


# MARK: certify

def _certify(asking: Asking, heads: list[Subject], random: np.random.Generator) -> list[str]:
    table.heading(f"`certify` at δ = {DELTA}, at most {MOST_SAMPLES:,} samples", [
        "lead", "rows", "proven", "wrong", "median samples", "of 90 %"])
    found = [_rows(asking, head, ROWS // len(heads), random) for head in heads]
    lead, is_proven, is_wrong, samples = (np.concatenate(part) for part in zip(*found, strict=True))
    for low, high in zip(LEADS[:-1], LEADS[1:], strict=True):
        part = (lead >= low) & (lead < high)
        table.line([
            f"{low:.2f}–{high:.2f}", f"{part.sum():,}", table.percent(is_proven[part].mean()),
            is_wrong[part].sum(), f"{np.median(samples[part]):,.0f}",
            f"{np.quantile(samples[part], 0.9):,.0f}"])
    print(f"\n{is_wrong.sum()} of {len(lead):,} rows wrong, "
          f"{table.percent(is_proven.mean())} proven")
    for middle in (0.3, 0.1):
        part = abs(lead - middle) < 0.01
        print(f"lead {middle}: median {np.median(samples[part]):,.0f} of {part.sum()} rows")
    if is_wrong.mean() > DELTA:
        return [f"{is_wrong.sum()} of {len(lead)} rows are proven wrongly"]
    return []


def _rows(asking: Asking, head: Subject, count: int, random: np.random.Generator):
    """Leads of rows that fill all ranges evenly, and what is said of each."""
    truth = asking.all_classes(
        head.name, head.features, 1 << 40 | np.arange(len(head.features)), _class_count(head),
        estimator="quasi-monte-carlo", samples=TRUTH_POINTS)
    order = np.argsort(-truth.probability, axis=1)[:, :2]
    best = np.take_along_axis(truth.probability, order, axis=1)
    error = np.take_along_axis(truth.standard_error, order, axis=1)
    lead = best[:, 0] - best[:, 1]
    is_known = lead > SURE * np.hypot(error[:, 0], error[:, 1])
    chosen = []
    for low, high in zip(LEADS[:-1], LEADS[1:], strict=True):
        places = np.flatnonzero(is_known & (lead >= low) & (lead < high))
        # Where instances are too few, several times with seeds of their own.
        chosen.append(random.choice(places, count // (len(LEADS) - 1)))
    which = np.concatenate(chosen)
    said = _ask(asking, head.name, head.features[which], top_k=1, samples=MOST_SAMPLES,
                certify="top_1", delta=DELTA)
    is_proven = np.array([row["uncertainty"]["certified"] for row in said])
    leader = np.array([row["top_k"][0]["index"] for row in said])
    samples = np.array([row["uncertainty"]["samples"] for row in said])
    return lead[which], is_proven, is_proven & (leader != order[which, 0]), samples


def _ask(asking: Asking, model: str, features, first_seed: int = 0, **parameters) -> list[dict]:
    """Predictions, with a seed a row."""
    found = []
    for first in range(0, len(features), ROWS_AT_ONCE):
        part = features[first:first + ROWS_AT_ONCE]
        seeds = [first_seed + first + row for row in range(len(part))]
        found += asking.post({
            "model": model, "instances": part.tolist(),
            "parameters": {"seed": seeds, **parameters}})["predictions"]
    return found


# MARK: ties

def _mirrored(folder: Path) -> Subject:
    """A HET head of four classes. The first two have one mean, and loadings of opposite signs, so
    that what one is under a draw, the other is under its negative; so have the others."""
    random = np.random.default_rng(3)
    width, pairs, factors = 4, 2, 2
    mean = np.repeat([1.0, 0.0], 2)
    loadings = random.standard_normal((pairs, factors)) * 1.5
    loadings = np.stack([loadings, -loadings], axis=1).reshape(2 * pairs * factors)
    bias = {"loc_layer": mean, "diag_layer": np.full(2 * pairs, -1.0), "scale_layer": loadings}
    arrays = {}
    for name, values in bias.items():
        arrays[f"multiclass_head/{name}/kernel"] = np.zeros((width, len(values)))
        arrays[f"multiclass_head/{name}/bias"] = values
    folder.mkdir()
    np.savez(folder / "checkpoint.npz", **{
        name: value.astype(np.float32) for name, value in arrays.items()})
    (folder / "model.json").write_text(json.dumps({
        "checkpoint": "checkpoint.npz", "head": "het", "temperature": 1.0,
        "diagonal_noise": "shared"}))
    return Subject("mirrored", folder, np.zeros((1, width), np.float32), None)


def _ties(asking: Asking, tie: Subject) -> list[str]:
    table.heading("Exact ties", ["δ", "rows", "proven"])
    faults = []
    for delta in (0.05, 0.5):
        said = _ask(asking, tie.name, np.repeat(tie.features, TIES, axis=0), top_k=1,
                    samples=MOST_SAMPLES // 4, certify="top_1", delta=delta)
        part = np.mean([row["uncertainty"]["certified"] for row in said])
        table.line([delta, f"{TIES:,}", table.percent(part)])
        # Three deviations of the share.
        if part > delta + 3 * np.sqrt(delta * (1 - delta) / TIES):
            faults.append(f"{table.percent(part)} of ties are proven at {delta}")
    return faults


# MARK: tolerance

def _tolerance(
    asking: Asking, subjects: list[Subject], random: np.random.Generator
) -> list[str]:
    table.heading("Error of the five first labels in units of `tolerance`", [
        "estimator", "tolerance", "rows", "converged", "median samples", "root mean square",
        "above 1", "above 2", "largest"])
    cases = [_case(asking, subject, TOLERANCE_ROWS // len(subjects) + 1, random)
             for subject in subjects]
    faults = []
    for estimator in ("monte-carlo", "quasi-monte-carlo"):
        for tolerance in TOLERANCES:
            said, errors = [], []
            for place, (name, features, truth) in enumerate(cases):
                rows = _ask(asking, name, features, place * ROWS_AT_ONCE, estimator=estimator,
                            samples=MOST_DOUBLED, tolerance=tolerance)
                said += rows
                for row, expected in zip(rows, truth, strict=True):
                    errors.append([entry["probability"] - expected[entry["index"]]
                                   for entry in row["top_k"]])
            faults += _told(estimator, tolerance, said, errors)
    return faults


def _case(asking: Asking, subject: Subject, count: int, random: np.random.Generator):
    """Some instances of a head, perhaps repeated, and their true probabilities."""
    places, which = np.unique(
        random.choice(len(subject.features), count), return_inverse=True)
    features = subject.features[places]
    truth = asking.all_classes(
        subject.name, features, 1 << 41 | np.arange(len(places)), _class_count(subject),
        estimator="quasi-monte-carlo", samples=2 * TRUTH_POINTS)
    return subject.name, features[which], truth.probability[which]


def _class_count(subject: Subject) -> int:
    return len(subject.law.row(subject.features[0]).mean)


def _told(
    estimator: str, tolerance: float, said: list[dict], errors: list[list[float]]
) -> list[str]:
    is_within = np.array([row["uncertainty"]["converged"] for row in said])
    samples = np.array([row["uncertainty"]["samples"] for row in said])
    flat = np.abs(np.concatenate(errors)) / tolerance
    size = np.sqrt((flat**2).mean())
    table.line([
        estimator, tolerance, f"{len(said):,}", table.percent(is_within.mean()),
        f"{np.median(samples):,.0f}", f"{size:.2f}", table.percent((flat > 1).mean()),
        table.percent((flat > 2).mean()), f"{flat.max():.1f}"])
    told = max(entry["standard_error"] for row, is_one in zip(said, is_within, strict=True)
               for entry in row["top_k"] if is_one)
    faults = [] if told <= tolerance else [f"{estimator}: an error of {told} has converged"]
    if size > 1:
        faults.append(f"{estimator}, {tolerance}: the error is {size:.2f} of the tolerance")
    return faults
