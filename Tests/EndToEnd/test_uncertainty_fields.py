"""Parameters that ask how sure an answer is, and the fields that answer them, for heads of every
kind."""

import json

import numpy as np
import pytest
from conftest import expected
from running_server import FIXTURES, RunningServer, post_array, request_body
from test_answer_fields import sigmoid_model
from test_contract import document, validate  # noqa: F401
from test_refusals import assert_problem
from test_reference_checkpoints import variant

SUM = 1e-6
"""Twenty float32 roundings of numbers that sum to one: 2^-24 each of at most their sum."""

# The schema of a prediction of every kind of head.
HEADS = {
    "het-softmax-efficient": "SoftmaxNoisePrediction",
    "hetxl-softmax-efficient": "SoftmaxNoisePrediction",
    "hetxl-softmax-full": "SoftmaxNoisePrediction",
    "hetxl-softmax-independent": "SoftmaxNoisePrediction",
    "hetxl-softmax-diagonal": "SoftmaxNoisePrediction",
    "het-sigmoid-full": "SigmoidNoisePrediction",
    "hetxl-sigmoid-efficient": "SigmoidNoisePrediction",
    "mhs": "ExactPrediction",
    "arcface-mhs": "ExactPrediction",
    "mhp-3heads": "ExactPrediction",
    "mhc-2heads": "ExactPrediction",
    "dense": "ExactPrediction",
    "mhs-sigmoid": "SigmoidPrediction",
    "tags": "SigmoidPrediction",
    "mhc-xmc": "ScorePrediction",
    "mhc-beam": "ScorePrediction",
}
KNOWN = ["het-sigmoid-full", "hetxl-sigmoid-efficient", "hetxl-softmax-diagonal"]
"""Heads whose law `auto` knows."""
LABELS = [name for name, schema in HEADS.items() if schema.startswith("Sigmoid")]
NOISY = [name for name, schema in HEADS.items() if schema.endswith("NoisePrediction")]
EXACT = [name for name, schema in HEADS.items() if schema in ("ExactPrediction", "SigmoidPrediction")]
SAMPLED = [name for name in NOISY if name not in KNOWN]
RANKED = [name for name, schema in HEADS.items() if schema == "ScorePrediction"]


def folder(name):
    """The folder of a fixture."""
    return f"het/{name}" if name.startswith("het") else f"mhe/{name}"


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    """A server with a model of every kind."""
    made = {
        "tags": sigmoid_model(tmp_path_factory.mktemp("m") / "tags"),
        "dense": sigmoid_model(tmp_path_factory.mktemp("m") / "dense", link="softmax"),
        "mhs-sigmoid": variant(tmp_path_factory.mktemp("m"), "mhe/mhs", link="sigmoid"),
        "mhc-beam": variant(tmp_path_factory.mktemp("m"), "mhe/mhc-2heads", beam=1),
    }
    paths = {name: made.get(name) or FIXTURES / folder(name) for name in HEADS}
    flags = [part for name, path in paths.items() for part in ("--model", f"{name}={path}")]
    with RunningServer(*flags) as running:
        yield running


def rows(name):
    """Three rows that a model takes."""
    if name in ("tags", "dense"):
        return np.array([[1, 0, 0.5], [0, 0, 0], [-1, 2, 1]], np.float32)
    source = {"mhs-sigmoid": "mhs", "mhc-beam": "mhc-2heads"}.get(name, name)
    return expected(folder(source))["features"][:3].astype(np.float32)


def ask(server, name, **parameters):
    """The predictions, which an array brings as well, to the last byte."""
    response = server.post(request_body(rows(name), name, **parameters))
    assert response.status_code == 200, response.text
    query = {k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in parameters.items()}
    assert post_array(server, rows(name), model=name, **query).content == response.content
    return response.json()["predictions"]


# MARK: Every head


