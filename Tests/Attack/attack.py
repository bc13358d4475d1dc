"""Hostile bodies and plain ones: is any of them dearer than it may be?

`make attack`. A body that costs its sender little may not cost the server much: processor time and
memory for each are compared with bounds, which `bounds.py` derives, partly from zlib's own time for
the same bytes in the same run. Each body meets a server of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="attack", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME", help="bodies whose names hold this")
    parser.add_argument("--server", metavar="PATH", help="binary (.build/release/headserve)")
    parser.add_argument("--seconds", type=float, default=1.0,
                        help="to repeat each for (%(default)s)")
    options = parser.parse_args()
    if options.server:
        os.environ["HEADSERVE_BINARY"] = options.server
    from lines import HEAD, line, summary
    from trial import Trial

    with tempfile.TemporaryDirectory() as name:
        trial = Trial(Path(name), options.seconds)
        print(trial.describe(), HEAD, sep="\n", flush=True)
        findings = []
        for finding in trial.run(options.only):
            findings.append(finding)
            print(line(finding), flush=True)
    print("", *summary(findings), "", sep="\n")
    broken = [finding for finding in findings if finding.faults]
    print(f"{len(findings)} bodies, {len(broken)} of them over a bound or answered wrongly")
    for finding in broken:
        print(f"FAILS: {finding.name}: {'; '.join(finding.faults)}")
    return 1 if broken or not findings else 0


if __name__ == "__main__":
    sys.exit(main())
