"""The recipes of README.md and RECIPES.md, read as a reader would paste them.

A recipe is a section with a block of Python, which writes files into `my-head`, and a block of JSON,
the model.json. A section with a table whose last column is `model.json` has a recipe for each row;
cells of columns that are names in backticks stand for what the block gives those names.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README, RECIPES = ROOT / "README.md", ROOT / "RECIPES.md"
SECTION = re.compile(r"^#{2,3} (.+)\n((?:(?!^#{2,3} ).*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    name: str
    lines: str
    """Python, to be run beside a folder `my-head`."""
    manifest: dict | None
    """model.json; None where the lines write it."""

    @property
    def folder(self):
        """The name of its folder among the kept files."""
        return re.sub(r"\W+", "-", self.name.lower()).strip("-")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def sections():
    """(title, text up to the next title) of all documents."""
    for document in (README, RECIPES):
        text = re.sub(r"^```.*?^```", _without_titles, document.read_text(), flags=re.M | re.S)
        for title, body in SECTION.findall(text):
            yield title, body.replace("\0", "#")


def _without_titles(block):
    """A comment of Python at the beginning of a line is no title."""
    return re.sub(r"^#", "\0", block.group(), flags=re.MULTILINE)


def recipes():
    """All recipes by name."""
    found = {}
    for title, text in sections():
        for recipe in _recipes(title, text):
            assert recipe.name not in found, f"two recipes {recipe.name}"
            found[recipe.name] = recipe
    return found


def _recipes(title, text):
    lines, manifests = blocks(text, "python"), blocks(text, "json")
    rows = list(table(text))
    if rows and lines:
        for row in rows:
            name, manifest = list(row.values())[0], row.pop("`model.json`")
            yield Recipe(name, with_cells(lines[0], row), json.loads(code_of(manifest)))
    elif lines and "my-head" in lines[0]:
        yield Recipe(title, lines[0], json.loads(manifests[0]) if manifests else None)


def table(text):
    """The rows of a table whose last column is model.json, by the titles of their columns."""
    lines = [_cells(line) for line in text.splitlines() if line.startswith("|")]
    if not lines or lines[0][-1] != "`model.json`":
        return
    for cells in lines[2:]:
        yield dict(zip(lines[0], cells, strict=True))


def _cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def code_of(cell):
    return re.fullmatch(r"`(.*)`", cell).group(1)


def with_cells(lines, row):
    """The block with the row's own values: `layer = …` becomes the cell of the column `layer`."""
    for title, cell in row.items():
        if name := re.fullmatch(r"`(\w+)`", title):
            lines, count = re.subn(
                rf"^{name[1]} = .*$", f"{name[1]} = {code_of(cell)}", lines, flags=re.MULTILINE)
            assert count == 1, f"no line gives {name[1]} its value"
    return lines
