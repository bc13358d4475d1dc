"""Checkpoints that are changed in place, against all advice: the server goes on and says so."""

import contextlib
import os
import shutil
import threading

from dense_model import dense_model
from running_server import REPOSITORY, RunningServer, request_body
from test_model_reload import reload

DEMO_MODELS = REPOSITORY / "Sources/headserve/Models"


def test_a_served_model_whose_file_is_shortened_answers_nothing_until_a_reload(tmp_path, digits):
    """MHC reads embeddings from the file as it needs them; MHS has its weights in memory."""
    folders = [tmp_path / name for name in ("digits-mhc", "digits-mhs")]
    for folder in folders:
        shutil.copytree(DEMO_MODELS / folder.name, folder)
    flags = [part for folder in folders for part in ("--model", folder)]
    bodies = [request_body(digits[:1], folder.name) for folder in folders]
    with RunningServer(*flags) as server:
        mhc, mhs = (server.post(body).content for body in bodies)
        whole = {folder: (folder / "checkpoint.pth").read_bytes() for folder in folders}
        for folder in folders:
            os.truncate(folder / "checkpoint.pth", 100)
        for _ in range(2):
            problem = server.post(bodies[0])
            assert (problem.status_code, problem.json()["code"]) == (503, "model_unreadable")
        assert server.post(bodies[1]).content == mhs
        reload(server, "failure")
        for folder, content in whole.items():
            (folder / "checkpoint.pth").write_bytes(content)
        reload(server)
        assert [server.post(body).content for body in bodies] == [mhc, mhs]


@contextlib.contextmanager
def shrinking(path):
    """Shortens the file and makes it as long as before, again and again."""
    size, ended = path.stat().st_size, threading.Event()

    def shrink():
        while not ended.wait(0.001):
            os.truncate(path, size // 2)
            os.truncate(path, size)

    thread = threading.Thread(target=shrink)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_reloads_of_a_file_that_shrinks_and_grows_fail_or_succeed(tmp_path):
    dense_model(tmp_path / "large", 4096, 4096)
    body = request_body([[0.5] * 4096])
    with RunningServer("--model", tmp_path / "large") as server:
        expected = server.post(body).content
        with shrinking(tmp_path / "large/checkpoint.safetensors"):
            for _ in range(10):
                reload(server, "failure")
                assert server.post(body).content == expected
        reload(server)
        assert server.post(body).content == expected
