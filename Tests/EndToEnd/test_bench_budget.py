"""How a benchmark's time is shared out, on a clock that the tests move."""

import math

import pytest
from budget import FEWEST_TURNS, Budget, Pace


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_budget_without_end_never_ends(clock):
    budget = Budget(None, clock)
    clock.now += 1e9
    assert budget.remaining == math.inf and budget.share(3).remaining == math.inf
    assert budget.elapsed == 1e9


def test_shares_are_equal_and_what_one_saves_goes_to_those_after_it(clock):
    budget = Budget(60, clock)
    assert budget.share(3).remaining == 20
    clock.now += 8  # of its 20
    assert budget.share(2).remaining == 26
    clock.now += 60  # more than there was
    assert budget.remaining == 0 and budget.share(1).remaining == 0
    assert budget.elapsed == 68


def turns_of(pace, clock, durations, cases_left=1):
    """How many turns a case takes whose turns last so long."""
    count = 0
    for turn in pace.turns(cases_left):
        assert turn == count
        clock.now += durations[turn]
        count += 1
    return count


def test_all_turns_are_taken_where_time_is_not_short(clock):
    assert turns_of(Pace(Budget(None, clock), 5), clock, [9] * 5) == 5


@pytest.mark.parametrize(("seconds", "turns"), [(39.9, 3), (40, 4), (40.1, 4), (0.1, 2)])
def test_a_further_turn_is_taken_if_it_fits_as_the_last_one_did(clock, seconds, turns):
    # The first turn starts the contestants; then each takes 10 s, and a fourth one ends after 40.
    assert turns_of(Pace(Budget(seconds, clock), 9), clock, [10] * 9) == turns


def test_a_case_is_held_to_its_share(clock):
    pace = Pace(Budget(60, clock), 9)
    assert turns_of(pace, clock, [5] * 9, cases_left=2) == 6
    assert turns_of(pace, clock, [5] * 9, cases_left=1) == 6


def test_the_fewest_turns_are_no_more_than_are_asked_for(clock):
    assert FEWEST_TURNS == 2
    for rounds, turns in [(1, 1), (2, 2), (3, 2)]:
        assert turns_of(Pace(Budget(1, clock), rounds), clock, [10] * rounds) == turns


@pytest.mark.parametrize(("seconds", "begins"), [(7.9, False), (8, True), (8.1, True)])
def test_a_case_is_begun_if_the_fewest_turns_can_fit(clock, seconds, begins):
    assert Pace(Budget(seconds, clock), 3).may_begin(4) == begins


@pytest.mark.parametrize(("seconds", "begins"), [(53, False), (54, True), (55, True)])
def test_what_turns_took_before_is_expected_again_but_for_the_first(clock, seconds, begins):
    pace = Pace(Budget(seconds, clock), 2)
    assert turns_of(pace, clock, [30, 8]) == 2  # 38 s: the contestants' start, and a turn
    assert pace.may_begin(4) == begins


def test_a_turn_of_which_there_is_one_is_expected_again(clock):
    pace = Pace(Budget(59.9, clock), 1)
    assert turns_of(pace, clock, [30]) == 1
    assert not pace.may_begin(4)
