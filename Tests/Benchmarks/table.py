"""A report as text: tables that read well in a terminal and are Markdown as they stand."""

from __future__ import annotations

from figures import OWN, Case, Cell, Machine, Report, Section
from isa_limits import NO_SWITCH, described


def render(report: Report) -> str:
    """Everything: the machine and the method, a table a section with its remarks, and the end."""
    tables = [section_table(each, report) for each in report.sections]
    return "\n".join([head(report), *tables, end(report)])


def render_tables(report: Report) -> str:
    """For a page that explains the method itself: the tables, one line on the machine, and what
    is missing."""
    tables = [section_table(each, report, remarks=False) for each in report.sections]
    rest = [missing(report)] if missing(report) else []
    return "\n".join([short_head(report), *tables, *rest])


def head(report: Report) -> str:
    """Conditions and method, which are known before anything is measured."""
    return f"{_machine(report.machine)}\n\n{_method(report)}\n"


def short_head(report: Report) -> str:
    machine = report.machine
    return f"{machine.processor}, {machine.cores} cores; {_versions(machine)}.\n"


def end(report: Report) -> str:
    """Limits and time, which are known only after the measurements."""
    lines = [f"limits    {_peaks(report.machine) or 'not reported by this build'}"]
    if report.took_seconds is not None:
        bound = "" if report.limit_seconds is None else f" of {report.limit_seconds:g} s"
        lines.append(f"took      {report.took_seconds:.1f} s{bound}")
    return "\n".join(lines) + "\n" + missing(report)


def missing(report: Report) -> str:
    """Lines on what is left out; none after a whole run."""
    lines = []
    if report.left_out:
        lines.append(f"left out  {', '.join(report.left_out)}")
    if report.partial:
        lines.append(f"partial   {report.partial}")
    return "".join(f"{line}\n" for line in lines)


def _machine(machine: Machine) -> str:
    lines = [
        f"machine   {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gigabytes:.0f} GB; {' '.join(machine.instruction_sets)}",
        f"kernels   {machine.kernel or 'not reported by this build'}",
        f"peers     {_versions(machine)}",
    ]
    if machine.held:
        lines += ["held to the same instruction set by:"]
        lines += [f"  {peer}: {how}" for peer, how in machine.held.items()]
    return "\n".join(lines)


def _peaks(machine: Machine) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in machine.peaks.items())


def _versions(machine: Machine) -> str:
    return ", ".join(f"{name} {version}" for name, version in machine.versions.items())


def _method(report: Report) -> str:
    return (
        f"Contestants in turn, {report.rounds} rounds of at least {report.seconds:g} s each. "
        "Medians over the rounds;\nN× (low–high): how many times better HeadServe did, "
        "and the range of that over the rounds."
    )


def section_table(section: Section, report: Report, remarks: bool = True) -> str:
    names = [_column(name, section.weights, report.machine) for name in section.contestants]
    rows = [[section.title, *names], *(_row(case, section.contestants) for case in section.cases)]
    notes = [*(section.remarks if remarks else []), *_shortfalls(section, report.rounds)]
    return "\n".join([_grid(rows), *([""] if notes else []), *notes]) + "\n"


def _column(contestant: str, weights: str, machine: Machine) -> str:
    """A contestant with the instruction set that it computed with, where that is known."""
    if contestant == OWN:
        return f"{OWN} ({machine.kernel})" if machine.kernel else OWN
    how = described(machine.held, contestant, weights)
    if how is None:
        return contestant
    return f"{contestant} ({NO_SWITCH if how == NO_SWITCH else machine.kernel})"


def _shortfalls(section: Section, rounds: int) -> list[str]:
    """Lines on cases with fewer turns than were asked for, and on cases that were left out."""
    fewer = []
    for case in section.cases:
        low, high = case.turns
        if low < rounds and high > 0:
            fewer.append(f"{case.label} ({low if low == high else f'{low} to {high}'})")
    lines = [f"Fewer turns than {rounds}: {', '.join(fewer)}."] if fewer else []
    if section.left_out:
        lines.append(f"Left out: {', '.join(section.left_out)}.")
    return lines


def _row(case: Case, contestants: list[str]) -> list[str]:
    return [case.label, *(_cell(case, case.cell(name)) for name in contestants)]


def _cell(case: Case, cell: Cell | None) -> str:
    if cell is None:
        return "–"
    if cell.median is None:
        return cell.reason or "not measured"
    text = f"{number(cell.median)} {case.unit}"
    if cell.fraction is not None:
        text += f" ({cell.fraction:.0%} of the limit)"
    if cell.contestant == OWN:
        return text
    ratio = case.ratio(cell.contestant)
    if ratio is None:
        return text
    return f"{text}, {number(ratio.middle)}× ({number(ratio.low)}–{number(ratio.high)})"


def _grid(rows: list[list[str]]) -> str:
    """A Markdown table whose columns line up."""
    escaped = [[text.replace("|", "\\|") for text in row] for row in rows]
    widths = [max(len(row[column]) for row in escaped) for column in range(len(escaped[0]))]
    escaped.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |"
        for row in escaped
    )


def number(value: float) -> str:
    """Three significant digits, or all in front of the point if they are more."""
    for bound, places in ((99.95, 0), (9.995, 1), (0.9995, 2)):
        if value >= bound:
            return f"{value:,.{places}f}"
    return f"{value:#.3g}"
