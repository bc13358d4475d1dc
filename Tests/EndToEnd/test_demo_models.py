"""The four demo models answer as their references say, from any directory."""

import numpy as np
import pytest
from conftest import expected
from running_server import RunningServer

SAMPLES = 2000
REFERENCE_SAMPLES = 2_000_000
CLASSES = 10


@pytest.fixture(scope="module")
def answers(server, digits):
    """Every image's prediction by digits-hetxl, all labels with their errors."""
    parameters = {
        "samples": SAMPLES, "estimator": "monte-carlo", "top_k": CLASSES,
        "outputs": ["probabilities"],
    }
    return server.predict(digits, "digits-hetxl", **parameters)["predictions"]


def column(answers, field):
    """A field of the top-k entries as an array [image, label]."""
    return np.array([
        [entry[field] for entry in sorted(answer["top_k"], key=lambda entry: entry["index"])]
        for answer in answers
    ])


def test_digits_hetxl_matches_two_million_draws_within_sampling_error(answers):
    reference = expected("models/digits-hetxl")
    # Where a label lives on rare draws, 2,000 of them underestimate its spread; the reference's own
    # error, scaled to as many draws, then says what the standard error really is.
    scaled = reference["reference_standard_error"] * np.sqrt(REFERENCE_SAMPLES / SAMPLES)
    error = np.maximum(column(answers, "standard_error"), scaled)
    # Five standard deviations of the difference of two independent estimates, and float32: an
    # exponential, a sum, a quotient and a product a draw, and the answer's own rounding, each
    # half a unit in the last place (2^-24 of the probability).
    rounding = 5 * 2.0**-24 * reference["reference_probabilities"]
    tolerance = 5 * np.hypot(error, reference["reference_standard_error"]) + rounding
    difference = np.abs(column(answers, "probability") - reference["reference_probabilities"])
    assert (difference <= tolerance).all(), np.argwhere(difference > tolerance)


def test_reported_standard_errors_agree_with_the_references(answers):
    reference = expected("models/digits-hetxl")
    probability = reference["reference_probabilities"]
    scaled = reference["reference_standard_error"] * np.sqrt(REFERENCE_SAMPLES / SAMPLES)
    typical = (probability > 0.02) & (probability < 0.98)
    ratio = np.median((column(answers, "standard_error") / scaled)[typical])
    # About 190 ratios, each uncertain by a fifth (the reference's errors come from blocks of
    # draws): their median is uncertain by 0.2 · 1.25 / √190 = 0.018, and 5 · 0.018 < 0.1.
    assert 0.9 < ratio < 1.1


def test_points_err_less_than_as_many_draws_by_an_order_of_magnitude(server, digits):
    """Of all labels that may be in doubt, which are near enough to two million draws as well."""
    answers = server.predict(digits, "digits-hetxl", top_k=CLASSES)["predictions"]
    drawn = {(answer["uncertainty"]["estimator"], answer["uncertainty"]["samples"])
             for answer in answers}
    assert drawn == {("quasi-monte-carlo", 1024)}
    reference = expected("models/digits-hetxl")
    probability = reference["reference_probabilities"]
    reference_error = reference["reference_standard_error"]
    typical = (probability > 0.02) & (probability < 0.98)
    error = column(answers, "standard_error")
    difference = np.abs(column(answers, "probability") - probability)
    # Five standard deviations, and float32 as above.
    tolerance = 5 * np.hypot(error, reference_error) + 5 * 2.0**-24 * probability
    assert (difference <= tolerance)[typical].all()
    of_draws = reference_error * np.sqrt(REFERENCE_SAMPLES / 1024)
    assert np.median((error / of_draws)[typical]) < 0.1


@pytest.mark.parametrize("estimator", ["monte-carlo", "quasi-monte-carlo"])
def test_standard_errors_predict_the_spread_over_seeds(server, digits, estimator):
    seeds = list(range(64))
    rows = [digits[149]] * len(seeds)
    answers = server.predict(
        rows, "digits-hetxl", samples=500, seed=seeds, top_k=CLASSES, estimator=estimator)
    estimates = column(answers["predictions"], "probability")[:, [3, 8]]
    errors = column(answers["predictions"], "standard_error")[:, [3, 8]]
    ratio = estimates.std(axis=0, ddof=1) / errors.mean(axis=0)
    # A standard deviation from n values is uncertain by 1 / √(2 (n − 1)) = 0.089; five of these.
    assert (np.abs(ratio - 1) < 0.45).all(), ratio


