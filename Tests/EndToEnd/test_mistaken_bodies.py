"""Requests as clients really send them: marks, encodings, other formats, encoded paths."""

import io
import json
import subprocess

import numpy as np
import pytest
from raw_connection import RawConnection
from running_server import npy_bytes, post_array, request_body
from test_refusals import assert_problem

MODEL = "digits-mhs"
ARRAY = "application/x-npy"


def text(rows):
    return json.dumps(request_body(rows, MODEL))


def curl(server, *arguments, path=f"/predict?model={MODEL}"):
    """The answer to a request of curl: its status, and its body as JSON."""
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code}", *arguments, server.url + path],
        capture_output=True, text=True, timeout=60, check=True)
    content, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(content)


# JSON: marks and encodings.


@pytest.mark.parametrize("literal", ["0.5", "123456789012345678901"])
def test_a_byte_order_mark_is_no_part_of_a_body(server, digits, literal):
    body = text(digits[:2]).replace("0.0", literal, 1)
    answer = server.post(body.encode())
    assert answer.status_code == 200
    assert server.post(body.encode("utf-8-sig")).content == answer.content


def test_a_fault_behind_a_mark_is_located_in_the_body_as_it_came(server):
    body = '{"instances": [[1 2]]}'
    detail = assert_problem(server.post(body.encode("utf-8-sig")), 400)["detail"]
    assert detail.startswith("line 1, column 22 (byte 21): ")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32"])
def test_other_encodings_are_named(server, digits, encoding):
    problem = assert_problem(server.post(text(digits[:1]).encode(encoding)), 400)
    assert problem["code"] == "invalid_utf8"
    assert f"text in {encoding[:6].upper()}, " in problem["detail"]
    assert "UTF-8" in problem["detail"]


# Arrays that curl, or a script, has changed.


def test_an_array_is_sent_with_data_binary_and_not_with_d(server, digits, tmp_path):
    file = tmp_path / "x.npy"
    file.write_bytes(npy_bytes(digits[:3]))
    header = ("-H", f"Content-Type: {ARRAY}")
    status, answer = curl(server, *header, "--data-binary", f"@{file}")
    assert (status, len(answer["predictions"])) == (200, 3)
    status, answer = curl(server, *header, "-d", f"@{file}")
    assert (status, answer["code"]) == (400, "malformed_array")
    assert "--data-binary" in answer["detail"]
    # Without the header it is taken for JSON.
    status, answer = curl(server, "-d", f"@{file}", path="/predict")
    assert (status, answer["code"]) == (400, "malformed_json")
    assert f"--data-binary and Content-Type: {ARRAY}" in answer["detail"]
    status, answer = curl(server, "--data-binary", f"@{file}", path="/predict")
    assert status == 400
    assert f"a NumPy array: send it with Content-Type: {ARRAY}" in answer["detail"]


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("rows", [1, 5, 13])
def test_every_array_that_curl_has_changed_is_known(server, tmp_path, dtype, rows):
    values = np.random.default_rng(rows).normal(size=(rows, 64)).astype(dtype)
    file = tmp_path / "x.npy"
    file.write_bytes(npy_bytes(values))
    status, answer = curl(server, "-H", f"Content-Type: {ARRAY}", "-d", f"@{file}")
    assert status == 400
    assert "curl -d drops zero bytes and line ends" in answer["detail"]


def test_an_array_as_a_text_is_known(server, digits):
    body = npy_bytes(digits[:2])
    for changed in (body.decode("latin-1").encode(), body.decode("utf-8", "replace").encode()):
        detail = assert_problem(post_array(server, changed), 400)["detail"]
        assert "send the file's bytes" in detail


def test_other_formats_are_named(server, digits):
    archive = io.BytesIO()
    np.savez(archive, x=digits[:1])
    for body, named in [
        (archive.getvalue(), "a ZIP archive, such as an .npz"),
        (text(digits[:1]).encode(), "JSON: send it with Content-Type: application/json"),
        (text(digits[:1]).encode("utf-8-sig"), "JSON"),
        (b"\x1f\x8b\x08\0", "compressed with gzip: send it with Content-Encoding: gzip"),
    ]:
        problem = assert_problem(post_array(server, body), 400)
        assert problem["code"] == "malformed_array"
        assert named in problem["detail"]


# Paths.


@pytest.mark.parametrize("path", [
    f"/v1/models/{MODEL}%3Apredict", f"/v1/models/{MODEL}%3apredict", "/%70redict",
    "/v1/models/digits%2Dmhs:predict",
])
def test_encoded_characters_of_a_path_are_those_characters(server, digits, path):
    answer = server.post(text(digits[:1])).json()
    status, found = curl(server, "-d", text(digits[:1]), path=path)
    assert (status, found) == (200, answer)


@pytest.mark.parametrize("path", [
    f"/v1/models%2F{MODEL}:predict", f"/v1%2Fmodels/{MODEL}:predict", "/%2570redict",
    f"/v1/models/a%2F{MODEL}:predict", f"/v1/models/{MODEL}%2F:predict", "/%2Fpredict",
])
def test_an_encoded_slash_separates_nothing_and_nothing_is_decoded_twice(server, digits, path):
    body = json.dumps(request_body(digits[:1]))
    assert curl(server, "-d", body, path=path)[0] == 404


def test_a_colon_that_is_encoded_twice_is_part_of_a_name(server, digits):
    path = f"/v1/models/{MODEL}%253Apredict"
    assert curl(server, "-d", text(digits[:1]), path=path)[0] == 405
    status, answer = curl(server, path=path)
    assert status == 404
    assert f"'{MODEL}%3Apredict'" in answer["detail"]


def test_what_is_no_utf8_is_no_path(server):
    with RawConnection(server) as connection:
        for path in (b"/v1/models/%ff", b"/v1/models/%C0%AF:predict", b"/%ED%A0%80"):
            connection.send(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path)
            assert connection.response().status == 404
