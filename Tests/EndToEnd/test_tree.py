"""Rules of the source tree that a compiler does not keep."""

import json
import re
import subprocess
import sys

import pytest
from running_server import REPOSITORY

SOURCES = sorted((REPOSITORY / "Sources").rglob("*.swift"))
IMPORT = re.compile(r"^(?:@testable )?(?:package |internal |public )?import (\w+)", re.MULTILINE)
LONGEST_FILE = 500


@pytest.fixture(scope="module")
def targets():
    """Each target's name with the names it may import."""
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=REPOSITORY, capture_output=True, check=True
    )
    names = {}
    for target in json.loads(dump.stdout)["targets"]:
        allowed = set()
        for dependency in target["dependencies"]:
            allowed |= {next(iter(dependency.values()))[0]}
        names[target["name"]] = allowed
    return names


def test_no_module_imports_what_the_manifest_does_not_allow(targets):
    system = {"Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization"}
    wrong = []
    for path in SOURCES:
        target = path.relative_to(REPOSITORY / "Sources").parts[0]
        for name in IMPORT.findall(path.read_text()):
            if name not in targets[target] | system:
                wrong.append((str(path), name))
    assert not wrong


@pytest.mark.parametrize(("module", "only"), [("CLogitKernels", "LogitKernels")])
def test_c_kernels_have_one_importer(module, only):
    importers = {p.relative_to(REPOSITORY / "Sources").parts[0] for p in SOURCES
                 if module in IMPORT.findall(p.read_text())}
    assert importers == {only}


def test_no_file_is_too_long():
    tests = sorted((REPOSITORY / "Tests").rglob("*.swift"))
    assert not [p for p in SOURCES + tests if len(p.read_text().splitlines()) > LONGEST_FILE]


def test_unchecked_sendable_says_why_it_is_safe():
    for path in SOURCES:
        text = path.read_text()
        for match in re.finditer(r"@unchecked Sendable", text):
            before = text[: match.start()].splitlines()[-12:]
            assert any("Safety:" in line for line in before), path


def test_sources_crash_on_nobodys_behalf():
    forced = re.compile(r"\btry!|\bas! |[\w\])]!(?=[.\s),\[]|$)", re.MULTILINE)
    for path in SOURCES:
        code = "\n".join(line.split("//")[0] for line in path.read_text().splitlines())
        code = re.sub(r'"(?:\\.|[^"\\])*"', '""', code)
        assert not forced.findall(code), path


def test_no_instruction_set_is_chosen_in_the_manifest():
    assert "-march" not in re.sub(r"//.*", "", (REPOSITORY / "Package.swift").read_text())


def test_the_loads_for_sanitizers_find_what_they_use_here():
    command = [sys.executable, "-m", "pytest", "--collect-only", "Tests/Sanitizers"]
    found = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_table_of_limits_names_tests_that_exist():
    text = (REPOSITORY / "Sources/Service/Service.docc/Limits.md").read_text()
    suites = set(re.findall(r"`(\w+Tests)`", text))
    files = set(re.findall(r"`(test_\w+\.py)`", text))
    swift = "".join(path.read_text() for path in (REPOSITORY / "Tests").rglob("*Tests.swift"))
    missing = [name for name in suites if not re.search(rf"@Suite (struct|final class) {name}\b", swift)]
    missing += [name for name in files if not (REPOSITORY / "Tests/EndToEnd" / name).exists()]
    assert len(suites) > 15 and len(files) > 5 and not missing


def test_the_threat_model_names_code_that_exists():
    text = (REPOSITORY / "Sources/Service/Service.docc/ThreatModel.md").read_text()
    places = set(re.findall(r"`([\w+]+\.(?:swift|c|h)):(\w+)`", text))
    missing = [place for place in sorted(places) if not is_declared(*place)]
    assert len(places) > 50 and not missing


def is_declared(file, name):
    declaration = re.compile(
        r"\binit\(" if name == "init"
        else rf"\b(?:func|var|let|case|struct|class|enum|int|void) {name}\b")
    return any(declaration.search(path.read_text())
               for path in (REPOSITORY / "Sources").rglob(file))
