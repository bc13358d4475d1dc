"""Fixtures of several test files: the reference data and one server with the demo models."""

import numpy as np
import pytest
from fault_table import is_sanitized
from running_server import BINARY, FIXTURES, RunningServer


def expected(folder):
    """The arrays of a fixture's expected.npz."""
    with np.load(FIXTURES / folder / "expected.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def pytest_runtest_setup(item):
    if item.get_closest_marker("own_allocator") and is_sanitized():
        pytest.skip("memory and time under AddressSanitizer are not the server's own")


@pytest.fixture(scope="session", autouse=True)
def _the_binary_exists():
    assert BINARY.exists(), f"{BINARY} is missing: swift build -c release --product headserve"


@pytest.fixture(scope="session")
def server():
    """A server as `headserve` starts it: the four demo models, digits-hetxl first."""
    with RunningServer() as running:
        yield running


@pytest.fixture(scope="session")
def digits():
    """Two hundred 8×8 images, pixels / 16."""
    return expected("models/digits-hetxl")["features"]
