"""A peer's process: `python -m peers MODULE SHAPE`.

The module's `prepare(shape)` makes the weights once and gives a function from a batch size to the
call that is measured. Questions come as JSON lines on standard input, `{"rows", "seconds"}`, and
answers go to standard output: `{"median_ms", "calls"}` or `{"error"}`. Between questions the
process sleeps in a read.
"""

import importlib
import json
import os
import sys
import time
from statistics import median

FEWEST_CALLS = 3
WARM_UP_CALLS = 2


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    module, shape = sys.argv[1], json.loads(sys.argv[2])
    prepared, calls = None, {}
    for line in sys.stdin:
        question = json.loads(line)
        rows = question["rows"]
        try:
            if prepared is None:
                prepared = importlib.import_module(f"peers.{module}").prepare(shape)
            if rows not in calls:
                calls[rows] = prepared(rows)
            answer = measure(calls[rows], question["seconds"])
        except ImportError as error:
            answer = {"error": f"not installed: {error.name or error}"}
        except Exception as error:  # whatever a peer throws becomes its cell
            answer = {"error": failure(error)}
        print(json.dumps(answer), file=answers, flush=True)


def failure(error: Exception) -> str:
    """One line of a table: the last of the error's own, where libraries name the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"failed: {type(error).__name__}: {lines[-1] if lines else 'no reason given'}"[:120]


def measure(call, seconds: float) -> dict[str, float]:
    """As `headserve bench` measures: calls one after another, after a warm-up."""
    for _ in range(WARM_UP_CALLS):
        call()
    times = []
    start = time.perf_counter()
    while len(times) < FEWEST_CALLS or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        call()
        times.append((time.perf_counter() - before) * 1e3)
    return {"median_ms": median(times), "calls": len(times)}


if __name__ == "__main__":
    main()
