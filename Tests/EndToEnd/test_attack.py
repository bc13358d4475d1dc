"""Some bodies of `make attack`, short ones: what they are answered, and what memory they take."""

import pytest
from attacks import FINE, REFUSED, by_name
from bounds import Bounds
from contents import INPUTS
from dense_model import dense_model
from meter import Meter
from running_server import RunningServer
from trial import DEMO

LENGTH = 6 << 20
NAMES = [
    "blanks behind", "numbers of 1 digit", "halfway between two", "sparse, permuted",
    "a name in escapes", "a row that is too wide", "too many rows", "seeds", "unknown keys",
    "array: float16", "array: too wide", "wrong checksum",
]


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "wide"
    dense_model(folder, 2, INPUTS)
    return folder


@pytest.mark.own_allocator
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_body_is_answered_and_takes_bounded_memory(wide, name):
    """No bound of time: other work of the machine would break it."""
    attack = by_name(name)[0]
    body, twin = attack.body(LENGTH), attack.twin(LENGTH)
    with RunningServer("--model", DEMO, "--model", wide) as server:
        meter = Meter(server)
        cost = meter.cost(body.request, 2, 0)
        assert cost.status in attack.statuses, cost.body
        most = Bounds.peak_bytes(len(body.sent), body.decoded)
        assert cost.peak_bytes < most
        if twin:
            assert attack.statuses == FINE and meter.ask(twin.request).status in REFUSED
