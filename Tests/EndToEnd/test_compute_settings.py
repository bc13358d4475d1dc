"""--kernel and --weights: what is forced is what runs, and what cannot run is refused by name."""

import re

import numpy as np
import pytest
from conftest import expected
from running_server import FIXTURES, RunningServer, command
from test_commands import NO_MODEL, refusal

ERROR = {"float32": 2e-5, "bfloat16": 2**-6, "int8": 2**-4}
"""Of a probability: rounding of float32 logits; what narrow weights and inputs move (Heads.docc)."""


def supported():
    """The sets that this machine can run, from the refusal of one that does not exist."""
    message = refusal("--kernel", "abacus")
    assert "--kernel is 'abacus'" in message
    names = re.search(r"this machine can run: ([\w, -]+)", message).group(1).split(", ")
    assert names[0] == "baseline"
    return names


def test_a_set_of_another_machine_is_refused_with_the_name_it_was_given_under(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("kernel: abacus\n")
    assert f"{file}: kernel is 'abacus'" in refusal("--config", file)
    assert "HEADSERVE_KERNEL is 'abacus'" in refusal(environment={"HEADSERVE_KERNEL": "abacus"})
    missing = {"avx2", "neon"} - set(supported())
    assert missing, "no machine has both"
    for name in missing:
        assert f"--kernel is '{name}'" in refusal("--kernel", name)
    assert command("bench", "logits", "--kernel", "abacus").stderr.count("--kernel is 'abacus'") == 1


def test_a_format_that_does_not_exist_is_refused():
    message = refusal("--weights", "int4")
    assert "--weights is 'int4', expected one of float32, bfloat16, int8" in message


def test_the_settings_are_logged():
    log = refusal(*NO_MODEL, "--kernel", "baseline", "--weights", "int8")
    assert " kernel=baseline " in log and " weights=int8" in log
    log = refusal(*NO_MODEL)
    assert f" kernel={supported()[-1]} " in log and " weights=as stored" in log


def test_every_set_serves_and_says_so():
    truth = expected("mhe/mhs")
    for name in supported():
        with RunningServer("--model", FIXTURES / "mhe/mhs", "--kernel", name) as server:
            assert f'kernel="{name}"' in server.get("/metrics").text
            answer = server.predict(truth["features"], outputs=["probabilities"])
        found = [row["probabilities"] for row in answer["predictions"]]
        assert np.abs(np.array(found) - truth["probabilities"]).max() <= ERROR["float32"], name


@pytest.mark.parametrize("weights", list(ERROR))
def test_every_format_serves_and_says_so(weights):
    truth = expected("mhe/mhs")
    with RunningServer("--model", FIXTURES / "mhe/mhs", "--weights", weights) as server:
        assert server.get("/v1/models/mhs").json()["weights"] == weights
        rows = truth["features"]
        answer = server.predict(rows, outputs=["probabilities"])
        alone = server.predict(rows[3:4], outputs=["probabilities"])
    found = [row["probabilities"] for row in answer["predictions"]]
    assert np.abs(np.array(found) - truth["probabilities"]).max() <= ERROR[weights]
    assert alone["predictions"][0] == answer["predictions"][3]


@pytest.mark.parametrize("weights", ["bfloat16", "int8"])
def test_the_demo_models_pass_their_check_in_every_format(weights):
    with RunningServer("--weights", weights) as server:
        models = server.get("/v1/models").json()["models"]
    assert {model["weights"] for model in models} == {weights}
