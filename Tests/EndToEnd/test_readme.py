"""The README's commands and answers, tried out."""

import json
import math
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
from running_server import REPOSITORY, RunningServer, command, request_body
from sklearn.datasets import load_digits

README = (REPOSITORY / "README.md").read_text()


def alike(shown, found):
    """The same structure and texts, and numbers to five digits."""
    if isinstance(shown, dict):
        return shown.keys() == found.keys() and all(alike(shown[k], found[k]) for k in shown)
    if isinstance(shown, list):
        return len(shown) == len(found) and all(map(alike, shown, found))
    if isinstance(shown, float):
        # Instruction sets may round differently, by some units in float32's last place, and the
        # margin and the entropies are differences of numbers below one: a few times 2^-24.
        return math.isclose(shown, found, rel_tol=1e-5, abs_tol=2e-6)
    return shown == found


def test_the_curl_command_gives_the_answer_that_is_shown(server):
    command = re.search(r"^curl -d .*$", README, re.MULTILINE).group()
    shown = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL).group(1))
    local = command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
    assert local != command
    run = subprocess.run(["curl", "-s", *shlex.split(local)[1:]], capture_output=True, timeout=60)
    assert alike(shown, json.loads(run.stdout))


def test_make_serve_prints_that_command_for_its_port():
    recipe = subprocess.run(
        ["make", "--dry-run", "serve", "PORT=8123"], cwd=REPOSITORY, capture_output=True, text=True
    )
    printing = next(line for line in recipe.stdout.splitlines() if line.startswith("sed "))
    shown = subprocess.run(["bash", "-c", printing], cwd=REPOSITORY, capture_output=True, text=True)
    command = re.search(r"^curl -d .*$", README, re.MULTILINE).group()
    assert shown.stdout.split("\n", 1)[0] == command.replace(":8080", ":8123")
    assert shown.stdout.count("curl") == 1, "each line that it prints is to work as it stands"


def test_the_array_is_answered_as_the_same_numbers_in_json_are(server, tmp_path):
    save = re.search(r"^python3 -c (.*x\.npy.*)$", README, re.MULTILINE).group(1)
    subprocess.run([sys.executable, "-c", *shlex.split(save)], cwd=tmp_path, check=True)
    command = re.search(r"^curl -H .*x\.npy.*$", README, re.MULTILINE).group()
    local = shlex.split(command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}"))
    run = subprocess.run(["curl", "-s", *local[1:]], cwd=tmp_path, capture_output=True, timeout=60)
    body = request_body([[0.5] * 64] * 2, "digits-mhs", top_k=1)
    assert run.stdout == server.post(json.dumps(body).encode()).content


@pytest.mark.parametrize("name", ["inspect", "convert"])
def test_the_commands_for_checkpoints_work(name, tmp_path):
    line = re.search(rf"^\.build/release/headserve ({name} .*)$", README, re.MULTILINE).group(1)
    arguments = shlex.split(line)
    folder = arguments[1]
    arguments[1] = REPOSITORY / folder
    if "--to" in arguments:
        arguments[-1] = tmp_path / arguments[-1]
    done = command(*arguments)
    assert done.returncode == 0, done.stderr


def test_the_command_for_calibrations_works(tmp_path):
    parts = shlex.split(re.search(r"^headserve (calibrate .*)$", README, re.MULTILINE).group(1))
    folder = tmp_path / "my-head"
    shutil.copytree(REPOSITORY / "Sources/headserve/Models/digits-mhs", folder)
    data = load_digits()
    np.save(tmp_path / "x.npy", (data.data / 16).astype(np.float32))
    np.save(tmp_path / "y.npy", data.target)
    names = {"my-head", "x.npy", "y.npy"}
    assert names <= set(parts)
    done = command(*(tmp_path / part if part in names else part for part in parts))
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "calibration.json").read_text())["rows"] == len(data.target)
    coverage = float(re.search(r'`"coverage": ([\d.]+)`', README).group(1))
    with RunningServer("--model", folder) as server:
        found = server.predict(data.data[:1] / 16, coverage=coverage)["predictions"][0]
    assert found["prediction_set"]["coverage"] == coverage


def test_every_file_and_folder_it_names_is_there():
    for path in re.findall(r"`?((?:Sources|Tests)/[\w/.-]*\w)", README):
        assert (REPOSITORY / path).exists(), path


def test_every_flag_of_the_model_file_is_listed():
    manifest = (REPOSITORY / "Sources/Heads/Model/ModelManifest.swift").read_text()
    keys = re.search(r"enum CodingKeys.*?\n    }", manifest, re.DOTALL).group()
    for name in re.findall(r"^ +case (\w+)(?: = \"(\w+)\")?$", keys, re.MULTILINE):
        assert f"`{name[1] or name[0]}`" in README, name
