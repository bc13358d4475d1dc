"""HET-XL softmax, R = 50, shared noise, parameter-efficient: S = 1000 independent draws, and 1,024
points of quasi-Monte-Carlo beside the peer's draws."""

from contextlib import closing

from contestants import HeadServeBench, PeerProcess
from open_section import OpenSection, Work, take_turns
from turns import Plan

SHAPE = {"features": 1024, "classes": 21_843, "factors": 50, "samples": 1000}
POINTS = {**SHAPE, "samples": 1024}
TOLERANCE = 0.005
BATCHES = (1, 4)
REMARKS = [
    "JAX is the authors' formulation (edward2's MCSoftmaxDenseFA) in float32, jitted, with 1,000",
    "draws in all kinds of rows: it has no bfloat16 form and no points. Both draw inside the call.",
]


def run(table: OpenSection) -> None:
    plan = table.plan
    forms = {
        "float32": _own(plan, SHAPE, "monte-carlo"),
        "bfloat16": _own(plan, SHAPE, "monte-carlo", "--weights", "bfloat16"),
        "float32, 1,024 draws": _own(plan, POINTS, "monte-carlo"),
        "float32, 1,024 points": _own(plan, POINTS, "quasi-monte-carlo"),
        "float32, tolerance 0.005": _own(
            plan, POINTS, "quasi-monte-carlo", "--tolerance", TOLERANCE),
    }
    with closing(PeerProcess(plan, "JAX", "het_xl_jax", **SHAPE)) as peer:
        works = [
            Work(f"batch {rows}, {form}", [own, peer], rows)
            for rows in BATCHES for form, own in forms.items()
        ]
        title = "HET-XL softmax, K = 21,843, R = 50, S = 1000"
        take_turns(table, title, works, REMARKS, a_row=True)


def _own(plan: Plan, shape: dict[str, int], estimator: str, *arguments: str) -> HeadServeBench:
    sizes = [f"--{name}={value}" for name, value in shape.items()]
    return HeadServeBench(plan, "het-xl", *sizes, "--estimator", estimator, *arguments)
