"""Holds answers of the server against openapi.yaml: each that a test asks for is looked at."""

import json
import re
from pathlib import Path

import jsonschema
import yaml

DOCUMENT = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "Sources/headserve/openapi.yaml").read_text())
PROBLEM = "application/problem+json"
LONGEST = 1 << 16
"""Bytes of an answer that is looked at: the number at which a test takes a millisecond longer for
each kilobyte it asks for."""
NOWHERE = {"responses": {"404": {"$ref": "#/components/responses/NotFound"}}}
"""What a path that is in no document answers."""

_validators = {}


def codes():
    """Each status of an error with the codes that the document gives it."""
    found = {}
    for response in DOCUMENT["components"]["responses"].values():
        schema = response["content"].get(PROBLEM, {}).get("schema")
        if schema:
            properties = schema["properties"]
            found[properties["status"]["const"]] = set(properties["code"]["enum"])
    return found


def check_answer(method, path, status, headers, body):
    """Asserts that this answer of `path`, a target without its query, is documented there."""
    operation = _operation(method, path)
    assert operation is NOWHERE or str(status) in operation["responses"], (method, path, status)
    if str(status) in operation["responses"]:
        _check(_resolved(operation["responses"][str(status)]), headers, body)
    else:
        check_problem(status, headers, body)


def check_problem(status, headers, body):
    """Asserts the same of an error, wherever it was asked for."""
    _check(_problem_responses()[status], headers, body)


def _problem_responses():
    responses = DOCUMENT["paths"]["/predict"]["post"]["responses"]
    return {int(status): _resolved(response) for status, response in responses.items()}


def _operation(method, path):
    for template, operations in DOCUMENT["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+?", re.escape(template))
        if re.fullmatch(pattern, path):
            # A method that a path has not is answered as its others are.
            return operations.get(method.lower()) or next(
                operations[name] for name in ("get", "post") if name in operations)
    return NOWHERE


def _check(response, headers, body):
    lower = {name.lower(): value for name, value in headers.items()}
    for name, reference in response["headers"].items():
        header = _resolved(reference)
        value = lower.get(name.lower())
        if value is None:
            assert not header.get("required"), f"no {name}"
        else:
            is_number = header["schema"].get("type") == "integer"
            _validate(header["schema"], int(value) if is_number else value)
    type_ = lower["content-type"].split(";")[0]
    schema = response["content"][type_]["schema"]
    if type_.endswith("json") and len(body) <= LONGEST:
        _validate(schema, json.loads(body))


def _validate(schema, value):
    key = id(schema)
    if key not in _validators:
        _validators[key] = jsonschema.Draft202012Validator(
            {**schema, "components": DOCUMENT["components"]})
    _validators[key].validate(value)


def _resolved(value):
    while "$ref" in value:
        place = DOCUMENT
        for part in value["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        value = place
    return value
