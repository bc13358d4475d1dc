"""A table that fills up: what it has can be taken at any time, and what it lacks is known."""

from __future__ import annotations

from dataclasses import dataclass

from budget import Budget, Pace
from figures import Case, Section
from turns import Contestant, Measurement, Plan, Tally, Unavailable


@dataclass(frozen=True)
class Work:
    """One case: these rows, computed by each contestant in turn."""

    label: str
    contestants: list[Contestant]
    rows: int


class OpenSection:
    """A section while it is measured."""

    def __init__(self, plan: Plan, name: str, budget: Budget):
        self.plan = plan
        self.name = name
        self.pace = Pace(budget, plan.rounds)
        self._head = (name, [], "float32")
        self._cases: dict[str, tuple[Tally, str, bool] | None] = {}

    def announce(
        self, title: str, labels: list[str], remarks: list[str], weights: str = "float32"
    ) -> None:
        """Names everything that is to be measured, before any of it is."""
        self._head = (title, remarks, weights)
        self._cases = dict.fromkeys(labels)

    def begin(
        self, label: str, unit: str, contestants: list[str], more_is_better: bool = False
    ) -> Tally:
        """Opens one of the announced cases; what its tally gets is in the section."""
        tally = Tally(contestants)
        self._cases[label] = (tally, unit, more_is_better)
        return tally

    def section(self) -> Section:
        """All cases with a figure, or a reason for having none, and the labels of the others."""
        title, remarks, weights = self._head
        cases = {
            label: Case(label, entry[1], entry[0].cells(), entry[2])
            for label, entry in self._cases.items() if entry is not None
        }
        cases = {label: case for label, case in cases.items() if case.is_begun}
        left_out = [label for label in self._cases if label not in cases]
        return Section(self.name, title, list(cases.values()), remarks, left_out, weights)


def take_turns(
    table: OpenSection, title: str, works: list[Work], remarks: list[str], a_row: bool = False,
    weights: str = "float32",
) -> None:
    """Measures all cases of a table; `a_row` gives the time of a call divided by its rows."""
    table.announce(title, [work.label for work in works], remarks, weights)
    for place, work in enumerate(works):
        if table.pace.may_begin(len(work.contestants) * table.plan.seconds):
            _measure(table, work, len(works) - place, a_row)
        else:
            table.plan.say(f"  {work.label}: left out, the section's time is over")


def _measure(table: OpenSection, work: Work, cases_left: int, a_row: bool) -> None:
    plan, divisor = table.plan, work.rows if a_row else 1
    tally = table.begin(
        work.label, "ms a row" if a_row else "ms", [each.name for each in work.contestants])
    for turn in table.pace.turns(cases_left):
        plan.say(f"  {work.label}: round {turn + 1} of {plan.rounds}")
        for contestant in work.contestants:
            if not tally.runs(contestant.name):
                continue
            try:
                found = contestant.measure(work.rows, plan.seconds)
            except Unavailable as problem:
                tally.give_up(contestant.name, str(problem))
                plan.say(f"    {contestant.name}: {problem}")
            else:
                tally.record(contestant.name, Measurement(found.value / divisor, found.fraction))
