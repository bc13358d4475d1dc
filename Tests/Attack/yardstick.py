"""Processor time of zlib itself for the same bytes: what the server's time is compared with."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import time

PIECE = 64 << 10
"""Bytes that are inflated at a time, into the same place: nothing but inflating is measured."""
ROUNDS = 5
MOST_CALLS = 5000
"""Of zlib from Python, each of which costs half a microsecond: 64 MiB in pieces take a thousand."""
AUTO_DETECT = 15 + 32
"""Window bits of a stream in gzip's or in zlib's format."""
NO_FLUSH, OK, STREAM_END = 0, 0, 1

zlib = ctypes.CDLL(ctypes.util.find_library("z") or "libz.so.1")
zlib.zlibVersion.restype = ctypes.c_char_p
zlib.gzdopen.restype = ctypes.c_void_p
zlib.gzdopen.argtypes = [ctypes.c_int, ctypes.c_char_p]
zlib.gzbuffer.argtypes = [ctypes.c_void_p, ctypes.c_uint]
zlib.gzread.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint]
zlib.gzclose.argtypes = [ctypes.c_void_p]


class Stream(ctypes.Structure):
    """`z_stream` of zlib.h."""

    _fields_ = [
        ("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_uint), ("total_in", ctypes.c_ulong),
        ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_uint), ("total_out", ctypes.c_ulong),
        ("msg", ctypes.c_char_p), ("state", ctypes.c_void_p), ("zalloc", ctypes.c_void_p),
        ("zfree", ctypes.c_void_p), ("opaque", ctypes.c_void_p), ("data_type", ctypes.c_int),
        ("adler", ctypes.c_ulong), ("reserved", ctypes.c_ulong),
    ]


class Inflater:
    """Inflates all members of a body, as far as the first defect or `most` bytes."""

    def __init__(self, coded: bytes, most: int):
        self.most = most
        self.room = ctypes.create_string_buffer(PIECE)
        self.place = ctypes.addressof(self.room)
        self.source = ctypes.create_string_buffer(coded, len(coded))
        self.stream = Stream(next_in=ctypes.addressof(self.source), avail_in=len(coded))
        self.count = self.calls = 0

    def run(self) -> None:
        stream = ctypes.byref(self.stream)
        begun = zlib.inflateInit2_(
            stream, AUTO_DETECT, zlib.zlibVersion(), ctypes.sizeof(Stream))
        if begun != OK:
            raise MemoryError("inflateInit2")
        while self.count < self.most:
            status = self.step(stream)
            if status == STREAM_END and self.stream.avail_in > 0:
                self.calls += 1
                status = zlib.inflateReset(stream)
            if status != OK:
                break
        zlib.inflateEnd(stream)

    def step(self, stream) -> int:
        self.stream.next_out, self.stream.avail_out = self.place, PIECE
        self.calls += 1
        status = zlib.inflate(stream, NO_FLUSH)
        self.count += PIECE - self.stream.avail_out
        return status


def inflated_bytes(coded: bytes, most: int) -> int:
    inflater = Inflater(coded, most)
    inflater.run()
    return inflater.count


def inflating_seconds(coded: bytes, most: int) -> float:
    """Processor time of the fastest of several rounds."""
    inflater = Inflater(coded, most)
    inflater.run()
    one_round = _round_of_members if inflater.calls > MOST_CALLS else _one_round
    return min(one_round(coded, most) for _ in range(ROUNDS))


def _one_round(coded: bytes, most: int) -> float:
    inflater = Inflater(coded, most)
    start = time.thread_time()
    inflater.run()
    return time.thread_time() - start


def _round_of_members(coded: bytes, most: int) -> float:
    """By zlib's reader of files, which goes from member to member by itself."""
    descriptor = os.memfd_create("members")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(coded)
    os.lseek(descriptor, 0, os.SEEK_SET)
    room = ctypes.create_string_buffer(PIECE)
    file = zlib.gzdopen(descriptor, b"rb")
    zlib.gzbuffer(file, PIECE)
    start, count = time.thread_time(), 0
    while count < most and (length := zlib.gzread(file, room, PIECE)) > 0:
        count += length
    elapsed = time.thread_time() - start
    zlib.gzclose(file)
    return elapsed
