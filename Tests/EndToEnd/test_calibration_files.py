"""Calibrations of models: found beside them, named by a setting, written into converted files."""

import hashlib
import json
import re
import shutil

import pytest
from running_server import REPOSITORY, RunningServer, command
from test_model_reload import reload

DEMO = REPOSITORY / "Sources/headserve/Models/digits-mhs"
SHOWN = {
    "method": "lac", "rows": 4, "date": "2026-12-01T09:30:00Z", "estimator": "exact", "samples": 0,
    "seed": 0,
}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def calibration(checkpoint, manifest=None, **members):
    """The text of a calibration of these files, with other members or without those that are None."""
    parts = {
        **SHOWN, "checkpoint_sha256": digest(checkpoint),
        **({"model_json_sha256": digest(manifest)} if manifest else {}),
        "scores": [0.001, 0.02, 0.3, 0.9], **members,
    }
    return json.dumps({key: value for key, value in parts.items() if value is not None})


@pytest.fixture
def folder(tmp_path):
    """A demo model, with a calibration."""
    path = tmp_path / "my-head"
    shutil.copytree(DEMO, path)
    text = calibration(path / "checkpoint.pth", path / "model.json")
    (path / "calibration.json").write_text(text)
    return path


def described(*arguments, name="my-head", environment=None):
    with RunningServer(*arguments, environment=environment) as server:
        log = "".join(server.log)
        return server.get(f"/v1/models/{name}").json(), log


def test_a_folder_has_its_own(folder):
    described_model, log = described("--model", folder)
    assert described_model["calibration"] == SHOWN
    assert re.search('calibration=.?lac of 4 rows', log)


def test_a_noisy_model_shows_how_its_rows_were_sampled(tmp_path):
    path = tmp_path / "my-head"
    shutil.copytree(DEMO.parent / "digits-hetxl", path)
    checkpoint = path / json.loads((path / "model.json").read_text())["checkpoint"]
    noise = {"estimator": "quasi-monte-carlo", "samples": 256, "seed": 2 ** 53}
    (path / "calibration.json").write_text(calibration(checkpoint, path / "model.json", **noise))
    assert described("--model", path)[0]["calibration"] == {**SHOWN, **noise}


def test_a_link_that_leads_nowhere_is_no_missing_calibration(folder):
    (folder / "calibration.json").unlink()
    (folder / "calibration.json").symlink_to("elsewhere.json")
    done = command("serve", "--port", "0", "--model", folder)
    assert done.returncode == 1
    assert "calibration.json: cannot open the file" in done.stderr


def test_inspect_shows_it(folder):
    done = command("inspect", folder)
    assert done.returncode == 0
    assert "\nCalibration\n  method     lac, 4 rows, 2026-12-01T09:30:00Z\n" in done.stdout
    assert "\n  estimator  exact, 0 samples\n" in done.stdout
    report = json.loads(command("inspect", "--json", folder).stdout)
    summary = {key: SHOWN[key] for key in ("method", "rows", "date")}
    assert report["calibration"] == {**summary, "weights": "float32"}
    (folder / "calibration.json").write_text("{}")
    done = command("inspect", folder)
    assert done.returncode == 1
    assert "Calibration that is refused" in done.stdout and "'method' must be there" in done.stdout
    report = json.loads(command("inspect", "--json", folder).stdout)
    assert "calibration" not in report and "'method' must be there" in report["calibration_error"]


def test_one_of_another_model_is_refused(folder):
    with open(folder / "model.json", "a") as file:
        file.write("\n")
    done = command("serve", "--port", "0", "--model", folder)
    assert done.returncode == 1
    assert "calibration.json: it is a calibration of another model.json; run headserve calibrate" \
        " again" in done.stderr


def test_convert_takes_it_along(folder, tmp_path):
    target = tmp_path / "new.safetensors"
    done = command("convert", folder, "--to", target)
    assert done.returncode == 0, done.stderr
    assert described("--model", target, name="new")[0]["calibration"] == SHOWN
    assert json.loads(command("inspect", "--json", target).stdout)["calibration"]["rows"] == 4
    again = tmp_path / "again.safetensors"
    assert command("convert", target, "--to", again, "--without-calibration").returncode == 0
    assert "calibration" not in described("--model", again, name="again")[0]
    both = command(
        "convert", target, "--to", tmp_path / "x", "--without-calibration", "--calibration", "y")
    assert both.returncode != 0 and "exclude each other" in both.stderr


@pytest.fixture
def lone(folder, tmp_path):
    """A model that is one file, and a calibration elsewhere."""
    target = tmp_path / "lone.safetensors"
    assert command("convert", folder, "--to", target, "--without-calibration").returncode == 0
    file = tmp_path / "lone.json"
    file.write_text(calibration(target))
    return target, file


def test_a_setting_names_that_of_a_lone_file(lone, tmp_path):
    target, file = lone
    assert "calibration" not in described("--model", target, name="lone")[0]
    model = ("--model", target)
    for arguments, environment in [
        ((*model, "--calibration", f"lone={file}"), None),
        (model, {"HEADSERVE_CALIBRATION": f"lone={file}"}),
    ]:
        shown, log = described(*arguments, name="lone", environment=environment)
        assert shown["calibration"] == SHOWN
        assert f"lone={file}" in log
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"model: [{target}]\ncalibration: ['lone={file}']\n")
    assert described("--config", settings, name="lone")[0]["calibration"] == SHOWN
    embedded = tmp_path / "embedded.safetensors"
    assert command("convert", target, "--to", embedded, "--calibration", file).returncode == 0
    assert described("--model", embedded, name="embedded")[0]["calibration"] == SHOWN


def test_what_a_setting_names_wrongly_is_refused(lone, tmp_path):
    target, file = lone
    for text, message in [
        ("lone", "NAME=FILE"),
        ("=x", "NAME=FILE"),
        ("lone=", "NAME=FILE"),
        (f"other={file}", "no model is called 'other'; the models are lone"),
        (f"lone={tmp_path}/nothing.json", "nothing.json"),
        (f"lone={tmp_path}", "folder"),
    ]:
        done = command("serve", "--port", "0", "--model", target, "--calibration", text)
        assert done.returncode != 0 and message in done.stderr, (text, done.stderr)
    twice = ["--calibration", f"lone={file}"] * 2
    done = command("serve", "--port", "0", "--model", target, *twice)
    assert done.returncode != 0 and "one calibration a model" in done.stderr


def test_a_reload_reads_it_anew(folder):
    with RunningServer("--model", folder) as server:
        text = calibration(folder / "checkpoint.pth", folder / "model.json", method="aps")
        (folder / "calibration.json").write_text(text)
        reload(server)
        assert server.get("/v1/models/my-head").json()["calibration"]["method"] == "aps"
        (folder / "calibration.json").write_text("{}")
        reload(server, "failure")
        assert server.get("/v1/models/my-head").json()["calibration"]["method"] == "aps"


def test_a_fitted_temperature_divides_the_logits(folder):
    row = {"instances": [[0.25] * 64]}
    with RunningServer("--model", folder) as server:
        told = server.post(row).json()["predictions"][0]["uncertainty"]["max_probability"]
    text = calibration(folder / "checkpoint.pth", folder / "model.json", temperature=3)
    (folder / "calibration.json").write_text(text)
    with RunningServer("--model", folder) as server:
        fitted = server.post(row).json()["predictions"][0]["uncertainty"]["max_probability"]
        assert server.get("/v1/models/my-head").json()["calibration"]["temperature"] == 3
    assert fitted < told
