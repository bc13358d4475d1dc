"""The verdict on a long run, decided from its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

MEMORY_TOLERANCE = 0.02
"""Part by which resident memory may grow between two windows of a run."""

WARM_UP = 0.2
"""Part of a run that is warm-up: five minutes of 25. In a run of 20 minutes resident memory rose by 5 %
in the first five, ever more slowly while threads and their caches filled, and by 1 % in the rest."""

WINDOW = 0.1
"""Part of a run of each of the windows that are compared. Windows count by their median, so that a sample which meets a reload, when two sets are in memory, does not."""

QUARTER_TURNS = 15
"""Latencies measured in a quarter of a run, see `has_risen`."""


@dataclass
class Verdict:
    """Claims with their outcome, in order."""

    claims: list[tuple[str, bool]] = field(default_factory=list)

    def claim(self, text: str, holds: bool) -> None:
        self.claims.append((text, holds))

    @property
    def holds(self) -> bool:
        return bool(self.claims) and all(holds for _, holds in self.claims)

    def __str__(self) -> str:
        lines = [f"{'holds' if holds else 'FAILS'}: {text}" for text, holds in self.claims]
        return "\n".join([*lines, "passed" if self.holds else "failed"])


def growth(series: list[int]) -> float:
    """By which part the last window's median is above that of the window behind the warm-up."""
    warm = int(len(series) * WARM_UP)
    length = max(1, int(len(series) * WINDOW))
    first, last = median(series[warm : warm + length]), median(series[-length:])
    return last / first - 1


def has_risen(first: list[float], last: list[float]) -> bool:
    """Whether the median of `last` is above everything in `first`.

    Where both come from one distribution, all of the larger half of `last` being on top has a
    chance of C(15, 8) / C(30, 8) = 0.11 % with fifteen of each, whatever the distribution; and a
    rise by more than the spread of single turns is always found.
    """
    return median(last) > max(first)
