"""The verdict of a long run finds what it is there to find, and nothing else."""

import random
from itertools import combinations
from math import comb
from statistics import median

import pytest
from verdict import MEMORY_TOLERANCE, QUARTER_TURNS, Verdict, growth, has_risen

LOOKS = 300
"""Those of 25 minutes."""
START = 40_000_000


def test_memory_that_stays_or_only_warms_up_has_not_grown():
    assert growth([START] * LOOKS) == 0
    warming = [START // 2] * (LOOKS // 5) + [START] * (LOOKS - LOOKS // 5)
    assert growth(warming) == 0


def test_a_look_that_meets_a_reload_does_not_count():
    looks = [START * (2 if look % 12 == 0 else 1) for look in range(LOOKS)]
    assert growth(looks) == 0


@pytest.mark.parametrize("part", [0.5, 1.5])
def test_a_steady_leak_is_found(part):
    """The medians of the windows are seven tenths of a run apart."""
    rise = part * MEMORY_TOLERANCE / 0.7
    looks = [int(START * (1 + rise * look / LOOKS)) for look in range(LOOKS)]
    assert (growth(looks) > MEMORY_TOLERANCE) == (part > 1)


def test_latencies_that_only_scatter_have_seldom_risen():
    """As often as the rule says: of all 2n that come mixed, C(n, k) of the C(2n, k) ways for the
    k highest are all in the last n. Small n by trying every way, the real one by its formula."""
    ranks = range(10)
    found = [
        has_risen([rank for rank in ranks if rank not in last], list(last))
        for last in combinations(ranks, 5)
    ]
    assert sum(found) / len(found) == comb(5, 3) / comb(10, 3)
    highest = QUARTER_TURNS // 2 + 1
    assert comb(QUARTER_TURNS, highest) / comb(2 * QUARTER_TURNS, highest) < 0.0012


def test_latencies_that_rose_by_their_spread_have_risen():
    chosen = random.Random(1)
    first = [100 + chosen.random() for _ in range(QUARTER_TURNS)]
    last = [101.5 + chosen.random() for _ in range(QUARTER_TURNS)]
    assert has_risen(first, last) and not has_risen(last, first)
    assert median(last) > max(first)


def test_one_claim_that_fails_fails_all_and_none_is_no_success():
    verdict = Verdict()
    assert not verdict.holds
    verdict.claim("one", True)
    assert verdict.holds
    verdict.claim("two", False)
    assert not verdict.holds
    assert str(verdict) == "holds: one\nFAILS: two\nfailed"
