"""`headserve bench` measures what it says, in both forms of its output."""

import json

import pytest
from running_server import command

SMALL = ["--features", 16, "--classes", 60, "--groups", 6, "--hidden", 8, "--beam", 2,
         "--factors", 3, "--samples", 20, "--seconds", 0.01]
WORK_KINDS = ["logits", "het-xl", "mhp", "mhc", "mhs"]
BYTES = {"float32": 4, "bfloat16": 2, "int8": 1}
MOST = 1.5
"""Of the peak of multiply-adds, which is measured while other processes run. There is no bound on
the fraction of the limit of memory: weights of a kibibyte stay in a cache, which may be twice as
fast."""


def measured(kind, *arguments, environment=None):
    done = command("bench", kind, *SMALL, *arguments, "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["kind"] == kind
    order = ["minimum_ms", "lower_quartile_ms", "median_ms", "upper_quartile_ms", "p99_ms"]
    times = [report[name] for name in order]
    assert 0 < times[0] and times == sorted(times)
    assert report["calls"] >= 1 and report["threads"] >= 1
    return report


@pytest.mark.parametrize("weights", list(BYTES))
@pytest.mark.parametrize("kind", WORK_KINDS)
def test_every_kind_is_measured_in_every_format(kind, weights):
    report = measured(kind, "--rows", 2, "--weights", weights)
    assert report["shape"]["features"] == 16 and report["shape"]["rows"] == 2
    assert report["calls"] >= 5
    assert report["weights"] == weights
    assert report["fraction"] > 0
    rates = [rate for name, rate in report["peaks"].items() if name.endswith("_gflops")]
    assert report["peaks"][f"{weights}_gflops"] > 0 and all(rate > 0 for rate in rates)
    assert 0 < report["gflops"] <= MOST * max(rates)
    assert report["peaks"]["gbytes"] > 0 and report["gbytes"] > 0


@pytest.mark.parametrize("noise", ["shared", "independent"])
def test_both_laws_of_noise_are_measured(noise):
    report = measured("het-xl", "--noise", noise)
    assert report["shape"]["noise"] == noise and report["fraction"] > 0
    rates = [rate for name, rate in report["peaks"].items() if name.endswith("_gflops")]
    assert 0 < report["gflops"] <= MOST * max(rates)


@pytest.mark.parametrize("estimator", ["auto", "monte-carlo", "quasi-monte-carlo"])
def test_every_rule_of_sampling_is_measured(estimator):
    report = measured("het-xl", "--estimator", estimator)
    assert report["shape"]["estimator"] == estimator and report["fraction"] > 0
    # 20 are asked for: points are eight times a power of two.
    assert report["samples_per_row"] == (20 if estimator == "monte-carlo" else 32)


def test_a_tolerance_ends_the_samples():
    many = ["--samples", 4096]
    assert measured("het-xl", *many, "--tolerance", 1)["samples_per_row"] == 64
    assert measured("het-xl", *many, "--tolerance", 1e-9)["samples_per_row"] == 4096


@pytest.mark.parametrize("weights", list(BYTES))
def test_the_work_is_that_of_the_formulas(weights):
    report = measured("logits", "--weights", weights)
    seconds = report["median_ms"] / 1e3
    scales = 4 * 60 if weights == "int8" else 0
    assert report["gflops"] == pytest.approx(2 * 16 * 60 / seconds / 1e9)
    assert report["gbytes"] == pytest.approx((BYTES[weights] * 16 * 60 + scales) / seconds / 1e9)
    peaks = report["peaks"]
    limit = max(report["gflops"] / peaks[f"{weights}_gflops"], report["gbytes"] / peaks["gbytes"])
    assert report["fraction"] == pytest.approx(limit)


def test_a_cascade_reads_groups_hidden_layer_and_the_labels_it_visits():
    report = measured("mhc", "--weights", "bfloat16")
    layers = 2 * 16 * (6 + 8)
    labels = 4 * 2 * 10 * 8
    seconds = report["median_ms"] / 1e3
    assert report["gbytes"] == pytest.approx((layers + labels) / seconds / 1e9)


def test_reading_and_writing_json_is_measured():
    report = measured("json", "--rows", 3)
    assert report["text_bytes"] > 3 * 16 * 4
    rate = report["text_bytes"] / report["median_ms"] / 1e3
    assert report["megabytes_per_second"] == pytest.approx(rate)
    assert "fraction" not in report


def test_requests_over_http_are_measured():
    report = measured("http", "--connections", 3, "--rows", 2)
    assert report["connections"] == 3 and report["shape"]["features"] == 64
    assert report["calls"] >= 3 and report["requests_per_second"] > 0


def test_the_kernel_is_forced():
    assert measured("logits", "--kernel", "baseline")["kernel"] == "baseline"
    forced = {"HEADSERVE_KERNEL": "baseline"}
    assert measured("mhs", environment=forced)["kernel"] == "baseline"
    assert measured("http", environment=forced)["kernel"] == "baseline"


def test_text_is_for_people():
    text = command("bench", "mhs", *SMALL).stdout
    assert "mhs, 1 rows, D = 16, K = 60" in text and "median" in text and "GFLOP/s" in text
    assert "MB/s" in command("bench", "json", *SMALL).stdout
    assert "requests" in command("bench", "http", *SMALL, "--connections", 2).stdout


@pytest.mark.parametrize(
    "arguments",
    [("dance",), ("mhs", "--rows", 0), ("mhs", "--threads", 0), ("mhs", "--seconds", 0),
     ("het-xl", "--factors", -1), ("http", "--connections", 0), ("mhs", "--kernel", "sse"),
     ("mhs", "--weights", "int4"), ("het-xl", "--noise", "loud"),
     ("logits", "--weights", "int8", "--features", (1 << 17) + 1)],
    ids=lambda arguments: " ".join(map(str, arguments)),
)
def test_impossible_measurements_are_refused(arguments):
    done = command("bench", *arguments)
    assert done.returncode not in (0, -6, -11, -4, -5) and done.stdout == ""
    assert done.stderr.strip()
