"""Where functions begin and end in Swift and C code without comments and literals."""

import re

_SWIFT = re.compile(r"(?<![.\w])(?:func\s+(`[^`]*`|[^\s<(]+)|(init|deinit|subscript)\b|var\s+(\w+))")
_SWIFT_TYPE = re.compile(r"(?<![.\w])(?:struct|class|enum|protocol|actor|extension)\s+[A-Z]")
_C = re.compile(r"(\w+)\s*\(.*\)\s*$", re.DOTALL)
_C_ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)", re.DOTALL)
_STATEMENTS = {"if", "for", "while", "switch", "return", "sizeof"}
_DIRECTIVE = re.compile(r"^[ \t]*#(?:.*\\\n)*.*$", re.MULTILINE)


def functions(code, swift=True):
    """(name, offset of the declaration, lines to the closing brace) of each function with a body.

    Initialisers, subscripts and variables with a body are functions too.
    """
    if not swift:
        code = _DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), code)
    open_braces = []  # The (name, offset) of the function that a brace opened, or None.
    header = 0
    for match in re.finditer(r"[{};]", code):
        token, at = match.group(), match.start()
        if token == "{":
            inside = any(open_braces)
            declaration = (_swift_header if swift else _c_header)(code, header, at, inside)
            open_braces.append(declaration)
        elif token == "}":
            declaration = open_braces.pop()
            if declaration:
                name, start = declaration
                yield name, start, code.count("\n", start, at) + 1
        header = at + 1
    assert not open_braces, "braces do not match"


def _swift_header(code, start, end, _inside):
    found = None
    for found in _SWIFT.finditer(code, start, end):
        pass
    if found is None or _SWIFT_TYPE.search(code, found.end(), end):
        return None
    return next(filter(None, found.groups())), found.start()


def _c_header(code, start, end, inside):
    header = _C_ATTRIBUTE.sub(lambda match: re.sub(r"\S", " ", match.group()), code[start:end])
    found = None if inside else _C.search(header)
    if found is None or found.group(1) in _STATEMENTS:
        return None
    return found.group(1), start + len(header) - len(header.lstrip())
