"""MHC at the shapes of Amazon-3M, and MHP with 148 × 148 codes, beside PyTorch."""

from contextlib import closing

from contestants import HeadServeBench, PeerProcess
from figures import Section
from turns import Plan, take_turns

CASCADE = {"features": 3840, "classes": 2_812_281, "groups": 8761, "hidden": 400, "beam": 30}
PRODUCT = {"features": 1024, "classes": 21_843, "groups": 148}
BATCHES = (1, 32)


def run_mhc(plan: Plan) -> Section:
    remark = "PyTorch computes what the authors' XMC code computes at inference."
    title = "MHC, K = 2,812,281 (Amazon-3M), 30 of 8761 groups"
    return _run(plan, "mhc", title, CASCADE, remark)


def run_mhp(plan: Plan) -> Section:
    remark = "HeadServe's call also normalises over the labels below K and gives the entropy."
    return _run(plan, "mhp", "MHP, K = 21,843 (148 × 148 codes), top 5", PRODUCT, remark)


def _run(plan: Plan, kind: str, title: str, shape: dict[str, int], remark: str) -> Section:
    sizes = [f"--{name}={value}" for name, value in shape.items()]
    own = HeadServeBench(plan, kind, *sizes)
    with closing(PeerProcess(plan, "PyTorch", f"{kind}_torch", **shape)) as peer:
        cases = [
            take_turns(plan, f"batch {rows}", [own, peer], rows, a_row=True) for rows in BATCHES
        ]
    return Section(kind, title, cases, [remark])
