"""The table of a run, and the dearest of each kind for the page on threats."""

from __future__ import annotations

from trial import Finding

MEGABYTE = 1_000_000
HEAD = (
    f"{'body':42} {'status':>6} {'sent':>9} {'content':>9} {'ms':>8} {'bound':>8} "
    f"{'ns/sent':>9} {'ns/byte':>8} {'x zlib':>7} {'MB':>7} {'x bytes':>7}  ")
SUMMARY = [
    "| kind | dearest body | ns a byte sent | ns a byte of content | times zlib | memory a byte |",
    "|---|---|---|---|---|---|",
]


def line(finding: Finding) -> str:
    cost, longest = finding.cost, finding.longest
    return (
        f"{finding.name:42} {cost.status:6} {finding.sent:9} {finding.decoded:9} "
        f"{cost.seconds * 1e3:8.2f} {finding.allowed_seconds * 1e3:8.2f} "
        f"{cost.seconds / finding.sent * 1e9:9.1f} {cost.seconds / longest * 1e9:8.2f} "
        f"{times(finding):>7} {cost.peak_bytes / MEGABYTE:7.1f} {cost.peak_bytes / longest:7.2f}  "
        f"{'OVER' if finding.faults else ''}").rstrip()


def times(finding: Finding) -> str:
    return f"{finding.inflations:.2f}" if finding.inflations else "–"


def summary(findings: list[Finding]) -> list[str]:
    """A row of Markdown for each kind: the body with the most time a byte, and the most memory a
    byte of those from a megabyte on, beside which the server's own buffers are small."""
    rows = list(SUMMARY)
    for kind in dict.fromkeys(finding.kind for finding in findings):
        those = [finding for finding in findings if finding.kind == kind
                 and finding.longest >= MEGABYTE]
        if not those:
            continue
        dearest = max(those, key=lambda finding: finding.cost.seconds / finding.longest)
        memory = max(finding.cost.peak_bytes / finding.longest for finding in those)
        seconds = dearest.cost.seconds
        rows.append(
            f"| {kind} | {dearest.name} | {seconds / dearest.sent * 1e9:.1f} | "
            f"{seconds / dearest.longest * 1e9:.2f} | {times(dearest)} | {memory:.1f} |")
    return rows
