"""Dense logits in ONNX Runtime: a Gemm whose initializers it packs, input and output bound."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from peers.dense_arrays import batch, weights

OPERATOR_SET = 13
FORMAT_VERSION = 8


def prepare(shape: dict):
    kernel, bias = weights(shape)
    initializers = [numpy_helper.from_array(kernel, "w"), numpy_helper.from_array(bias, "b")]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = shape["cores"]

    def call_for(rows: int):
        graph = helper.make_graph(
            [helper.make_node("Gemm", ["x", "w", "b"], ["y"])],
            "dense",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, shape["features"]])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, shape["classes"]])],
            initializers,
        )
        opsets = [helper.make_opsetid("", OPERATOR_SET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=FORMAT_VERSION)
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        logits = np.empty((rows, shape["classes"]), np.float32)
        binding = session.io_binding()
        binding.bind_cpu_input("x", batch(shape, rows))
        binding.bind_ortvalue_output("y", onnxruntime.OrtValue.ortvalue_from_numpy(logits))
        return lambda: session.run_with_iobinding(binding)

    return call_for
