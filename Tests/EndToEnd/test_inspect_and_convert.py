"""`headserve inspect` describes every reference checkpoint; `headserve convert` keeps every answer.

The golden texts lie in `golden/inspect`; after a change that is meant, write them anew with
`python Tests/EndToEnd/test_inspect_and_convert.py` and read the difference.
"""

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from running_server import FIXTURES, REPOSITORY, RunningServer, command

GOLDEN = Path(__file__).parent / "golden/inspect"
DEMO = REPOSITORY / "Sources/headserve/Models"

FOLDERS = sorted(
    [path.parent for family in ("het", "mhe") for path in FIXTURES.glob(f"{family}/*/model.json")]
    + [path.parent for path in DEMO.glob("*/model.json")]
)
RECIPES = sorted(path.parent for path in FIXTURES.glob("recipes/*/model.json"))
COMPLETE_FILES = ["hetxl-pytorch-url", "mhc-2heads", "mhc-2heads-module", "mhc-3heads"]
"""Fixtures whose bare checkpoint file tells everything."""


def names(path):
    return path.name


def checkpoint(folder):
    return folder / json.loads((folder / "model.json").read_text())["checkpoint"]


def inspected(folder, path):
    """The output of `inspect`, with the folder's name in place of its path."""
    done = command("inspect", path)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.replace(str(folder), folder.name)


@pytest.mark.parametrize("folder", FOLDERS + RECIPES, ids=names)
def test_a_folder_is_described(folder):
    assert inspected(folder, folder) == (GOLDEN / f"{folder.name}.txt").read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=names)
def test_a_bare_file_is_described(folder):
    golden = (GOLDEN / f"{folder.name}.bare.txt").read_text()
    assert inspected(folder, checkpoint(folder)) == golden
    complete = folder.name in [*COMPLETE_FILES, "digits-mhc"]
    assert ("This can be served as it is." in golden) == complete


@pytest.mark.parametrize("folder", FOLDERS + RECIPES, ids=names)
def test_json_says_the_same(folder):
    report = json.loads(command("inspect", "--json", folder).stdout)
    case = json.loads((folder / "model.json").read_text())
    assert report["head"]["head"] == case.get("head", report["head"]["head"])
    assert report["missing_keys"] == [] and "error" not in report
    assert report["bytes"] == checkpoint(folder).stat().st_size
    settings = {entry["key"]: entry for entry in report["head"]["settings"]}
    for key in set(case) - {"checkpoint"}:
        assert settings[key]["source"] == "told", key


def test_what_cannot_be_inspected_is_named(tmp_path):
    garbage = tmp_path / "garbage.npz"
    garbage.write_bytes(b"PK\x03\x04 and no more")
    for path, message in [
        (tmp_path / "nothing.npz", "nothing.npz"),
        (garbage, "garbage.npz: no end-of-central-directory record"),
    ]:
        done = command("inspect", path)
        assert done.returncode == 1
        assert message in done.stderr and done.stdout == ""


def test_a_checkpoint_without_a_head_is_shown_and_refused(tmp_path):
    path = tmp_path / "backbone.npz"
    np.savez(path, **{"block1/conv1/kernel": np.zeros((3, 3, 4, 8), np.float32)})
    done = command("inspect", path)
    assert done.returncode == 1
    assert "block1/conv1/kernel  float32  [3, 3, 4, 8]" in done.stdout
    assert "No head to serve" in done.stdout and "no known head" in done.stdout
    report = json.loads(command("inspect", "--json", path).stdout)
    assert "no known head" in report["error"] and "head" not in report


def test_control_characters_are_escaped(tmp_path):
    """A terminal obeys them, and a line's end would forge a line."""
    path = tmp_path / "odd.npz"
    np.savez(path, **{"a\x1b[2J\nHead": np.zeros(1, np.float32)})
    done = command("inspect", path)
    assert "a\\u{1B}[2J\\nHead  float32  [1]" in done.stdout
    assert "begin with a\\u{1B}[2J\\nHead" in done.stdout
    done = command("convert", path, "--to", tmp_path / "m.safetensors")
    assert done.stderr.count("\n") == 1 and "\x1b" not in done.stderr


