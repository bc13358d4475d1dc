"""Swift and C text with its comments and string literals blanked out, at the same places.

Every character of a comment or a literal becomes a space and line ends stay, so that offsets,
lines and columns of the result are those of the file. Code within `\\(…)` stays code.
"""

import re
from dataclasses import dataclass, field

_START = re.compile(r'//|/\*|/|#*"|\'|`|[()]')
_REGEX = re.compile(r"/(?![ *])(?:\\.|[^/\\\n])+/")
_REGEX_FOLLOWS = re.compile(r"(?:^|[(,=:\[{!&|?;]|\breturn)\s*$")


def code_of(text, swift=True):
    """The text with spaces in place of comments and literals."""
    return _Scanner(text, swift).blanked()


def comments_of(text, swift=True):
    """Each comment's start and end; `//` lines that nothing stands between are one comment."""
    scanner = _Scanner(text, swift)
    scanner.blanked()
    joined = []
    for start, end in scanner.comments:
        first, last = joined[-1] if joined else (start, start)
        kinds = [re.compile("/{2,3}").match(text, at) for at in (first, start)]
        same_kind = all(kinds) and kinds[0].group() == kinds[1].group()
        if same_kind and re.fullmatch(r"\n[ \t]*", text[last:start]):
            joined[-1] = (first, end)
        else:
            joined.append((start, end))
    return joined


class _Scanner:
    def __init__(self, text, swift):
        self.text, self.swift = text, swift
        self.out = list(text)
        self.comments = []

    def blanked(self):
        self._code(0, until_parenthesis=False)
        return "".join(self.out)

    def _comment(self, start, end):
        self.comments.append((start, end))
        return self._blank_to(start, end)

    def _blank(self, start, end):
        self.out[start:end] = [c if c == "\n" else " " for c in self.text[start:end]]

    def _code(self, at, until_parenthesis):
        """Passes over code; within an interpolation up to and including its own `)`."""
        depth = 0
        while match := _START.search(self.text, at):
            at, token = match.end(), match.group()
            if token == "(":
                depth += 1
            elif token == ")":
                if until_parenthesis and depth == 0:
                    return at
                depth -= 1
            elif token == "//":
                end = self.text.find("\n", at)
                at = self._comment(match.start(), len(self.text) if end < 0 else end)
            elif token == "/*":
                at = self._comment(match.start(), self._comment_end(at))
            elif token.endswith('"'):
                at = self._string(match.start(), len(token) - 1)
            elif token == "`":
                at = self._plain_end(at, "`")
            elif token == "/" and self.swift:
                at = self._regex(match.start())
            elif token == "'" and not self.swift:
                at = self._blank_to(match.start(), self._plain_end(at, "'"))
        return len(self.text)

    def _blank_to(self, start, end):
        self._blank(start, end)
        return end

    def _comment_end(self, at):
        """The end of a block comment; Swift's may be nested."""
        depth = 1
        for match in re.compile(r"/\*|\*/").finditer(self.text, at):
            if match.group() == "*/":
                depth -= 1
            elif self.swift:
                depth += 1
            if depth == 0:
                return match.end()
        return len(self.text)

    def _plain_end(self, at, quote):
        while at < len(self.text) and self.text[at] not in (quote, "\n"):
            at += 2 if self.text[at] == "\\" else 1
        return min(at + 1, len(self.text))

    def _regex(self, start):
        """Blanks a regular expression if one begins at `start`, and returns where code goes on."""
        match = _REGEX.match(self.text, start)
        line = self.text.rfind("\n", 0, start) + 1
        if match is None or not _REGEX_FOLLOWS.search(self.text, line, start):
            return start + 1
        return self._blank_to(start, match.end())

    def _string(self, start, hashes):
        """Blanks a literal that begins at `start` with `hashes` number signs, and returns its end."""
        at = start + hashes
        if not self.swift:
            return self._blank_to(start, self._plain_end(at + 1, '"'))
        multiline = self.text.startswith('"""', at)
        quote = ('"""' if multiline else '"') + "#" * hashes
        escape = "\\" + "#" * hashes
        at += 3 if multiline else 1
        blanked_from = start
        while at < len(self.text):
            if self.text.startswith(quote, at):
                return self._blank_to(blanked_from, at + len(quote))
            if not multiline and self.text[at] == "\n":
                break
            if self.text.startswith(escape + "(", at):
                at += len(escape) + 1
                self._blank(blanked_from, at)
                self.out[at - 1] = "("
                at = self._code(at, until_parenthesis=True)
                blanked_from = at
            elif self.text.startswith(escape, at):
                at += len(escape) + 1
            else:
                at += 1
        return self._blank_to(blanked_from, at)


_TYPE = re.compile(
    r"((?:(?:@\w+|public|package|internal|fileprivate|private|final|indirect|nonisolated)"
    r"(?:\([^)]*\))?\s+)*)"
    r"\b(struct|class|enum|protocol|actor|typealias|extension)\s+([A-Za-z_][\w.]*)")
_MEMBER_KINDS = {"func", "var", "let", "subscript", "init", "deinit"}
_SCOPE = re.compile(r"[{}]")
_GENERICS = re.compile(
    r"\b(?:(?:struct|class|enum|actor|protocol|typealias|func)\s+[^\s<(]+\s*|init\s*[?]?\s*)<([^>]*)>")


@dataclass(frozen=True)
class TypeDeclaration:
    """A type, or an extension of one; `outer` names the types it stands in, outermost first."""

    name: str
    kind: str
    outer: tuple
    is_private: bool
    start: int
    line: int


@dataclass
class SwiftFile:
    """A file's code without comments and literals, and the types declared in it."""

    text: str
    code: str = field(init=False)
    types: list = field(init=False)

    def __post_init__(self):
        self.code = code_of(self.text)
        self.types = list(self._declarations())

    def _declarations(self):
        """Types at file scope and within other types; those within functions are left out."""
        events = sorted(
            [(m.start(), m.group(), None) for m in _SCOPE.finditer(self.code)]
            + [(m.start(2), "type", m) for m in _TYPE.finditer(self.code)
               if m.group(3) not in _MEMBER_KINDS],
            key=lambda event: event[0])
        scopes = []  # The declared type whose body a brace opened, or None.
        waiting = None
        for position, token, match in events:
            if token == "{":
                scopes.append(waiting)
                waiting = None
            elif token == "}":
                if scopes:
                    scopes.pop()
            elif None not in scopes:
                outer = tuple(part for scope in scopes for part in scope.name.split("."))
                is_private = bool(re.search(r"\b(?:file)?private\b", match.group(1)))
                declaration = TypeDeclaration(
                    match.group(3), match.group(2), outer,
                    is_private or any(scope.is_private for scope in scopes), position,
                    self.code.count("\n", 0, position) + 1)
                waiting = None if declaration.kind == "typealias" else declaration
                yield declaration

    def own_names(self):
        """Names that mean something of this file alone here: generic parameters, private types."""
        names = {t.name for t in self.types if t.is_private and t.kind != "extension"}
        names |= set(re.findall(r"\bassociatedtype\s+(\w+)", self.code))
        for match in _GENERICS.finditer(self.code):
            names |= {part.split(":")[0].split()[-1] for part in match.group(1).split(",")
                      if part.split(":")[0].split()}
        return names
