"""Holds a running server's answers for a recipe's folder against the library's own."""

import json
import os
import shlex
import subprocess
from pathlib import Path

import numpy as np
from document import RECIPES, blocks
from making import recorded
from running_server import RunningServer

EXACT = 1e-5
"""Largest difference of a probability. A logit is a sum of n ≤ 32 float32 products of order 1, in
HeadServe and in most of the libraries: each is off by some n^½ · 2^-24 · 5 = 2e-6 (five standard
deviations of the rounding). CLIP's and SigLIP's scales of 14 and 7 multiply cosines, whose products
are n^½ times smaller, to no more. Tanh, GELU and both links have slopes of at most 1.13, so that a
probability is off by 2 · 1.13² · 2e-6 = 5e-6 at most."""
STANDARD_ERRORS = 5
LEAST_SPREAD = 0.05
"""The least range of some class over the rows: a head that ignores its input must be seen."""


def assert_agreement(folder):
    """Serves the folder and asks about all its instances with the commands of RECIPES.md."""
    features, truth, draws = recorded(folder)
    assert np.ptp(truth, axis=0).max() >= LEAST_SPREAD, "the rows are too much alike"
    np.save(folder.parent / "instances.npy", features)
    serve, question = commands()
    with RunningServer(*serve, directory=folder.parent) as server:
        answers = asked(server, question, folder.parent)["predictions"]
    found = np.array([answer["probabilities"] for answer in answers])
    bound = np.maximum(EXACT, sampling_error(answers, truth, draws))
    assert found.shape == truth.shape
    assert (np.abs(found - truth) <= bound).all(), np.abs(found - truth).max()
    names = labels(folder, truth.shape[1])
    for row, answer in zip(truth, answers):
        best = answer["top_k"][0]
        assert best["label"] == names[best["index"]]
        assert row[best["index"]] >= row.max() - 2 * bound.max()


def sampling_error(answers, truth, draws):
    """Of both means in quadrature; a probability's variance over draws is at most p (1 - p)."""
    if draws is None:
        return np.zeros_like(truth)
    drawn = answers[0]["uncertainty"]["samples"]
    return STANDARD_ERRORS * np.sqrt(truth * (1 - truth) * (1 / draws + 1 / drawn))


def commands():
    """The arguments of `headserve serve` and the curl command that RECIPES.md shows."""
    shown = blocks(RECIPES.read_text(), "sh")
    lines = {shlex.split(line)[0]: line for block in shown for line in block.splitlines()}
    assert lines["headserve"].startswith("headserve serve ")
    return shlex.split(lines["headserve"])[2:], lines["curl"]


def asked(server, command, directory):
    """The answer to a command of a document, put to this server. Its programs find what lies beside
    this file."""
    local = command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
    assert local != command
    run = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {local}"], cwd=directory,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert "predictions" in answer, answer
    return answer


def labels(folder, classes):
    """The labels that the folder gives its classes: by a file, by scikit-learn, or none."""
    manifest = json.loads((folder / "model.json").read_text())
    if "labels" in manifest:
        return (folder / manifest["labels"]).read_text().splitlines()
    if manifest["checkpoint"].endswith(".npz"):
        with np.load(folder / manifest["checkpoint"]) as arrays:
            if "classes_" in arrays:
                # Of two classes the head knows the second.
                return [str(name) for name in arrays["classes_"][-classes:]]
    return [str(index) for index in range(classes)]
