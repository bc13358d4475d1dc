"""Bounds of what a body may cost, each with its reason."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

from yardstick import inflating_seconds

INFLATIONS = 3
"""A coded body costs at most as much as inflating it three times: once for the decoding itself, and
twice that for reading what comes out. Computing with what was read is not in it, as turns in time
charge the client with it."""
CONTENTS = 4
"""Resident bytes for one decoded byte: the content, numbers of four bytes from texts of two ("1,"),
and half as much again while they grow or are put in order."""
BASE_BYTES = 16 << 20
"""Memory whatever the content: buffers of connections, answers, logs, the kernel's scratch, and
pages that an allocator keeps for each of its arenas."""
MOST_RESIDENT_BYTES = 300_000_000
"""The process in all while it reads 63 MiB: four times their length, 264 MB, and the server."""
EARLY_SECONDS = 5e-3
"""For what the beginning shows: 64 KiB are inflated and read before anybody looks, a row too many
comes after 4096 of them, half a MiB: a millisecond or two, and as much again on a slow machine."""


@dataclass(frozen=True)
class Bounds:
    """Those of this run, on this machine."""

    request_seconds: float
    """Of a request that asks for little, coded as well, with its connection."""
    text_seconds_a_byte: float
    """Inflating the text of random numbers, which compresses badly: the dearest ordinary coded
    body. Three times that is allowed for a byte of it, so it is for a byte that is not coded."""
    received_seconds_a_byte: float
    """Receiving a byte of a long body of which nothing is read: the kernel's copy and the memory,
    which no way of reading can spare."""

    def seconds(self, sent: int, decoded: int, inflating: float | None, early: bool) -> float:
        """`inflating` is the yardstick's time for a coded body."""
        if inflating is None:
            allowed = INFLATIONS * self.text_seconds_a_byte * decoded
        else:
            allowed = INFLATIONS * inflating + self.received_seconds_a_byte * sent
        if early:
            allowed = min(allowed, EARLY_SECONDS + self.received_seconds_a_byte * sent)
        return self.request_seconds + allowed

    @staticmethod
    def peak_bytes(sent: int, decoded: int) -> int:
        """A body that is sent as it is, is its own content."""
        return CONTENTS * max(sent, decoded) + BASE_BYTES


def text_seconds_a_byte() -> float:
    chosen = random.Random(7)
    text = ",".join(repr(chosen.random()) for _ in range(200_000)).encode()
    return inflating_seconds(zlib.compress(text, 6), len(text)) / len(text)
