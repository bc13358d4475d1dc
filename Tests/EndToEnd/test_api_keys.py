"""API keys: who is let in, what the others are told, and what never leaves the server."""

import json
import signal
from contextlib import ExitStack

import pytest
from raw_connection import RawConnection, post
from running_server import FIXTURES, RunningServer, command, eventually, request_body
from test_refusals import assert_problem
from test_turns import inflight, metric

BODY = request_body([[0.5] * 64], "digits-mhs")
KEYS = "# a comment\n\n  first-key  \nsecond.key~/+=\r\n"


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(KEYS)
    with RunningServer("--api-key-file", keys, "--log-level", "trace") as running:
        yield running


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    "authorization", ["Bearer first-key", "bearer first-key", "BEARER   second.key~/+="]
)
def test_a_known_key_is_let_in(keyed, authorization):
    assert keyed.post(BODY, headers={"Authorization": authorization}).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer first-ke", "Bearer first-keys", "Bearer First-key", "Bearer # a comment",
        "Bearer first-key second.key~/+=", "Bearer " + "k" * 10_000,
    ],
)
def test_another_key_is_refused(keyed, authorization):
    response = keyed.post(BODY, headers={"Authorization": authorization})
    assert_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="headserve", error="invalid_token"'


@pytest.mark.parametrize("authorization", [None, "Basic Zmlyc3Qta2V5", "first-key", "Bearer"])
def test_without_a_key_one_is_asked_for(keyed, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    response = keyed.post(BODY, headers=headers)
    assert_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="headserve"'


def test_probes_and_metrics_stay_open_and_nothing_else(keyed):
    for path in ("/health", "/health/live", "/health/ready", "/metrics"):
        assert keyed.get(path).status_code == 200
    for path in ("/v1/models", "/v1/models/digits-mhs", "/openapi.yaml"):
        assert_problem(keyed.get(path), 401)
        assert keyed.get(path, headers=bearer("first-key")).status_code == 200
    assert keyed.get("/nowhere").status_code == 404


def test_no_key_is_logged(keyed):
    for key in ("first-key", "a-wrong-key"):
        keyed.post(BODY, headers={**bearer(key), "X-Request-Id": f"with-{key[:5]}"})
        keyed.waits_for_log(f"with-{key[:5]}")
    log = "".join(keyed.log)
    assert "first-key" not in log and "second.key" not in log and "a-wrong-key" not in log


def test_keys_are_exchanged_while_it_runs(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("old\n")

    def status(key):
        return server.post(BODY, headers=bearer(key)).status_code

    with RunningServer("--api-key-file", keys) as server:
        assert (status("old"), status("new")) == (200, 401)
        keys.write_text("new\n")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: status("new") == 200, "the new key is in force")
        assert status("old") == 401
        keys.write_text("# none\n")
        server.process.send_signal(signal.SIGHUP)
        assert "holds no key" in server.waits_for_log("reload failed")
        assert status("new") == 200


def test_connections_that_show_one_key_are_one_client(tmp_path):
    """Of 64 rows that a client may have waiting, one key's connections have 64 together."""
    keys = tmp_path / "keys"
    keys.write_text("one\ntwo\n")
    flags = ["--model", FIXTURES / "het/hetxl-softmax-wide", "--request-timeout", "600s"]
    flags += ["--max-queue-rows", 64, "--api-key-file", keys]

    def rows(count, key, samples):
        body = json.dumps(request_body([[0.25] * 48] * count, samples=samples)).encode()
        return post(body, f"Authorization: Bearer {key}")

    with RunningServer(*flags) as server, ExitStack() as stack:
        clients = [stack.enter_context(RawConnection(server)) for _ in range(4)]
        # Seconds of work: the first is in progress, and the second waits behind it.
        for index, client in enumerate(clients[:2]):
            client.send(rows(64, "one", samples=100_000))
            eventually(lambda: inflight(server) > 1 + index, "it has come")
        eventually(lambda: metric(server, "headserve_queue_rows") == 64, "the second waits")
        clients[2].send(rows(1, "one", samples=10))
        refused = clients[2].response()
        assert refused.status == 429 and b"64 of at most 64 rows" in refused.body
        clients[3].send(rows(1, "two", samples=10))
        assert clients[3].response().status == 200


def test_a_file_that_is_no_list_of_keys_ends_the_start(tmp_path):
    keys = tmp_path / "keys"
    for text, reason in [
        ("", "holds no key"),
        ("good\nsecret with spaces\n", "line 2"),
        ("x" * 513, "line 1"),
        ("k\n" * 1025, "more than 1024 keys"),
        ("#" * (1024 * 1024 + 1), "longer than"),
    ]:
        keys.write_text(text)
        done = command("serve", "--port", 0, "--api-key-file", keys)
        assert done.returncode == 1
        assert reason in done.stderr
        assert "secret" not in done.stderr
