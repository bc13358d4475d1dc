"""The benchmarks' program as a user runs it; peers that are not installed are so in its tables."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from running_server import BINARY, DEADLINE, REPOSITORY
from stopping import RESERVE_SECONDS

PROGRAM = [sys.executable, str(REPOSITORY / "Tests/Benchmarks/bench.py"), "--binary", str(BINARY)]


def bench(tmp_path, *arguments):
    return subprocess.run(
        [*PROGRAM, "--json", tmp_path / "bench.json", *map(str, arguments)],
        capture_output=True, text=True, timeout=4 * DEADLINE, check=False)


def figures(tmp_path):
    return json.loads((tmp_path / "bench.json").read_text())


def test_the_kernel_is_that_of_every_run_and_stands_in_the_head(tmp_path):
    done = bench(tmp_path, "--quick", "--only", "mhp", "--kernel", "baseline")
    assert done.returncode == 0, done.stderr
    assert "kernels   baseline\n" in done.stdout
    assert "  OpenVINO, bfloat16: ONEDNN_MAX_CPU_ISA=SSE41\n  ONNX Runtime: no switch\n" in done.stdout
    assert "| HeadServe (baseline) " in done.stdout and "| PyTorch (baseline) " in done.stdout
    kept = figures(tmp_path)
    assert kept["machine"]["kernel"] == "baseline"
    assert all(case["cells"][0]["median"] > 0 for case in kept["sections"][0]["cases"])
    # The head, the tables and the end are what is shown of the file.
    shown = bench(tmp_path, "--show", tmp_path / "bench.json")
    assert shown.stdout == done.stdout


def test_the_time_that_is_printed_is_that_of_the_run(tmp_path):
    before = time.monotonic()
    done = bench(tmp_path, "--quick", "--only", "mhp")
    whole = time.monotonic() - before
    took = float(done.stdout.split("\ntook ")[1].split(" s")[0])
    # Outside of it is the start of Python: never more than half of a run with two processes that
    # measure a machine's peaks for some 0.3 s each. 0.05 is the rounding.
    assert whole / 2 < took <= whole + 0.05


def test_an_unknown_kernel_is_refused_before_anything_is_measured(tmp_path):
    done = bench(tmp_path, "--kernel", "sse")
    assert done.returncode == 1 and done.stdout == ""
    assert "can run: baseline" in done.stderr and not (tmp_path / "bench.json").exists()


def test_the_time_bounds_the_run(tmp_path):
    limit = 10
    before = time.monotonic()
    done = bench(tmp_path, "--time", limit, "--rounds", 10**6, "--seconds", 0.01, "--only", "mhp")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - before < limit + 1  # the start of Python is not in it
    kept = figures(tmp_path)
    assert limit / 2 < kept["took_seconds"] <= limit
    section = kept["sections"][0]
    assert [case["label"] for case in section["cases"]] + section["left_out"] == [
        "batch 1", "batch 32"]
    # A turn takes less than a second, and half of the time is there for the first case.
    assert len(section["cases"][0]["cells"][0]["rounds"]) >= 2
    assert "Fewer turns than 1000000: batch 1 (" in done.stdout
    assert f" s of {limit} s\n" in done.stdout


@pytest.mark.parametrize("seconds", [RESERVE_SECONDS, -1, "nan", "inf", "x"])
def test_a_time_without_room_for_a_measurement_is_refused(tmp_path, seconds):
    done = bench(tmp_path, "--time", seconds)
    assert done.returncode == 2 and "--time" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_prints_and_keeps_what_it_measured(tmp_path, number):
    command = [*PROGRAM, "--json", tmp_path / "bench.json", "--rounds", str(10**6),
               "--seconds", "0.01", "--only", "mhp", "--only", "mhc"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)})
    for line in process.stderr:
        if "batch 1: round 3" in line:
            break
    process.send_signal(number)
    printed, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 128 + number
    assert "\n| batch 1 " in printed and "Left out: batch 32.\n" in printed
    assert f"left out  mhc\npartial   interrupted by {number.name}\n" in printed
    kept = figures(tmp_path)
    assert kept["partial"] == f"interrupted by {number.name}" and kept["left_out"] == ["mhc"]
    assert len(kept["sections"][0]["cases"][0]["cells"][0]["rounds"]) == 2
    assert os.listdir(tmp_path) == ["bench.json"]  # no checkpoint is left
