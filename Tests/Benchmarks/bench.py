"""HeadServe beside its peers, in one run on this machine: `make bench`.

Every contestant computes in a process of its own; they take turns for several rounds. Progress
goes to standard error, the tables to standard output.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import machine
from figures import Report
from table import render, render_tables
from turns import Plan

REPOSITORY = Path(__file__).resolve().parents[2]
NAMES = ("dense", "dense-bfloat16", "het-xl", "mhc", "mhp", "http")


def main() -> None:
    options = _options()
    if options.show is not None:
        report = Report.from_json(json.loads(options.show.read_text()))
    else:
        report = _run(options)
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report.to_json(), indent=2) + "\n")
    print(render_tables(report) if options.markdown else render(report), end="")


def _run(options: argparse.Namespace) -> Report:
    from sections import SECTIONS  # needs NumPy, which showing a recorded run does not

    plan = Plan(
        binary=options.binary.resolve(),
        rounds=1 if options.quick else options.rounds,
        seconds=0.3 if options.quick else options.seconds,
        cores=machine.cores(),
    )
    sections = []
    for name in options.only or NAMES:
        plan.say(name)
        sections.append(SECTIONS[name](plan))
    return Report(machine.describe(plan), plan.rounds, plan.seconds, sections)


def _options() -> argparse.Namespace:
    binary = os.environ.get("HEADSERVE_BINARY", REPOSITORY / ".build/release/headserve")
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=NAMES, help="this section; repeatable")
    parser.add_argument("--rounds", type=_positive, default=3, help="turns of each contestant")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a turn, at the least")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run?")
    parser.add_argument("--json", type=Path, default=REPOSITORY / ".build/bench.json",
                        help="where the figures go (%(default)s)")
    parser.add_argument("--markdown", action="store_true", help="the tables alone, for a page")
    parser.add_argument("--show", type=Path, metavar="JSON", help="a recorded run, not a new one")
    parser.add_argument("--binary", type=Path, default=Path(binary), help="headserve itself")
    return parser.parse_args()


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


if __name__ == "__main__":
    main()
