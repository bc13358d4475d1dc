"""The same instance and parameters give the same bytes, whatever else is being answered."""

import itertools
import json
import threading

import pytest
import requests
from running_server import DEADLINE, RunningServer, request_body

CLIENTS = 40
MODELS = ["digits-hetxl", "digits-mhp", "digits-mhc", "digits-mhs"]


def mixed_requests(digits):
    """Forty requests that differ in rows, number of rows, model and parameters."""
    bodies = []
    models = itertools.cycle(MODELS)
    for client in range(CLIENTS):
        rows = digits[client * 3 : client * 3 + 1 + client % 3]
        parameters = {"top_k": 1 + client % 10, "seed": client % 5}
        if client % 2:
            parameters["samples"] = 100 + 37 * client
        if client % 3:
            parameters["outputs"] = ["probabilities"]
        bodies.append(request_body(rows, next(models), **parameters))
    return [json.dumps(body).encode() for body in bodies]


def answer(server, body, session=requests):
    headers = {"Content-Type": "application/json"}
    response = session.post(server.url + "/predict", data=body, headers=headers, timeout=DEADLINE)
    assert response.status_code == 200, response.text
    return response.content


def exact(prediction):
    """A prediction with its numbers as they were spelled."""
    return json.dumps(prediction)


def predictions(content):
    return [exact(each) for each in json.loads(content, parse_float=str)["predictions"]]


def test_forty_concurrent_clients_get_their_own_answers(server, digits):
    bodies = mixed_requests(digits)
    alone = [answer(server, body) for body in bodies]
    assert len(set(alone)) == CLIENTS, "the requests are meant to differ"
    start = threading.Barrier(CLIENTS)
    rounds = 5
    together = [[] for _ in bodies]

    def client(index):
        with requests.Session() as session:
            for _ in range(rounds):
                start.wait(DEADLINE)
                together[index].append(answer(server, bodies[index], session))

    threads = [threading.Thread(target=client, args=(index,)) for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    for index in range(CLIENTS):
        assert together[index] == [alone[index]] * rounds, f"client {index}"


def test_a_row_in_a_batch_equals_the_row_alone(server, digits):
    for model in MODELS:
        parameters = {"top_k": 10, "outputs": ["probabilities"]}
        batch = server.post(request_body(digits[:70], model, **parameters)).content
        together = predictions(batch)
        for row in (0, 1, 31, 63, 64, 69):
            single = server.post(request_body([digits[row]], model, **parameters)).content
            assert predictions(single) == [together[row]], (model, row)


def test_a_seed_for_each_instance_equals_that_seed_alone(server, digits):
    seeds = [0, 7, 2**64 - 1]
    rows = [digits[17]] * len(seeds)
    together = predictions(server.post(request_body(rows, "digits-hetxl", seed=seeds)).content)
    assert len(set(together)) == len(seeds), "the seed matters"
    for row, seed in enumerate(seeds):
        single = server.post(request_body(rows[:1], "digits-hetxl", seed=seed)).content
        assert predictions(single) == [together[row]]


def test_sparse_rows_equal_dense_rows(server, digits):
    for model in MODELS:
        dense = digits[:10]
        sparse = [
            {"indices": row.nonzero()[0].tolist(), "values": row[row != 0].tolist()}
            for row in dense
        ]
        assert (
            server.post(request_body(sparse, model)).content
            == server.post(request_body(dense, model)).content
        )


def test_path_and_body_and_default_name_the_same_model(server, digits):
    named = server.post(request_body(digits[:2], "digits-hetxl")).content
    assert server.post(request_body(digits[:2])).content == named
    path = "/v1/models/digits-hetxl:predict"
    assert server.post(request_body(digits[:2]), path).content == named


@pytest.fixture(scope="module")
def one_thread(digits):
    with RunningServer("--threads", 1) as server:
        yield [answer(server, body) for body in mixed_requests(digits)]


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_does_not_show(one_thread, digits, threads):
    with RunningServer("--threads", threads) as server:
        assert [answer(server, body) for body in mixed_requests(digits)] == one_thread


@pytest.mark.parametrize("flags", [("--max-batch-rows", 1), ("--max-batch-rows", 7)])
def test_the_size_of_batches_does_not_show(one_thread, digits, flags):
    with RunningServer(*flags) as server:
        assert [answer(server, body) for body in mixed_requests(digits)] == one_thread
