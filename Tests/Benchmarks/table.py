"""A report as text: tables that read well in a terminal and are Markdown as they stand."""

from __future__ import annotations

from figures import OWN, Case, Cell, Machine, Report, Section


def render(report: Report) -> str:
    """Everything: the machine, what was compared, and a table a section with its remarks."""
    parts = [_machine(report.machine), _method(report)]
    parts += [_section(section, remarks=True) for section in report.sections]
    return "\n\n".join(parts) + "\n"


def render_tables(report: Report) -> str:
    """For a page that explains the method itself: the tables and one line on the machine."""
    machine = report.machine
    parts = [f"{machine.processor}, {machine.cores} cores; {_versions(machine)}."]
    parts += [_section(section, remarks=False) for section in report.sections]
    return "\n\n".join(parts) + "\n"


def _machine(machine: Machine) -> str:
    lines = [
        f"machine   {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gigabytes:.0f} GB; {' '.join(machine.instruction_sets)}",
        f"kernels   {machine.kernel or 'not reported by this build'}",
        f"limits    {_peaks(machine) or 'not reported by this build'}",
        f"peers     {_versions(machine)}",
    ]
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


def _section(section: Section, remarks: bool) -> str:
    header = [section.title, *section.contestants]
    rows = [header, *(_row(case, section.contestants) for case in section.cases)]
    text = _grid(rows)
    if remarks and section.remarks:
        text += "\n\n" + "\n".join(section.remarks)
    return text


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
