"""`headserve bench` measures what it says, in both forms of its output."""

import json

import pytest
from running_server import command

SMALL = ["--features", 16, "--classes", 60, "--groups", 6, "--hidden", 8, "--beam", 2,
         "--factors", 3, "--samples", 20, "--seconds", 0.01]


@pytest.mark.parametrize("kind", ["logits", "het-xl", "mhp", "mhc", "mhs"])
def test_every_kind_is_measured(kind):
    report = json.loads(command("bench", kind, *SMALL, "--rows", 2, "--json").stdout)
    assert report["kind"] == kind
    assert report["shape"]["features"] == 16 and report["shape"]["rows"] == 2
    order = ["minimum_ms", "lower_quartile_ms", "median_ms", "upper_quartile_ms"]
    times = [report[name] for name in order]
    assert 0 < times[0] and times == sorted(times)
    assert report["calls"] >= 5


def test_the_work_is_that_of_the_formulas():
    report = json.loads(command("bench", "logits", *SMALL, "--json").stdout)
    seconds = report["median_ms"] / 1e3
    assert report["gigaflops_per_second"] == pytest.approx(2 * 16 * 60 / seconds / 1e9)
    assert report["gigabytes_per_second"] == pytest.approx(4 * 16 * 60 / seconds / 1e9)


def test_text_is_for_people():
    text = command("bench", "mhs", *SMALL).stdout
    assert "mhs, 1 rows, D = 16, K = 60" in text and "median" in text and "GFLOP/s" in text


@pytest.mark.parametrize(
    "arguments",
    [("dance",), ("mhs", "--rows", 0), ("mhs", "--threads", 0), ("mhs", "--seconds", 0),
     ("het-xl", "--factors", -1)],
    ids=lambda arguments: " ".join(map(str, arguments)),
)
def test_impossible_measurements_are_refused(arguments):
    done = command("bench", *arguments)
    assert done.returncode != 0 and done.stdout == ""
