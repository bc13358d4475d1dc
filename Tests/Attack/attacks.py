"""The table of attacks: contents under codings, each with the answers that it may get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import codings
from arrays import Array, header_alone, with_zeros
from contents import (
    INPUTS, SMALL, SPREAD, Computed, Content, Rows, Sparse, ascending, between, blank_in_literals,
    blanks, broken_at_the_end, cycle, descending, digits, keys, listed, nested, one, permuted)
from raw_connection import post
from yardstick import inflated_bytes

LIMIT = 64 << 20
"""Bytes of a body after decoding, `--max-body-bytes`: what is behind them is not inflated."""
LARGE = LIMIT - (1 << 20)
"""Bytes of the content of a body."""
SHORT = 1 << 20
OVER = 256 << 20

MHS = '{"model":"digits-mhs","instances":['
ONES = "1," * 63 + "1"


FINE = (200,)
BAD = (400,)
IMPOSSIBLE = (422,)
REFUSED = (400, 413, 422)
UNKNOWN = (404,)


@dataclass(frozen=True)
class Body:
    """A body as it is sent, the request around it, and how long it is when it is decoded."""

    sent: bytes
    request: bytes
    decoded: int


@dataclass(frozen=True)
class Attack:
    """A body, and what is known about its answer before it is sent."""

    kind: str
    name: str
    content: Content
    statuses: tuple[int, ...]
    coding: Callable[[bytes], bytes] | None = codings.best
    size: int = LARGE
    is_array: bool = False
    shows_early: bool = False
    """Whether the beginning shows that there can be no answer, so that it need not be read on."""

    def body(self, size: int | None = None) -> Body:
        return self._body(self.content(size or self.size))

    def twin(self, size: int | None = None) -> Body | None:
        """A body that has to be read as far as this one, and with which nothing is computed."""
        if not isinstance(self.content, Computed) or self.statuses != FINE:
            return None
        return self._body(self.content.twin()(size or self.size))

    def _body(self, content: bytes) -> Body:
        sent = self.coding(content) if self.coding else content
        kind = "application/x-npy" if self.is_array else "application/json"
        headers = [f"Content-Type: {kind}"]
        if self.coding:
            headers.append(f"Content-Encoding: {coding_name(self.coding)}")
        query = urlencode({"model": "wide", "top_k": 1})
        path = f"/predict?{query}" if self.is_array else "/predict"
        decoded = min(LIMIT, inflated_bytes(sent, LIMIT)) if self.coding else len(sent)
        return Body(sent, post(sent, *headers, path=path), decoded)


def coding_name(coding: Callable[[bytes], bytes]) -> str:
    return "deflate" if coding is codings.deflated else "gzip"


BLANKS, NUMBERS, SPARSE = "blanks", "numbers of dense rows", "sparse rows"
TEXTS, ARRAY = "texts, keys, rows for no model", "NumPy arrays"
BEGINNINGS = "refused by their beginning"
CODED, PLAIN = "other codings than one gzip member", "without a coding"

HALFWAY = [
    "2.22507385850720113605740979670913197593481954635164565e-308",
    "9007199254740993.00000000000000000000000000001",
    "1.00000005960464477539062500000000000000000000000000001",
    "16777217.000000000000000000000000000000000000000000001",
    "7.0064923216240853546186479164495806564013097093825788587853e-46",
]
TINY = "1" * 700 + "e-1100"

ANSWERED: dict[str, Content] = {
    "blanks before": blanks("before"),
    "blanks within": blanks("within"),
    "blanks behind": blanks("behind"),
    "numbers of 1 digit": Rows(cycle("1")),
    "numbers of 7 digits": Rows(digits(7)),
    "numbers of 17 digits": Rows(digits(17)),
    "numbers of 21 digits": Rows(digits(21)),
    "whole numbers of 19 digits": Rows(digits(19, before="")),
    "halfway between two": Rows(cycle(*HALFWAY)),
    "tiny, of 700 digits": Rows(cycle(TINY)),
    "numbers of 1,000 digits": Rows(digits(1000)),
    "numbers of 4,000 digits": Rows(digits(4000)),
    "exponents of 1,000 digits": Rows(cycle("1e" + "0" * 1000, "1e-" + "0" * 998 + "12")),
    "sparse, ascending": Sparse(ascending),
    "sparse, descending": Sparse(descending),
    "sparse, permuted": Sparse(permuted),
    "sparse, spread": Sparse(permuted, SPREAD),
}
"""Accepted, so that the model computes with them."""

READ_THROUGH: dict[str, tuple[Content, tuple[int, ...]]] = {
    "a row for no known model": (listed('{"instances":[[', "1", "]]}"), REFUSED),
    "a long key": (between('{"', b"k" * 64, '":0,"instances":[[1]]}'), BAD),
    "a long name of a model": (between('{"model":"', b"m" * 64, '","instances":[[1]]}'), UNKNOWN),
    "a name of blanks": (blank_in_literals, UNKNOWN),
    "a name in escapes": (between('{"model":"', rb"\u0000", '","instances":[[1]]}'), UNKNOWN),
    "a name in pairs": (between('{"model":"', rb"\ud83d\ude00", '","instances":[[1]]}'), UNKNOWN),
    "broken UTF-8 at the end": (broken_at_the_end, BAD),
}
"""Refused, but not by their beginning."""

EARLY: dict[str, tuple[Content, tuple[int, ...]]] = {
    "a row that is too wide": (listed(MHS + "[", "1", "]]}"), IMPOSSIBLE),
    "a number out of range": (between(MHS + "[1e999,", b"1," * 63, "1]]}"), IMPOSSIBLE),
    "rows without numbers": (listed(MHS, "[]", "]}"), REFUSED),
    "too many rows": (listed(MHS, f"[{ONES}]", "]}"), (413,)),
    "objects for rows": (listed(MHS, "{}", "]}"), REFUSED),
    "texts for rows": (listed(MHS, '"a"', "]}"), REFUSED),
    "arrays for numbers": (nested(60), REFUSED),
    "numbers of 50,000 digits": (Rows(digits(50_000)), BAD),
    "one number": (Rows(one), BAD),
    "too deep": (between(MHS, b"[" * 64, ""), BAD),
    "seeds": (listed('{"model":"digits-mhs","parameters":{"seed":[', "0", "]}}"), REFUSED),
    "outputs": (listed('{"model":"digits-mhs","parameters":{"outputs":[', '"probabilities"', "]}}"),
                REFUSED),
    "unknown keys": (keys(lambda number: f'"k{number}":0'), BAD),
    "the same key": (keys(lambda number: '"model":"digits-mhs"'), BAD),
    "objects one after the other": (between("", b"{}", ""), BAD),
    "no JSON, then blanks": (between("{]", b" " * 64, ""), BAD),
}
"""Refused by their beginning."""

ARRAYS = {
    "float16": (Array("<f2"), FINE, False),
    "float32": (Array("<f4"), FINE, False),
    "float64": (Array("<f8"), FINE, False),
    "float32, big-endian": (Array(">f4"), FINE, False),
    "float32, columns first": (Array("<f4", "F"), FINE, False),
    "a huge shape": (header_alone((1 << 40, INPUTS)), REFUSED, True),
    "too long for its shape": (with_zeros((1, INPUTS)), REFUSED, True),
    "too short for its shape": (with_zeros((500, INPUTS)), REFUSED, False),
    "too wide": (with_zeros((1, (LARGE - 128) // 4)), REFUSED, True),
}

CODINGS: dict[str, tuple[Callable[[bytes], bytes], tuple[int, ...]]] = {
    "several members": (codings.members, FINE),
    "deflate": (codings.deflated, FINE),
    "stored": (codings.stored, FINE),
    "cut short": (codings.cut_short, BAD),
    "wrong checksum": (codings.wrong_sum, BAD),
    "bytes behind": (codings.with_more_behind, BAD),
}
"""Of an accepted content."""

EMPTY = {
    "members without content": codings.empty_members,
    "blocks without content": codings.empty_blocks,
    "fixed codes without content": codings.fixed_blocks,
    "codes without content": codings.coded_blocks,
    "a name in the header": codings.named,
}
"""Long bodies whose content is short."""

DEAR = [
    "blanks behind", "numbers of 1 digit", "numbers of 17 digits", "numbers of 21 digits",
    "halfway between two", "tiny, of 700 digits", "numbers of 1,000 digits",
    "numbers of 4,000 digits", "exponents of 1,000 digits", "sparse, permuted",
]
"""Those of the accepted contents that are sent without a coding as well."""


def attacks() -> list[Attack]:
    return [*coded(), *arrays(), *oddly_coded(), *plain()]


def coded() -> list[Attack]:
    found = [Attack(kind_of(name), name, content, FINE) for name, content in ANSWERED.items()]
    found += [Attack(TEXTS, name, *rest) for name, rest in READ_THROUGH.items()]
    found += [Attack(BEGINNINGS, name, *rest, shows_early=True) for name, rest in EARLY.items()]
    return found


def kind_of(name: str) -> str:
    return next((kind for kind in (BLANKS, SPARSE) if kind.split()[0] in name), NUMBERS)


def unread() -> Attack:
    """A long body that is refused for its first bytes: what it costs is to receive it."""
    content, statuses = EARLY["no JSON, then blanks"]
    return Attack(PLAIN, "unread", content, statuses, None, LARGE)


def arrays() -> list[Attack]:
    return [
        Attack(BEGINNINGS if early else ARRAY, f"array: {name}", content, statuses, is_array=True,
               shows_early=early)
        for name, (content, statuses, early) in ARRAYS.items()
    ]


def oddly_coded() -> list[Attack]:
    found = []
    for name, (coding, statuses) in CODINGS.items():
        for what in ("blanks behind", "numbers of 17 digits"):
            found.append(Attack(CODED, f"{what}, {name}", ANSWERED[what], statuses, coding))
    found += [
        Attack(CODED, name, lambda size: bytes(size), REFUSED, coding, SHORT)
        for name, coding in EMPTY.items()
    ]
    over = Attack(CODED, "blanks, over the limit", blanks("behind"), (413,), size=OVER)
    return [*found, over]


def plain() -> list[Attack]:
    """Without a coding: the dear ones at 1 MiB, and what memory they take at 63 MiB."""
    found = [
        Attack(PLAIN, f"{name}, 1 MiB plain", ANSWERED[name], FINE, None, SHORT) for name in DEAR]
    found += [
        Attack(PLAIN, f"{name}, 1 MiB plain", *READ_THROUGH[name], None, SHORT)
        for name in ("a name in escapes", "a long key")]
    found += [
        Attack(PLAIN, f"{name}, 1 MiB plain", *rest, None, SHORT, shows_early=True)
        for name, rest in EARLY.items()]
    found += [
        Attack(PLAIN, f"{name}, 63 MiB plain", ANSWERED[name], FINE, None)
        for name in ("blanks behind", "numbers of 1 digit", "numbers of 17 digits")]
    return found


def by_name(part: str | None) -> list[Attack]:
    return [attack for attack in attacks() if part is None or part in attack.name]


SMALL_REQUEST = post(codings.best(SMALL), "Content-Encoding: gzip")
"""Its cost is that of any request, whatever is in it."""
