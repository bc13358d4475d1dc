"""openapi.yaml is valid, is what the server serves, and says what the server does."""

import json
import os
import re
import subprocess
import sys

import jsonschema
import numpy as np
import pytest
import yaml
from documented import codes
from running_server import REPOSITORY, RunningServer, post_array

DOCUMENT = REPOSITORY / "openapi.yaml"
HERE = REPOSITORY / "Tests/EndToEnd"
SEED = 20230512
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
]
"""All but positive_data_acceptance: a schema cannot know a model's width, so rows that it allows
are refused with 422."""


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load(DOCUMENT.read_text())


def examples(document):
    content = document["components"]["requestBodies"]["Predict"]["content"]
    return content["application/json"]["examples"].items()


def validate(document, schema, value):
    reference = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    jsonschema.Draft202012Validator(reference).validate(value)


def test_the_document_is_valid_openapi():
    validator = [sys.executable, "-m", "openapi_spec_validator", str(DOCUMENT)]
    done = subprocess.run(validator, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_server_serves_the_document(server):
    response = server.get("/openapi.yaml")
    assert response.headers["Content-Type"].startswith("application/yaml")
    assert response.content == DOCUMENT.read_bytes()


def test_the_documents_examples_are_answered(server, document):
    for name, example in examples(document):
        validate(document, "PredictRequest", example["value"])
        response = server.post(json.dumps(example["value"]))
        assert response.status_code == 200, (name, response.text)
        validate(document, "PredictResponse", response.json())


def test_the_examples_numbers_have_the_same_answer_as_arrays(server, document):
    """By the query parameters that the document names, each as it says that it is written."""
    named = {
        document["components"]["parameters"][reference["$ref"].split("/")[-1]]["name"]
        for reference in document["paths"]["/predict"]["post"]["parameters"]
    }
    arrays = 0
    for name, example in examples(document):
        value = example["value"]
        if isinstance(value["instances"][0], dict):
            continue
        query = {"model": value["model"], **value.get("parameters", {})}
        assert set(query) <= named
        lists = {key: ",".join(map(str, v)) for key, v in query.items() if isinstance(v, list)}
        response = post_array(server, np.array(value["instances"], np.float32), **query | lists)
        assert response.content == server.post(json.dumps(value)).content, name
        arrays += 1
    assert arrays == 2


def cases(switch, pattern):
    """The case names of a Swift switch, each with what of the pattern stands behind their colon."""
    for case in switch.split(" case ")[1:]:
        names, _, value = case.partition(":")
        for name in re.findall(r"\.(\w+)", names):
            yield name, re.findall(pattern, value)


def named(folder, name):
    """The only file of this name at or below a folder."""
    (path,) = folder.rglob(name)
    return path


def codes_of_the_source():
    """Each status with the codes that the server may answer with it."""
    found = {}
    source = REPOSITORY / "Sources"
    for path in (source / "Service").rglob("*.swift"):
        for status, code in re.findall(r'status: (\d+), code:\s+"(\w+)"', path.read_text()):
            found.setdefault(int(status), set()).add(code)
    refusals = named(source / "Service", "Refusal.swift").read_text()
    for status, code in re.findall(r'case (\d+): "(\w+)"', refusals):
        found.setdefault(int(status), set()).add(code)
    found[400].add(re.search(r'default: "(\w+)"', refusals).group(1))
    errors = named(source / "InferenceAPI", "RequestErrorCode.swift").read_text()
    statuses, names = errors.partition("var title")[0].split("var code")
    status_of = dict(cases(statuses, r"\d+"))
    for name, values in cases(names, r'"(\w+)"'):
        # Names without a status are of what a case holds.
        for status in status_of.get(name, []):
            found.setdefault(int(status), set()).update(values)
    return found


def test_the_document_lists_the_codes_of_every_status():
    assert codes() == codes_of_the_source()


def narrow_model(folder):
    """A HET-XL checkpoint of one input, so that generated rows often have the right width."""
    head = "opt/target/multiclass_head/"
    arrays = {
        "loc_layer/kernel": [[1.0, -0.5, 0.25]],
        "loc_layer/bias": [0.0, 0.1, -0.1],
        "diag_layer/kernel": [[0.5]],
        "diag_layer/bias": [0.25],
    }
    folder.mkdir()
    np.savez(
        folder / "checkpoint.npz",
        **{head + name: np.array(value, np.float32) for name, value in arrays.items()},
    )
    settings = {"checkpoint": "checkpoint.npz", "head": "het-xl", "temperature": 1.0}
    (folder / "model.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module")
def varied(tmp_path_factory):
    """A server whose first model takes rows of one number; the examples name another."""
    narrow = narrow_model(tmp_path_factory.mktemp("models") / "narrow")
    digits = REPOSITORY / "Sources/headserve/Models/digits-hetxl"
    with RunningServer("--model", narrow, "--model", digits) as server:
        yield server


def schemathesis(server, directory, settings, *flags):
    config = directory / "schemathesis.toml"
    config.write_text((HERE / "schemathesis.toml").read_text() + settings)
    return subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config),
            "run", str(DOCUMENT), "--url", server.url, "--checks", ",".join(CHECKS),
            "--seed", str(SEED), "--generation-database", "none", "--no-color",
            "--suppress-health-check", "all", "--request-timeout", "60", *flags,
        ],
        cwd=directory,
        env={
            **os.environ, "NO_PROXY": "127.0.0.1", "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "PYTHONPATH": str(HERE),
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "settings",
    ["", '\n[parameters]\n"path.name" = "narrow"\n"query.model" = "narrow"\n'],
    ids=["generated names", "a model's name"],
)
def test_generated_requests_find_nothing_undocumented(varied, tmp_path, settings):
    done = schemathesis(varied, tmp_path, settings, "--max-examples", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert varied.process.poll() is None