def wishes(name):
    """All that an answer of this model may have."""
    if name in RANKED:
        return {}
    found = {"outputs": ["probabilities"], "labels": [2, 0], "min_probability": 0.01}
    if name not in LABELS:
        found["abstain_below"] = 0.5
    if name in NOISY:
        found["outputs"] += ["quantiles", "histogram"]
        found["quantile_levels"] = [0.01, 0.5, 0.975]
        if name not in LABELS:
            found["outputs"] += ["vote_share"]
    return found


@pytest.mark.parametrize("name", HEADS)
def test_answers_are_as_the_document_says(heads, document, name):  # noqa: F811
    for parameters in ({}, wishes(name), {**wishes(name), "top_k": 0}):
        for answer in ask(heads, name, **parameters):
            validate(document, HEADS[name], answer)


@pytest.mark.parametrize("name", sorted({*EXACT, *LABELS}))
def test_answers_that_are_no_estimates_meet_every_rule_at_once(heads, document, name):  # noqa: F811
    plain = ask(heads, name)
    for rule, answered in (
        ({"tolerance": 1e-300}, {"converged": True}),
        ({"certify": "top_1"}, {"certified": True, "delta": 0.05}),
        ({"certify": "top_1", "delta": 0.001}, {"certified": True, "delta": 0.001}),
    ):
        for before, found in zip(plain, ask(heads, name, **rule), strict=True):
            validate(document, HEADS[name], found)
            expected_fields = {**before["uncertainty"], **answered}
            assert found == {**before, "uncertainty": expected_fields}


def test_a_leader_that_is_not_listed_is_proven(heads):
    for name in EXACT:
        found = ask(heads, name, top_k=0, certify="top_1")
        assert [answer["uncertainty"]["certified"] for answer in found] == [True] * 3


def test_equal_leaders_prove_nothing(heads):
    """The last two logits are so large that both sigmoids are 1 in float32."""
    (answer,) = heads.predict([[0, 0, 2e6]], "tags", certify="top_1")["predictions"]
    assert [entry["probability"] for entry in answer["top_k"][:2]] == [1, 1]
    assert answer["uncertainty"]["certified"] is False


# MARK: Samples that end early


@pytest.mark.parametrize("estimator", ["monte-carlo", "quasi-monte-carlo"])
@pytest.mark.parametrize("name", NOISY)
def test_samples_are_taken_up_to_a_tolerance(heads, document, name, estimator):  # noqa: F811
    def errors(answer):
        return [entry["standard_error"] for entry in answer["top_k"] + answer["labels"]]

    asked = {"estimator": estimator, "labels": [3, 0]}
    for tolerance in (0.02, 0.004):
        for answer in ask(heads, name, samples=1 << 15, tolerance=tolerance, **asked):
            validate(document, HEADS[name], answer)
            found = answer["uncertainty"]
            assert found["converged"] is True and max(errors(answer)) <= tolerance
            assert found["estimator"] == estimator and found["samples"] in [
                64 << k for k in range(10)]
    for answer in ask(heads, name, samples=256, tolerance=1e-9, **asked):
        assert answer["uncertainty"]["converged"] is False
        assert answer["uncertainty"]["samples"] == 256


@pytest.mark.parametrize("estimator", ["auto", "monte-carlo"])
@pytest.mark.parametrize("name", SAMPLED)
def test_a_leader_is_proven_by_draws(heads, document, name, estimator):  # noqa: F811
    truth = ask(heads, name, samples=1 << 14, top_k=1)
    asked = {"certify": "top_1", "samples": 20_000, "estimator": estimator, "delta": 0.001}
    for expected_, answer in zip(truth, ask(heads, name, **asked), strict=True):
        validate(document, HEADS[name], answer)
        found = answer["uncertainty"]
        assert found["estimator"] == "monte-carlo" and found["delta"] == 0.001
        if found["certified"]:
            assert answer["top_k"][0]["index"] == expected_["top_k"][0]["index"]
        else:
            assert found["samples"] == 20_000
    for answer in ask(heads, name, certify="top_1", samples=24):
        assert answer["uncertainty"]["certified"] is False


