"""Hostile and plain NumPy arrays."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from contents import INPUTS, Computed, Content


@dataclass(frozen=True)
class Array(Computed):
    """Rows of the model `wide`, as many as fit."""

    dtype: str
    order: str = "C"
    last: float = 1

    def __call__(self, size: int) -> bytes:
        count = max(1, (size - 128) // (INPUTS * np.dtype(self.dtype).itemsize))
        values = np.ones((count, INPUTS), self.dtype, self.order)
        values[-1, -1] = self.last
        file = io.BytesIO()
        np.save(file, values)
        return file.getvalue()

    def twin(self) -> Content:
        return replace(self, last=np.inf)


def header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    """The beginning of an array of any shape."""
    file = io.BytesIO()
    described = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)
    return file.getvalue()


def with_zeros(shape: tuple[int, ...]) -> Content:
    """A header with elements behind it, whether they are as many as it says or not."""
    return lambda size: header(shape) + bytes(size - 128)


def header_alone(shape: tuple[int, ...]) -> Content:
    return lambda size: header(shape)
