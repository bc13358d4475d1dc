"""The endpoints for models, probes and the OpenAPI document."""

import hashlib
import json

from running_server import FIXTURES, REPOSITORY, RunningServer

SHAPES = {
    "digits-hetxl": {"head": "het-xl", "link": "softmax", "factors": 6, "default_samples": 1000},
    "digits-mhp": {"head": "mhp", "link": "softmax"},
    "digits-mhc": {"head": "mhc", "link": "softmax"},
    "digits-mhs": {"head": "mhs", "link": "softmax"},
}


def sha256(folder):
    description = json.loads((folder / "model.json").read_text())
    return hashlib.sha256((folder / description["checkpoint"]).read_bytes()).hexdigest()


def test_models_are_listed_in_order_with_what_a_client_needs(server):
    models = server.get("/v1/models").json()["models"]
    assert models == [
        {
            "name": name,
            "version": "1",
            "inputs": 64,
            "classes": 10,
            "weights": "float32",
            "ready": True,
            "sha256": sha256(REPOSITORY / "Sources/headserve/Models" / name),
            **shape,
        }
        for name, shape in SHAPES.items()
    ]


def test_one_model_is_the_same_as_in_the_list(server):
    for model in server.get("/v1/models").json()["models"]:
        assert server.get("/v1/models/" + model["name"]).json() == model


def test_probes(server):
    assert server.get("/health/live").json() == {"status": "live"}
    ready = server.get("/health/ready")
    assert ready.json() == {"status": "ready", "models": list(SHAPES)}
    assert server.get("/health").json() == ready.json()


def test_models_have_the_names_they_are_given():
    flags = ["--model", f"mine={FIXTURES / 'mhe/mhs'}", "--model", FIXTURES / "mhe/mhs-bfloat16"]
    with RunningServer(*flags) as server:
        assert server.get("/health/ready").json()["models"] == ["mine", "mhs-bfloat16"]
        answer = server.predict([[0.0] * 512])
        assert answer["model"] == {"name": "mine", "version": "1", "head": "mhs"}


def test_labels_are_indices_where_no_file_names_them():
    with RunningServer("--model", FIXTURES / "mhe/mhs") as server:
        top = server.predict([[0.0] * 512], top_k=3)["predictions"][0]["top_k"]
    # All logits are zero: 35 equal probabilities, and ties go to the lower index.
    assert [(entry["index"], entry["label"]) for entry in top] == [(0, "0"), (1, "1"), (2, "2")]
    assert len({entry["probability"] for entry in top}) == 1
