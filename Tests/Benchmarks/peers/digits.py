"""Two of the demo models as a PyTorch server would compute them, with answers like HeadServe's."""

import json
from pathlib import Path

import numpy as np
import torch

MODELS = Path(__file__).resolve().parents[3] / "Sources/headserve/Models"
LISTED = 5
SMALLEST_SCALE = 1e-3


class SamplingHead:
    """digits-mhs: tanh, then one row of weights a label, then softmax."""

    def __init__(self):
        state = torch.load(MODELS / "digits-mhs/checkpoint.pth", weights_only=True)
        self._first = state["pre_logits.weight"], state["pre_logits.bias"]
        self._labels = state["weight"].flatten(0, 1)

    @torch.inference_mode()
    def predict(self, instances: list[list[float]]) -> list[dict]:
        features = torch.tanh(torch.nn.functional.linear(torch.tensor(instances), *self._first))
        probabilities = torch.softmax(features @ self._labels.T, 1)
        entropies = torch.special.entr(probabilities).sum(1).tolist()
        values, places = torch.topk(probabilities, LISTED)
        return [
            {"top_k": _entries(*row), "uncertainty": _uncertainty(row[1], entropy)}
            for row, entropy in zip(zip(places.tolist(), values.tolist()), entropies)
        ]


class HeteroscedasticHead:
    """digits-hetxl: tanh, then HET-XL softmax with parameter-efficient loadings, shared noise."""

    def __init__(self):
        folder = MODELS / "digits-hetxl"
        manifest = json.loads((folder / "model.json").read_text())
        low, high = manifest["temperature_bounds"]
        self._samples = manifest.get("samples", 1000)
        with np.load(folder / "checkpoint.npz") as file:
            arrays = {name: torch.from_numpy(file[name]) for name in file.files}
        position = arrays["opt/target/multiclass_head/pre_sigmoid_temperature"]
        self._temperature = low + (high - low) * torch.sigmoid(position)
        self._layers = {
            name.split("/")[-2]: (array, arrays[name.replace("kernel", "bias")])
            for name, array in arrays.items() if name.endswith("/kernel")
        }

    @torch.inference_mode()
    def predict(self, instances: list[list[float]]) -> list[dict]:
        return [self._row(row) for row in torch.tensor(instances)]

    def _row(self, instance: torch.Tensor) -> dict:
        features = torch.tanh(self._dense("pre_logits", instance))
        factors = torch.randn(self._samples, len(self._layers["scale_layer_homoscedastic"][0]))
        noise = self._dense("scale_layer_homoscedastic", factors)
        noise *= self._dense("scale_layer_heteroscedastic", features)
        scale = torch.nn.functional.softplus(self._dense("diag_layer", features)) + SMALLEST_SCALE
        noise += scale * torch.randn(self._samples, 1)
        logits = self._dense("loc_layer", features + noise) / self._temperature
        return _estimate(torch.softmax(logits, 1))

    def _dense(self, name: str, inputs: torch.Tensor) -> torch.Tensor:
        kernel, bias = self._layers[name]
        return inputs @ kernel + bias


def _estimate(draws: torch.Tensor) -> dict:
    """The answer from probabilities [S, K], a row a draw."""
    deviations, means = torch.std_mean(draws, 0)
    values, places = torch.topk(means, LISTED)
    listed = deviations[places]
    errors = listed / len(draws) ** 0.5
    columns = zip(
        _entries(places.tolist(), values.tolist()), errors.tolist(), listed.tolist(), strict=True)
    entropy = torch.special.entr(means).sum().item()
    expected = torch.special.entr(draws).sum(1).mean().item()
    return {
        "top_k": [
            {**entry, "standard_error": error, "standard_deviation": deviation}
            for entry, error, deviation in columns
        ],
        "uncertainty": {
            **_uncertainty(values.tolist(), entropy),
            "expected_entropy": expected, "latent_noise_information": entropy - expected,
        },
    }


def _entries(places: list[int], values: list[float]) -> list[dict]:
    return [
        {"index": place, "label": str(place), "probability": value}
        for place, value in zip(places, values)
    ]


def _uncertainty(values: list[float], entropy: float) -> dict:
    return {
        "predictive_entropy": entropy, "max_probability": values[0],
        "margin": values[0] - values[1],
    }
