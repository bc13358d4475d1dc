"""NumPy arrays as bodies: the answers are those of the same numbers as JSON, to the byte."""

import gzip
import io
import zlib

import numpy as np
import pytest
from conftest import expected
from raw_connection import RawConnection
from running_server import FIXTURES, RunningServer, npy_bytes, post_array, request_body

FOLDERS = sorted(str(path.parent.relative_to(FIXTURES)) for path in FIXTURES.glob("*/*/model.json"))
DEMO_MODELS = ["digits-hetxl", "digits-mhc", "digits-mhp", "digits-mhs"]


@pytest.fixture(scope="module")
def everything():
    """Every fixture head in one server, each under its folder's name."""
    models = [flag for folder in FOLDERS for flag in ("--model", FIXTURES / folder)]
    with RunningServer(*models) as server:
        yield server


FORMS = {
    "float16": lambda rows: rows.astype("<f2"),
    "big-endian Fortran float16": lambda rows: np.asfortranarray(rows, ">f2"),
    "float32": lambda rows: rows.astype("<f4"),
    "float64": lambda rows: rows.astype("<f8"),
    "Fortran float32": lambda rows: np.asfortranarray(rows, "<f4"),
    "Fortran float64": lambda rows: np.asfortranarray(rows, "<f8"),
    "big-endian float32": lambda rows: rows.astype(">f4"),
    "big-endian Fortran float64": lambda rows: np.asfortranarray(rows, ">f8"),
}


def assert_arrays_are_answered_as_json(server, model, rows):
    seeds = list(range(7, 7 + len(rows)))
    parameters = {"top_k": 3, "samples": 33, "estimator": "monte-carlo"}
    answers = []
    for outputs in ([], ["probabilities"]):
        body = request_body(rows, model, seed=seeds, outputs=outputs, **parameters)
        json_answer = server.post(body)
        if json_answer.status_code == 422 and outputs:  # a head that only ranks
            continue
        assert json_answer.status_code == 200, json_answer.text
        query = {
            "model": model, "seed": ",".join(map(str, seeds)), "outputs": ",".join(outputs),
            **parameters,
        }
        for form in FORMS.values():
            array = form(rows)
            if (array != rows).any():  # values that the type has not
                continue
            response = post_array(server, array, **query)
            assert response.status_code == 200, response.text
            assert response.content == json_answer.content
        answers.append(json_answer.content)
    assert answers


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_head_answers_arrays_as_json(everything, folder):
    rows = expected(folder)["features"]
    assert_arrays_are_answered_as_json(everything, folder.split("/")[-1], rows)


@pytest.mark.parametrize("model", DEMO_MODELS)
def test_demo_models_answer_arrays_as_json(server, digits, model):
    assert_arrays_are_answered_as_json(server, model, digits[:4])


def test_numbers_of_64_bits_are_rounded_as_in_json(server):
    rows = np.random.default_rng(3).normal(size=(5, 64))
    assert (rows.astype(np.float32) != rows).any()
    answer = server.post(request_body(rows, "digits-hetxl", samples=64))
    assert post_array(server, rows, model="digits-hetxl", samples=64).content == answer.content


@pytest.mark.parametrize("order", "<>")
def test_numbers_of_16_bits_are_those_numbers(server, order):
    rows = np.random.default_rng(5).normal(size=(5, 64)).astype(order + "f2")
    answer = server.post(request_body(rows.astype(np.float64), "digits-hetxl", samples=64))
    assert post_array(server, rows, model="digits-hetxl", samples=64).content == answer.content


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_the_format_is_taken(server, digits, version):
    file = io.BytesIO()
    np.lib.format.write_array(file, digits[:3], version=version)
    assert file.getvalue()[6] == version[0]
    answer = server.post(request_body(digits[:3], "digits-mhs"))
    assert post_array(server, file.getvalue(), model="digits-mhs").content == answer.content


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("count", [1, 200, 4095, 4096])
def test_batches_of_any_size_are_answered_as_json(server, digits, count, order):
    """4096 rows are over a mebibyte, which is read beside the loop."""
    rows = np.resize(digits, (count, 64)).astype("<f4", order=order)
    answer = server.post(request_body(rows, "digits-mhs", top_k=1))
    response = post_array(server, rows, model="digits-mhs", top_k=1)
    assert response.status_code == 200
    assert response.content == answer.content


def test_the_path_may_name_the_model(server, digits):
    path = "/v1/models/digits-mhp:predict"
    answer = server.post(request_body(digits[:2]), path)
    assert post_array(server, digits[:2], path).content == answer.content
    assert post_array(server, digits[:2], path, model="digits-mhp").content == answer.content


def test_the_first_model_answers_where_none_is_named(server, digits):
    answer = server.post(request_body(digits[:2]))
    assert post_array(server, digits[:2]).content == answer.content


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_coded_arrays_are_taken(server, digits, coding):
    compress = {"gzip": gzip.compress, "deflate": zlib.compress}[coding]
    answer = server.post(request_body(digits, "digits-mhs"))
    response = post_array(
        server, compress(npy_bytes(digits)), headers={"Content-Encoding": coding},
        model="digits-mhs",
    )
    assert response.content == answer.content


def test_arrays_and_json_take_turns_on_a_connection(server, digits):
    """Chunked, and pipelined with JSON's answer before and after it."""
    body = npy_bytes(digits[:1])
    array = (
        b"POST /predict?model=digits-mhs HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-npy\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:9], body[9:]))
        + b"0\r\n\r\n"
    )
    text = server.post(request_body(digits[:1], "digits-mhs")).request.body
    json_request = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s" % (
        len(text), text
    )
    with RawConnection(server) as connection:
        connection.send(json_request + array + json_request)
        answers = [connection.response() for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert answers[0].body == answers[1].body == answers[2].body
