"""HeadServe beside its peers, in one run on this machine: `make bench`.

Every contestant computes in a process of its own; they take turns for several rounds. Progress
goes to standard error, each table to standard output as soon as it is finished, and all figures so
far to a file then. Ctrl-C and SIGTERM end a run, which keeps what it has measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from math import isfinite
from pathlib import Path

import machine
from budget import FEWEST_TURNS, Budget
from contestants import learn_kernel
from figures import Report, Section
from run import Run
from stopping import RESERVE_SECONDS, Stopped, Stopper
from table import end, head, missing, render, render_tables, section_table, short_head
from turns import Plan, Unavailable

REPOSITORY = Path(__file__).resolve().parents[2]
NAMES = ("dense", "dense-bfloat16", "het-xl", "mhc", "mhp", "http")
MEASURING = ("only", "rounds", "seconds", "kernel", "time", "quick")
"""Options of a run that measures."""


def main() -> int:
    options = _options()
    if options.show is not None:
        report = Report.from_json(json.loads(options.show.read_text()))
        print(render_tables(report) if options.markdown else render(report), end="")
        return 0
    plan = Plan(
        binary=options.binary.resolve(),
        rounds=1 if options.quick else options.rounds,
        seconds=0.3 if options.quick else options.seconds,
        cores=machine.cores(),
        asked_kernel=options.kernel,
        limit_seconds=options.time,
        budget=Budget(None if options.time is None else options.time - RESERVE_SECONDS),
    )
    try:
        with Stopper(options.time) as stopper:
            return _run(plan, options, stopper)
    except Stopped as stop:
        print(f"bench: {stop} before anything was measured", file=sys.stderr)
        return stop.status or 1


def _run(plan: Plan, options: argparse.Namespace, stopper: Stopper) -> int:
    from sections import SECTIONS  # needs NumPy, which showing a recorded run does not

    try:
        learn_kernel(plan)
    except Unavailable as problem:
        if plan.asked_kernel:
            print(f"bench: {problem}", file=sys.stderr)
            return 1
    here = machine.describe(plan)
    empty = Report(here, plan.rounds, plan.seconds, sections=[])
    print(short_head(empty) if options.markdown else head(empty), flush=True)

    def show(section: Section) -> None:
        print(section_table(section, empty, remarks=not options.markdown), flush=True)

    run = Run(plan, here, keep=lambda report: _write(report, options.json), show=show)
    report, status = run.make({name: SECTIONS[name] for name in options.only or NAMES}, stopper)
    print(missing(report) if options.markdown else end(report), end="", flush=True)
    return status


def _write(report: Report, path: Path) -> None:
    """In one step, so that the file is whole at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(report.to_json(), indent=2) + "\n")
    beside.replace(path)


def _options() -> argparse.Namespace:
    binary = os.environ.get("HEADSERVE_BINARY", REPOSITORY / ".build/release/headserve")
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=NAMES, help="this section; repeatable")
    parser.add_argument("--rounds", type=_positive, default=3, help="turns of each contestant")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a turn, at the least")
    parser.add_argument("--kernel", default="", metavar="NAME",
                        help="hold HeadServe to this instruction set, as headserve --kernel does, "
                        "and peers that have a switch for it; else all choose for themselves")
    parser.add_argument("--time", type=_duration, metavar="SECONDS",
                        help="end by then: first with fewer turns, but at least "
                        f"{FEWEST_TURNS} in each case that is not cut off, then with fewer cases "
                        "and sections, which are named")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run?")
    parser.add_argument("--json", type=Path, default=REPOSITORY / ".build/bench.json",
                        help="where the figures go (%(default)s)")
    parser.add_argument("--markdown", action="store_true", help="the tables alone, for a page")
    parser.add_argument("--show", type=Path, metavar="JSON", help="a recorded run, not a new one")
    parser.add_argument("--binary", type=Path, default=Path(binary), help="headserve itself")
    options = parser.parse_args()
    _refuse(parser, options, "show", MEASURING, "measures nothing")
    _refuse(parser, options, "quick", ("rounds", "seconds"), "sets how long is measured")
    return options


def _refuse(
    parser: argparse.ArgumentParser, options: argparse.Namespace, chosen: str,
    others: tuple[str, ...], reason: str,
) -> None:
    """Ends the program where an option is given beside one under which it has no effect."""
    given = [name for name in others if getattr(options, name) != parser.get_default(name)]
    if getattr(options, chosen) and given:
        names = ", ".join(f"--{name}" for name in given)
        parser.error(f"--{chosen} {reason}: leave out {names}")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _duration(text: str) -> float:
    value = float(text)
    if not (isfinite(value) and value > RESERVE_SECONDS):
        raise argparse.ArgumentTypeError(f"expected more than {RESERVE_SECONDS:g} seconds")
    return value


if __name__ == "__main__":
    sys.exit(main())
