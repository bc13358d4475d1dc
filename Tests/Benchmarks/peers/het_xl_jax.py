"""The HET-XL softmax head as the authors' JAX code computes it, jitted.

The formulation of edward2's MCSoftmaxDenseFA with `latent_dim` = D, parameter-efficient, written
in plain JAX: every draw is noise in the space of the features, [B, S, D], and goes through the
whole location layer, [B, S, D] × [D, K]. The draws are independent and made inside the jitted call
by jax.random, from a new key for every call.
"""

from functools import partial
from itertools import count

import jax
import jax.numpy as jnp

from peers.dense_arrays import batch

SMALLEST_SCALE = 1e-3
SMALLEST_PROBABILITY = 1e-7
TEMPERATURE = 1.5


def prepare(shape: dict):
    parameters = _parameters(shape)
    predict = jax.jit(partial(_predict, shape["samples"], shape["factors"]))

    def call_for(rows: int):
        features = jnp.asarray(batch(shape, rows))
        numbers = count()

        def call():
            key = jax.random.fold_in(jax.random.key(0), next(numbers))
            predict(parameters, features, key).block_until_ready()

        return call

    return call_for


def _parameters(shape: dict):
    """Pairs of a kernel and a bias, with outputs of standard deviation one."""
    width, classes, factors = shape["features"], shape["classes"], shape["factors"]
    sizes = {
        "loc": (width, classes), "diagonal": (width, width),
        "homoscedastic": (factors, width), "heteroscedastic": (width, width),
    }
    keys = jax.random.split(jax.random.key(1), len(sizes))
    return {
        name: (jax.random.normal(key, size) / size[0] ** 0.5, jnp.zeros(size[1]))
        for (name, size), key in zip(sizes.items(), keys)
    }


def _predict(samples: int, factors: int, parameters, features, key):
    def dense(name, inputs):
        kernel, bias = parameters[name]
        return inputs @ kernel + bias

    rows = features.shape[0]
    factor_key, diagonal_key = jax.random.split(key)
    z = jax.random.normal(factor_key, (rows, samples, factors))
    z0 = jax.random.normal(diagonal_key, (rows, samples, 1))
    diagonal = jax.nn.softplus(dense("diagonal", features)) + SMALLEST_SCALE
    noise = dense("homoscedastic", z) * dense("heteroscedastic", features)[:, None, :]
    noise = noise + diagonal[:, None, :] * z0
    logits = dense("loc", features[:, None, :] + noise) / TEMPERATURE
    mean = jnp.mean(jax.nn.softmax(logits), axis=1)
    return jnp.log(jnp.clip(mean, min=SMALLEST_PROBABILITY))
