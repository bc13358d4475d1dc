"""The command line: help for everything, errors for what is unknown."""

import re

import pytest
from running_server import command


def subcommands():
    """The names under SUBCOMMANDS in the binary's own help."""
    done = command("--help")
    section = done.stdout.partition("SUBCOMMANDS:")[2]
    return re.findall(r"^  ([a-z]+)", section, re.MULTILINE)


def test_help_lists_the_subcommands():
    assert {"serve", "healthcheck"} <= set(subcommands())


def test_every_subcommand_has_help():
    for name in subcommands():
        done = command(name, "--help")
        assert done.returncode == 0, name
        assert "USAGE" in done.stdout, name


def test_serve_help_names_the_flags():
    text = command("serve", "--help").stdout
    flags = [
        "model", "host", "port", "threads", "max-batch-rows", "max-batch-delay", "max-queue-rows",
        "request-timeout", "max-body-bytes", "max-samples", "drain-delay", "shutdown-timeout",
    ]
    assert [flag for flag in flags if f"--{flag}" not in text] == []


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
        ("healthcheck", "--dance"),
    ],
    ids=" ".join,
)
def test_bad_arguments_are_an_error_with_a_reason(arguments):
    done = command(*arguments)
    assert done.returncode not in (0, -6, -11), "ended by itself, not by a trap"
    assert done.stderr.strip()
