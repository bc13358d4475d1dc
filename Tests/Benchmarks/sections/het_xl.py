"""HET-XL softmax, R = 50, S = 1000 independent draws, shared noise, parameter-efficient."""

from contextlib import closing

from contestants import HeadServeBench, PeerProcess
from figures import Section
from turns import Plan, take_turns

SHAPE = {"features": 1024, "classes": 21_843, "factors": 50, "samples": 1000}
BATCHES = (1, 4)
REMARKS = [
    "JAX is the authors' formulation (edward2's MCSoftmaxDenseFA) in float32, jitted, in both",
    "kinds of rows: it has no bfloat16 form. Both draw inside the call.",
]


def run(plan: Plan) -> Section:
    sizes = [f"--{name}={value}" for name, value in SHAPE.items()]
    forms = {
        "float32": HeadServeBench(plan, "het-xl", *sizes),
        "bfloat16": HeadServeBench(plan, "het-xl", *sizes, "--weights", "bfloat16"),
    }
    with closing(PeerProcess(plan, "JAX", "het_xl_jax", **SHAPE)) as peer:
        cases = [
            take_turns(plan, f"batch {rows}, {weights}", [own, peer], rows, a_row=True)
            for rows in BATCHES for weights, own in forms.items()
        ]
    return Section(
        "het-xl", "HET-XL softmax, K = 21,843, R = 50, S = 1000", cases, REMARKS)
