"""Files as uncertainty-baselines writes them, and what the authors' formulas give for their heads."""

import numpy as np

ROWS, WIDTH, CLASSES, FACTORS = 6, 16, 6, 2
LOW, HIGH = 0.3, 3.0
DRAWS = 10_000
"""The number of draws for the recorded probabilities; the recipe's lines say it too."""


def layer(random, inputs, outputs, scale=1.0):
    return {
        "kernel": random.normal(0, scale / np.sqrt(inputs), (inputs, outputs)).astype("float32"),
        "bias": random.normal(0, scale / 2, outputs).astype("float32"),
    }


def written(path, head, weights):
    """Writes a training state: names joined by `/`, with the optimiser's moments and counters."""
    arrays = {"opt/target/cls": np.zeros((1, 1, WIDTH), "float32")}
    for name, value in flattened(weights):
        arrays[f"opt/target/{head}/{name}"] = value
        for moment in ("grad_ema", "grad_sq_ema"):
            state = f"opt/state/param_states/{head}/{name}/{moment}"
            arrays[state] = np.zeros_like(value)
    arrays["opt/state/step"] = np.int32(1000)
    arrays["extra/accum_train_time"] = np.float64(60.0)
    arrays["extra/rngs_loop"] = np.zeros(2, "uint32")
    np.savez(path, **arrays)


def flattened(tree):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from ((f"{name}/{rest}", leaf) for rest, leaf in flattened(value))
        else:
            yield name, value


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def affine(layer, rows):
    return rows @ layer["kernel"].astype(float) + layer["bias"].astype(float)


def het_xl():
    """HET-XL with full loadings and a learned temperature; its mean over draws in float64."""
    random = np.random.default_rng(1)
    weights = {
        "loc_layer": layer(random, WIDTH, CLASSES, 3),
        "diag_layer": layer(random, WIDTH, WIDTH),
        "scale_layer": layer(random, WIDTH, WIDTH * FACTORS),
        "pre_sigmoid_temperature": np.array([-0.4], "float32"),
    }
    written("my-head/checkpoint.npz", "multiclass_head", weights)
    features = random.normal(0, 1, (ROWS, WIDTH)).astype("float32")
    deviation = np.logaddexp(0, affine(weights["diag_layer"], features)) + 1e-3
    loadings = affine(weights["scale_layer"], features).reshape(ROWS, WIDTH, FACTORS)
    temperature = LOW + (HIGH - LOW) / (1 + np.exp(-weights["pre_sigmoid_temperature"][0].astype(float)))
    # The authors' code draws one number for the diagonal of a row and a sample.
    diagonal = random.normal(size=(ROWS, DRAWS, 1)) * deviation[:, None, :]
    factors = np.einsum("bdr,bsr->bsd", loadings, random.normal(size=(ROWS, DRAWS, FACTORS)))
    noisy = features[:, None, :] + diagonal + factors
    probabilities = softmax(affine(weights["loc_layer"], noisy) / temperature).mean(1)
    return {"features": features, "probabilities": probabilities}


def dense():
    """A deterministic ViT's `head`."""
    random = np.random.default_rng(2)
    weights = layer(random, WIDTH, CLASSES, 3)
    written("my-head/checkpoint.npz", "head", weights)
    features = random.normal(0, 1, (ROWS, WIDTH)).astype("float32")
    return {"features": features, "probabilities": softmax(affine(weights, features))}


MODELS = {"HET-XL": het_xl, "Deterministic ViT": dense}
