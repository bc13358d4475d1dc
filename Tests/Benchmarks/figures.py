"""Results of a benchmark run: the figures of each round, their medians, and ratios between them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

OWN = "HeadServe"


@dataclass(frozen=True)
class Cell:
    """One contestant's results in one case: a figure for each round, or the reason for none."""

    contestant: str
    rounds: list[float] = field(default_factory=list)
    reason: str = ""
    fraction: float | None = None
    """Share of the machine's measured limit, where the contestant reports it."""

    @property
    def median(self) -> float | None:
        return None if self.reason or not self.rounds else median(self.rounds)


@dataclass(frozen=True)
class Ratio:
    """How many times better HeadServe did than a peer: above 1, HeadServe is ahead."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Case:
    """One row of a table: the same work done by every contestant, round by round in turn."""

    label: str
    unit: str
    cells: list[Cell]
    more_is_better: bool = False

    @property
    def is_begun(self) -> bool:
        return any(cell.rounds or cell.reason for cell in self.cells)

    @property
    def turns(self) -> tuple[int, int]:
        """The fewest and the most of the contestants that did not fail."""
        counts = [len(cell.rounds) for cell in self.cells if not cell.reason]
        return (min(counts), max(counts)) if counts else (0, 0)

    def cell(self, contestant: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.contestant == contestant), None)

    def ratio(self, peer: str) -> Ratio | None:
        """Of the medians over all rounds; `low` and `high` are of the rounds one by one."""
        own, other = self.cell(OWN), self.cell(peer)
        if own is None or other is None or own.median is None or other.median is None:
            return None
        each = [self._times(a, b) for a, b in zip(own.rounds, other.rounds)]
        return Ratio(self._times(own.median, other.median), min(each), max(each))

    def _times(self, own: float, other: float) -> float:
        return own / other if self.more_is_better else other / own


@dataclass(frozen=True)
class Section:
    """One table."""

    name: str
    title: str
    cases: list[Case]
    remarks: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Labels of cases without a figure, since the time or the run was over."""
    weights: str = "float32"
    """The format of the peers' weights."""

    @property
    def contestants(self) -> list[str]:
        """In order of appearance."""
        return list(dict.fromkeys(cell.contestant for case in self.cases for cell in case.cells))


@dataclass(frozen=True)
class Machine:
    """Where the run took place, and with what."""

    processor: str
    cores: int
    instruction_sets: list[str]
    memory_gigabytes: float
    versions: dict[str, str] = field(default_factory=dict)
    kernel: str = ""
    """The kernels that HeadServe computed with, where it says so."""
    held: dict[str, str] = field(default_factory=dict)
    """How each peer was held to the instruction set of a kernel that was asked for."""
    peaks: dict[str, float] = field(default_factory=dict)
    """The limits of this machine that HeadServe measured, where it says so."""


@dataclass(frozen=True)
class Report:
    """A whole run."""

    machine: Machine
    rounds: int
    seconds: float
    """That a contestant is measured for in a round, at the least."""
    sections: list[Section]
    left_out: list[str] = field(default_factory=list)
    """Names of sections without any figure."""
    limit_seconds: float | None = None
    """That the run was given."""
    took_seconds: float | None = None
    """Of the whole run so far, with everything that was set up for it."""
    partial: str = ""
    """Why this is not the whole run."""

    def to_json(self) -> dict[str, Any]:
        """With the medians and ratios beside the figures that they are made of."""
        value = asdict(self)
        for section, plain in zip(self.sections, value["sections"]):
            for case, row in zip(section.cases, plain["cases"]):
                for cell, entry in zip(case.cells, row["cells"]):
                    ratio = case.ratio(cell.contestant) if cell.contestant != OWN else None
                    entry["median"] = cell.median
                    entry["ratio"] = None if ratio is None else asdict(ratio)
        return value

    @staticmethod
    def from_json(value: dict[str, Any]) -> Report:
        """Of what `to_json` gave; what it derived is derived again."""
        machine = Machine(**value["machine"])
        sections = [_section(section) for section in value["sections"]]
        return Report(**{**value, "machine": machine, "sections": sections})


def _section(value: dict[str, Any]) -> Section:
    return Section(**{**value, "cases": [_case(case) for case in value["cases"]]})


def _case(value: dict[str, Any]) -> Case:
    return Case(**{**value, "cells": [_cell(cell) for cell in value["cells"]]})


def _cell(value: dict[str, Any]) -> Cell:
    derived = ("median", "ratio")
    return Cell(**{name: entry for name, entry in value.items() if name not in derived})
