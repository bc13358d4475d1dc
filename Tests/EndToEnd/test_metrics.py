"""/metrics is Prometheus text that a parser accepts, and its numbers are those of the requests."""

import shutil

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from running_server import REPOSITORY, RunningServer, command, request_body
from sklearn.datasets import load_digits

ROW = [0.5] * 64
MODELS = {"digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"}
CALIBRATED = "digits-mhs"

FAMILIES = {
    "headserve_requests": ("counter", {"route", "model", "code"}),
    "headserve_request_duration_seconds": ("histogram", {"route"}),
    "headserve_queue_duration_seconds": ("histogram", set()),
    "headserve_batch_duration_seconds": ("histogram", set()),
    "headserve_batch_rows": ("histogram", set()),
    "headserve_queue_rows": ("gauge", set()),
    "headserve_inflight_requests": ("gauge", set()),
    "headserve_rejected": ("counter", {"reason"}),
    "headserve_cancelled": ("counter", set()),
    "headserve_samples": ("counter", {"model"}),
    "headserve_predictive_entropy_nats": ("histogram", {"model"}),
    "headserve_max_probability": ("histogram", {"model"}),
    "headserve_prediction_set_size": ("histogram", {"model"}),
    "headserve_abstentions": ("counter", {"model"}),
    "headserve_not_converged": ("counter", {"model"}),
    "headserve_reloads": ("counter", {"result"}),
    "headserve_log_lines_dropped": ("counter", set()),
    "headserve_log_write_errors": ("counter", set()),
    "headserve_model_info": ("gauge", {"model", "version", "head", "sha256"}),
    "headserve_model_ready": ("gauge", {"model"}),
    "headserve_build_info": ("gauge", {"version", "kernel"}),
    "process_cpu_seconds": ("counter", set()),
    "process_resident_memory_bytes": ("gauge", set()),
    "process_virtual_memory_bytes": ("gauge", set()),
    "process_start_time_seconds": ("gauge", set()),
    "process_threads": ("gauge", set()),
    "process_open_fds": ("gauge", set()),
    "process_max_fds": ("gauge", set()),
}
"""Every family with its type and its labels, but for the bounds of buckets."""


def scrape(server):
    response = server.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {family.name: family for family in text_string_to_metric_families(response.text)}


def total(families, family, sample=None, **labels):
    """The sum of a family's samples that have these labels."""
    return sum(
        each.value
        for each in families[family].samples
        if each.name == (sample or family) and labels.items() <= each.labels.items()
    )


