"""Time of a run, and how it is shared out among what is still to come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from math import inf

FEWEST_TURNS = 2
"""Of each contestant in a case that is begun, unless fewer are asked for: with one there would be
no range. Where time is short, further turns are saved first, then whole cases, then sections."""


class Budget:
    """A stretch of time that began when this was made; `None` seconds never end."""

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic):
        self.seconds = seconds
        self._clock = clock
        self._start = clock()

    @property
    def elapsed(self) -> float:
        return self._clock() - self._start

    @property
    def remaining(self) -> float:
        return inf if self.seconds is None else max(0.0, self.seconds - self.elapsed)

    def share(self, parts: int) -> Budget:
        """Of what remains, one of `parts` equal parts: what a part saves goes to those after it."""
        return Budget(None if self.seconds is None else self.remaining / parts, self._clock)


class Pace:
    """How many turns each case of a section takes."""

    def __init__(self, budget: Budget, rounds: int):
        self._budget = budget
        self._rounds = rounds
        self._fewest = min(rounds, FEWEST_TURNS)
        self._longest = 0.0

    def may_begin(self, least_seconds: float) -> bool:
        """Whether the fewest turns fit into the section's time, if a turn takes these seconds at
        the least, or what the longest before took."""
        return self._fewest * max(least_seconds, self._longest) <= self._budget.remaining

    def turns(self, cases_left: int) -> Iterator[int]:
        """Numbers of the turns of the first of the cases that are left: as many as are asked for,
        or after the fewest as many as fit into its share."""
        share = self._budget.share(cases_left)
        last = 0.0
        for turn in range(self._rounds):
            if turn >= self._fewest and last > share.remaining:
                return
            before = share.elapsed
            yield turn
            last = share.elapsed - before
            # The first turn starts the contestants, which the next cases do not do again.
            if turn > 0 or self._rounds == 1:
                self._longest = max(self._longest, last)
