"""Fields of an answer beside the list: what they are by the probabilities, for every kind of head."""

import json
import math

import numpy as np
import pytest
from conftest import expected
from dense_model import dense_model
from running_server import FIXTURES, RunningServer, post_array, request_body
from test_contract import document, validate  # noqa: F401
from test_refusals import assert_problem

DEMO = ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]
CLASSES = 10

SUM = 1e-6
"""Ten float32 roundings of numbers that sum to one, and the kernels' own: 4 · 2^-23 each."""


def sigmoid_model(folder, **settings):
    """A multi-label head of three inputs and five labels, the logits of label k at weight k."""
    weights = np.arange(15, dtype=np.float32).reshape(5, 3) / 8 - 1
    dense_model(folder, 5, 3, weights, [0.5, 0, -0.5, 1, -1])
    described = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(described | {"link": "sigmoid"} | settings))
    return folder


@pytest.fixture(scope="module")
def sigmoid(tmp_path_factory):
    with RunningServer("--model", sigmoid_model(tmp_path_factory.mktemp("m") / "tags")) as running:
        yield running


def test_sigmoid_heads_without_noise_answer_as_the_document_says(sigmoid, document):  # noqa: F811
    response = sigmoid.predict([[1, 0, 0.5]], top_k=2, outputs=["probabilities"])
    (answer,) = response["predictions"]
    validate(document, "PredictResponse", response)
    validate(document, "SigmoidPrediction", answer)
    uncertainty = answer["uncertainty"]
    assert set(uncertainty) == {"predictive_entropy", "samples", "estimator"}
    assert (uncertainty["samples"], uncertainty["estimator"]) == (0, "exact")
    p = np.array(answer["probabilities"])
    entropy = -np.sum(p * np.log(p) + (1 - p) * np.log1p(-p))
    # Five labels with float32 probabilities and slopes of at most a few nats.
    assert uncertainty["predictive_entropy"] == pytest.approx(entropy, abs=1e-5)
    assert [entry["probability"] for entry in answer["top_k"]] == sorted(p, reverse=True)[:2]


def is_plain(number):
    """Neither negative nor minus zero."""
    return math.copysign(1, number) == 1


@pytest.mark.parametrize("model", DEMO)
@pytest.mark.parametrize("k", [0, 1, 3, 9, 10, 11])
def test_list_and_residual_are_one(server, digits, model, k):
    answers = server.predict(digits[:20], model, top_k=k, outputs=["probabilities"])["predictions"]
    for answer in answers:
        residual = answer["uncertainty"]["residual_probability"]
        listed = answer.get("top_k", [])
        assert sum(entry["probability"] for entry in listed) + residual == pytest.approx(1, abs=SUM)
        indices = {entry["index"] for entry in listed}
        rest = [p for k, p in enumerate(answer["probabilities"]) if k not in indices]
        assert residual == pytest.approx(sum(rest), rel=1e-4, abs=1e-14)
        assert is_plain(residual) and residual <= 1
        if k == 0:
            assert residual == 1
        if k >= CLASSES:
            assert residual == 0


def test_heads_without_a_distribution_have_no_residual(sigmoid):
    (answer,) = sigmoid.predict([[1, 0, 0.5]])["predictions"]
    assert "residual_probability" not in answer["uncertainty"]
    features = expected("mhe/mhc-xmc")["features"][:1]
    with RunningServer("--model", FIXTURES / "mhe/mhc-xmc") as scores:
        (answer,) = scores.predict(features)["predictions"]
    assert "uncertainty" not in answer


@pytest.mark.parametrize("model", DEMO)
def test_labels_that_are_too_unlikely_are_left_out(server, digits, model):
    whole = server.predict(digits[:20], model, top_k=6)["predictions"]
    least = whole[0]["top_k"][1]["probability"]
    for bound in (0, least, 0.5, 1):
        cut = server.predict(digits[:20], model, top_k=6, min_probability=bound)["predictions"]
        for all_labels, found in zip(whole, cut, strict=True):
            kept = [entry for entry in all_labels["top_k"] if entry["probability"] >= bound]
            assert found["top_k"] == kept
            listed = sum(entry["probability"] for entry in kept)
            residual = found["uncertainty"].pop("residual_probability")
            assert listed + residual == pytest.approx(1, abs=SUM)
            fields = dict(all_labels["uncertainty"])
            del fields["residual_probability"]
            assert found["uncertainty"] == fields
    array = np.array(digits[:20], np.float32)
    query = post_array(server, array, model=model, top_k=6, min_probability=0.5)
    body = request_body(array, model, top_k=6, min_probability=0.5)
    assert query.content == server.post(json.dumps(body)).content


