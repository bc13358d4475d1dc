"""Dense logits: D = 1024, K = 21,843, in float32 and bfloat16."""

from contextlib import ExitStack, closing

from contestants import HeadServeBench, PeerProcess
from open_section import OpenSection, Work, take_turns
from turns import Contestant

SHAPE = {"features": 1024, "classes": 21_843}
BATCHES = (1, 8, 32, 128)


def run_float32(table: OpenSection) -> None:
    peers = {
        "OpenVINO": "dense_openvino", "ONNX Runtime": "dense_onnxruntime", "PyTorch": "dense_torch",
    }
    _run(table, "float32", peers, [])


def run_bfloat16(table: OpenSection) -> None:
    peers = {"OpenVINO": "dense_openvino", "PyTorch": "dense_torch"}
    _run(table, "bfloat16", peers, ["--weights", "bfloat16"])


def _run(table: OpenSection, weights: str, peers: dict[str, str], options: list[str]) -> None:
    plan, sizes = table.plan, [f"--{key}={value}" for key, value in SHAPE.items()]
    contestants: list[Contestant] = [HeadServeBench(plan, "logits", *sizes, *options)]
    contestants += [
        PeerProcess(plan, peer, module, weights=weights, **SHAPE) for peer, module in peers.items()
    ]
    title = f"Dense logits, D = 1024, K = 21,843, {weights}"
    with ExitStack() as stack:
        for contestant in contestants:
            stack.enter_context(closing(contestant))
        works = [Work(f"batch {rows}", contestants, rows) for rows in BATCHES]
        take_turns(table, title, works, ["A call computes the whole batch."], weights=weights)
