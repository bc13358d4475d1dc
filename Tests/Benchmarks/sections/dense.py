"""Dense logits: D = 1024, K = 21,843, in float32 and bfloat16."""

from contextlib import ExitStack, closing

from contestants import HeadServeBench, PeerProcess
from figures import Section
from turns import Contestant, Plan, take_turns

SHAPE = {"features": 1024, "classes": 21_843}
BATCHES = (1, 8, 32, 128)


def run_float32(plan: Plan) -> Section:
    peers = {
        "OpenVINO": "dense_openvino", "ONNX Runtime": "dense_onnxruntime", "PyTorch": "dense_torch",
    }
    return _run(plan, "dense", "float32", peers, [])


def run_bfloat16(plan: Plan) -> Section:
    peers = {"OpenVINO": "dense_openvino", "PyTorch": "dense_torch"}
    return _run(plan, "dense-bfloat16", "bfloat16", peers, ["--weights", "bfloat16"])


def _run(
    plan: Plan, name: str, weights: str, peers: dict[str, str], options: list[str]
) -> Section:
    sizes = [f"--{key}={value}" for key, value in SHAPE.items()]
    contestants: list[Contestant] = [HeadServeBench(plan, "logits", *sizes, *options)]
    contestants += [
        PeerProcess(plan, peer, module, weights=weights, **SHAPE) for peer, module in peers.items()
    ]
    with ExitStack() as stack:
        for contestant in contestants:
            stack.enter_context(closing(contestant))
        cases = [take_turns(plan, f"batch {rows}", contestants, rows) for rows in BATCHES]
    title = f"Dense logits, D = 1024, K = 21,843, {weights}"
    return Section(name, title, cases, ["A call computes the whole batch."])
