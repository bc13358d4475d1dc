"""Every limit that a flag sets holds at limit − 1, limit and limit + 1."""

import json
import threading

import pytest
from raw_connection import RawConnection, chunked, post
from running_server import FIXTURES, RunningServer, command, request_body
from test_refusals import assert_problem

WIDE = FIXTURES / "het/hetxl-softmax-wide"
WIDE_ROW = [0.25] * 48


@pytest.fixture(scope="module")
def strict():
    """A server with small limits."""
    limits = ["--max-body-bytes", 4096, "--max-queue-rows", 4, "--max-samples", 100]
    with RunningServer(*limits) as server:
        yield server


def padded(size):
    """A good request of this many bytes."""
    body = json.dumps(request_body([[0.5] * 64], "digits-mhs")).encode()
    return body + b" " * (size - len(body))


@pytest.mark.parametrize(("size", "status"), [(4095, 200), (4096, 200), (4097, 413)])
def test_body_bytes(strict, size, status):
    assert strict.post(padded(size)).status_code == status
    pieces = [padded(size)[start : start + 1000] for start in range(0, size, 1000)]
    with RawConnection(strict) as connection:
        request = post(b"", "Transfer-Encoding: chunked", length=False) + chunked(pieces)
        connection.send_as_far_as_it_is_read(request)
        assert connection.response().status == status


@pytest.mark.parametrize(("rows", "status"), [(3, 200), (4, 200), (5, 413)])
def test_rows_in_a_request(strict, rows, status):
    body = request_body([[1] * 64] * rows, "digits-mhs")
    assert strict.post(body).status_code == status


@pytest.mark.parametrize(("samples", "status"), [(99, 200), (100, 200), (101, 422)])
def test_samples(strict, samples, status):
    body = request_body([[1] * 64], "digits-hetxl", samples=samples)
    response = strict.post(body)
    assert response.status_code == status
    if status != 200:
        assert_problem(response, status, ("/parameters/samples",))


@pytest.mark.parametrize(("limit", "is_served"), [(999, False), (1000, True), (1001, True)])
def test_samples_of_a_model(limit, is_served):
    """Those that model.json asks for are an error, and the default is never more."""
    hetxl = FIXTURES / "het/hetxl-softmax-full"
    flags = ("--max-samples", limit, "--port", 0, "--model", f"asks={hetxl}")
    if is_served:
        with RunningServer(*flags[:2], *flags[4:]) as server:
            assert server.get("/v1/models/asks").json()["default_samples"] == 1000
    else:
        done = command("serve", *flags)
        assert done.returncode == 1
        reason = f"'samples' is 1000, above the limit of {limit} for a request"
        assert reason in done.stdout + done.stderr


def test_default_samples_are_within_the_limit(strict):
    assert strict.get("/v1/models/digits-hetxl").json()["default_samples"] == 100
    prediction = strict.predict([[1] * 64], "digits-hetxl")["predictions"][0]
    assert prediction["uncertainty"]["samples"] <= 100


@pytest.mark.parametrize(("k", "length"), [(0, None), (1, 1), (9, 9), (10, 10), (11, 10)])
def test_top_k(server, k, length):
    for model in ("digits-hetxl", "digits-mhp"):
        prediction = server.predict([[1] * 64], model, top_k=k)["predictions"][0]
        assert len(prediction["top_k"]) == length if length else "top_k" not in prediction


@pytest.mark.parametrize(("excess", "status"), [(-1, 200), (0, 200), (1, 422)])
def test_response_bytes(server, excess, status):
    body = request_body([[0.5] * 64] * 3, "digits-mhs", outputs=["probabilities"])
    answer = server.post(body).content
    with RunningServer("--max-response-bytes", len(answer) - excess) as limited:
        response = limited.post(body)
        assert response.status_code == status
        if status == 200:
            assert response.content == answer
        else:
            assert response.json()["code"] == "response_too_large"


@pytest.mark.parametrize(("estimator", "samples"), [("monte-carlo", 1), ("auto", 16)])
def test_one_sample_is_enough(server, estimator, samples):
    """Points are sixteen at least."""
    answer = server.predict([[1] * 64], "digits-hetxl", samples=1, estimator=estimator)
    assert answer["predictions"][0]["uncertainty"]["samples"] == samples


@pytest.mark.parametrize(("limit", "has_points"), [(15, False), (16, True), (17, True)])
def test_points_need_room(limit, has_points):
    """Where sixteen points are too many, the default draws, and who asks for points is told."""
    with RunningServer("--max-samples", limit) as server:
        answer = server.predict([[1] * 64], "digits-hetxl")["predictions"][0]["uncertainty"]
        drawn = ("quasi-monte-carlo", 16) if has_points else ("monte-carlo", limit)
        assert (answer["estimator"], answer["samples"]) == drawn
        body = request_body([[1] * 64], "digits-hetxl", estimator="quasi-monte-carlo")
        response = server.post(body)
        assert response.status_code == (200 if has_points else 422)
        if not has_points:
            problem = assert_problem(response, 422, ("/parameters/estimator",))
            assert problem["code"] == "not_available"
            assert "16 samples" in problem["detail"] and "allows 15" in problem["detail"]
        exact = request_body([[1] * 64], "digits-mhs", estimator="quasi-monte-carlo")
        assert server.post(exact).status_code == 200


@pytest.fixture(scope="module")
def slow():
    """A model with 1,000 classes, one row in the queue at a time."""
    with RunningServer("--model", WIDE, "--max-queue-rows", 1) as server:
        yield server


def test_a_clients_full_queue_is_429_with_retry_after(slow):
    """One row computes, one waits; the third finds no room, and others' rows are no matter."""
    body = json.dumps(request_body([WIDE_ROW], samples=20_000)).encode()
    with RawConnection(slow) as client:
        client.send(post(body) * 3)
        assert slow.post(body).status_code == 200
        answers = [client.response() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    refused = answers[2]
    assert json.loads(refused.body)["code"] == "queue_full"
    assert int(refused.headers["retry-after"]) >= 1


def test_a_deadline_that_passes_is_504_and_never_a_shorter_estimate(slow):
    body = request_body([WIDE_ROW], samples=100_000)
    refused = slow.post(body, headers={"X-Request-Timeout-Ms": "1"})
    # The estimated wait may already exceed the deadline when the request is admitted: 429.
    assert_problem(refused, 429 if refused.status_code == 429 else 504)
    body = request_body([WIDE_ROW], samples=1000)
    answered = slow.post(body, headers={"X-Request-Timeout-Ms": "60000"})
    assert answered.json()["predictions"][0]["uncertainty"]["samples"] == 1024


def test_probes_do_not_wait_behind_the_queue(slow):
    """Each prediction takes 10^8 exponentials. If probes waited behind them, the two of a turn
    would take two predictions, so that half as many turns as predictions would be made."""
    predictions = 10
    body = request_body([WIDE_ROW], samples=100_000)

    def predict():
        for _ in range(predictions):
            assert slow.post(body).status_code == 200

    working = threading.Thread(target=predict)
    working.start()
    turns = 0
    while working.is_alive():
        assert slow.get("/health/live").status_code == 200
        assert slow.get("/metrics").status_code == 200
        turns += 1
    working.join()
    assert turns > predictions
