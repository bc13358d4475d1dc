"""Faults that a server meets on request: Tests/Faults/faults.c under it, and its table."""

import contextlib
import mmap
import os
import struct
import subprocess

from running_server import BINARY, REPOSITORY, RunningServer, eventually

SOURCES = REPOSITORY / "Tests/Faults"
FLAGS = "-std=c11 -O1 -fPIC -shared -Wall -Wextra -Werror".split()

HEADER = struct.Struct("=QQQQ")
ENTRY = struct.Struct("=24sQQQ")
SEED, COUNT, WANTS_HEAP, HEAP = range(0, HEADER.size, 8)
SHARE, CALLS, INJECTED = 24, 32, 40
WHOLE_SHARE = 1 << 32

ALLOCATOR = {
    # Freed blocks are free at once, instead of waiting in the thread that freed them; the end of
    # an arena goes back to the system when 128 KiB of it are free, however large blocks have been.
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.trim_threshold=131072"
}


def is_sanitized():
    """Whether the server has AddressSanitizer, whose allocator keeps what is freed and tells at the
    end what was not."""
    return b"__asan_init" in BINARY.read_bytes()


def compiled(folder, name="faults"):
    """The library; any C compiler will do, such as the one that comes with Swift."""
    library = folder / f"{name}.so"
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, *FLAGS, "-o", library, SOURCES / f"{name}.c", "-ldl"], check=True)
    return library


class FaultTable:
    """The table that the library shares with the test."""

    def __init__(self, path):
        self.path = path
        self.path.touch()

    def open(self):
        """To be called once the server runs, which fills it in."""
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.places = {}
        for index in range(self._get(COUNT)):
            place = HEADER.size + index * ENTRY.size
            name = self.memory[place : place + SHARE].rstrip(b"\0").decode()
            self.places[name] = place

    def _get(self, place):
        return struct.unpack_from("=Q", self.memory, place)[0]

    def _set(self, place, value):
        struct.pack_into("=Q", self.memory, place, value)

    @contextlib.contextmanager
    def injecting(self, shares, seed=1):
        """Strikes calls with the faults of `shares`, each with its probability; every one of them
        must really have struck at the end."""
        with self.must_strike(shares, seed), self.striking(shares):
            yield

    @contextlib.contextmanager
    def must_strike(self, names, seed):
        """Counts these faults, and begins their sequence anew."""
        self._set(SEED, seed)
        for name in names:
            self._set(self.places[name] + CALLS, 0)
            self._set(self.places[name] + INJECTED, 0)
        yield
        counts = {name: self.injected(name) for name in names}
        assert all(counts.values()), f"faults that never struck: {counts}"

    @contextlib.contextmanager
    def striking(self, shares):
        for name, share in shares.items():
            self._set(self.places[name] + SHARE, round(share * WHOLE_SHARE))
        try:
            yield
        finally:
            for name in shares:
                self._set(self.places[name] + SHARE, 0)

    def injected(self, name):
        """How often that fault has struck."""
        return self._get(self.places[name] + INJECTED)

    def have_struck(self, names):
        return all(self.injected(name) for name in names)

    def heap_bytes(self, server):
        """Bytes that the server has allocated and not freed."""
        self._set(WANTS_HEAP, 1)

        def told():
            assert server.status("/health/live") == 200
            return self._get(WANTS_HEAP) == 0

        eventually(told, "a loop tells the bytes of the heap")
        return self._get(HEAP)


class FaultyServer(RunningServer):
    """A server that meets the faults of its `faults`, which begin when it is ready."""

    def __init__(self, *arguments, folder, **options):
        self.faults = FaultTable(folder / "table")
        environment = {
            "FAULT_TABLE": str(self.faults.path), "LD_PRELOAD": str(compiled(folder)), **ALLOCATOR
        }
        super().__init__(*arguments, environment=environment, **options)

    def __enter__(self):
        super().__enter__()
        self.faults.open()
        return self