def test_intervals_deviations_and_errors_belong_together(answers):
    for answer in answers:
        assert answer["uncertainty"]["samples"] == SAMPLES
        for entry in answer["top_k"]:
            error, probability = entry["standard_error"], entry["probability"]
            # float32 arithmetic and printing: a few units of 2^-24, relative and absolute.
            close = {"rel": 1e-5, "abs": 1e-6}
            # Student's t with 1,999 degrees of freedom.
            reach = 1.961151 * error
            low, high = max(0, probability - reach), min(1, probability + reach)
            assert entry["interval"] == pytest.approx([low, high], **close)
            deviation = error * np.sqrt(SAMPLES)
            # A deviation with S − 1 in place of S differs by 1 / (2 S) = 2.5e-4 of itself.
            assert entry["standard_deviation"] == pytest.approx(deviation, rel=3e-4, abs=1e-5)


def test_entropies_margin_and_list_follow_from_the_probabilities(answers):
    for answer in answers:
        uncertainty = answer["uncertainty"]
        probabilities = np.array(answer["probabilities"])
        ranked = sorted(range(CLASSES), key=lambda index: (-probabilities[index], index))
        assert [entry["index"] for entry in answer["top_k"]] == ranked
        assert [entry["label"] for entry in answer["top_k"]] == [str(index) for index in ranked]
        assert [entry["probability"] for entry in answer["top_k"]] == list(probabilities[ranked])
        # Ten terms of float32 precision (6e-8), each at most 0.37 nats, and logarithms of
        # rounded probabilities: below 1e-5. An error e of p takes e² / 2p from the entropy on the
        # average, which the answer's gives back.
        safe = np.maximum(probabilities, 1e-300)
        errors = np.array([entry["standard_error"] for entry in answer["top_k"]])
        entropy = -np.sum(probabilities * np.log(safe)) + np.sum(errors**2 / safe[ranked] / 2)
        assert uncertainty["predictive_entropy"] == pytest.approx(entropy, abs=1e-5)
        information = uncertainty["predictive_entropy"] - uncertainty["expected_entropy"]
        assert uncertainty["latent_noise_information"] == information
        first, second = probabilities[ranked[:2]]
        assert uncertainty["max_probability"] == first
        assert uncertainty["margin"] == pytest.approx(first - second, abs=1e-6)
        # Ten float32 roundings of numbers up to 1.
        assert probabilities.sum() == pytest.approx(1, abs=1e-6)


def test_auto_says_that_it_sampled_and_how(server, digits):
    answer = server.predict(digits[:1], "digits-hetxl")["predictions"][0]["uncertainty"]
    assert (answer["estimator"], answer["samples"], answer["seed"]) == ("quasi-monte-carlo", 1024, 0)


@pytest.mark.parametrize(
    ("model", "array"),
    [
        ("digits-mhp", "joint_softmax"),
        ("digits-mhc", "joint_softmax"),
        ("digits-mhs", "probabilities"),
    ],
)
def test_exact_models_match_their_authors_code(server, model, array):
    reference = expected(f"models/{model}")
    answers = server.predict(
        reference["features"], model, top_k=CLASSES, outputs=["probabilities"]
    )["predictions"]
    probabilities = np.array([answer["probabilities"] for answer in answers])
    # float32 logits of up to 30 have an error of some 2e-6, which softmax passes on as a relative
    # error of the probability; sums of 64 and 32 terms add a few times that.
    assert np.abs(probabilities - reference[array]).max() <= 2e-5
    assert (column(answers, "probability") == probabilities).all()
    for answer in answers:
        assert answer["uncertainty"]["estimator"] == "exact"
        assert answer["uncertainty"]["samples"] == 0


def test_demo_models_are_found_from_any_directory(tmp_path):
    with RunningServer(directory=tmp_path) as elsewhere:
        names = [model["name"] for model in elsewhere.get("/v1/models").json()["models"]]
    assert names == ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]
