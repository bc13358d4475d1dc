"""Dense logits in OpenVINO: constant weights, which it packs, static shapes, tensors set before."""

import numpy as np
import openvino
from openvino import opset13 as op

from peers.dense_arrays import batch, weights


def prepare(shape: dict):
    kernel, bias = weights(shape)
    core = openvino.Core()
    options = {
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[shape["weights"]],
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": shape["cores"],
    }

    def call_for(rows: int):
        features = op.parameter([rows, shape["features"]], np.float32)
        product = op.matmul(features, op.constant(kernel), False, False)
        logits = op.add(product, op.constant(bias))
        model = openvino.Model([logits], [features], "dense")
        request = core.compile_model(model, "CPU", options).create_infer_request()
        request.set_input_tensor(openvino.Tensor(batch(shape, rows)))
        return request.infer

    return call_for
