"""Contents of hostile bodies, and of plain ones: each is made as long as is asked.

Repeated parts are shorter than deflate's window, so that a compressed body is a thousand times
shorter than its content; numbers within a part differ where numbers could be cheap when they agree.
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

INPUTS = 32_768
"""Inputs of the model `wide`: rows of 63 MiB of numbers are accepted, and their answer is short."""
SMALL_INPUTS = 64
PART = 16 << 10
"""Bytes of a repeated part."""
INDICES = 2048
"""A row of so many is within the window, and no more rows than are allowed make 63 MiB."""
SMALL = json.dumps({"model": "digits-mhs", "instances": [[0.5] * SMALL_INPUTS]}).encode()
OUT_OF_RANGE = "1e999"
Content = Callable[[int], bytes]
"""A body from its length, which it may miss by some hundred KiB, but never passes."""
Numbers = Callable[[int], Iterator[str]]
"""Texts of numbers, for a body of some length."""


class Computed(ABC):
    """A content with so many numbers that the model computes for long."""

    @abstractmethod
    def __call__(self, size: int) -> bytes:
        """The body."""

    @abstractmethod
    def twin(self) -> Content:
        """The same but for its last number, for which it is refused: all of it has to be read, and
        nothing is computed."""


def repeated(part: bytes, size: int) -> bytes:
    """The part as often as fits."""
    return part * (size // len(part))


def between(head: str | bytes, part: bytes, tail: str | bytes) -> Content:
    """A part over and over between a head and a tail."""
    first, last = _bytes(head), _bytes(tail)
    return lambda size: first + repeated(part, size - len(first) - len(last)) + last


def listed(head: str, part: str, tail: str) -> Content:
    """The same for elements of a list, with commas between."""
    element = part.encode()
    return lambda size: between(head, element + b",", element + tail.encode())(size)


def blanks(place: str) -> Content:
    """A valid request with white space of every kind before, in or behind it."""
    cut = {"before": 0, "within": 1, "behind": len(SMALL)}[place]
    return between(SMALL[:cut], b" \t\r\n" * 64, SMALL[cut:])


def blank_in_literals(size: int) -> bytes:
    """A valid request that ends in a name of a model which holds nothing but blanks."""
    return between('{"instances":[[1]],"model":"', b" " * 64, '"}')(size)


@dataclass(frozen=True)
class Rows(Computed):
    """Dense rows of the model `wide`, all of the same bytes but for the very last number; a row
    that would be too long for the body is filled up with zeros."""

    numbers: Numbers
    last: str = "1"

    def __call__(self, size: int) -> bytes:
        head, tail = b'{"model":"wide","parameters":{"top_k":1},"instances":[', b"]}"
        room = size - len(head) - len(tail) - len(OUT_OF_RANGE)
        found = self._row(room)
        row = ("[" + ",".join(found) + "]").encode()
        last = ("[" + ",".join([*found[:-1], self.last]) + "]").encode()
        count = room // (len(row) + 1)
        return head + b",".join([row] * (count - 1) + [last]) + tail

    def twin(self) -> Content:
        return replace(self, last=OUT_OF_RANGE)

    def _row(self, room: int) -> list[str]:
        found, length = [], 0
        for number in islice(self.numbers(room), INPUTS):
            left = INPUTS - len(found)
            if length + len(number) + 2 * left > room:
                found += ["0"] * left
                break
            found.append(number)
            length += len(number) + 1
        return found


def cycle(*texts: str) -> Numbers:
    def numbers(_: int) -> Iterator[str]:
        while True:
            yield from texts

    return numbers


def digits(count: int, before: str = "0.") -> Numbers:
    """Numbers with so many random digits; as many different ones as a part has room for. Digits of
    a number that is longer than that repeat."""
    chosen = random.Random(count)
    texts = []
    for _ in range(max(1, PART // (count + len(before) + 1))):
        found = "".join(chosen.choices("123456789", k=min(count, PART)))
        texts.append(before + (found * -(-count // len(found)))[:count])
    return cycle(*texts)


def one(room: int) -> Iterator[str]:
    """A number that takes nearly all of the body, and zeros."""
    yield "0." + "3" * (room - 2 * INPUTS - 16)
    yield from ["0"] * INPUTS


@dataclass(frozen=True)
class Sparse(Computed):
    """Sparse rows with many indices, in some order."""

    order: Callable[[list[int]], list[int]]
    columns: range = range(INPUTS - INDICES, INPUTS)
    last: str = "1"

    def __call__(self, size: int) -> bytes:
        head, tail = '{"model":"wide","parameters":{"top_k":1},"instances":[', "]}"
        last = self._row(self.last) + tail
        return between(head, self._row("1").encode() + b",", last)(size)

    def twin(self) -> Content:
        return replace(self, last=OUT_OF_RANGE)

    def _row(self, last: str) -> str:
        indices = ",".join(map(str, self.order(list(self.columns))))
        values = ",".join(["1"] * (len(self.columns) - 1) + [last])
        return f'{{"indices":[{indices}],"values":[{values}]}}'


SPREAD = range(10_000, INPUTS, (INPUTS - 10_000) // INDICES)
"""At least INDICES columns of five digits, spread evenly."""


def ascending(indices: list[int]) -> list[int]:
    return indices


def descending(indices: list[int]) -> list[int]:
    return indices[::-1]


def permuted(indices: list[int]) -> list[int]:
    random.Random(3).shuffle(indices)
    return indices


def keys(values: Callable[[int], str]) -> Content:
    """An object with members that nobody asked for."""
    part = ",".join(values(number) for number in range(PART // 16)) + ","
    return between("{", part.encode(), '"instances":[[1]]}')


def nested(depth: int) -> Content:
    """Arrays in arrays, as deep as is allowed, over and over."""
    return listed('{"model":"digits-mhs","instances":[', "[" * depth + "]" * depth, "]}")


def broken_at_the_end(size: int) -> bytes:
    """A valid request but for its last text, which is no UTF-8."""
    return between(SMALL[:-1], b" " * 64, b',"parameters":{"estimator":"\xff"}}')(size)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
