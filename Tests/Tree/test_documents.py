"""Documents name what exists: files, types, functions, tests, links and the module graph."""

import functools
import re

import pytest
from repository import C, DOCUMENTS, PYTHON, ROOT, SWIFT, code, files, none_of, targets, text_of

ARCHITECTURE = next(iter(files("Architecture.md", under=["Sources"])))
FILE = re.compile(r"`((?:[\w+.-]+/)*[\w+-]+\.(?:swift|c|h|cpp|py|md|lua|sh|yaml))`")
NAME = re.compile(
    r"`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)((?:\.(?!(?:swift|md)\b)\w+)*)(?:\([\w:]*\))?`")
FOLDER = re.compile(r"`((?:[A-Z]\w+/)+[A-Z]\w+)/?`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
# Names of Swift, of Python and of HTTP that documents use and no file declares.
FOREIGN_NAMES = {"Allow", "Makefile", "Sendable"}
# Files of the authors' repositories and of models' folders that documents name.
FOREIGN_FILES = {
    "baselines/jft/checkpoint_utils.py", "jax/nn/dense.py", "jax/nn/heteroscedastic_lib.py",
    "models/vit_heteroscedastic.py"}


@functools.cache
def all_paths():
    here = [*files("*"), *files("*", under=["deploy", ".ci"]), *ROOT.iterdir()]
    return ["/" + str(path.relative_to(ROOT)) for path in here if path.is_file()]


@functools.cache
def declared_names():
    """Types of Swift and C, targets, and names of test suites."""
    pattern = re.compile(
        r"\b(?:struct|class|enum|protocol|actor|typealias|associatedtype|union|typedef)\s+(\w+)")
    names = {name for path in SWIFT + C for name in pattern.findall(code(path))}
    names |= {name for path in PYTHON for name in re.findall(r"^class (\w+)", text_of(path), re.M)}
    return names | targets().keys()


@functools.cache
def declared_members():
    pattern = re.compile(r"\b(?:func|var|let|case|struct|class|enum|typealias)\s+`?(\w+)|,\s*(\w+)")
    return {name for path in SWIFT for pair in pattern.findall(code(path)) for name in pair} | {
        "init", "deinit"}


def in_documents(pattern):
    """(document, match) of a pattern; blocks of commands and examples are left out."""
    for path in DOCUMENTS:
        text = re.sub(r"^```.*?^```", "", text_of(path), flags=re.MULTILINE | re.DOTALL)
        for match in pattern.finditer(text):
            yield path.relative_to(ROOT), match


def test_files_that_documents_name_exist():
    found = [(document, match.group(1)) for document, match in in_documents(FILE)]
    assert len(found) > 30
    none_of(f"{document}: {file}" for document, file in found
            if file not in FOREIGN_FILES
            and not any(path.endswith("/" + file) for path in all_paths()))


def test_folders_that_documents_name_exist():
    folders = {path.rpartition("/")[0] + "/" for path in all_paths()}
    none_of(f"{document}: {match.group(1)}" for document, match in in_documents(FOLDER)
            if not any(f"/{match.group(1)}/" in folder for folder in folders))


def test_types_and_members_that_documents_name_exist():
    found = [(document, match.group(1), match.group(2).split(".")[1:])
             for document, match in in_documents(NAME)]
    assert len(found) > 100
    none_of(f"{document}: {'.'.join([name, *members])}" for document, name, members in found
            if name not in declared_names() | FOREIGN_NAMES
            or not set(members) <= declared_members() | declared_names())


def test_links_between_files_lead_somewhere():
    none_of(f"{document}: {match.group(1)}" for document, match in in_documents(LINK)
            if not (ROOT / document.parent / match.group(1)).exists())


def test_the_graph_of_the_architecture_page_is_that_of_the_manifest():
    """A line of the graph is a target of Sources and, behind `→`, those that it imports."""
    graph = re.search(r"## Modules\n.*?^```\w*\n(.*?)^```", text_of(ARCHITECTURE), re.M | re.S)
    shown = {}
    for line in graph.group(1).splitlines():
        name, _, imports = line.partition("→")
        shown[name.strip()] = set(imports.split())
    sources = {name: target for name, target in targets().items()
               if target["folder"].is_relative_to(ROOT / "Sources")}
    assert shown == {name: target["imports"] & sources.keys() for name, target in sources.items()}
    described = re.findall(r"^\| `(\w+)` \|", text_of(ARCHITECTURE), re.MULTILINE)
    assert sorted(described) == sorted(sources), "the table has one line for each module"


def test_the_graph_has_leaves_first():
    """Each module stands below those that it imports, so that there is no circle to be read."""
    graph = re.search(r"## Modules\n.*?^```\w*\n(.*?)^```", text_of(ARCHITECTURE), re.M | re.S)
    above = set()
    for line in graph.group(1).splitlines():
        name, _, imports = line.partition("→")
        assert set(imports.split()) <= above, name
        above.add(name.strip())


def test_the_table_of_limits_names_tests_that_exist():
    text = text_of(next(iter(files("Limits.md"))))
    suites = set(re.findall(r"`(\w+Tests)`", text))
    python = set(re.findall(r"`(test_\w+\.py)`", text))
    swift = "".join(text_of(path) for path in SWIFT)
    missing = [name for name in suites
               if not re.search(rf"@Suite(?:\(.*\))?\s+(?:final )?(?:struct|class) {name}\b", swift)]
    missing += [name for name in python if not (ROOT / "Tests/EndToEnd" / name).exists()]
    assert len(suites) > 15 and len(python) > 5
    none_of(missing)


def test_the_threat_model_names_code_that_exists():
    text = text_of(next(iter(files("ThreatModel.md"))))
    places = set(re.findall(r"`([\w+]+\.(?:swift|c|h)):(\w+)`", text))
    assert len(places) > 50
    none_of(":".join(place) for place in sorted(places) if not is_declared(*place))


def is_declared(file, name):
    declaration = re.compile(
        r"\binit\(" if name == "init"
        else rf"\b(?:func|var|let|case|struct|class|enum|int|void) {name}\b")
    return any(declaration.search(text_of(path)) for path in files(file, under=["Sources"]))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_the_documents_of_every_project_are_there(name):
    assert (ROOT / name).stat().st_size > 200
