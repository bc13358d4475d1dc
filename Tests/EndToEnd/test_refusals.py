"""Bad input is answered with problem+json that names the field, and the server stays up."""

import json

import numpy as np
import pytest
from running_server import FIXTURES, RunningServer, npy_bytes, post_array

ROW = [0.5] * 64
MODEL = "digits-mhs"


def body(**changes):
    """A good request with some of its keys changed; None takes a key away."""
    request = {"model": MODEL, "instances": [ROW], **changes}
    return json.dumps({key: value for key, value in request.items() if value is not None})


def parameters(**values):
    return body(parameters=values)


def literal(text):
    """A request whose second row has a number spelled as given in its fourth place."""
    row = ", ".join(["0.5"] * 3 + [text] + ["0.5"] * 60)
    return f'{{"model": "{MODEL}", "instances": [{json.dumps(ROW)}, [{row}]]}}'


def sparse(indices, values):
    return body(instances=[{"indices": indices, "values": values}])


def assert_problem(response, status, pointers=None):
    """The answer is a problem with this status, and with one of these pointers (None: any)."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "code", "error", "request_id"} <= set(problem)
    assert problem["status"] == status
    assert problem["title"] == response.reason != ""
    assert problem["error"] == problem["detail"] != ""
    assert problem["request_id"] == response.headers["X-Request-Id"]
    if pointers is not None:
        assert problem.get("pointer") in pointers, problem
    return problem


# Bodies that are not JSON, or not the JSON that was asked for: 400.
GRAMMAR = {
    "an empty body": ("", None),
    "white space": (" \n\t", None),
    "no JSON": ("hello", None),
    "a body cut short": (body()[:-1], None),
    "text after the end": (body() + "{}", None),
    "a comma too many": ('{"instances": [[1,]]}', None),
    "a comment": ("// hello\n" + body(), None),
    "NaN": (literal("NaN"), None),
    "Infinity": (literal("Infinity"), None),
    "a leading zero": (literal("01"), None),
    "a plus sign": (literal("+1"), None),
    "hexadecimal": (literal("0x1"), None),
    "bytes that are not UTF-8": (b'{"model": "\xff\xfe", "instances": [[1]]}', None),
    "an array": ("[]", ("", None)),
    "a number": ("1", ("", None)),
    "null": ("null", ("", None)),
    "instances of the wrong type": (body(instances={}), ("/instances",)),
    "instances that are numbers": (body(instances=[1, 2]), ("/instances/0",)),
    "an instance that is null": (body(instances=[ROW, None]), ("/instances/1",)),
    "a string among the numbers": (literal('"1"'), ("/instances/1/3",)),
    "a boolean among the numbers": (literal("true"), ("/instances/1/3",)),
    "a null among the numbers": (literal("null"), ("/instances/1/3",)),
    "an array among the numbers": (literal("[1]"), ("/instances/1/3",)),
    "an unknown key": (body(surprise=1), ("/surprise",)),
    "an unknown key that needs escaping": (body(**{"a/b~c": 1}), ("/a~1b~0c",)),
    "an unknown parameter": (parameters(topk=3), ("/parameters/topk",)),
    "a key twice": ('{"instances": [[1]], "instances": [[1]]}', ("/instances",)),
    "a parameter twice": (
        body()[:-1] + ', "parameters": {"seed": 1, "seed": 1}}', ("/parameters/seed",)
    ),
    "a model that is a number": (body(model=1), ("/model",)),
    "parameters that are a list": (body(parameters=[]), ("/parameters",)),
    "top_k as a string": (parameters(top_k="5"), ("/parameters/top_k",)),
    "samples as a boolean": (parameters(samples=True), ("/parameters/samples",)),
    "seed as a string": (parameters(seed="0"), ("/parameters/seed",)),
    "outputs as a string": (parameters(outputs="probabilities"), ("/parameters/outputs",)),
    "a sparse row with an unknown key": (
        body(instances=[{"indices": [1], "values": [1], "shape": [64]}]), ("/instances/0/shape",)
    ),
}

# Well-formed but impossible: 422.
IMPOSSIBLE = {
    "no instances": (body(instances=None), ("/instances", "")),
    "a sparse row without values": (
        body(instances=[{"indices": [1]}]), ("/instances/0", "/instances/0/values")
    ),
    "no instances in the list": (body(instances=[]), ("/instances",)),
    "an empty row": (body(instances=[[]]), ("/instances/0",)),
    "a row one short": (body(instances=[ROW, ROW[:-1]]), ("/instances/1",)),
    "a row one long": (body(instances=[ROW, ROW + [0]]), ("/instances/1",)),
    "a number beyond float32": (literal("1e39"), ("/instances/1/3",)),
    "a negative number beyond float32": (literal("-1e39"), ("/instances/1/3",)),
    "the first number that rounds to infinity": (
        literal("3.4028235677973366e38"), ("/instances/1/3",)
    ),
    "a number beyond double": (literal("1e999"), ("/instances/1/3",)),
    "a whole number of forty digits": (literal("1" + "0" * 39), ("/instances/1/3",)),
    "a negative top_k": (parameters(top_k=-1), ("/parameters/top_k",)),
    "no samples": (parameters(samples=0), ("/parameters/samples",)),
    "a negative seed": (parameters(seed=-1), ("/parameters/seed",)),
    "a seed of 65 bits": (parameters(seed=2**64), ("/parameters/seed",)),
    "fewer seeds than instances": (
        body(instances=[ROW, ROW], parameters={"seed": [1]}), ("/parameters/seed",)
    ),
    "an estimator that is none": (parameters(estimator="magic"), ("/parameters/estimator",)),
    "an output that is none": (parameters(outputs=["x"]), ("/parameters/outputs/0",)),
    "a sparse index twice": (sparse([3, 3], [1, 1]), ("/instances/0/indices/1",)),
    "a sparse index outside": (sparse([0, 64], [1, 1]), ("/instances/0/indices/1",)),
    "a sparse index below zero": (sparse([-1], [1]), ("/instances/0/indices/0",)),
    "more sparse indices than values": (
        sparse([1, 2], [1]), ("/instances/0", "/instances/0/values", "/instances/0/indices")
    ),
    "a sparse value beyond float32": (sparse([1], [1e39]), ("/instances/0/values/0",)),
}


@pytest.mark.parametrize("name", GRAMMAR)
def test_malformed_request_is_400(server, name):
    text, pointers = GRAMMAR[name]
    assert_problem(server.post(text), 400, pointers)


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_request_is_422(server, name):
    text, pointers = IMPOSSIBLE[name]
    assert_problem(server.post(text), 422, pointers)


@pytest.mark.parametrize("number", ["1.5", "1e400"])
@pytest.mark.parametrize("name", ["top_k", "samples", "seed"])
def test_whole_number_parameters_take_no_fraction_and_no_infinity(server, name, number):
    text = f'{{"model": "{MODEL}", "instances": [{ROW}], "parameters": {{"{name}": {number}}}}}'
    response = server.post(text)
    assert response.status_code in (400, 422)
    assert_problem(response, response.status_code, (f"/parameters/{name}",))


def test_deep_nesting_is_refused(server):
    assert_problem(server.post('{"instances": ' + "[" * 100_000), 400)
    assert_problem(server.post('{"instances": ' + "[" * 5000 + "]" * 5000 + "}"), 400)


def test_a_lone_surrogate_is_bad_grammar_or_no_model(server):
    response = server.post('{"model": "\\ud800", "instances": [[1]]}')
    assert_problem(response, 400 if response.status_code == 400 else 404)


def test_unknown_models_are_404(server):
    assert_problem(server.post(body(model="digits")), 404)
    assert_problem(server.post(body(model=None), "/v1/models/digits:predict"), 404)
    problem = assert_problem(server.get("/v1/models/digits"), 404)
    known = "there are digits-hetxl, digits-mhp, digits-mhc and digits-mhs"
    assert known in problem["detail"]
    assert known in server.post(body(model="digits")).json()["detail"]


def test_a_model_in_the_body_that_differs_from_the_paths_is_400(server):
    path = "/v1/models/digits-mhp:predict"
    assert_problem(server.post(body(), path), 400, ("/model",))
    assert server.post(body(model="digits-mhp"), path).status_code == 200


def test_numbers_that_float32_can_hold_are_taken(server):
    largest = ["3.4028235677973362e+38", "-3.4028235e38", "1e-999", "-0.0", "100000000000000000000"]
    for text in largest:
        assert server.post(literal(text)).status_code == 200, text


def test_probabilities_of_a_score_head_are_422():
    with RunningServer("--model", FIXTURES / "mhe/mhc-xmc") as scores:
        request = {"instances": [[0.0] * 60], "parameters": {"outputs": ["probabilities"]}}
        pointers = ("/parameters/outputs/0", "/parameters/outputs")
        assert_problem(scores.post(request), 422, pointers)


ARRAY = np.full((2, 64), 0.5, np.float32)


def damaged(value, dtype=np.float32):
    array = ARRAY.astype(dtype)
    array[1, 17] = value
    return array


# An array, the query beside it, the status, the code, and what the detail says.
ARRAYS = {
    "an empty body": (b"", {}, 400, "malformed_array", "not a NumPy array"),
    "JSON": (body().encode(), {}, 400, "malformed_array", "the body is JSON"),
    "an archive": (b"PK\3\4" + bytes(40), {}, 400, "malformed_array", "a ZIP archive"),
    "a byte short": (npy_bytes(ARRAY)[:-1], {}, 400, "malformed_array", "512 bytes of data, 511"),
    "a byte long": (npy_bytes(ARRAY) + b"\0", {}, 400, "malformed_array", "512 bytes of data, 513"),
    "no instances": (ARRAY[:0], {}, 422, "empty_instances", "at least one"),
    "a width one short": (ARRAY[:, 1:], {}, 422, "wrong_width", "(2, 63), not (rows, 64)"),
    "a single row": (ARRAY[0], {}, 422, "wrong_shape", "a single row has shape (1, 64)"),
    "three dimensions": (ARRAY[None], {}, 422, "wrong_shape", "(1, 2, 64), not (rows, 64)"),
    "integers": (ARRAY.astype(np.int64), {}, 422, "element_type", "'<i8'"),
    "long doubles": (ARRAY.astype(np.longdouble), {}, 422, "element_type", "'<f16'"),
    "objects": (ARRAY.astype(object), {}, 422, "element_type", "'|O'"),
    "records": (np.zeros(2, [("a", "<f4")]), {}, 422, "element_type", "records"),
    "not a number": (damaged(np.nan), {}, 422, "not_finite", "row 1, column 17 of the array"),
    "infinity": (damaged(-np.inf), {}, 422, "not_finite", "row 1, column 17 of the array"),
    "beyond float32": (damaged(1e39, np.float64), {}, 422, "not_finite", "row 1, column 17"),
    "not finite in Fortran order": (
        np.asfortranarray(damaged(np.nan)), {}, 422, "not_finite", "row 1, column 17"
    ),
    "too many rows": (np.zeros((4097, 64), np.float32), {}, 413, "too_many_rows", "4096"),
    "an unknown parameter": (ARRAY, {"topk": 3}, 400, "unknown_key", "query parameter 'topk'"),
    "a parameter twice": (
        ARRAY, {"seed": [1, 2]}, 400, "repeated_key", "query parameter 'seed'"
    ),
    "no value": (ARRAY, {"top_k": ""}, 400, "malformed_query", "query parameter 'top_k'"),
    "no samples": (ARRAY, {"samples": 0}, 422, "out_of_range", "query parameter 'samples'"),
    "a seed too few": (ARRAY, {"seed": "1,2,3"}, 422, "seed_count", "query parameter 'seed'"),
    "an output that is none": (
        ARRAY, {"outputs": "x"}, 422, "unknown_choice", "query parameter 'outputs'"
    ),
    "what the model does not have": (
        ARRAY, {"outputs": "histogram"}, 422, "not_available", "query parameter 'outputs'"
    ),
    "a model that is none": (ARRAY, {"model": "digits"}, 404, "unknown_model", "'digits'"),
    "logits that overflow": (
        np.full((1, 64), 3e38, np.float32), {}, 422, "numeric_overflow", "row 0 of the array"
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_refused_by_name(server, name):
    array, query, status, code, detail = ARRAYS[name]
    response = post_array(server, array, **{"model": MODEL, **query})
    problem = assert_problem(response, status, (None,))
    assert problem["code"] == code
    assert detail in problem["detail"]


def test_a_model_in_the_query_that_differs_from_the_paths_is_400(server):
    response = post_array(server, ARRAY, "/v1/models/digits-mhp:predict", model=MODEL)
    assert assert_problem(response, 400, (None,))["code"] == "model_mismatch"


def test_a_query_beside_json_is_400(server):
    """It would have no effect, and nobody would notice."""
    problem = assert_problem(server.post(body(), "/predict?top_k=3"), 400, (None,))
    assert problem["code"] == "query_beside_json"
    assert "query parameter 'top_k'" in problem["detail"]
    assert server.post(body(), "/predict?").status_code == 200


def test_other_types_are_415_and_told_which_are_taken(server):
    problem = assert_problem(server.post(npy_bytes(ARRAY), content_type="application/npy"), 415)
    assert "application/json" in problem["detail"]
    assert "application/x-npy" in problem["detail"]


def test_the_server_is_still_there(server):
    """After all of the above, which pytest ran before it."""
    assert server.process.poll() is None
    assert server.post(body()).status_code == 200
