"""The access log: one line a request, never in anybody's way."""

import json
import os
import re
import signal
import socket
import struct
import subprocess

import pytest
import requests
from raw_connection import RawConnection, post
from running_server import BINARY, DEADLINE, RunningServer, clean_environment, eventually, request_body
from test_metrics import scrape, total

ROW = [0.5] * 64
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def json_server():
    with RunningServer("--log-format", "json") as server:
        yield server


def line_of(server, identifier):
    return json.loads(server.waits_for_log(f'"request_id":"{identifier}"'))


def test_a_prediction_has_a_line_with_all_there_is_to_tell(json_server):
    body = request_body([ROW, ROW], "digits-hetxl", samples=128)
    headers = {"X-Request-Id": "told", "traceparent": TRACE, "Accept-Encoding": "identity"}
    response = json_server.post(body, headers=headers)
    line = line_of(json_server, "told")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    times = [line.pop(name) for name in ("queue_ms", "compute_ms", "total_ms")]
    assert 0 <= times[0] and 0 < times[1] and times[0] + times[1] <= times[2] + 0.002
    assert line == {
        "level": "info", "message": "request", "request_id": "told", "traceparent": TRACE,
        "method": "POST", "route": "/predict", "model": "digits-hetxl", "rows": 2, "samples": 256,
        "status": 200, "bytes": len(response.content),
    }
    assert response.headers["traceparent"] == TRACE
    timing = re.fullmatch(
        r"queue;dur=(\d+\.\d{3}), compute;dur=(\d+\.\d{3})", response.headers["Server-Timing"]
    )
    assert [float(text) for text in timing.groups()] == times[:2]


def test_coded_answers_are_counted_as_they_were_sent(json_server):
    """All labels of 200 rows: more than is coded on the loop itself."""
    body = request_body([ROW] * 200, "digits-mhs", top_k=10)
    for coding in ("identity", "gzip"):
        headers = {"X-Request-Id": coding, "Accept-Encoding": coding}
        response = json_server.post(body, headers=headers, stream=True)
        sent = len(response.raw.read(decode_content=False))
        assert line_of(json_server, coding)["bytes"] == sent


def test_refusals_and_probes_have_lines_too(json_server):
    assert json_server.get("/health/live", headers={"X-Request-Id": "live"}).status_code == 200
    assert line_of(json_server, "live")["route"] == "/health/live"
    assert json_server.get("/secret-path?k=v", headers={"X-Request-Id": "lost"}).status_code == 404
    line = line_of(json_server, "lost")
    assert (line["route"], line["status"], line["method"]) == ("none", 404, "GET")
    with RawConnection(json_server) as connection:
        connection.send(b"nonsense\r\n\r\n")
        response = connection.response()
    assert line_of(json_server, response.headers["x-request-id"])["status"] == 400
    assert not any("secret-path" in line for line in json_server.log)


def test_a_client_that_leaves_has_a_line_as_well(json_server):
    rows = request_body([ROW] * 64, "digits-hetxl", samples=100_000)
    with RawConnection(json_server) as connection:
        connection.send(post(json.dumps(rows).encode(), "X-Request-Id: gone"))
        eventually(
            lambda: total(scrape(json_server), "headserve_inflight_requests") >= 2, "it is begun"
        )
        # A reset instead of an end, which could be a client that still reads.
        linger = struct.pack("ii", 1, 0)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    line = line_of(json_server, "gone")
    assert (line["status"], line["bytes"], line["rows"]) == (499, 0, 64)


def test_identifiers_cannot_forge_lines(json_server):
    forged = 'x","status":200,"y":"\\'
    json_server.get("/none", headers={"X-Request-Id": forged})
    found = json_server.waits_for_log('x\\",')
    assert json.loads(found)["request_id"] == forged


@pytest.mark.parametrize("level, has_lines", [("info", True), ("notice", False)])
def test_the_level_turns_it_off(level, has_lines):
    port = free_port()
    process = start(port, ["--log-level", level], stderr=subprocess.PIPE, text=True)
    eventually(lambda: is_ready(port), "ready")
    process.terminate()
    _, text = process.communicate(timeout=DEADLINE)
    assert (" info request " in text) == has_lines
    assert process.returncode == 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def is_ready(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=DEADLINE).ok
    except requests.ConnectionError:
        return False


def metric(port, name):
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE).text
    return float(re.search(rf"^{name} (.*)$", text, re.M).group(1))


def ends_well_without_a_log(port, process):
    url = f"http://127.0.0.1:{port}/predict"
    body = request_body([ROW], "digits-mhs")
    for _ in range(50):
        assert requests.post(url, json=body, timeout=DEADLINE).status_code == 200
    process.send_signal(signal.SIGHUP)
    eventually(lambda: 'reloads_total{result="success"} 1' in requests.get(
        f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE).text, "a reload")
    lost = metric(port, "headserve_log_lines_dropped_total")
    errors = metric(port, "headserve_log_write_errors_total")
    process.terminate()
    assert process.wait(DEADLINE) == 0
    return lost, errors


def start(port, arguments=(), **options):
    return subprocess.Popen(
        [str(BINARY), "serve", "--port", str(port), *arguments], env=clean_environment(), **options
    )


def test_a_full_disk_is_counted_and_harms_nobody():
    port = free_port()
    with open("/dev/full", "w") as full:
        process = start(port, stderr=full)
    eventually(lambda: is_ready(port), "ready")
    lost, errors = ends_well_without_a_log(port, process)
    assert lost > 0 and errors > 0


def test_a_reader_that_has_gone_harms_nobody():
    port = free_port()
    reading, writing = os.pipe()
    process = start(port, stderr=writing)
    os.close(writing)
    os.close(reading)
    eventually(lambda: is_ready(port), "ready")
    lost, errors = ends_well_without_a_log(port, process)
    assert lost > 0 and errors > 0


def test_a_reader_that_stands_still_holds_up_nobody():
    port = free_port()
    reading, writing = os.pipe()
    process = start(port, stderr=writing)
    os.close(writing)
    eventually(lambda: is_ready(port), "ready")
    body = request_body([ROW], "digits-mhs")
    with requests.Session() as session:
        # More lines than the pipe's 64 KiB hold.
        for _ in range(1000):
            headers = {"X-Request-Id": "x" * 128}
            url = f"http://127.0.0.1:{port}/predict"
            assert session.post(url, json=body, headers=headers, timeout=DEADLINE).ok
    ends_well_without_a_log(port, process)
    os.close(reading)


def test_a_standard_error_that_is_closed_from_the_start_is_no_clients_socket():
    port = free_port()
    process = start(port, preexec_fn=lambda: [os.close(each) for each in (0, 1, 2)])
    eventually(lambda: is_ready(port), "ready")
    for number in range(3):
        assert os.readlink(f"/proc/{process.pid}/fd/{number}") == "/dev/null"
    lost, errors = ends_well_without_a_log(port, process)
    assert (lost, errors) == (0, 0)
