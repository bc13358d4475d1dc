"""A model is ready only when it answers as the `expected.npz` beside it says."""

import json
import shutil

import numpy as np
import pytest
from conftest import expected
from running_server import FIXTURES, RunningServer, command, eventually

DEMO = FIXTURES.parents[1] / "Sources/headserve/Models"


def folder(tmp_path, source, **arrays):
    """A copy of a model's folder with an `expected.npz` of these arrays."""
    target = tmp_path / source.name
    shutil.copytree(source, target)
    np.savez(target / "expected.npz", **arrays)
    return target


def loaded(path, *flags):
    """The fields of the log's line on a model, and what `/v1/models` says of its golden outputs."""
    with RunningServer("--model", path, *flags) as server:
        # The line may still be on its way when the server answers that it is ready.
        lines = eventually(
            lambda: [line for line in server.log if " loaded " in line], "the model is loaded"
        )
        fields = dict(field.split("=", 1) for field in lines[0].split() if "=" in field)
        return fields, server.get("/v1/models").json()["models"][0].get("golden")


def golden_rows(path):
    """The rows that the server says it compared before it was ready."""
    return int(loaded(path)[0]["golden_rows"])


def refusal(path):
    """The log of a server that does not become ready."""
    done = command("serve", "--port", 0, "--model", path)
    assert done.returncode != 0
    return done.stderr


@pytest.fixture
def mhs():
    return expected("models/digits-mhs")


def test_right_outputs_pass(tmp_path, mhs):
    arrays = {"features": mhs["features"], "probabilities": mhs["probabilities"]}
    other = {"labels": mhs["labels"], "more": np.array(["text"])}
    fields, golden = loaded(folder(tmp_path, DEMO / "digits-mhs", **arrays, **other))
    assert fields["golden_rows"] == "200" and golden["rows"] == 200
    assert fields["golden_arrays_ignored"] == "labels,more"


def test_float64_outputs_and_fortran_order_pass(tmp_path, mhs):
    features = np.asfortranarray(mhs["features"], dtype=np.float64)
    path = folder(
        tmp_path, DEMO / "digits-mhs", features=features, probabilities=mhs["probabilities"]
    )
    assert golden_rows(path) == 200


def test_a_wrong_output_is_named(tmp_path, mhs):
    wrong = mhs["probabilities"].copy()
    wrong[137, 4] += 1e-3
    path = folder(
        tmp_path, DEMO / "digits-mhs", features=mhs["features"], probabilities=wrong.clip(0, 1)
    )
    assert "expected.npz: row 137, class 4: the model answers" in refusal(path)


@pytest.mark.parametrize(("tolerance", "passes"), [(0.9e-3, False), (1.1e-3, True)])
def test_the_tolerance_is_the_files_own(tmp_path, mhs, tolerance, passes):
    shifted = mhs["probabilities"].copy()
    shifted[3] = (shifted[3] - 1e-3).clip(0, 1)
    path = folder(
        tmp_path, DEMO / "digits-mhs", features=mhs["features"], probabilities=shifted,
        tolerance=np.float64(tolerance),
    )
    if passes:
        assert golden_rows(path) == 200
    else:
        assert "row 3" in refusal(path)


def test_sampled_outputs_pass_within_their_sampling_error(tmp_path):
    truth = expected("models/digits-hetxl")
    reference = truth["reference_probabilities"]
    path = folder(
        tmp_path, DEMO / "digits-hetxl", features=truth["features"], probabilities=reference
    )
    assert golden_rows(path) == 200


def test_sampled_outputs_of_another_law_are_refused(tmp_path):
    truth = expected("models/digits-hetxl")
    other = np.roll(truth["reference_probabilities"], 1, axis=1)
    path = folder(
        tmp_path, DEMO / "digits-hetxl", features=truth["features"], probabilities=other
    )
    assert "expected.npz: row 0, class" in refusal(path)


def hetxl(tmp_path, bounds, **arrays):
    """`hetxl-softmax-full`, learned within [0.3, 3], with its reference as the author's outputs."""
    truth = expected("het/hetxl-softmax-full")
    author = {
        "features": truth["features"], "probabilities": truth["reference_probabilities"],
    }
    path = folder(tmp_path, FIXTURES / "het/hetxl-softmax-full", **(author | arrays))
    manifest = json.loads((path / "model.json").read_text())
    manifest |= {"temperature_bounds": bounds, "samples": 100}
    (path / "model.json").write_text(json.dumps(manifest))
    return path


