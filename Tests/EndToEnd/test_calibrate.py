"""`headserve calibrate`: from rows with labels to prediction sets that cover what they promise."""

import json
import re
import shutil
import xml.etree.ElementTree

import numpy as np
import pytest
from running_server import FIXTURES, REPOSITORY, RunningServer, command
from sklearn.datasets import load_digits
from test_model_reload import reload

DEMO = REPOSITORY / "Sources/headserve/Models"
SAMPLES = 64
"""Samples of the model with noise: few, as calibration and requests draw alike."""


@pytest.fixture(scope="module")
def halves():
    """All digits in a random order, so that any two of them are exchangeable, in two halves."""
    data = load_digits()
    order = np.random.default_rng(5).permutation(len(data.target))
    features = (data.data[order] / 16).astype(np.float32)
    labels = data.target[order]
    half = len(labels) // 2
    return (features[:half], labels[:half]), (features[half:], labels[half:])


@pytest.fixture
def folder(tmp_path, request):
    """A copy of a demo model."""
    path = tmp_path / "my-head"
    shutil.copytree(DEMO / getattr(request, "param", "digits-mhs"), path)
    return path


def saved(folder, rows, labels):
    np.save(folder / "x.npy", rows)
    np.save(folder / "y.npy", labels)
    return "--data", folder / "x.npy", "--labels", folder / "y.npy"


