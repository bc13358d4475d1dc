"""Processor time of zlib itself for the same bytes: what the server's time is compared with."""

from __future__ import annotations

import ctypes
import ctypes.util
import time

PIECE = 64 << 10
"""Bytes that are inflated at a time, into the same place: nothing but inflating is measured."""
ROUNDS = 5
AUTO_DETECT = 15 + 32
"""Window bits of a stream in gzip's or in zlib's format."""
NO_FLUSH, OK, STREAM_END, NO_PROGRESS = 0, 0, 1, -5

zlib = ctypes.CDLL(ctypes.util.find_library("z") or "libz.so.1")
zlib.zlibVersion.restype = ctypes.c_char_p


class Stream(ctypes.Structure):
    """`z_stream` of zlib.h."""

    _fields_ = [
        ("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_uint), ("total_in", ctypes.c_ulong),
        ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_uint), ("total_out", ctypes.c_ulong),
        ("msg", ctypes.c_char_p), ("state", ctypes.c_void_p), ("zalloc", ctypes.c_void_p),
        ("zfree", ctypes.c_void_p), ("opaque", ctypes.c_void_p), ("data_type", ctypes.c_int),
        ("adler", ctypes.c_ulong), ("reserved", ctypes.c_ulong),
    ]


def inflated_bytes(coded: bytes, most: int) -> int:
    """Inflates all members, as far as the first defect or `most` bytes; their decoded length."""
    stream = Stream()
    room = ctypes.create_string_buffer(PIECE)
    source = ctypes.create_string_buffer(coded, len(coded))
    begun = zlib.inflateInit2_(
        ctypes.byref(stream), AUTO_DETECT, zlib.zlibVersion(), ctypes.sizeof(Stream))
    if begun != OK:
        raise MemoryError("inflateInit2")
    stream.next_in, stream.avail_in = ctypes.addressof(source), len(coded)
    place, count = ctypes.addressof(room), 0
    try:
        while count < most:
            stream.next_out, stream.avail_out = place, PIECE
            status = zlib.inflate(ctypes.byref(stream), NO_FLUSH)
            count += PIECE - stream.avail_out
            if status == STREAM_END and stream.avail_in > 0:
                status = zlib.inflateReset(ctypes.byref(stream))
            if status != OK:
                break
    finally:
        zlib.inflateEnd(ctypes.byref(stream))
    return count


def inflating_seconds(coded: bytes, most: int) -> float:
    """Processor time of the fastest of several rounds."""
    return min(_one_round(coded, most) for _ in range(ROUNDS))


def _one_round(coded: bytes, most: int) -> float:
    start = time.thread_time()
    inflated_bytes(coded, most)
    return time.thread_time() - start
