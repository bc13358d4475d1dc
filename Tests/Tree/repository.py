"""Files of the repository, found by name wherever they lie, and the package's targets."""

import functools
import json
import subprocess
from pathlib import Path

from swift_source import SwiftFile, code_of

ROOT = Path(__file__).resolve().parents[2]


def files(*patterns, under=("Sources", "Tests")):
    """Files whose names match one of the patterns, in order of their paths."""
    return sorted(path for folder in under for pattern in patterns
                  for path in (ROOT / folder).rglob(pattern) if path.is_file())


SWIFT = files("*.swift")
SWIFT_SOURCES = files("*.swift", under=["Sources"])
C = files("*.c", "*.h", "*.cpp")
PYTHON = files("*.py")
DOCUMENTS = [*files("*.md", under=["Sources"]), *sorted(ROOT.glob("*.md"))]


@functools.cache
def text_of(path):
    return path.read_text()


@functools.cache
def code(path):
    """A Swift or C file without comments and literals, at the same places."""
    return code_of(text_of(path), swift=path.suffix == ".swift")


@functools.cache
def swift_file(path):
    return SwiftFile(text_of(path))


@functools.cache
def targets():
    """Each target of Package.swift by name: its folder, its type, and what it may import."""
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=ROOT, capture_output=True, check=True)
    found = {}
    for target in json.loads(dump.stdout)["targets"]:
        place = "Tests" if target["type"] == "test" else "Sources"
        found[target["name"]] = {
            "folder": ROOT / (target.get("path") or f"{place}/{target['name']}"),
            "type": target["type"],
            "imports": {next(iter(d.values()))[0] for d in target["dependencies"]},
        }
    return found


def place(path, offset=0):
    """A path and line as compilers write them."""
    return f"{path.relative_to(ROOT)}:{text_of(path).count(chr(10), 0, offset) + 1}"


def none_of(found):
    """Fails with all that was found, one a line."""
    found = list(found)
    assert not found, f"{len(found)} found:\n" + "\n".join(map(str, found))