# MARK: The law over the noise


def entries(answer):
    return answer.get("top_k", []) + answer.get("labels", [])


@pytest.mark.parametrize("estimator", ["auto", "monte-carlo", "quasi-monte-carlo"])
@pytest.mark.parametrize("name", NOISY)
def test_entries_have_the_law_of_their_probability(heads, name, estimator):
    parameters = {"labels": [3, 0], "samples": 512, "estimator": estimator}
    levels = [0.01, 0.25, 0.5, 0.75, 0.99]
    plain = ask(heads, name, **parameters)
    full = ask(
        heads, name, **parameters, outputs=["quantiles", "histogram"], quantile_levels=levels)
    for before, found in zip(plain, full, strict=True):
        assert found["uncertainty"].pop("quantile_levels") == levels
        for entry in entries(found):
            quantiles, histogram = entry.pop("quantiles"), entry.pop("histogram")
            assert quantiles == sorted(quantiles)
            assert sum(histogram) == pytest.approx(1, abs=SUM)
            # Of each bin, the quantiles in it are no more than its share lets in.
            shares = np.concatenate([[0], np.cumsum(histogram)])
            for level, value in zip(levels, quantiles, strict=True):
                bin_ = min(int(value * 20), 19)
                # A sample's share, the law's points', and float32's sums.
                slack = 1 / 512 + 1 / 4096 + SUM
                assert shares[bin_] - slack <= level <= shares[bin_ + 1] + slack
        assert found == before, "what is added changes nothing else"


@pytest.mark.parametrize("estimator", ["auto", "monte-carlo", "quasi-monte-carlo"])
@pytest.mark.parametrize("name", [name for name in NOISY if name not in LABELS])
def test_votes_are_shares_of_the_noise(heads, name, estimator):
    classes = expected(folder(name))["reference_probabilities"].shape[1]
    found = ask(
        heads, name, estimator=estimator, samples=512, top_k=classes, outputs=["vote_share"])
    for answer in found:
        votes = [entry["vote_share"] for entry in answer["top_k"]]
        assert sum(votes) == pytest.approx(1, abs=SUM)
        assert "quantile_levels" not in answer["uncertainty"]
        assert not {"quantiles", "histogram"} & set(answer["top_k"][0])


def test_quantiles_have_levels_of_their_own(heads):
    for answer in ask(heads, "hetxl-softmax-full", outputs=["quantiles"]):
        assert answer["uncertainty"]["quantile_levels"] == [0.05, 0.5, 0.95]
        assert {len(entry["quantiles"]) for entry in answer["top_k"]} == {3}


@pytest.mark.parametrize("name", [name for name in NOISY if name not in LABELS])
def test_the_margin_has_an_error(heads, name):
    for answer in ask(heads, name):
        error = answer["uncertainty"]["margin_standard_error"]
        assert error == 0 if name in KNOWN else error > 0
    for answer in ask(heads, name, samples=1, estimator="monte-carlo"):
        assert "margin_standard_error" not in answer["uncertainty"]


@pytest.mark.parametrize("name", EXACT + LABELS)
def test_other_margins_have_none(heads, name):
    for answer in ask(heads, name):
        assert "margin_standard_error" not in answer["uncertainty"]


# MARK: Decisions


@pytest.mark.parametrize("name", [name for name in EXACT + NOISY if name not in LABELS])
def test_answers_abstain_below_a_probability(heads, name):
    plain = ask(heads, name)
    most = plain[0]["uncertainty"]["max_probability"]
    for bound in (0, np.nextafter(np.float32(most), np.float32(0)), most, 1):
        found = ask(heads, name, abstain_below=float(bound))
        for before, answer in zip(plain, found, strict=True):
            abstains = before["uncertainty"]["max_probability"] < float(bound)
            assert answer == {**before, "abstain": abstains}
    above = float(np.nextafter(np.float32(most), np.float32(2)))
    if above <= 1:
        assert ask(heads, name, abstain_below=above)[0]["abstain"] is True


