"""Inference of the authors' XMC code for MHC, in PyTorch.

Group logits, the best groups by sigmoid, the embeddings of all their labels gathered, a batched
product with the hidden features, the product of both sigmoids, and its top k. The candidates are
found by arithmetic on tensors, where the authors loop over NumPy arrays, which is slower.
"""

import torch

from peers.dense_arrays import batch

LISTED = 5


def prepare(shape: dict):
    torch.set_num_threads(shape["cores"])
    features, groups, hidden = shape["features"], shape["groups"], shape["hidden"]
    classes, beam = shape["classes"], shape["beam"]
    size = -(-classes // groups)
    group_layer = torch.randn(groups, features) / features**0.5
    hidden_layer = torch.randn(hidden, features) / features**0.5
    embeddings = torch.empty(classes, hidden).uniform_(-1, 1)
    within = torch.arange(size)
    linear = torch.nn.functional.linear

    def call_for(rows: int):
        inputs = torch.from_numpy(batch(shape, rows))

        @torch.inference_mode()
        def call():
            group_scores, best = torch.topk(torch.sigmoid(linear(inputs, group_layer)), beam)
            candidates = (best[:, :, None] * size + within).clamp_(max=classes - 1).flatten(1)
            gathered = torch.nn.functional.embedding(candidates, embeddings)
            local = torch.bmm(gathered, linear(inputs, hidden_layer)[:, :, None])[:, :, 0]
            scores = torch.sigmoid(local) * group_scores.repeat_interleave(size, dim=1)
            values, places = torch.topk(scores, LISTED)
            return values, candidates.gather(1, places)

        return call

    return call_for
