"""The end of a run before its time: Ctrl-C, SIGTERM and the end of `--time` are one exception."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)
RESERVE_SECONDS = 2.0
"""Of the time, kept for ending the contestants and writing what was measured."""


class Stopped(BaseException):
    """Passes through everything that handles errors, as KeyboardInterrupt does."""

    def __init__(self, reason: str, status: int):
        super().__init__(reason)
        self.status = status
        """For the process to exit with."""


class Stopper:
    """While it is entered, the first signal or the end of the time raises `Stopped` in the main
    thread. What comes after that changes nothing, since the run is ending already. `seconds` are
    more than the reserve.
    """

    def __init__(self, seconds: float | None = None):
        self._seconds = seconds
        self._stop: Stopped | None = None
        self._is_held = False
        self._is_raised = False

    def __enter__(self) -> Stopper:
        self._old = {number: signal.signal(number, self._arrive)
                     for number in (*SIGNALS, signal.SIGALRM)}
        if self._seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, self._seconds - RESERVE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._old.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A part that is done to its end: `Stopped` waits for it."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        self._raise()

    def finish(self) -> None:
        """Lets nothing stop the little that is left to do."""
        self._is_raised = True

    def _arrive(self, number: int, _frame: object) -> None:
        if self._stop is None:
            self._stop = _stop(number, self._seconds)
        if not self._is_held:
            self._raise()

    def _raise(self) -> None:
        if self._stop is not None and not self._is_raised:
            self._is_raised = True
            raise self._stop


def _stop(number: int, seconds: float | None) -> Stopped:
    if number == signal.SIGALRM:
        return Stopped(f"the {seconds:g} s are over", 0)
    return Stopped(f"interrupted by {signal.Signals(number).name}", 128 + number)
