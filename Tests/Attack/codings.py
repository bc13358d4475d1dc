"""Codings of a body, as compressors make them and as attackers do."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable

MEMBERS = 63
Coding = Callable[[bytes], bytes]


def best(content: bytes) -> bytes:
    """One member of gzip, as short as zlib makes it."""
    return _stream(content, 9, 31)


def deflated(content: bytes) -> bytes:
    return _stream(content, 9, 15)


def stored(content: bytes) -> bytes:
    """A gzip member that compresses nothing."""
    return _stream(content, 0, 31)


def members(content: bytes) -> bytes:
    length = -(-len(content) // MEMBERS)
    parts = [content[start : start + length] for start in range(0, len(content), length)]
    return b"".join(best(part) for part in parts)


def empty_members(content: bytes) -> bytes:
    """Members without content in front of the one that has it; as long as the content."""
    empty = gzip.compress(b"", 9, mtime=0)
    return empty * (len(content) // len(empty)) + best(b"{}")


def empty_blocks(content: bytes) -> bytes:
    """A member of stored blocks without content, as long as the content."""
    block = b"\0\0\0\xff\xff"
    head = gzip.compress(b"", mtime=0)[:10]
    return head + block * (len(content) // len(block)) + b"\1\0\0\xff\xff" + bytes(8)


def named(content: bytes) -> bytes:
    """A member whose header has a file's name as long as the content."""
    plain = gzip.compress(b"{}", mtime=0)
    return plain[:3] + b"\x08" + plain[4:10] + b"n" * len(content) + b"\0" + plain[10:]


def cut_short(content: bytes) -> bytes:
    return best(content)[:-9]


def wrong_sum(content: bytes) -> bytes:
    coded = best(content)
    return coded[:-8] + struct.pack("<I", zlib.crc32(content) ^ 1) + coded[-4:]


def with_more_behind(content: bytes) -> bytes:
    return best(content) + b"\0" * 512


def _stream(content: bytes, level: int, window: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, window)
    return compressor.compress(content) + compressor.flush()
