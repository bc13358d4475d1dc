"""Lets torchvision be imported beside a PyTorch without CUDA; import this before it.

PyPI's torchvision is built with CUDA. Beside a PyTorch without it none of its own operators load,
which classifiers do not use; but importing it describes two of them, which have to be declared.
"""

import torch

if torch.version.cuda is None:
    for operator in ("nms", "qnms"):
        torch.library.define(
            f"torchvision::{operator}", "(Tensor boxes, Tensor scores, float limit) -> Tensor")
