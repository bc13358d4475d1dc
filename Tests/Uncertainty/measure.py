"""Measures what HeadServe promises about its uncertainty: `make uncertainty`.

Each measurement prints a table in Markdown and fails where a promise is broken. See
Sources/Heads/Heads.docc/Uncertainty.md for the promises and the figures of one run.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time

MEASUREMENTS = ["coverage", "worth", "exact", "bias", "stopping", "conformal"]
"""Modules of this folder with a function `run(options)` that returns the broken promises."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="measure", description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME", default="",
                        help=f"measurements whose names hold this: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--server", metavar="PATH", help="binary (.build/release/headserve)")
    options = parser.parse_args()
    # Processes share the draws among themselves; threads of their own would be in their way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if options.server:
        os.environ["HEADSERVE_BINARY"] = options.server
    names = [name for name in MEASUREMENTS if options.only in name]
    broken = []
    for name in names:
        start = time.monotonic()
        faults = importlib.import_module(name).run(options)
        print(f"\n{name}: {len(faults)} broken, {time.monotonic() - start:.0f} s", flush=True)
        for fault in faults:
            print(f"BROKEN: {name}: {fault}", flush=True)
        broken += faults
    return 1 if broken or not names else 0


if __name__ == "__main__":
    sys.exit(main())
