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


def fixed_blocks(content: bytes) -> bytes:
    """The same of blocks in deflate's fixed codes, which are nothing but an end: ten bits."""
    return _blocks("010" + "0" * 7, len(content))


def coded_blocks(content: bytes) -> bytes:
    """The same of blocks that each describe codes for all symbols, and end."""
    # Of the symbols that describe the lengths of codes.
    code_lengths = {16: "0", 8: "10", 9: "110", 4: "1110", 5: "1111"}
    order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12]
    bits = "001" + _number(29, 5) + _number(29, 5) + _number(len(order) - 4, 4)
    bits += "".join(_number(len(code_lengths.get(symbol, "")), 3) for symbol in order)
    for length, count in ((8, 226), (9, 60), (4, 2), (5, 28)):
        times, rest = divmod(count - 1, 6)
        # A length, and repetitions of six or of as many as are left, which have to be three.
        bits += code_lengths[length] * (1 + (rest if rest < 3 else 0))
        bits += (code_lengths[16] + _number(3, 2)) * times
        bits += code_lengths[16] + _number(rest - 3, 2) if rest >= 3 else ""
    # Codes of eight bits for the symbols up to 225, then of nine.
    end = (226 << 1) + 256 - 226
    return _blocks(bits + f"{end:09b}", len(content))


def _number(value: int, bits: int) -> str:
    """Deflate has the lowest bit of a number first, and the highest of a code."""
    return f"{value:0{bits}b}"[::-1]


def _blocks(block: str, size: int) -> bytes:
    """A member of a block over and over."""
    head = gzip.compress(b"", mtime=0)[:10]
    part = int((block * 8)[::-1], 2).to_bytes(len(block), "little")
    return head + part * (size // len(part)) + b"\3\0" + bytes(8)


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
