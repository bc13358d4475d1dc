"""Contestants take turns: A B C A B C …, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Protocol

from budget import Budget
from figures import Cell


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
    asked_kernel: str = ""
    """That HeadServe and the peers are held to; none leaves the choice to each of them."""
    limit_seconds: float | None = None
    """That the run was given."""
    budget: Budget = field(default_factory=lambda: Budget(None))
    kernel: str = ""
    peaks: dict[str, list[float]] = field(default_factory=dict)

    @property
    def kernel_arguments(self) -> list[str]:
        return ["--kernel", self.asked_kernel] if self.asked_kernel else []

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
