"""Random weights for small models of PyTorch."""

import torch


def spread(model, deviation=2.0):
    """Draws all matrices and biases anew, larger than libraries do: with their small weights every
    class would have nearly the same probability, whatever the head did."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.dim() > 1:
                inputs = weights[0].numel()
                weights.copy_(torch.randn_like(weights) * deviation / inputs**0.5)
            elif name.endswith("bias"):
                weights.copy_(torch.randn_like(weights) * 0.3)
    return model
