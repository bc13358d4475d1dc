"""The command line: help for everything, errors for what is unknown."""

import os
import re

import pytest
from running_server import command


def subcommands():
    """The names under SUBCOMMANDS in the binary's own help."""
    done = command("--help")
    assert "\\" not in done.stdout
    section = done.stdout.partition("SUBCOMMANDS:")[2]
    return re.findall(r"^  ([a-z]+)", section, re.MULTILINE)


def test_help_lists_the_subcommands():
    assert {"serve", "healthcheck"} <= set(subcommands())
    assert "and plain dense" in command("--help").stdout


def test_every_subcommand_has_help():
    for name in subcommands():
        done = command(name, "--help")
        assert done.returncode == 0, name
        assert "USAGE" in done.stdout, name
        assert "\\" not in done.stdout, name


def test_threads_are_those_the_process_may_use():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert " threads=1" in refusal(*NO_MODEL)
    finally:
        os.sched_setaffinity(0, allowed)


def test_help_names_every_setting():
    """Those that an unknown one is told of."""
    told = refusal(environment={"HEADSERVE_PROT": "1"})
    names = re.search(r"the keys are (.*)", told).group(1).split(", ")
    assert len(names) > 20
    for command_name in ("serve", "healthcheck"):
        text = command(command_name, "--help").stdout
        found = set(re.findall(r"^  --([a-z-]+)", text, re.MULTILINE))
        assert {name.replace("_", "-") for name in names} <= found


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("serve", "--dance"),
        ("serve", "--port", "70000"),
        ("serve", "--port", "-1"),
        ("serve", "--threads", "0"),
        ("serve", "--max-queue-rows", "0"),
        ("serve", "--max-body-bytes", "many"),
        ("serve", "--request-timeout", "0s"),
        ("healthcheck", "--dance"),
    ],
    ids=" ".join,
)
def test_bad_arguments_are_an_error_with_a_reason(arguments):
    done = command(*arguments)
    assert done.returncode > 0, "ended by itself, not by a trap"
    assert done.stderr.strip()


def refusal(*arguments, environment=None):
    """The error that `serve` prints for settings that it cannot use."""
    done = command("serve", *arguments, environment=environment)
    assert done.returncode == 1, "ended by itself, not by a trap"
    return done.stderr


NO_MODEL = ("--port", "0", "--model", "/no/such/model")
"""Settings that are sound but for the model: their error shows that all others were taken."""


def test_the_largest_sizes_are_no_trap():
    most = 2**63 - 1
    sizes = ("--max-body-bytes", most, "--max-response-bytes", most)
    assert "/no/such/model" in refusal(*NO_MODEL, *sizes)


def test_the_service_links_of_kubernetes_are_no_settings():
    links = {
        "HEADSERVE_PORT": "tcp://10.0.0.1:8080",
        "HEADSERVE_PORT_8080_TCP_ADDR": "10.0.0.1",
        "HEADSERVE_SERVICE_HOST": "10.0.0.1",
        "HEADSERVE_SERVICE_PORT_HTTP": "8080",
        "HEADSERVE_CANARY_SERVICE_PORT": "8080",
        "HEADSERVE_CANARY_PORT": "tcp://10.0.0.2:8080",
        "HEADSERVE_CANARY_PORT_8080_TCP": "tcp://10.0.0.2:8080",
    }
    assert "/no/such/model" in refusal(*NO_MODEL, environment=links)
    assert "HEADSERVE_PORT" in refusal(*NO_MODEL[2:], environment={"HEADSERVE_PORT": "tcp"})
    assert "HEADSERVE_PROT" in refusal(*NO_MODEL, environment={"HEADSERVE_PROT": "tcp://1:2"})


@pytest.mark.parametrize("text", ["{a: 1}", "[1, 2]"])
def test_a_setting_of_the_wrong_shape_is_named_with_its_file(tmp_path, text):
    file = tmp_path / "settings.yaml"
    file.write_text(f"threads: {text}\n")
    assert f"{file}: threads: expected one value" in refusal("--config", file, *NO_MODEL)


@pytest.mark.parametrize("text", ["{a: 1}", "/no/such/model"])
def test_models_of_the_wrong_shape_are_named_with_their_file(tmp_path, text):
    file = tmp_path / "settings.yaml"
    file.write_text(f"model: {text}\n")
    assert f"{file}: model: expected a list of texts" in refusal("--config", file)


def test_a_path_may_have_an_equals_sign_and_a_name_no_space():
    path = "/runs/lr=0.1/model"
    assert f"cannot read {path}" in refusal("--port", "0", "--model", path)
    assert "cannot read ./b=c" in refusal("--port", "0", "--model", "a=./b=c")
    for text in ["=/no/such/model", "a b=/no/such/model", "a\n=/no/such/model"]:
        assert "or NAME=PATH" in refusal("--port", "0", "--model", text)


def test_an_endless_timeout_of_the_health_check_is_no_trap():
    done = command("healthcheck", "--port", "1", "--timeout", "99999999999999")
    assert done.returncode == 1