def growth(before, after, family, sample, **labels):
    """The sum that was added to a family's samples."""
    return total(after, family, sample, **labels) - total(before, family, sample, **labels)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A server of its own, since this file counts requests: the demo models, one calibrated."""
    folders = {name: REPOSITORY / "Sources/headserve/Models" / name for name in MODELS}
    own = tmp_path_factory.mktemp("models") / CALIBRATED
    folders[CALIBRATED] = shutil.copytree(folders[CALIBRATED], own)
    data = load_digits()
    np.save(own / "x.npy", data.data[:99] / 16)
    np.save(own / "y.npy", data.target[:99])
    done = command(
        "calibrate", "--model", own, "--data", own / "x.npy", "--labels", own / "y.npy")
    assert done.returncode == 0, done.stderr
    flags = [part for name in sorted(folders) for part in ("--model", folders[name])]
    with RunningServer(*flags) as server:
        yield server


def test_every_family_is_there_before_the_first_request(fresh):
    families = scrape(fresh)
    found = {
        name: (family.type, set().union(*(each.labels for each in family.samples)) - {"le"})
        for name, family in families.items()
    }
    assert found == FAMILIES
    assert all(family.documentation for family in families.values())
    requests = families["headserve_requests"].samples
    assert {each.value for each in requests if each.labels["route"] == "/predict"} == {0}
    assert {each.labels["model"] for each in requests} == MODELS | {""}
    assert {each.labels["model"] for each in families["headserve_model_ready"].samples} == MODELS
    assert all(each.value == 1 for each in families["headserve_model_ready"].samples)
    assert {each.labels["model"] for each in families["headserve_model_info"].samples} == MODELS


REASONS = {"queue_full", "deadline", "draining", "not_ready", "connections"}
PROBES = {"/health/ready", "/metrics"}
CONSTANT = {"headserve_model_info", "headserve_model_ready", "headserve_build_info"}


def test_everything_is_there_at_zero(fresh):
    """A counter that appears only with its first event could not be seen to rise from zero."""
    families = scrape(fresh)
    assert {each.labels["reason"] for each in families["headserve_rejected"].samples} == REASONS
    by_model = [
        "samples", "predictive_entropy_nats", "max_probability", "prediction_set_size",
        "abstentions", "not_converged"]
    for family in by_model:
        models = {each.labels["model"] for each in families["headserve_" + family].samples}
        assert models == MODELS, family
    for family in set(FAMILIES) - CONSTANT:
        for each in families[family].samples:
            # The probes that this test makes are requests too, and the last is under way.
            is_own = each.labels.get("route") in PROBES or family == "headserve_inflight_requests"
            if not is_own and family.startswith("headserve_") and not each.name.endswith("_created"):
                assert each.value == 0, each


def test_requests_samples_and_rows_are_counted(fresh):
    before = scrape(fresh)
    for _ in range(3):
        fresh.predict([ROW, ROW], "digits-hetxl", samples=128)
    fresh.predict([ROW], "digits-mhs")
    assert fresh.post({"instances": [[1]]}).status_code == 422
    after = scrape(fresh)

    def grown(family, sample, **labels):
        return growth(before, after, family, sample, **labels)

    counts = ("headserve_requests", "headserve_requests_total")
    assert grown(*counts, route="/predict", model="digits-hetxl", code="200") == 3
    assert grown(*counts, route="/predict", model="digits-mhs", code="200") == 1
    assert grown(*counts, route="/predict", code="422") == 1
    samples = ("headserve_samples", "headserve_samples_total")
    assert grown(*samples, model="digits-hetxl") == 3 * 2 * 128
    rows = ("headserve_batch_rows", "headserve_batch_rows_sum")
    assert grown(*rows) == 3 * 2 + 1
    entropies = "headserve_predictive_entropy_nats"
    assert grown(entropies, entropies + "_count", model="digits-hetxl") == 6
    durations = "headserve_request_duration_seconds"
    assert grown(durations, durations + "_count", route="/predict") == 5


def test_sets_abstentions_and_answers_that_did_not_converge_are_counted(fresh):
    before = scrape(fresh)
    rows = [ROW, [0] * 64, [1] * 64]
    # 99 % takes the largest of 99 scores.
    answer = fresh.predict(rows, CALIBRATED, coverage=0.99)
    sizes = [found["prediction_set"]["size"] for found in answer["predictions"]]
    for bound, expected in ((0, False), (1, True)):
        answer = fresh.predict([ROW, ROW], "digits-mhp", abstain_below=bound)
        assert [found["abstain"] for found in answer["predictions"]] == [expected] * 2
    for tolerance, expected in ((1e-9, False), (1, True)):
        answer = fresh.predict([ROW], "digits-hetxl", samples=128, tolerance=tolerance)
        assert answer["predictions"][0]["uncertainty"]["converged"] is expected
    after = scrape(fresh)

    def grown(name, suffix):
        family = "headserve_" + name
        found = {
            model: growth(before, after, family, family + suffix, model=model) for model in MODELS}
        return {model: value for model, value in found.items() if value}

    assert grown("prediction_set_size", "_count") == {CALIBRATED: 3}
    assert grown("prediction_set_size", "_sum") == {CALIBRATED: sum(sizes)}
    assert grown("abstentions", "_total") == {"digits-mhp": 2}
    assert grown("not_converged", "_total") == {"digits-hetxl": 1}


def test_histograms_are_cumulative_and_end_with_infinity(fresh):
    for family in scrape(fresh).values():
        if family.type != "histogram":
            continue
        series = {}
        for each in family.samples:
            if each.name.endswith("_bucket"):
                labels = tuple(sorted((k, v) for k, v in each.labels.items() if k != "le"))
                series.setdefault(labels, []).append((float(each.labels["le"]), each.value))
        assert series, family.name
        for labels, buckets in series.items():
            assert buckets == sorted(buckets), (family.name, labels)
            assert [count for _, count in buckets] == sorted(count for _, count in buckets)
            assert buckets[-1][0] == float("inf")
            count = family.name + "_count"
            assert buckets[-1][1] == total({family.name: family}, family.name, count, **dict(labels))


def test_names_that_clients_invent_do_not_become_labels(fresh):
    body = request_body([ROW], "invented-model")
    assert fresh.post(body).status_code == 404
    assert fresh.get("/invented-path").status_code == 404
    path = "/v1/models/invented-model:predict"
    assert fresh.post(request_body([ROW]), path).status_code == 404
    fresh.get("/health/live", headers={"X-Request-Id": "invented-id"})
    assert "invented" not in fresh.get("/metrics").text


def test_the_queue_is_empty_when_nothing_is_asked(fresh):
    assert total(scrape(fresh), "headserve_queue_rows") == 0
