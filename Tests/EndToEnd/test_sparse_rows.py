"""Sparse rows: the dense rows' bytes, in time and memory of what they name."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from running_server import DEADLINE, FIXTURES, RunningServer, request_body

WIDTH = 1_000_000
CLASSES = 8
ROWS = 4096


def wide_row(generator, count):
    """A sparse row in no particular order, one of whose values is a zero that is named."""
    columns = generator.choice(WIDTH, count, replace=False)
    values = generator.uniform(-1, 1, count).astype(np.float32)
    values[0] = -0.0
    return {"indices": columns.tolist(), "values": [float(value) for value in values]}


def dense(row):
    numbers = np.zeros(WIDTH, np.float32)
    numbers[row["indices"]] = row["values"]
    return numbers


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A server with a dense head of a million inputs; 32 MB of weights."""
    folder = tmp_path_factory.mktemp("wide")
    generator = np.random.default_rng(5)
    kernel = generator.standard_normal((WIDTH, CLASSES), np.float32)
    bias = generator.standard_normal(CLASSES, np.float32)
    np.savez(folder / "m.npz", **{"head/kernel": kernel, "head/bias": bias})
    manifest = {"checkpoint": "m.npz", "head": "dense", "link": "softmax"}
    (folder / "model.json").write_text(json.dumps(manifest))
    with RunningServer("--model", f"wide={folder}") as server:
        yield server


def curl(server, body, path):
    """The answer that curl gets to the body."""
    path.write_text(json.dumps(body))
    command = ["curl", "-sS", "--fail", "-X", "POST", server.url + "/predict",
               "-H", "Content-Type: application/json", "--data-binary", f"@{path}"]
    return subprocess.run(command, capture_output=True, check=True, timeout=DEADLINE).stdout


def forget_peak(server):
    """Starts the measurement of `peak_memory` anew."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


def peak_memory(server):
    """The most bytes the process has had in memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(
        int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")
    )


@pytest.mark.own_allocator
def test_a_large_request_of_wide_rows_takes_little_memory(wide):
    generator = np.random.default_rng(6)
    rows = [wide_row(generator, 3) for _ in range(ROWS)]
    body = json.dumps(request_body(rows, top_k=1)).encode()
    forget_peak(wide)
    before = peak_memory(wide)
    response = wide.post(body)
    assert response.status_code == 200, response.text
    assert len(response.json()["predictions"]) == ROWS
    # As dense rows 16 GB, a batch of 64 rows 256 MB. The body has 0.4 MB, of which the parser takes
    # some 15 times as much, and the answer 0.8 MB.
    assert peak_memory(wide) - before < 32 << 20


def test_curl_gets_the_same_bytes_for_sparse_and_dense_rows(wide, tmp_path):
    generator = np.random.default_rng(7)
    rows = [wide_row(generator, count) for count in (1, 2, 40, 70_000)]
    rows.append({"indices": [], "values": []})
    for row in rows:
        sparse = curl(wide, request_body([row]), tmp_path / "sparse.json")
        assert json.loads(sparse)["predictions"]
        assert sparse == curl(wide, request_body([dense(row)]), tmp_path / "dense.json")
    together = curl(wide, request_body(rows), tmp_path / "together.json")
    mixed = [dense(row) if index % 2 else row for index, row in enumerate(rows)]
    assert together == curl(wide, request_body(mixed), tmp_path / "mixed.json")


@pytest.mark.parametrize("model", ["het/hetxl-softmax-wide", "mhe/mhc-xmc", "mhe/arcface-mhs"])
def test_heads_answer_sparse_rows_as_dense_ones(model):
    with np.load(FIXTURES / model / "expected.npz") as arrays:
        rows = arrays["features"][:4].copy()
    for index, row in enumerate(rows):
        row[index:] = 0
    sparse = [
        {"indices": row.nonzero()[0].tolist()[::-1], "values": row[row != 0].tolist()[::-1]}
        for row in rows
    ]
    with RunningServer("--model", FIXTURES / model) as server:
        expected = server.post(request_body(rows)).content
        assert json.loads(expected)["predictions"]
        assert server.post(request_body(sparse)).content == expected
