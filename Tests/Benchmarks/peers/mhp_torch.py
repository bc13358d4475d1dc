"""MHP in PyTorch: the Kronecker product of both heads' softmaxes, and its top k."""

import torch

from peers.dense_arrays import batch

LISTED = 5


def prepare(shape: dict):
    torch.set_num_threads(shape["cores"])
    classes, first = shape["classes"], shape["groups"]
    second = -(-classes // first)
    layer = torch.randn(first + second, shape["features"]) / shape["features"] ** 0.5
    bias = torch.zeros(first + second)

    def call_for(rows: int):
        inputs = torch.from_numpy(batch(shape, rows))

        @torch.inference_mode()
        def call():
            logits = torch.nn.functional.linear(inputs, layer, bias)
            left, right = (part.softmax(1) for part in logits.split([first, second], dim=1))
            product = (left[:, :, None] * right[:, None, :]).flatten(1)
            return torch.topk(product[:, :classes], LISTED)

        return call

    return call_for
