"""Imports and crashes: rules that the compiler does not keep."""

import re

import pytest
from circles import LARGEST_CIRCLE, circles, target_folders
from repository import ROOT, SWIFT_SOURCES, code, none_of, place, targets, text_of

IMPORT = re.compile(
    r"^(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", re.MULTILINE)
SYSTEM = {"Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization"}


def target_of(path):
    return path.relative_to(ROOT / "Sources").parts[0]


def test_no_module_imports_what_the_manifest_does_not_allow():
    none_of(f"{place(path, match.start())}: {match.group(1)}" for path in SWIFT_SOURCES
            for match in IMPORT.finditer(code(path))
            if match.group(1) not in targets()[target_of(path)]["imports"] | SYSTEM)


@pytest.mark.parametrize(("module", "only"), [("CLogitKernels", "LogitKernels")])
def test_c_kernels_have_one_importer(module, only):
    importers = {target_of(path) for path in SWIFT_SOURCES
                 if module in IMPORT.findall(code(path))}
    assert importers == {only}


@pytest.mark.parametrize("folder", target_folders(ROOT), ids=lambda path: path.name)
def test_no_circle_of_files_is_large(folder):
    found = circles(folder)
    assert not found, f"{len(found)} circles of more than {LARGEST_CIRCLE} files:\n" + "\n".join(
        ", ".join(circle) for circle in found) + "\n(see python3 Tests/Tree/circles.py)"


def test_unchecked_sendable_says_why_it_is_safe():
    none_of(place(path, match.start()) for path in SWIFT_SOURCES
            for match in re.finditer(r"@unchecked Sendable", text_of(path))
            if not any("Safety:" in line
                       for line in text_of(path)[: match.start()].splitlines()[-12:]))


def test_sources_never_force():
    forced = re.compile(r"\btry!|\bas! |[\w\])]!(?=[.\s),\[]|$)", re.MULTILINE)
    none_of(place(path, match.start()) for path in SWIFT_SOURCES
            for match in forced.finditer(code(path)))


def test_no_instruction_set_is_chosen_in_the_manifest():
    assert "-march" not in re.sub(r"//.*", "", text_of(ROOT / "Package.swift"))
