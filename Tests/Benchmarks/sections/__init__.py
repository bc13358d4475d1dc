"""The tables of a run, in their order."""

from collections.abc import Callable

from open_section import OpenSection
from sections import dense, het_xl, multi_head, over_http

SECTIONS: dict[str, Callable[[OpenSection], None]] = {
    "dense": dense.run_float32,
    "dense-bfloat16": dense.run_bfloat16,
    "het-xl": het_xl.run,
    "mhc": multi_head.run_mhc,
    "mhp": multi_head.run_mhp,
    "http": over_http.run,
}
"""By the names that `--only` takes."""
