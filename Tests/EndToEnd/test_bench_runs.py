"""Whole runs of the benchmarks: what is kept, printed and named when time is short or over."""

import json
import signal
import threading

import pytest
from budget import Budget
from figures import Machine, Report
from open_section import OpenSection, Work, take_turns
from run import Run
from stopping import RESERVE_SECONDS, Stopped, Stopper
from table import render, render_tables
from turns import Measurement, Plan

MACHINE = Machine("Some processor", 2, [], 16)


class Clock:
    """Seconds that pass when a contestant computes."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Steady:
    """A contestant whose every turn takes so many seconds."""

    def __init__(self, clock, seconds=10, name="HeadServe"):
        self.name, self.clock, self.seconds, self.turns = name, clock, seconds, 0

    def measure(self, rows, seconds):
        self.clock.now += self.seconds
        self.turns += 1
        return Measurement(2.0)

    def close(self):
        pass


class Script:
    """Sections that are measured on a clock of the test's own, and what came of them."""

    def __init__(self, tmp_path, seconds=None, rounds=3):
        self.clock = Clock()
        budget = Budget(seconds, self.clock)
        self.plan = Plan(tmp_path, rounds, seconds=10, cores=2, limit_seconds=seconds,
                         budget=budget)
        self.kept, self.shown = [], []

    def section(self, labels, at_turn=None):
        """A section of these cases; `at_turn` is called before each turn with its number."""
        def measure(table):
            each = Steady(self.clock)
            if at_turn is not None:
                plain = each.measure
                each.measure = lambda *a: (at_turn(each.turns), plain(*a))[1]
            take_turns(table, table.name.upper(), [Work(x, [each], 1) for x in labels], [])
        return measure

    def make(self, sections, stopper=None):
        keep = lambda report: self.kept.append(report.to_json())  # noqa: E731
        run = Run(self.plan, MACHINE, keep, lambda section: self.shown.append(section.name))
        with stopper or Stopper() as entered:
            return run.make(sections, entered)


def counts(report):
    """How many turns each case has, by section."""
    return {
        section.name: {case.label: len(case.cells[0].rounds) for case in section.cases}
        for section in report.sections
    }


def test_every_section_is_shown_and_kept_before_the_next_one(tmp_path):
    script = Script(tmp_path)
    seen = []
    look = lambda _: seen.append((list(script.shown), len(script.kept)))  # noqa: E731
    report, status = script.make(
        {"a": script.section(["1"]), "b": script.section(["2"], at_turn=look)})
    assert seen == [(["a"], 1)] * 3 and status == 0
    early, late = script.kept[0], script.kept[-1]
    assert [section["name"] for section in early["sections"]] == ["a"]
    assert early["left_out"] == ["b"] and early["partial"] and early["took_seconds"] == 30
    assert late["left_out"] == [] and late["partial"] == "" and late["took_seconds"] == 60
    assert Report.from_json(json.loads(json.dumps(late))) == report


def test_without_a_limit_everything_has_all_its_turns(tmp_path):
    script = Script(tmp_path)
    report, _ = script.make({"a": script.section(["1", "2"])})
    assert counts(report) == {"a": {"1": 3, "2": 3}}
    text = render(report)
    assert "took      60.0 s\n" in text
    assert "eft out" not in text and "Fewer" not in text and "partial" not in text


def test_turns_are_saved_first(tmp_path):
    script = Script(tmp_path, seconds=80)
    report, _ = script.make({"a": script.section(["1", "2"]), "b": script.section(["3"])})
    # 40 s each, and so 20 for either case of a.
    assert counts(report) == {"a": {"1": 2, "2": 2}, "b": {"3": 3}}
    text = render(report)
    assert "Fewer turns than 3: 1 (2), 2 (2).\n" in text and "Left out" not in text
    assert "took      70.0 s of 80 s\n" in text


def test_then_cases_and_sections_are_left_out_and_named(tmp_path):
    script = Script(tmp_path, seconds=55)
    report, status = script.make({
        "a": script.section(["1", "2"]), "b": script.section(["3"]), "c": script.section(["4"])})
    # a has 18 s, less than two turns of any case; b has 27, and what it leaves is for c.
    assert counts(report) == {"b": {"3": 2}, "c": {"4": 3}}
    assert report.left_out == ["a"] and report.partial == "" and status == 0
    assert "left out  a\n" in render(report) and "left out  a\n" in render_tables(report)
    script = Script(tmp_path, seconds=50)
    report, _ = script.make({"a": script.section(["1", "2", "3"])})
    assert counts(report) == {"a": {"1": 2, "2": 2}}
    assert "Left out: 3." in render(report) and "Left out: 3." in render_tables(report)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_is_measured(tmp_path, number):
    script = Script(tmp_path)
    def stop(turn):
        if turn == 4:
            signal.raise_signal(number)
    report, status = script.make({
        "a": script.section(["1"]), "b": script.section(["2", "3", "4"], at_turn=stop),
        "c": script.section(["5"])})
    assert counts(report) == {"a": {"1": 3}, "b": {"2": 3, "3": 1}}
    assert report.left_out == ["c"] and report.sections[1].left_out == ["4"]
    assert report.partial == f"interrupted by {number.name}" and status == 128 + number
    assert script.shown == ["a", "b"] and script.kept[-1] == report.to_json()
    text = render(report)
    assert "Fewer turns than 3: 3 (1).\nLeft out: 4.\n" in text
    assert f"left out  c\npartial   interrupted by {number.name}\n" in text


def test_a_section_that_is_stopped_before_its_first_figure_is_left_out(tmp_path):
    script = Script(tmp_path)
    report, _ = script.make(
        {"a": script.section(["1"], at_turn=lambda _: signal.raise_signal(signal.SIGINT))})
    assert report.sections == [] and report.left_out == ["a"] and script.shown == []


def test_a_second_signal_does_not_stop_the_ending(tmp_path):
    with Stopper() as stopper:
        with pytest.raises(Stopped):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        with stopper.held():
            signal.raise_signal(signal.SIGTERM)


def test_a_signal_waits_for_a_part_that_is_done_to_its_end():
    done = []
    with Stopper() as stopper, pytest.raises(Stopped, match="SIGTERM"):
        with stopper.held():
            signal.raise_signal(signal.SIGTERM)
            done.append("table")
        done.append("next")
    assert done == ["table"]


def test_nothing_stops_what_follows_the_last_section():
    with Stopper() as stopper:
        stopper.finish()
        signal.raise_signal(signal.SIGINT)


def test_the_end_of_the_time_stops_too_and_is_no_failure():
    limit = RESERVE_SECONDS + 0.001
    with pytest.raises(Stopped, match="the 2.001 s are over") as stop, Stopper(limit):
        threading.Event().wait()
    assert stop.value.status == 0


def test_handlers_and_timer_are_put_back():
    before = signal.getsignal(signal.SIGINT)
    with Stopper(1000):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_cases_without_figures_are_not_in_the_table(tmp_path):
    table = OpenSection(Plan(tmp_path, 3, 1, 2), "x", Budget(None))
    table.announce("X", ["1", "2", "3"], ["r"])
    table.begin("1", "ms", ["A", "B"]).give_up("A", "not built")
    table.begin("2", "ms", ["A", "B"])
    section = table.section()
    assert [case.label for case in section.cases] == ["1"] and section.left_out == ["2", "3"]
