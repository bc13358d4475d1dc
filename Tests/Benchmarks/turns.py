"""Contestants take turns: A B C A B C …, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Protocol

from figures import Case, Cell


class Unavailable(Exception):
    """A contestant cannot be measured; the text says why, in a table's cell."""


@dataclass(frozen=True)
class Measurement:
    """One contestant's result in one round."""

    value: float
    fraction: float | None = None


class Contestant(Protocol):
    """Computes in a process of its own, so that nobody's threads disturb another's."""

    name: str

    def measure(self, rows: int, seconds: float) -> Measurement:
        """Milliseconds of a call, the median over `seconds`; may throw Unavailable."""

    def close(self) -> None: ...


@dataclass
class Plan:
    """How a run is made, and what is learned about the machine on the way."""

    binary: Path
    rounds: int
    seconds: float
    cores: int
    kernel: str = ""
    peaks: dict[str, list[float]] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Progress, beside the tables."""
        print(text, file=sys.stderr, flush=True)


class Tally:
    """Figures of one case as they come in."""

    def __init__(self, contestants: list[str]):
        self._rounds: dict[str, list[Measurement]] = {name: [] for name in contestants}
        self._reasons: dict[str, str] = {}

    def record(self, contestant: str, measurement: Measurement) -> None:
        self._rounds[contestant].append(measurement)

    def give_up(self, contestant: str, reason: str) -> None:
        """A contestant that failed once has no figure: its other rounds are not shown."""
        self._reasons[contestant] = reason

    def runs(self, contestant: str) -> bool:
        return contestant in self._rounds and contestant not in self._reasons

    def cells(self) -> list[Cell]:
        return [self._cell(name) for name in self._rounds]

    def _cell(self, name: str) -> Cell:
        if reason := self._reasons.get(name):
            return Cell(name, reason=reason)
        fractions = [m.fraction for m in self._rounds[name] if m.fraction is not None]
        return Cell(
            name,
            rounds=[measurement.value for measurement in self._rounds[name]],
            fraction=median(fractions) if fractions else None,
        )


def take_turns(
    plan: Plan, label: str, contestants: list[Contestant], rows: int, a_row: bool = False
) -> Case:
    """Measures one case; `a_row` gives the time of a call divided by its rows."""
    tally = Tally([contestant.name for contestant in contestants])
    divisor = rows if a_row else 1
    for turn in range(plan.rounds):
        plan.say(f"  {label}: round {turn + 1} of {plan.rounds}")
        for contestant in contestants:
            if not tally.runs(contestant.name):
                continue
            try:
                found = contestant.measure(rows, plan.seconds)
            except Unavailable as problem:
                tally.give_up(contestant.name, str(problem))
                plan.say(f"    {contestant.name}: {problem}")
            else:
                scaled = Measurement(found.value / divisor, found.fraction)
                tally.record(contestant.name, scaled)
    return Case(label, "ms a row" if a_row else "ms", tally.cells())
