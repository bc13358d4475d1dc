"""Sizes, names and the beginnings of comments."""

import ast
import re

import pytest
from functions import functions
from repository import C, PYTHON, ROOT, SWIFT, code, none_of, place, swift_file, text_of
from swift_source import comments_of

LONGEST_FILE = 500
LONGEST_FUNCTION = 70
WIDEST_LINE = 100
EMPTY_NAME = re.compile(r"Manager|Helper|Util(?!ization)", re.IGNORECASE)
QUESTION = re.compile(r"(?:What|Who|Whoever|Whose|Whom|Whatever)\b")
CLAUSE = re.compile(r"(?:How|Where|Why|Which)\b")


def test_no_file_is_too_long():
    none_of(place(path) for path in SWIFT if len(text_of(path).splitlines()) > LONGEST_FILE)


def test_no_function_is_too_long():
    none_of(f"{place(path, offset)}: {name}, {lines} lines" for path in SWIFT + C
            for name, offset, lines in functions(code(path), swift=path.suffix == ".swift")
            if lines > LONGEST_FUNCTION)


def test_no_line_is_too_wide():
    none_of(f"{path.relative_to(ROOT)}:{number}: {len(line)} columns" for path in SWIFT + C
            for number, line in enumerate(text_of(path).splitlines(), 1)
            if len(line) > WIDEST_LINE)


def test_names_name_something():
    none_of([str(path.relative_to(ROOT)) for path in SWIFT + C + PYTHON
             if EMPTY_NAME.search(path.stem)]
            + [f"{place(path, kind.start)}: {kind.name}" for path in SWIFT
               for kind in swift_file(path).types if EMPTY_NAME.search(kind.name)])


def test_comments_begin_with_their_subject():
    none_of(f"{place(path, offset)}: {text}" for path in SWIFT + C
            for offset, text in comments(path) if QUESTION.match(text))


def test_doc_comments_begin_with_a_noun_or_a_verb():
    none_of(f"{place(path, offset)}: {text}" for path in SWIFT
            for offset, text in comments(path)
            if text_of(path).startswith("///", offset) and CLAUSE.match(text))


def comments(path):
    """The offset and the first line of each comment."""
    text = text_of(path)
    for start, end in comments_of(text, swift=path.suffix == ".swift"):
        yield start, text[start:end].lstrip("/*! \n\t").partition("\n")[0].removesuffix("*/").strip()


def test_docstrings_begin_with_their_subject():
    none_of(f"{path.relative_to(ROOT)}:{line}: {text}" for path in PYTHON
            for line, text in docstrings(path) if QUESTION.match(text))


def docstrings(path):
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and (
                text := ast.get_docstring(node)):
            yield node.body[0].lineno, text.splitlines()[0]


def test_names_of_tests_are_words():
    none_of(f"{place(path, match.start())}: {match.group(1)}" for path in SWIFT
            for match in re.finditer(r"@Test\b[^{}]*?\bfunc\s+([^\s(`]+)", code(path)))


@pytest.mark.parametrize(("text", "found"), [
    ("/// What a\n/// Who b\nlet c = 1 // Who d\n", ["What a", "Who d"]),
    ("/* What\n a */ let s = \"// Who\"\n//\n// Whole\nlet t = /** Who? */ 1", ["What", "Whole", "Who?"]),
])
def test_comments_are_found_where_they_begin(tmp_path, text, found):
    file = tmp_path / "A.swift"
    file.write_text(text)
    assert [first for _, first in comments(file)] == found


@pytest.mark.parametrize(("text", "swift", "found"), [
    ("struct A {\n  init(a: B = B.init()) {\n    if c {\n    }\n  }\n  var d: E {\n    f\n  }\n}\n",
     True, [("init", 4), ("d", 3)]),
    ("protocol P {\n  func f()\n  var g: H { get }\n}\nfunc `a b`() {\n}\n",
     True, [("g", 1), ("`a b`", 2)]),
    ("static inline __attribute__((x(\"y\"))) void f(\n    int a) {\n  while (a) {\n  }\n}\n"
     "struct s { int a; };\nint t[] = {1};\n#define M(x) \\\n  g(x) {\n",
     False, [("f", 5)]),
])
def test_functions_are_found_with_their_length(text, swift, found):
    assert [(name, lines) for name, _, lines in functions(text, swift)] == found
