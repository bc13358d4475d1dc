"""MHC at the shapes of Amazon-3M, and MHP with 148 × 148 codes, beside PyTorch."""

from contextlib import closing

from contestants import HeadServeBench, PeerProcess
from open_section import OpenSection, Work, take_turns

CASCADE = {"features": 3840, "classes": 2_812_281, "groups": 8761, "hidden": 400, "beam": 30}
PRODUCT = {"features": 1024, "classes": 21_843, "groups": 148}
BATCHES = (1, 32)


def run_mhc(table: OpenSection) -> None:
    remark = "PyTorch computes what the authors' XMC code computes at inference."
    title = "MHC, K = 2,812,281 (Amazon-3M), 30 of 8761 groups"
    _run(table, title, CASCADE, remark)


def run_mhp(table: OpenSection) -> None:
    remark = "HeadServe's call also normalises over the labels below K and gives the entropy."
    _run(table, "MHP, K = 21,843 (148 × 148 codes), top 5", PRODUCT, remark)


def _run(table: OpenSection, title: str, shape: dict[str, int], remark: str) -> None:
    plan, kind = table.plan, table.name
    own = HeadServeBench(plan, kind, *[f"--{name}={value}" for name, value in shape.items()])
    with closing(PeerProcess(plan, "PyTorch", f"{kind}_torch", **shape)) as peer:
        works = [Work(f"batch {rows}", [own, peer], rows) for rows in BATCHES]
        take_turns(table, title, works, [remark], a_row=True)