@pytest.mark.parametrize(("rows", "is_served"), [(2048, True), (2049, False)])
def test_deflated_zeros_do_not_fill_the_memory(tmp_path, rows, is_served):
    """4 Mi Floats are allowed however small the file is."""
    arrays = {"head/kernel": np.zeros((rows, 2048), np.float32), "head/bias": np.zeros(2048)}
    np.savez_compressed(tmp_path / "m.npz", **arrays)
    manifest = {"checkpoint": "m.npz", "head": "dense", "link": "softmax"}
    (tmp_path / "model.json").write_text(json.dumps(manifest))
    done = command("convert", tmp_path, "--to", tmp_path / "m.safetensors")
    assert (done.returncode == 0) == is_served
    assert ("'head/kernel' has 4196352 elements, more than a file" in done.stderr) != is_served


def answers(model, width):
    """The bytes of the predictions for some rows, without the model's name."""
    rows = np.random.default_rng(3).standard_normal((3, width))
    with RunningServer("--model", f"m={model}") as server:
        response = server.post(
            {"instances": rows.tolist(), "parameters": {"samples": 50, "seed": 4, "top_k": 20}}
        )
    assert response.status_code == 200, response.text
    return response.content


@pytest.mark.parametrize(
    "folder",
    [
        FIXTURES / "het/hetxl-softmax-bfloat16", FIXTURES / "het/hetxl-pytorch-url",
        FIXTURES / "mhe/mhp-legacy-module", FIXTURES / "mhe/mhc-xmc", DEMO / "digits-mhs",
        FIXTURES / "recipes/clip", FIXTURES / "recipes/siglip", FIXTURES / "recipes/electra",
        FIXTURES / "recipes/mhp-layers-by-name", FIXTURES / "recipes/setfit",
        FIXTURES / "recipes/scikit-learn-two-classes", FIXTURES / "recipes/torchvision-convnext",
    ],
    ids=names,
)
def test_a_converted_model_answers_with_the_same_bytes(tmp_path, folder):
    target = tmp_path / "model.safetensors"
    done = command("convert", folder, "--to", target)
    assert done.returncode == 0, done.stderr
    assert "the same to the bit" in done.stdout
    report = json.loads(command("inspect", "--json", target).stdout)
    assert report["format"] == "safetensors" and report["missing_keys"] == []
    width = report["head"]["sizes"]["input_count"]
    assert answers(target, width) == answers(folder, width)


@pytest.mark.parametrize(("weights", "dtype"), [("bfloat16", "BF16"), ("int8", "I8")])
def test_weights_are_narrowed_when_asked(tmp_path, weights, dtype):
    target = tmp_path / "model.safetensors"
    done = command("convert", DEMO / "digits-mhs", "--to", target, "--weights", weights)
    assert "differs by at most" in done.stdout
    data = target.read_bytes()
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    assert header["weight"]["dtype"] == dtype
    assert header["__metadata__"]["headserve.labels"].split("\n") == [str(k) for k in range(10)]
    with RunningServer("--model", target) as server:
        assert server.predict([[0.0] * 64])["predictions"][0]["top_k"]


def test_convert_says_why_it_cannot(tmp_path):
    folder = DEMO / "digits-mhs"
    for arguments, message in [
        ((folder, "--to", tmp_path / "no/such/m.safetensors"), "no/such/m.safetensors"),
        ((checkpoint(folder), "--to", tmp_path / "m.safetensors"), "model.json must say 'head'"),
    ]:
        done = command("convert", *arguments)
        assert done.returncode == 1 and message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_convert_destroys_nothing(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(DEMO / "digits-mhs", folder)
    precious = tmp_path / "precious.safetensors"
    precious.write_bytes(b"precious")
    before = checkpoint(folder).read_bytes()
    for target, flags, message in [
        (precious, (), "exists already; choose another name, or replace it with --overwrite"),
        (checkpoint(folder), ("--overwrite",), "is a file of the model that is converted"),
        (tmp_path / "new.npz", (), "convert writes safetensors, not .npz"),
    ]:
        done = command("convert", folder, "--to", target, *flags)
        assert done.returncode == 1 and message in done.stderr
    assert checkpoint(folder).read_bytes() == before and precious.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "precious.safetensors"]
    assert command("convert", folder, "--to", precious, "--overwrite").returncode == 0
    assert "This can be served as it is." in command("inspect", precious).stdout


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS + RECIPES:
        (GOLDEN / f"{folder.name}.txt").write_text(inspected(folder, folder))
    for folder in FOLDERS:
        (GOLDEN / f"{folder.name}.bare.txt").write_text(inspected(folder, checkpoint(folder)))
