"""Checkpoints of the authors' own code, served by `--model FOLDER`, give what that code computed."""

import json

import numpy as np
import pytest
from conftest import expected
from running_server import FIXTURES, RunningServer

HET = [
    "het-sigmoid-full",
    "het-softmax-efficient",
    "hetxl-pytorch-url",
    "hetxl-sigmoid-efficient",
    "hetxl-softmax-bfloat16",
    "hetxl-softmax-diagonal",
    "hetxl-softmax-efficient",
    "hetxl-softmax-full",
    "hetxl-softmax-independent",
    "hetxl-softmax-wide",
]

JOINT = {
    "mhp-2heads-module": "joint_softmax",
    "mhp-3heads": "joint_softmax",
    "mhp-dataparallel": "joint_softmax",
    "mhp-legacy": "joint_softmax",
    "mhp-legacy-module": "joint_softmax",
    "mhc-2heads": "joint_softmax",
    "mhc-2heads-module": "joint_softmax",
    "mhc-3heads": "joint_softmax",
    "mhs": "probabilities",
    "mhs-bfloat16": "probabilities",
    "arcface-mhs": "probabilities",
}

SAMPLES = 1 << 14

FLOAT32_LOGITS = 2e-5
"""Absolute error allowed to a probability or score: sums of up to 512 float32 products of order 1
are off by some 512^½ · 6e-8 · 5 = 7e-6 in the logit, and no link has a slope above 1."""


def variant(tmp_path, folder, **settings):
    """The same checkpoint under a model.json with other settings."""
    source = FIXTURES / folder
    description = json.loads((source / "model.json").read_text()) | settings
    description["checkpoint"] = str(source / description["checkpoint"])
    target = tmp_path / "variant"
    target.mkdir()
    (target / "model.json").write_text(json.dumps(description))
    return target


def predictions(folder, rows, **parameters):
    """The answers of a server that has nothing but this model."""
    with RunningServer("--model", folder) as server:
        return server.predict(rows, **parameters)["predictions"]


def by_label(predictions, field, classes):
    """A field of the top-k entries as an array [row, label]; labels that are absent are NaN."""
    table = np.full((len(predictions), classes), np.nan)
    for row, prediction in enumerate(predictions):
        indices = [entry["index"] for entry in prediction["top_k"]]
        assert len(set(indices)) == len(indices), "a label twice"
        table[row, indices] = [entry[field] for entry in prediction["top_k"]]
    return table


def assert_ranked(prediction, field):
    """Descending, ties to the lower index."""
    keys = [(-entry[field], entry["index"]) for entry in prediction["top_k"]]
    assert keys == sorted(keys)


def reference_samples(folder):
    return json.loads((FIXTURES / folder / "case.json").read_text())["reference_samples"]


@pytest.mark.parametrize("name", HET)
def test_heteroscedastic_checkpoint_matches_the_reference_law(name):
    folder = f"het/{name}"
    reference = expected(folder)
    truth, truth_error = reference["reference_probabilities"], reference["reference_standard_error"]
    classes = truth.shape[1]
    is_law = "sigmoid" in name or name == "hetxl-softmax-diagonal"
    answers = predictions(
        FIXTURES / folder, reference["features"], samples=SAMPLES, top_k=classes,
        outputs=["probabilities"], estimator="auto" if is_law else "monte-carlo",
    )
    probability = by_label(answers, "probability", classes)
    assert (probability == [answer["probabilities"] for answer in answers]).all()
    # The reference's error, scaled to as many draws, where rare draws carry a label (see
    # test_demo_models.py); then five standard deviations, and float32's rounding.
    scaled = truth_error * np.sqrt(reference_samples(folder) / SAMPLES)
    error = np.maximum(by_label(answers, "standard_error", classes), scaled)
    tolerance = 5 * np.hypot(error, truth_error) + 2.0**-24
    difference = np.abs(probability - truth)
    assert (difference <= tolerance).all(), np.argwhere(difference > tolerance)
    for answer in answers:
        assert_ranked(answer, "probability")
        uncertainty = answer["uncertainty"]
        assert ("margin" in uncertainty) == ("sigmoid" not in name)
        assert ("max_probability" in uncertainty) == ("sigmoid" not in name)
        drawn = ("quadrature", 0) if is_law else ("monte-carlo", SAMPLES)
        assert (uncertainty["estimator"], uncertainty["samples"]) == drawn
        assert uncertainty["latent_noise_information"] >= 0
        if is_law:
            for entry in answer["top_k"]:
                assert entry["standard_error"] == 0
                assert entry["interval"] == [entry["probability"]] * 2


@pytest.mark.parametrize("name", JOINT)
def test_multi_head_checkpoint_gives_the_joint_distribution(name):
    folder = f"mhe/{name}"
    reference = expected(folder)
    truth = reference[JOINT[name]]
    classes = truth.shape[1]
    answers = predictions(
        FIXTURES / folder, reference["features"], top_k=classes + 1, outputs=["probabilities"]
    )
    probabilities = np.array([answer["probabilities"] for answer in answers])
    # ArcFace multiplies cosines by 64, and their error of 2e-7 with them: the same bound holds.
    assert np.abs(probabilities - truth).max() <= FLOAT32_LOGITS
    assert (by_label(answers, "probability", classes) == probabilities).all()
    for answer in answers:
        assert_ranked(answer, "probability")
        assert answer["uncertainty"]["estimator"] == "exact"


