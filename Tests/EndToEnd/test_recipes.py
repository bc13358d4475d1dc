"""The recipes of README.md and RECIPES.md over the files that the real libraries wrote once.

`make recipes` makes all of them anew, this file those whose libraries are small.
"""

import json
import re
import shutil

import one_curl
import pytest
from checking import EXACT, asked, assert_agreement
from dense_model import dense_model
from document import README, recipes
from making import describe, files_of, make, recorded
from running_server import FIXTURES, RunningServer, command
from small_models import baselines, linear_models

KEPT = FIXTURES / "recipes"
RECIPES = recipes()
SMALL = baselines.MODELS | linear_models.MODELS


def test_each_recipe_has_its_files_and_no_others_are_kept():
    assert sorted(path.name for path in KEPT.iterdir()) == sorted(
        recipe.folder for recipe in RECIPES.values())
    for folder in KEPT.iterdir():
        assert sorted(folder.iterdir()) == sorted(files_of(folder))


def copied(recipe, directory):
    """The kept files beside the document's model.json."""
    folder = directory / "my-head"
    shutil.copytree(KEPT / recipe.folder, folder)
    describe(recipe, folder)
    return folder


@pytest.mark.parametrize("name", RECIPES)
def test_kept_files_give_the_librarys_answers(name, tmp_path):
    assert_agreement(copied(RECIPES[name], tmp_path))


@pytest.mark.parametrize("name", SMALL)
def test_files_made_anew_give_the_librarys_answers(name, tmp_path):
    folder, _ = make(RECIPES[name], SMALL[name], tmp_path)
    assert_agreement(folder)


@pytest.mark.parametrize("name", RECIPES)
def test_the_kept_model_json_is_the_documents(name):
    kept = json.loads((KEPT / RECIPES[name].folder / "model.json").read_text())
    assert RECIPES[name].manifest in (None, kept)


def test_one_curl_asks_about_what_a_program_prints(tmp_path):
    """A kept row stands for what the encoder makes of the text."""
    folder = copied(RECIPES[one_curl.RECIPE], tmp_path)
    rows, truth, _ = recorded(folder)
    body = json.dumps({"instances": rows[2:3].tolist()})
    (tmp_path / "encode.py").write_text(f"print({body!r})\n")
    with RunningServer("--model", folder) as server:
        [answer] = asked(server, one_curl.command(), tmp_path)["predictions"]
    found = [entry["probability"] for entry in answer["top_k"]]
    assert found == pytest.approx(sorted(truth[2], reverse=True), abs=EXACT)
    assert answer["top_k"][0]["label"] == "payment"


DENSE = '"head": "dense", "link": "softmax"'
ROW = re.compile(rf"^\| (`.*`) \| .* \| `{DENSE}` \|$", re.MULTILINE)
NAMES = sorted({
    name for cell in ROW.findall(README.read_text()) for name in re.findall("`(.*?)`", cell)})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", ["", "module.", "model."])
def test_layers_that_the_readme_lists_are_recognised(name, before, tmp_path):
    dense_model(tmp_path, classes=3, inputs=4, layer=before + name)
    (tmp_path / "model.json").write_text(f'{{"checkpoint": "checkpoint.safetensors", {DENSE}}}')
    assert len(NAMES) >= 8
    done = command("inspect", tmp_path)
    assert "This can be served as it is." in done.stdout, done.stdout + done.stderr
    assert f"{before}{name}.weight" in done.stdout
