"""The search for leaks finds them, and takes no single step for one."""

from itertools import chain, repeat
from types import SimpleNamespace

import process_state
import pytest
from process_state import LEAK, ONCE, REPEATS, SLACK, leaves_nothing_behind

CONNECTIONS = 100


def grows(monkeypatch, heap_steps, resident_steps):
    """The search with a process whose memory takes these steps after the first round."""
    heaps, residents = totals(heap_steps), totals(resident_steps)
    monkeypatch.setattr(process_state, "is_sanitized", lambda: False)
    monkeypatch.setattr(process_state, "idle_descriptor_count", lambda _: 0)
    monkeypatch.setattr(process_state, "wait_for_descriptors", lambda *_: None)
    monkeypatch.setattr(process_state, "resident_bytes", lambda _: next(residents))
    server = SimpleNamespace(faults=SimpleNamespace(heap_bytes=lambda _: next(heaps)))
    leaves_nothing_behind(server, CONNECTIONS, lambda: None)


def totals(steps):
    total = 0
    for step in chain([0], steps):
        total += step
        yield total


def test_a_leak_of_every_connection_is_found(monkeypatch):
    leak = CONNECTIONS * LEAK
    with pytest.raises(AssertionError):
        grows(monkeypatch, repeat(leak), repeat(0))
    grows(monkeypatch, repeat(leak - 1), repeat(0))
    with pytest.raises(AssertionError):
        grows(monkeypatch, repeat(0), repeat(leak + SLACK))
    grows(monkeypatch, repeat(0), repeat(leak + SLACK - 1))


def test_one_step_is_no_leak(monkeypatch):
    most = REPEATS * CONNECTIONS * LEAK
    grows(monkeypatch, chain([most - 1], repeat(0)), repeat(0))
    with pytest.raises(AssertionError):
        grows(monkeypatch, chain([most], repeat(0)), repeat(0))
    grows(monkeypatch, repeat(0), chain([most + ONCE - 1], repeat(0)))
    with pytest.raises(AssertionError):
        grows(monkeypatch, repeat(0), chain([most + ONCE], repeat(0)))


def test_a_step_of_resident_memory_hides_no_leak(monkeypatch):
    most, leak = REPEATS * CONNECTIONS * LEAK, CONNECTIONS * LEAK
    with pytest.raises(AssertionError):
        grows(monkeypatch, repeat(0), chain([most + SLACK], repeat(leak)))
    grows(monkeypatch, repeat(0), chain([most + SLACK], repeat(leak - 1)))