@pytest.mark.parametrize("bound", [-1e-9, 1.0000001])
def test_a_least_probability_out_of_range_is_422(server, bound):
    response = server.post(request_body([[0.5] * 64], "digits-mhs", min_probability=bound))
    problem = assert_problem(response, 422, ("/parameters/min_probability",))
    assert problem["code"] == "out_of_range"


def test_ranking_heads_have_no_least_probability():
    with RunningServer("--model", FIXTURES / "mhe/mhc-xmc") as scores:
        response = scores.post(request_body([[0.0] * 60], min_probability=0))
        problem = assert_problem(response, 422, ("/parameters/min_probability",))
        assert problem["code"] == "no_probabilities"


@pytest.mark.parametrize("model", DEMO)
def test_labels_that_were_asked_for_are_there(server, digits, model):
    wanted = [9, "0", 4]
    whole = server.predict(digits[:20], model, top_k=10)["predictions"]
    response = server.predict(digits[:20], model, top_k=1, labels=wanted)
    for everything, found in zip(whole, response["predictions"], strict=True):
        entries = {entry["label"]: entry for entry in everything["top_k"]}
        assert found["labels"] == [entries[str(label)] for label in wanted]
        assert found["top_k"] == everything["top_k"][:1]
    array = np.array(digits[:20], np.float32)
    query = post_array(server, array, model=model, top_k=1, labels="9,0,4")
    assert query.json() == response


def refused_labels(server, labels):
    response = server.post(request_body([[0.5] * 64], "digits-mhs", labels=labels))
    where = [f"/parameters/labels/{place}" for place in range(len(labels))]
    problem = assert_problem(response, 422, ("/parameters/labels", *where))
    return problem["code"], problem["pointer"]


@pytest.mark.parametrize(
    ("labels", "code", "place"),
    [
        ([9, 10], "unknown_label", "/1"), ([-1], "unknown_label", "/0"),
        ([2**64], "unknown_label", "/0"), (["07"], "unknown_label", "/0"),
        (["", 1], "unknown_label", "/0"), ([1, 2, 1], "label_repeated", "/2"),
        ([1, "2", 2], "label_repeated", "/2"), (["3", "3"], "label_repeated", "/1"),
        ([], "out_of_range", ""), ([0] * 10_001, "out_of_range", ""),
    ],
)
def test_labels_are_refused_by_their_place(server, labels, code, place):
    assert refused_labels(server, labels) == (code, "/parameters/labels" + place)


@pytest.mark.parametrize("labels", ["9,10", "1,2,1", "-1"])
def test_labels_of_a_query_have_no_pointer(server, labels):
    response = post_array(server, np.full((1, 64), 0.5, np.float32), labels=labels)
    problem = assert_problem(response, 422, (None,))
    assert problem["detail"].startswith("query parameter 'labels': ")


def test_labels_by_name(tmp_path):
    folder = sigmoid_model(tmp_path / "named", labels="labels.txt")
    (folder / "labels.txt").write_text("cat\ndog\ncat\nélan vital\n3\n")
    with RunningServer("--model", folder) as named:
        answer = named.predict([[1, 0, 0.5]], top_k=5, labels=["élan vital", 0, "dog", "3"])
        (prediction,) = answer["predictions"]
        assert [entry["index"] for entry in prediction["labels"]] == [3, 0, 1, 4]
        entries = {entry["index"]: entry for entry in prediction["top_k"]}
        assert prediction["labels"] == [entries[index] for index in (3, 0, 1, 4)]
        response = named.post(request_body([[1, 0, 0.5]], labels=["dog", "cat"]))
        problem = assert_problem(response, 422, ("/parameters/labels/1",))
        assert problem["code"] == "unknown_label"
        assert "several labels are called 'cat'" in problem["detail"]


def test_ranking_heads_have_no_probabilities_of_labels():
    with RunningServer("--model", FIXTURES / "mhe/mhc-xmc") as scores:
        response = scores.post(request_body([[0.0] * 60], labels=[0]))
        assert assert_problem(response, 422, ("/parameters/labels",))["code"] == "no_probabilities"


def test_entropies_are_never_negative(server, digits):
    """Rows of logits from none to very large ones: uniform and certain distributions."""
    rows = np.concatenate([digits[:10] * scale for scale in (0, 1e-6, 1, 40, 1e4)])
    for model in DEMO:
        for samples in (1, 2, 50):
            answers = server.predict(rows, model, samples=samples)["predictions"]
            for uncertainty in (answer["uncertainty"] for answer in answers):
                entropies = {k: v for k, v in uncertainty.items() if k.endswith("entropy")}
                assert all(map(is_plain, entropies.values())), uncertainty
                if "expected_entropy" in uncertainty:
                    information = uncertainty["latent_noise_information"]
                    difference = entropies["predictive_entropy"] - entropies["expected_entropy"]
                    assert is_plain(information) and information == difference