# MARK: Errors

QUANTILES = {"outputs": ["quantiles"]}
CERTIFY = {"certify": "top_1"}
PROFILES = ["quantiles", "histogram", "vote_share"]

# What is refused whatever the model: parameters, code, and the place that is named.
REFUSED = [
    ({"samples": 0}, "out_of_range", "samples"),
    ({"tolerance": 0}, "out_of_range", "tolerance"),
    ({"tolerance": -0.5}, "out_of_range", "tolerance"),
    ({"delta": 0, **CERTIFY}, "out_of_range", "delta"),
    ({"delta": 0.5000000000000001, **CERTIFY}, "out_of_range", "delta"),
    ({"coverage": 0}, "out_of_range", "coverage"),
    ({"coverage": 1}, "out_of_range", "coverage"),
    ({"min_probability": -1e-300}, "out_of_range", "min_probability"),
    ({"min_probability": 1.0000000000000002}, "out_of_range", "min_probability"),
    ({"abstain_below": -1e-300}, "out_of_range", "abstain_below"),
    ({"abstain_below": 1.0000000000000002}, "out_of_range", "abstain_below"),
    ({"quantile_levels": [0], **QUANTILES}, "out_of_range", "quantile_levels/0"),
    ({"quantile_levels": [0.5, 1], **QUANTILES}, "out_of_range", "quantile_levels/1"),
    ({"quantile_levels": [0.5, 0.5], **QUANTILES}, "out_of_range", "quantile_levels/1"),
    ({"quantile_levels": [0.1, 0.9, 0.2], **QUANTILES}, "out_of_range", "quantile_levels/2"),
    (
        {"quantile_levels": [k / 34 for k in range(1, 34)], **QUANTILES},
        "out_of_range", "quantile_levels",
    ),
    ({"estimator": "quadrature"}, "unknown_choice", "estimator"),
    ({"certify": "top_2"}, "unknown_choice", "certify"),
    ({"outputs": ["histogram", "votes"]}, "unknown_choice", "outputs/1"),
    ({"outputs": ["histogram", "histogram"]}, "repeated_choice", "outputs/1"),
    ({"tolerance": 0.1, "top_k": 0}, "needs", "tolerance"),
    ({"outputs": ["probabilities", "histogram"], "top_k": 0}, "needs", "outputs"),
    ({"delta": 0.1}, "needs", "delta"),
    ({"quantile_levels": [0.5]}, "needs", "quantile_levels"),
    ({"quantile_levels": [0.5], "outputs": ["histogram"]}, "needs", "quantile_levels"),
    ({"certify": "top_1", "tolerance": 0.1}, "conflict", "certify"),
    ({"certify": "top_1", "estimator": "quasi-monte-carlo"}, "conflict", "certify"),
]

# What is refused with some models.
REFUSED_BY = [
    *((["mhs", *NOISY], *refusal) for refusal in [
        ({"labels": [0, 10**6]}, "unknown_label", "labels/1"),
        ({"labels": [2, 0, 2]}, "label_repeated", "labels/2"),
    ]),
    *((RANKED, *refusal) for refusal in [
        ({"tolerance": 0.1}, "no_probabilities", "tolerance"),
        (CERTIFY, "no_probabilities", "certify"),
        ({"coverage": 0.9}, "no_probabilities", "coverage"),
        ({"abstain_below": 0.5}, "no_probabilities", "abstain_below"),
        ({"min_probability": 0}, "no_probabilities", "min_probability"),
        ({"labels": [0]}, "no_probabilities", "labels"),
        *(({"outputs": [o]}, "no_probabilities", "outputs") for o in ["probabilities", *PROFILES]),
    ]),
    *((EXACT, {"outputs": [output]}, "not_available", "outputs") for output in PROFILES),
    *((LABELS, *refusal) for refusal in [
        ({"outputs": ["vote_share"]}, "not_available", "outputs"),
        ({"coverage": 0.9}, "not_available", "coverage"),
        ({"abstain_below": 0.5}, "not_available", "abstain_below"),
    ]),
    (
        [name for name in EXACT + NOISY if name not in LABELS],
        {"coverage": 0.9}, "not_calibrated", "coverage",
    ),
]


