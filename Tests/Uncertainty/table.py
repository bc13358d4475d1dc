"""Tables in Markdown, printed line by line as their figures come."""

from __future__ import annotations

from collections.abc import Iterable


def heading(title: str, columns: Iterable[str]) -> None:
    columns = list(columns)
    print(f"\n### {title}\n")
    line(columns)
    print("|" + "|".join(["---"] + ["---:"] * (len(columns) - 1)) + "|", flush=True)


def line(cells: Iterable) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def percent(part: float) -> str:
    return "–" if part != part else f"{100 * part:.1f} %"


def count(value: float) -> str:
    """A number of draws, to two digits that mean something."""
    if value != value:
        return "–"
    digits = 2 - len(str(int(abs(value))))
    return f"{round(value, digits):,.0f}"


def small(value: float) -> str:
    return f"{value:.1e}"