def calibrate(model, data, *arguments):
    done = command("calibrate", "--model", model, *data, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("method", ["lac", "aps", "raps"])
@pytest.mark.parametrize(
    "folder", ["digits-mhs", "digits-mhp", "digits-mhc", "digits-hetxl"], indirect=True)
def test_sets_cover_the_other_half(folder, method, tmp_path, halves):
    (rows, labels), (others, truth) = halves
    noise = ["--samples", SAMPLES] if "hetxl" in (folder / "model.json").read_text() else []
    calibrate(folder, saved(tmp_path, rows, labels), "--method", method, *noise)
    calibration = json.loads((folder / "calibration.json").read_text())
    assert calibration["method"] == method and calibration["rows"] == len(labels)
    with RunningServer("--model", folder) as server:
        for coverage in (0.8, 0.95):
            hits, sizes = [], []
            for first in range(0, len(truth), 300):
                answer = server.predict(
                    others[first:first + 300], "my-head", coverage=coverage, top_k=1,
                    samples=SAMPLES)
                for prediction, label in zip(answer["predictions"], truth[first:first + 300]):
                    found = prediction["prediction_set"]
                    assert found["coverage"] == coverage and found["method"] == method
                    assert found["complete"] and found["size"] == len(found["labels"]) >= 1
                    hits.append(label in [entry["index"] for entry in found["labels"]])
                    sizes.append(found["size"])
            # Both halves have 898 rows, so the share scatters by √(2 c (1 − c) / 898): 0.019 at 0.8.
            deviation = np.sqrt(2 * coverage * (1 - coverage) / len(truth))
            assert np.mean(hits) > coverage - 4 * deviation
            # Sets are of use: the digits are easy, and few labels cover. Without randomisation, APS
            # and RAPS count the whole probability of a label against it, which takes more of them.
            assert np.mean(sizes) < (1.5 if method == "lac" else 5)


def test_scores_are_those_of_the_answers(folder, tmp_path, halves):
    (rows, labels), _ = halves
    calibrate(folder, saved(tmp_path, rows[:50], labels[:50]))
    with RunningServer("--model", folder) as server:
        answer = server.predict(rows[:50], "my-head", outputs=["probabilities"])
    listed = np.array([each["probabilities"] for each in answer["predictions"]], np.float32)
    expected = np.sort(1 - listed[np.arange(50), labels[:50]].astype(float))
    # Answers have the shortest text of a float32, which is read as that float32 again.
    assert json.loads((folder / "calibration.json").read_text())["scores"] == expected.tolist()


NAMES = ["accuracy", "NLL, nats", "ECE, 15 bins", "temperature", "80 %", "90 %", "95 %"]


def figures(text):
    """The columns behind the names of the table's rows."""
    lines = [line.strip() for line in text.splitlines()]
    return {
        name: re.findall(r"all labels|\S+", line.removeprefix(name))
        for name in NAMES for line in lines if line.startswith(name)
    }


def test_the_table_says_how_the_model_does(folder, tmp_path, halves):
    (rows, labels), _ = halves
    shown = figures(calibrate(folder, saved(tmp_path, rows, labels)))
    with RunningServer("--model", folder) as server:
        answers = [
            server.predict(rows[first:first + 300], "my-head", outputs=["probabilities"])
            for first in range(0, len(rows), 300)
        ]
    listed = np.array([each["probabilities"] for one in answers for each in one["predictions"]])
    own = listed[np.arange(len(labels)), labels]
    best, most = listed.argmax(1), listed.max(1)
    bins = np.clip(np.ceil(most * 15) - 1, 0, 14)
    error = sum(
        abs(np.sum(best[bins == b] == labels[bins == b]) - most[bins == b].sum())
        for b in range(15)
    ) / len(labels)
    # The table has four decimals.
    for name, expected in [
        ("accuracy", np.mean(best == labels)), ("NLL, nats", -np.log(own).mean()),
        ("ECE, 15 bins", error),
    ]:
        assert float(shown[name][0]) == pytest.approx(expected, abs=6e-5), name
    for coverage, (threshold, mean, median, largest) in [
        (c, shown[f"{c} %"]) for c in (80, 90, 95)
    ]:
        rank = -(-(len(labels) + 1) * coverage // 100)
        exact = np.sort(1 - own)[rank - 1]
        assert float(threshold) == pytest.approx(exact, abs=6e-5)
        sizes = np.maximum(1, np.sum(1 - listed <= exact, axis=1))
        assert float(mean) == pytest.approx(sizes.mean(), abs=6e-3)
        assert [int(median), int(largest)] == [np.sort(sizes)[(len(sizes) - 1) // 2], sizes.max()]


def test_a_temperature_is_fitted_and_drawn(folder, tmp_path, halves):
    (rows, labels), (others, truth) = halves
    plot = tmp_path / "plot.svg"
    text = calibrate(
        folder, saved(tmp_path, rows, labels), "--fit-temperature", "--plot", plot)
    shown = figures(text)
    assert float(shown["NLL, nats"][1]) <= float(shown["NLL, nats"][0])
    assert shown["accuracy"][0] == shown["accuracy"][1]
    calibration = json.loads((folder / "calibration.json").read_text())
    assert calibration["temperature"] == pytest.approx(float(shown["temperature"][1]), abs=6e-5)
    drawn = xml.etree.ElementTree.parse(plot).getroot()
    circles = [each for each in drawn if each.tag.endswith("circle")]
    assert drawn.tag.endswith("svg") and 2 <= len(circles) <= 30
    with RunningServer("--model", folder) as server:
        answer = server.predict(others[:300], "my-head", coverage=0.9, top_k=1)
        shown_model = server.get("/v1/models/my-head").json()
    assert shown_model["calibration"]["temperature"] == pytest.approx(
        calibration["temperature"], rel=1e-6)
    hits = [
        label in [entry["index"] for entry in prediction["prediction_set"]["labels"]]
        for prediction, label in zip(answer["predictions"], truth)
    ]
    # √(0.9 · 0.1 · (1/300 + 1/898)) = 0.02.
    assert np.mean(hits) > 0.9 - 4 * 0.02


def test_golden_outputs_stay_those_of_the_author(folder, tmp_path, halves):
    """A fitted temperature changes the answers, not what the author's outputs are compared with."""
    (rows, labels), (others, _) = halves
    with RunningServer("--model", folder) as server:
        told = server.predict(others[:50], "my-head", outputs=["probabilities"])["predictions"]
    author = np.array([each["probabilities"] for each in told], np.float32)
    np.savez(folder / "expected.npz", features=others[:50], probabilities=author)
    calibrate(folder, saved(tmp_path, rows, labels), "--fit-temperature")
    with RunningServer("--model", folder) as server:
        fitted = server.predict(others[:50], "my-head", outputs=["probabilities"])["predictions"]
        golden = server.get("/v1/models/my-head").json()["golden"]
        reload(server)
    # The bound of the comparison is 1e-4.
    assert np.abs(author - [each["probabilities"] for each in fitted]).max() > 1e-4
    assert golden["rows"] == 50 and golden["max_difference"] < 1e-6


def test_a_damaged_calibration_is_made_anew(folder, tmp_path, halves):
    data = saved(tmp_path, *halves[0])
    (folder / "calibration.json").write_text("{}")
    done = command("serve", "--port", "0", "--model", folder)
    assert done.returncode == 1 and "run headserve calibrate again" in done.stderr
    calibrate(folder, data)
    assert json.loads((folder / "calibration.json").read_text())["rows"] == len(halves[0][1])
    (tmp_path / "other.json").write_text("{}")
    done = command(
        "calibrate", "--model", folder, *data, "--output", tmp_path / "other.json")
    assert done.returncode == 1 and "a file of another kind is there" in done.stderr


def test_the_same_rows_give_the_same_bytes_but_for_the_date(folder, tmp_path, halves):
    data = saved(tmp_path, *halves[0])
    texts = []
    for _ in range(2):
        calibrate(folder, data, "--method", "raps")
        parts = json.loads((folder / "calibration.json").read_text())
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", parts.pop("date"))
        assert (parts["lambda"], parts["k_reg"]) == (0.01, 5)
        texts.append(parts)
    assert texts[0] == texts[1]


def test_a_lone_file_and_labels_by_name(folder, tmp_path, halves):
    (rows, labels), _ = halves
    target, written = tmp_path / "lone.safetensors", tmp_path / "lone.json"
    assert command("convert", folder, "--to", target).returncode == 0
    np.save(tmp_path / "x.npy", rows[:99].astype(np.float64))
    (tmp_path / "y.txt").write_text("".join(f"{label}\n" for label in labels[:99]))
    data = "--data", tmp_path / "x.npy", "--labels", tmp_path / "y.txt"
    done = command("calibrate", "--model", target, *data)
    assert done.returncode == 1 and "name one with --output" in done.stderr
    calibrate(target, data, "--output", written)
    with RunningServer("--model", target, "--calibration", f"lone={written}") as server:
        found = server.predict(rows[99:100], "lone", coverage=0.9)["predictions"][0]
    # ⌈100 · 0.9⌉ = 90.
    scores = json.loads(written.read_text())["scores"]
    assert found["prediction_set"]["threshold"] == pytest.approx(scores[89], rel=1e-6)


def test_few_rows_let_all_labels_in(folder, tmp_path, halves):
    (rows, labels), _ = halves
    text = calibrate(folder, saved(tmp_path, rows[:8], labels[:8]))
    assert figures(text)["90 %"] == ["all labels", "10.00", "10", "10"]
    assert "For 90 % 8 rows are too few: sets hold all labels below 9 rows." in text
    assert "For 95 % 8 rows are too few: sets hold all labels below 19 rows." in text
    assert "For 80 %" not in text
    with RunningServer("--model", folder) as server:
        found = server.predict(rows[:1], "my-head", coverage=0.9)["predictions"][0]
    assert found["prediction_set"]["threshold"] is None
    assert found["prediction_set"]["size"] == 10


def test_what_cannot_be_calibrated_is_named(folder, tmp_path, halves):
    (rows, labels), _ = halves
    data = saved(tmp_path, rows[:20], labels[:20])
    for model, arguments, message in [
        (FIXTURES / "het/het-sigmoid-full", (), "has no calibration: prediction sets need one"),
        (DEMO / "digits-mhp", ("--fit-temperature", "--output", tmp_path / "c.json"),
         "a temperature has no effect on a 'mhp' head"),
        (folder, ("--output", folder / "checkpoint.pth"), "a file of another kind is there"),
        (folder, ("--plot", folder / "checkpoint.pth"), "a file of another kind is there"),
        (folder, ("--plot", folder / "calibration.json"), "the calibration is written there"),
        (folder, ("--output", tmp_path / "one", "--plot", folder / "../one"),
         "the calibration is written there"),
        (folder, ("--output", tmp_path / "no/c.json"), "no file can be written into its folder"),
        (folder, ("--samples", "0"), "--samples must be from 1 to 10000000"),
        (folder, ("--seed=-1",), "--seed must be from 0 to 9007199254740992"),
        (folder, ("--method", "hps"), "'hps'"),
    ]:
        done = command("calibrate", "--model", model, *data, *arguments)
        assert done.returncode != 0 and message in done.stderr, (message, done.stderr)
        assert done.stdout == ""
    assert not (folder / "calibration.json").exists()