def assert_refused(server, name, parameters, code, place):
    """The refusal of a body by its pointer, and of a query by its parameter's name."""
    problem = assert_problem(server.post(request_body(rows(name), name, **parameters)), 422)
    assert (problem["code"], problem["pointer"]) == (code, "/parameters/" + place)
    assert problem["detail"].startswith(problem["pointer"] + ": ")
    query = {k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in parameters.items()}
    problem = assert_problem(post_array(server, rows(name), model=name, **query), 422, (None,))
    assert problem["code"] == code
    assert problem["detail"].startswith(f"query parameter '{place.partition('/')[0]}': ")


def test_the_tables_have_every_parameter_and_code(document):  # noqa: F811
    rows_ = REFUSED + [refusal[1:] for refusal in REFUSED_BY]
    names = document["components"]["schemas"]["Parameters"]["properties"]
    # The two that every head follows have tests of their own.
    assert {place.partition("/")[0] for _, _, place in rows_} == set(names) - {"top_k", "seed"}
    assert {code for _, code, _ in rows_} == {
        "out_of_range", "unknown_choice", "repeated_choice", "unknown_label", "label_repeated",
        "needs", "conflict", "not_calibrated", "no_probabilities", "not_available",
    }


@pytest.mark.parametrize(("parameters", "code", "place"), REFUSED)
def test_parameters_that_no_model_follows(heads, parameters, code, place):
    for name in ("mhs", "hetxl-softmax-full", "mhc-xmc"):
        assert_refused(heads, name, parameters, code, place)


@pytest.mark.parametrize(("names", "parameters", "code", "place"), REFUSED_BY)
def test_parameters_that_a_model_does_not_follow(heads, names, parameters, code, place):
    for name in names:
        assert_refused(heads, name, parameters, code, place)


def test_a_list_of_no_levels_is_refused(heads):
    """A query string has no such list: its empty one has one level, which is no number."""
    body = request_body(rows("mhs"), "mhs", **QUANTILES, quantile_levels=[])
    problem = assert_problem(heads.post(body), 422, ("/parameters/quantile_levels",))
    assert problem["code"] == "out_of_range"
    query = {"outputs": "quantiles", "quantile_levels": ""}
    assert assert_problem(post_array(heads, rows("mhs"), **query), 400)["code"] == "malformed_query"


@pytest.mark.parametrize("count", [31, 32])
def test_so_many_levels_are_taken(heads, count):
    levels = [k / 34 for k in range(1, count + 1)]
    for answer in ask(heads, "hetxl-softmax-full", **QUANTILES, quantile_levels=levels):
        assert {len(entry["quantiles"]) for entry in answer["top_k"]} == {count}
        assert answer["uncertainty"]["quantile_levels"] == levels


@pytest.mark.parametrize("bytes_", [100, 1 << 20])
def test_answers_with_laws_are_bounded_before_they_are_computed(bytes_):
    """Thirty-two quantiles and twenty bins have two bytes each at least."""
    name = "hetxl-softmax-full"
    levels = [k / 34 for k in range(1, 33)]
    many = {"outputs": ["quantiles", "histogram"], "quantile_levels": levels, "top_k": 4}
    flags = ["--max-response-bytes", bytes_, "--model", FIXTURES / folder(name)]
    with RunningServer(*flags) as bounded:
        response = bounded.post(json.dumps(request_body(rows(name), **many)))
        if bytes_ == 100:
            assert assert_problem(response, 422)["code"] == "response_too_large"
        else:
            assert response.status_code == 200
            assert len(response.content) <= bytes_
