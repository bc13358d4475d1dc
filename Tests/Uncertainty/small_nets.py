"""Finds the directions of nets of 4, 8 and 16 points, and prints the table of them:
`python small_nets.py >Sources/CLogitKernels/small_nets.h`.

A net of 2^m points is told by a matrix a coordinate, m digits of m bits. Which digits of a point
are all 0 is what decides how even its scrambles are (`levels`): the first row of the matrix, the
span of the first two, and so on, a flag of the space of m bits. Sobol's matrices are triangular, so
that the first 2, 4, 8 … points are even too, and have half as many first rows as there are; these
need not be.

The criterion is the mean square error, over scrambles, of the mean of a random function of normals.
Its Hermite coefficients are independent, and that of the degrees n_j has the variance
Π s_j^(2 n_j) / n_j!, as where all derivatives are alike on the average and coordinate j has the
deviation s_j; they fall as those of the noise of a head along its axes do, down to a floor that
lets coordinates far behind suit each other too. The error of a scramble
is a mean over pairs of points of a product over coordinates, each of which depends on the digits
that the two share; so it is a sum over the net's points, exactly.
"""

from __future__ import annotations

from itertools import count
from math import factorial

import numpy as np
from scipy.special import eval_hermitenorm, ndtri

COORDINATES = 256
SIZES = (2, 3, 4)
"""Bits of the number of points: two points are one net, whatever their directions."""
JOINT = 12
"""Coordinates that are chosen together; those behind follow one by one."""
STARTS = 200
DEGREES = np.arange(1, 5)
DEVIATIONS = np.maximum(0.7 / (1 + np.arange(COORDINATES) / 2)**0.75, 0.12)
PLACES = 1 << 16


def levels(flags: np.ndarray, bits: int) -> np.ndarray:
    """For flags [f, digit] of rows of bits and each point the digits that are 0 before the first
    that is not."""
    ones = np.bitwise_count(flags[:, :, None] & np.arange(1 << bits)) % 2 == 1
    return np.where(ones.any(axis=1), ones.argmax(axis=1), bits)


def all_flags(bits: int) -> np.ndarray:
    """One matrix for each flag: of rows that span the same with those before, the least."""
    found = []

    def extend(rows: list[int], span: set[int]) -> None:
        if len(rows) == bits:
            found.append(rows)
        left = set(range(1 << bits)) - span
        while left:
            row = min(left)
            coset = {row ^ other for other in span}
            left -= coset
            extend([*rows, row], span | coset)

    extend([], {0})
    return np.array(found)


def covariances(bits: int) -> np.ndarray:
    """Of a function of one coordinate at two points that share so many digits and not the next,
    [coordinate, level]; at the same point where all are shared."""
    normals = ndtri((np.arange(PLACES) + 0.5) / PLACES)
    scales = np.array([factorial(n) for n in DEGREES])
    hermite = np.array([eval_hermitenorm(n, normals) for n in DEGREES]) / scales[:, None]**0.5
    products = np.ones((len(DEGREES), bits + 1))
    for level in range(bits):
        halves = hermite.reshape(len(DEGREES), 1 << level, 2, -1).mean(axis=-1)
        products[:, level] = halves.prod(axis=-1).mean(axis=-1)
    variances = DEVIATIONS[:, None]**(2 * DEGREES) / scales
    return 1 + variances @ products


def search(bits: int) -> np.ndarray:
    """The flags of all coordinates, [coordinate, digit]."""
    flags = all_flags(bits)
    kernels = covariances(bits)[:, levels(flags, bits)]  # [coordinate, flag, point]
    starts = [_descend(kernels[:JOINT], seed) for seed in range(STARTS)]
    chosen = min(starts)[1]
    product = kernels[np.arange(JOINT), chosen].prod(axis=0)
    for kernel in kernels[JOINT:]:
        chosen.append(int(np.argmin(kernel @ product)))
        product = product * kernel[chosen[-1]]
    return flags[chosen]


def _descend(kernels: np.ndarray, seed: int) -> tuple[float, list[int]]:
    """The error, and the flags: one coordinate after the other is set to the best, until no such
    step helps. Bases are alike, so the first coordinate may stay."""
    random = np.random.default_rng(seed)
    places = np.arange(len(kernels))
    chosen = random.integers(kernels.shape[1], size=len(kernels))
    chosen[0] = 0
    last = np.inf
    for _ in count():
        for place in random.permutation(places[1:]):
            others = kernels[places, chosen]
            others[place] = 1
            chosen[place] = np.argmin(kernels[place] @ others.prod(axis=0))
        error = kernels[places, chosen].prod(axis=0).mean() - 1
        if error > last - 1e-12:
            return round(float(last), 12), chosen.tolist()
        last = error


def packed(rows: np.ndarray, bits: int) -> int:
    """A coordinate's directions, of 4 bits each: that of the index's lowest bit is the lowest, and
    the first digit of a direction is its highest bit."""
    word = 0
    for bit in range(bits):
        for digit in range(bits):
            word |= int(rows[digit] >> bit & 1) << (4 * bit + 3 - digit)
    return word


HEAD = """#ifndef LOGIT_SMALL_NETS_H
#define LOGIT_SMALL_NETS_H

// Written by Tests/Uncertainty/small_nets.py, which says what it looks for.

/// Directions of nets of 4, 8 and 16 points by dimension, 4 bits each. The lowest 4 are those of an
/// index's lowest bit; the first digit of a direction is its highest bit.
static const uint16_t small_nets[3][LOGIT_SOBOL_DIMENSIONS] = {"""
FOOT = """};

#endif"""


def main() -> None:
    print(HEAD)
    for bits in SIZES:
        words = [f"0x{packed(rows, bits):04x}," for rows in search(bits)]
        lines = [" ".join(words[first:first + 12]) for first in range(0, len(words), 12)]
        print("    {" + "\n     ".join(lines).removesuffix(",") + "},")
    print(FOOT)


if __name__ == "__main__":
    main()
