"""Every recipe made anew with the real libraries: their answers and the server's are the same."""

import one_curl
import pytest
from checking import EXACT, asked, assert_agreement
from document import recipes
from making import make
from running_server import RunningServer
from small_models.all import MODELS
from small_models.sentences import ENCODER

RECIPES = recipes()
BEFORE_LIBRARIES = "from small_models import torchvision_operators"


def test_every_recipe_has_a_model():
    assert RECIPES.keys() == MODELS.keys()


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_serves_the_librarys_answers(name, tmp_path):
    folder, _ = make(RECIPES[name], MODELS[name], tmp_path)
    assert_agreement(folder)


def test_one_curl_labels_a_text(tmp_path):
    folder, names = make(RECIPES[one_curl.RECIPE], MODELS[one_curl.RECIPE], tmp_path)
    program = one_curl.program().replace(ENCODER, names[ENCODER])
    (tmp_path / "encode.py").write_text(f"{BEFORE_LIBRARIES}\n{program}")
    truth = names["head"].predict_proba(names["encoder"].encode([one_curl.text()]))[0]
    with RunningServer("--model", folder) as server:
        [answer] = asked(server, one_curl.command(), tmp_path)["predictions"]
    found = {entry["label"]: entry["probability"] for entry in answer["top_k"]}
    assert found == pytest.approx(dict(zip(names["head"].classes_, truth)), abs=EXACT)
