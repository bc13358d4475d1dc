"""Fields of an answer beside the list: what they are by the probabilities, for every kind of head."""

import json

import numpy as np
import pytest
from dense_model import dense_model
from running_server import RunningServer
from test_contract import document, validate  # noqa: F401


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
