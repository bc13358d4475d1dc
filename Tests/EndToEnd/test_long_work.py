"""Long requests are worked off in slices: nobody waits for them, and nothing of them changes."""

import json
from contextlib import ExitStack

import pytest
from raw_connection import RawConnection, post
from running_server import FIXTURES, RunningServer, eventually, request_body
from test_turns import inflight

WIDE = FIXTURES / "het/hetxl-softmax-wide"
ROW = [0.25] * 48
SHORT = post(json.dumps(request_body([ROW], samples=100)).encode())
GREEDY = {
    "samples": post(json.dumps(request_body([ROW] * 64, samples=100_000)).encode()),
    "rows": post(json.dumps(request_body([ROW] * 4096, samples=1600)).encode()),
}
"""6.4e9 exponentials: seconds on any machine, where SHORT takes a tenth of a millisecond."""


@pytest.fixture(scope="module")
def server():
    with RunningServer("--model", WIDE, "--request-timeout", "600s") as server:
        yield server


def ask(client, request):
    client.send(request)
    answer = client.response()
    assert answer.status == 200, answer.body
    return answer.body


@pytest.mark.own_allocator
@pytest.mark.parametrize("greedy", GREEDY.values(), ids=GREEDY)
@pytest.mark.parametrize("others", [1, 20])
def test_short_requests_are_answered_while_long_ones_go_on(server, others, greedy):
    with RawConnection(server) as client:
        alone = ask(client, SHORT)
        connections = [RawConnection(server) for _ in range(others)]
        for connection in connections:
            connection.send(greedy)
        eventually(lambda: inflight(server) > others, "the long ones have come")
        for _ in range(50):
            assert ask(client, SHORT) == alone
        # None of them was done meanwhile: the short ones did not wait for it.
        assert inflight(server) > others
        for connection in connections:
            connection.reset()
        eventually(lambda: inflight(server) == 1, "what nobody waits for is dropped")


def test_an_answer_is_the_same_in_slices(server):
    """Four clients with a quarter of a second of work each hold each other up again and again."""
    requests = [
        post(json.dumps(request_body([ROW] * rows, samples=samples, seed=rows)).encode())
        for rows, samples in [(1, 100_000), (40, 2000), (200, 500), (3, 30_000)]
    ]
    with RawConnection(server) as client:
        alone = [ask(client, request) for request in requests]
    with ExitStack() as stack:
        clients = [stack.enter_context(RawConnection(server)) for _ in requests]
        for connection, request in zip(clients, requests, strict=True):
            connection.send(request * 4)
        for connection, expected in zip(clients, alone, strict=True):
            answers = [connection.response() for _ in range(4)]
            assert [answer.status for answer in answers] == [200] * 4
            assert {answer.body for answer in answers} == {expected}
