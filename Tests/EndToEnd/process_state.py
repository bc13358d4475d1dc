"""Memory, descriptors, threads and time of a server's process, as the kernel counts them."""

import os
import re
from pathlib import Path

from fault_table import is_sanitized
from running_server import eventually

LEAK = 256
"""Bytes of the heap a connection, which may be left. One that idles takes 1430 (of a thousand, which
gave all of it back). What grows without a leak: Dispatch keeps up to 1024 finished jobs of 80 bytes
for each thread, one for each hundredth of a second with lines for the log, so 8 KB a second; the
rounds that last longest, three seconds, make 140 connections: 171 bytes each."""

LOOKS = 10
"""Looks at the descriptors, 20 ms apart, that have to give the same."""

REPEATS = 5
"""Times that the same is done again before growth is a leak. The largest seen in
hundreds of rounds were 60 KB of heap in one, and 108 KB of resident memory in one and 200 KB in
five; five rounds allow 175 KB and 431 KB."""

SLACK = 2 * 128 * 1024
"""Bytes by which the resident memory of equal heaps differs: what the arenas of two loops keep at
their ends, as glibc's top_pad, when all else that is free was given back (`malloc_trim`)."""

ONCE = 1 << 20
"""Resident bytes beyond what is allowed that may come once, before it is flat: eight ends of arenas.
350 KB were seen in one round."""


def descriptor_count(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def idle_descriptor_count(server):
    """The count once it stays the same for a while: those of the last clients are closed."""
    looks = []

    def is_steady():
        looks.append(descriptor_count(server))
        return len(looks) >= LOOKS and len(set(looks[-LOOKS:])) == 1

    eventually(is_steady, "a steady number of descriptors")
    return looks[-1]


def wait_for_descriptors(server, count):
    """Waits until the process has exactly so many."""
    eventually(
        lambda: descriptor_count(server) == count,
        f"{count} descriptors, of {descriptor_count(server)}",
    )


def resident_bytes(server):
    """Exact, unlike VmRSS, whose counters lag behind."""
    text = Path(f"/proc/{server.process.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss:\s+(\d+) kB$", text, re.M).group(1)) * 1024


def processor_seconds(server):
    """Of all threads that live, to the nanosecond."""
    tasks = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9


def leaves_nothing_behind(server, connections, act):
    """Does the same again: descriptors, heap and resident memory stay what they were after the
    first time, which may allocate what is allocated once. `act` makes that many connections.

    A leak grows each time, by what the connections leave; a buffer or an arena that some order of
    events makes larger grows once. So what is over the bound is done again, `REPEATS` times at
    most, and has to come under it as growth over all connections since the first time. Resident
    memory may do so over the last two times as well, without the slack: a thread that comes late
    brings a stack and an arena."""
    descriptors = idle_descriptor_count(server)
    found = []

    def add():
        act()
        wait_for_descriptors(server, descriptors)
        found.append((server.faults.heap_bytes(server), resident_bytes(server)))
        return found[-1]

    heap, resident = add()
    for repeat in range(1, REPEATS + 1):
        heap_after, resident_after = add()
        allowed = repeat * connections * LEAK
        grown = resident_after - resident
        is_flat = repeat >= 2 and resident_after - found[-3][1] < 2 * connections * LEAK
        fits = grown < allowed + SLACK or is_flat and grown < allowed + ONCE
        if fits and heap_after - heap < allowed or is_sanitized():
            return
    raise AssertionError(f"{connections} connections each time: {found}")
