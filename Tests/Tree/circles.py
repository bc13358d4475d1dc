#!/usr/bin/env python3
"""Circles of files that name each other's types.

    python3 Tests/Tree/circles.py [ROOT] [--all] [TARGET …]

prints, for each target of ROOT, the circles of more than three files with the names that make
their arrows, and ends with 1 if there are any; `--all` prints circles of two and three files too.

A file points at another file of its target where its code, comments and literals aside, has the
name of a type that the other one declares. A type that is private to its file, or declared within
a function, points nowhere; a nested type counts by its own name where only one file of the target
declares that name, else where its outer type is named in front of it or is extended in the file.
"""

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from swift_source import SwiftFile  # noqa: E402

LARGEST_CIRCLE = 3
_WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def arrows(files):
    """{file: {file: names}} of one target's files, {name: SwiftFile}."""
    declared = defaultdict(set)  # A type's name: the (file, outer) that declare it.
    for name, file in files.items():
        for kind in file.types:
            if kind.kind != "extension" and not kind.is_private:
                declared[kind.name].add((name, kind.outer))
    found = {name: defaultdict(set) for name in files}
    for name, file in files.items():
        own = file.own_names()
        declared_here = {kind.name for kind in file.types if kind.kind != "extension"}
        inside = {part for kind in file.types for part in (*kind.outer, *kind.name.split("."))}
        for word in set(_WORD.findall(file.code)) & declared.keys():
            places = declared[word]
            if word in own or (word in declared_here and any(n == name for n, _ in places)):
                continue
            for other, outer in places:
                if len(places) == 1 or not outer or _is_meant(file, word, outer[-1], inside):
                    found[name][other].add(word)
    return found


def _is_meant(file, word, outer, inside):
    """Whether a name that several files declare is that of `outer` here."""
    return outer in inside or re.search(rf"\b{outer}\s*\.\s*{word}\b", file.code) is not None


def components(graph):
    """Strongly connected components, by Tarjan's algorithm."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in on_stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = set()
            while node not in component:
                component.add(stack.pop())
            on_stack.difference_update(component)
            found.append(component)

    for node in graph:
        if node not in index:
            visit(node)
    return found


def circles(folder, more_than=LARGEST_CIRCLE):
    """Circles of a target's files, the largest first: each {file: {file: names}}."""
    paths = sorted(folder.rglob("*.swift"))
    files = {str(path.relative_to(folder)): SwiftFile(path.read_text()) for path in paths}
    graph = arrows(files)
    found = [
        {name: {other: graph[name][other] for other in sorted(graph[name]) if other in component}
         for name in sorted(component)}
        for component in components(graph) if len(component) > more_than]
    return sorted(found, key=len, reverse=True)


def target_folders(root):
    """Folders of targets: those in Sources and Tests, and one deeper in Fuzzing and Simulation."""
    folders = set()
    for path in [*(root / "Sources").rglob("*.swift"), *(root / "Tests").rglob("*.swift")]:
        parts = path.relative_to(root).parts
        deeper = parts[0] == "Tests" and parts[1] in ("Fuzzing", "Simulation") and len(parts) > 3
        folders.add(root.joinpath(*parts[: 3 if deeper else 2]))
    return sorted(folder for folder in folders if folder.is_dir())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("targets", nargs="*", help="names of their folders; else all")
    parser.add_argument("--all", action="store_true", help="circles of two and three files too")
    options = parser.parse_args()
    sys.setrecursionlimit(10_000)
    too_large = 0
    for folder in target_folders(options.root):
        if options.targets and folder.name not in options.targets:
            continue
        for circle in circles(folder, 1 if options.all else LARGEST_CIRCLE):
            too_large += len(circle) > LARGEST_CIRCLE
            print(f"{folder.name}: a circle of {len(circle)} files")
            for name, others in circle.items():
                print(f"  {name}")
                for other, names in others.items():
                    print(f"    -> {other}: {', '.join(sorted(names))}")
    print(f"{too_large} circles of more than {LARGEST_CIRCLE} files")
    return too_large > 0


if __name__ == "__main__":
    sys.exit(main())