@pytest.mark.parametrize("name", ["mhp-3heads", "mhp-dataparallel", "mhc-2heads", "mhs"])
@pytest.mark.parametrize("k", [1, 2, 7])
def test_shorter_lists_are_the_front_of_brute_force(name, k):
    folder = f"mhe/{name}"
    reference = expected(folder)
    truth = reference[JOINT[name]]
    answers = predictions(FIXTURES / folder, reference["features"], top_k=k)
    for row, answer in enumerate(answers):
        # Which labels: none left out may be better than one listed by more than the tolerance.
        listed = [entry["index"] for entry in answer["top_k"]]
        assert len(listed) == k
        left_out = np.delete(truth[row], listed)
        assert truth[row, listed].min() >= left_out.max() - FLOAT32_LOGITS
        assert_ranked(answer, "probability")


def test_arcface_answers_carry_the_cosine():
    reference = expected("mhe/arcface-mhs")
    classes = reference["cosine"].shape[1]
    answers = predictions(FIXTURES / "mhe/arcface-mhs", reference["features"], top_k=classes)
    cosine = by_label(answers, "score", classes)
    assert np.abs(cosine - reference["cosine"]).max() <= FLOAT32_LOGITS


@pytest.mark.parametrize("name", ["mhc-xmc", "mhc-xmc-padded"])
def test_text_model_scores_have_no_pads_and_no_duplicates(name):
    reference = expected(f"mhe/{name}")
    classes = json.loads((FIXTURES / "mhe" / name / "model.json").read_text())["classes"]
    answers = predictions(FIXTURES / "mhe" / name, reference["features"], top_k=classes + 1)
    scores = by_label(answers, "score", classes)
    for row, answer in enumerate(answers):
        # The reference repeats a label as padding, or uses an id behind the last label.
        pairs = dict(zip(reference["candidates"][row], reference["candidate_scores"][row]))
        truth = {label: score for label, score in pairs.items() if label < classes}
        assert {entry["index"] for entry in answer["top_k"]} == set(truth)
        labels = list(truth)
        difference = np.abs(scores[row, labels] - list(truth.values()))
        assert difference.max() <= FLOAT32_LOGITS
        assert_ranked(answer, "score")
        assert set(answer) == {"top_k"}, "scores are no probabilities and have no entropy"


def test_sigmoid_mhp_heads_give_normalised_marginals(tmp_path):
    reference = expected("mhe/mhp-3heads")
    folder = variant(tmp_path, "mhe/mhp-3heads", head_activation="sigmoid")
    answers = predictions(folder, reference["features"], outputs=["probabilities"])
    probabilities = np.array([answer["probabilities"] for answer in answers])
    assert np.abs(probabilities - reference["joint_sigmoid"]).max() <= FLOAT32_LOGITS


def test_sigmoid_mhc_heads_give_products_of_sigmoids_as_scores(tmp_path):
    reference = expected("mhe/mhc-2heads")
    truth = reference["joint_sigmoid_scores"]
    folder = variant(tmp_path, "mhe/mhc-2heads", head_activation="sigmoid")
    answers = predictions(folder, reference["features"], top_k=truth.shape[1])
    scores = by_label(answers, "score", truth.shape[1])
    assert np.abs(scores - truth).max() <= FLOAT32_LOGITS


def test_a_beam_of_one_group_gives_the_references_candidates(tmp_path):
    reference = expected("mhe/mhc-2heads")
    folder = variant(tmp_path, "mhe/mhc-2heads", head_activation="sigmoid", beam=1)
    answers = predictions(folder, reference["features"], top_k=100)
    for row, answer in enumerate(answers):
        found = {entry["index"]: entry["score"] for entry in answer["top_k"]}
        truth = dict(zip(reference["candidates"][row], reference["candidate_scores"][row]))
        assert found == pytest.approx(truth, abs=FLOAT32_LOGITS)


def test_the_settings_of_model_json_decide_the_law(tmp_path):
    """The wrong temperature bounds, or the other noise law, are seen in the answer."""
    reference = expected("het/hetxl-softmax-efficient")
    truth = reference["reference_probabilities"]
    classes = truth.shape[1]
    tolerance = 5 * np.sqrt(0.25 / SAMPLES)  # five times the largest standard error there is
    for name, wrong in {
        "bounds": {"temperature_bounds": [0.3, 3.0]},
        "law": {"diagonal_noise": "independent"},
    }.items():
        (tmp_path / name).mkdir()
        folder = variant(tmp_path / name, "het/hetxl-softmax-efficient", **wrong)
        answers = predictions(folder, reference["features"], samples=SAMPLES, top_k=classes)
        difference = np.abs(by_label(answers, "probability", classes) - truth)
        assert difference.max() > tolerance, name