@pytest.mark.parametrize("bounds", [[0.05, 5], [0.1, 10], [0.5, 1.5]])
def test_other_temperature_bounds_are_refused(tmp_path, bounds):
    assert "expected.npz: row" in refusal(hetxl(tmp_path, bounds))


def test_the_differences_are_told(tmp_path):
    errors = expected("het/hetxl-softmax-full")["reference_standard_error"]
    path = hetxl(tmp_path, [0.3, 3], standard_error=errors, samples=np.int64(2_000_000))
    # Beside a cap on samples that the check goes beyond.
    fields, golden = loaded(path, "--max-samples", 100)
    assert golden["rows"] == int(fields["golden_rows"]) == 3
    assert golden["max_difference"] == float(fields["golden_max_difference"])
    assert golden["mean_difference"] == float(fields["golden_mean_difference"])
    # Thirty classes with a standard error of at most 1e-3.
    assert 0 < golden["mean_difference"] < golden["max_difference"] < 5e-3


def test_models_without_outputs_have_no_differences():
    fields, golden = loaded(DEMO / "digits-mhs")
    assert golden is None
    assert fields["golden_rows"] == "0" and "golden_max_difference" not in fields


def test_other_outputs_are_no_golden_ones_and_the_log_warns(tmp_path, mhs):
    path = folder(tmp_path, DEMO / "digits-mhs", features=mhs["features"], logits=np.zeros(2))
    with RunningServer("--model", path) as server:
        warning = eventually(
            lambda: [line for line in server.log if "expected.npz" in line], "the warning"
        )
    assert "warning" in warning[0].lower() and "'probabilities'" in warning[0]


@pytest.mark.parametrize("name", ["features", "probabilities"])
def test_one_of_both_arrays_alone_is_refused(tmp_path, mhs, name):
    path = folder(tmp_path, DEMO / "digits-mhs", **{name: mhs[name]})
    missing = {"features": "probabilities", "probabilities": "features"}[name]
    assert f"'{missing}' must be there beside '{name}'" in refusal(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.zeros((4, 63), np.float32)}, "'features' must be of shape [4, 64]"),
        ({"features": np.zeros((0, 64), np.float32)}, "'features' must be at least one row"),
        ({"features": np.full((4, 64), np.nan)}, "'features' must be free of values such as nan"),
        ({"probabilities": np.zeros((4, 9))}, "'probabilities' must be of shape [4, 10]"),
        ({"probabilities": np.zeros((3, 10))}, "'probabilities' must be of shape [4, 10]"),
        ({"probabilities": np.full((4, 10), 1.5)}, "'probabilities' must be free of values"),
        ({"tolerence": np.float64(1)}, "'tolerence' must be called 'tolerance' if that is meant"),
        ({"tolerance": np.float64(-1)}, "'tolerance' must be free of values such as -1.0"),
        ({"tolerance": np.zeros(2)}, "'tolerance' must be one number"),
        ({"standard_error": np.zeros((4, 9))}, "'standard_error' must be of shape [4, 10]"),
        ({"standard_error": np.zeros(40)}, "'standard_error' must be of shape [4, 10]"),
        ({"standard_error": np.full((4, 10), -1e-9)}, "'standard_error' must be free of values"),
        ({"standard_error": np.full((4, 10), np.inf)}, "'standard_error' must be free of values"),
        ({"samples": np.int64(0)}, "'samples' must be the samples drawn for a row"),
        ({"samples": np.float64(99.5)}, "'samples' must be the samples drawn for a row"),
        ({"samples": np.array([100, 100])}, "'samples' must be one number"),
    ],
)
def test_odd_arrays_are_refused(tmp_path, mhs, change, message):
    arrays = {"features": mhs["features"][:4], "probabilities": mhs["probabilities"][:4]}
    assert message in refusal(folder(tmp_path, DEMO / "digits-mhs", **(arrays | change)))


def test_ranking_heads_have_no_probabilities_to_compare(tmp_path):
    arrays = {"features": np.zeros((1, 60)), "probabilities": np.zeros((1, 211))}
    path = folder(tmp_path, FIXTURES / "mhe/mhc-xmc", **arrays)
    assert "the head gives ranking scores only" in refusal(path)


def test_weights_that_overflow_are_refused(tmp_path):
    huge = np.full((2, 3, 4), 3e38, np.float32)
    np.savez(tmp_path / "head.npz", weight=huge)
    manifest = {"checkpoint": "head.npz", "head": "mhs"}
    (tmp_path / "model.json").write_text(json.dumps(manifest))
    assert "fails its self-check: its weights are so large" in refusal(tmp_path)
