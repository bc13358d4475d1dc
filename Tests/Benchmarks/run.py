"""A run over its sections: each is printed and kept as soon as it is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import median

from figures import Machine, Report, Section
from open_section import OpenSection
from stopping import Stopped, Stopper
from turns import Plan

Measure = Callable[[OpenSection], None]


class Run:
    """`keep` gets the report so far after every section, `show` each table as it is finished."""

    def __init__(
        self, plan: Plan, machine: Machine, keep: Callable[[Report], None],
        show: Callable[[Section], None],
    ):
        self._plan = plan
        self._machine = machine
        self._keep = keep
        self._show = show
        self._sections: list[Section] = []
        self._left_out: list[str] = []

    def make(self, sections: Mapping[str, Measure], stopper: Stopper) -> tuple[Report, int]:
        """Measures the sections in their order. Gives what there is in the end, which a stop may
        have made partial, and the status to exit with."""
        partial, status = "", 0
        self._left_out = list(sections)
        try:
            for place, (name, measure) in enumerate(sections.items()):
                share = self._plan.budget.share(len(sections) - place)
                self._section(OpenSection(self._plan, name, share), measure, stopper)
            stopper.finish()
        except Stopped as stop:
            partial, status = str(stop), stop.status
        report = self._report(partial)
        self._keep(report)
        return report, status

    def _section(self, table: OpenSection, measure: Measure, stopper: Stopper) -> None:
        self._plan.say(table.name)
        try:
            measure(table)
        finally:
            with stopper.held():
                self._close(table.section())

    def _close(self, section: Section) -> None:
        if section.cases:
            self._left_out.remove(section.name)
            self._sections.append(section)
            self._show(section)
        self._keep(self._report("the run has not ended"))

    def _report(self, partial: str) -> Report:
        peaks = {name: median(values) for name, values in self._plan.peaks.items()}
        return Report(
            machine=replace(self._machine, peaks=peaks),
            rounds=self._plan.rounds,
            seconds=self._plan.seconds,
            sections=list(self._sections),
            left_out=list(self._left_out),
            limit_seconds=self._plan.limit_seconds,
            took_seconds=self._plan.budget.elapsed,
            partial=partial,
        )
