"""A Python file as text and syntax tree, and edits by position that leave the rest unchanged."""

import ast
import io
import os
import re
import tempfile
import tokenize
import warnings
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property
from keyword import iskeyword
from pathlib import Path
from typing import NamedTuple, TypeAlias

from servestatic.errors import ServeStaticError

_LINE_END = re.compile(r"\r\n|\r|\n")
_INDENT = re.compile(r"[ \t]*")
_LAYOUT = frozenset(
    (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
)


class MigrationError(ServeStaticError):
    """A file cannot be read, parsed or written."""


class TextEdit(NamedTuple):
    """Replaces the characters from `start` up to `stop` with `text`."""

    start: int
    stop: int
    text: str
    why: str


class Decision(NamedTuple):
    """A decision that is left to the user, at the character `start`; -1 means the whole file."""

    start: int
    text: str


class Removal(NamedTuple):
    """Removes a statement."""

    statement: ast.stmt
    why: str


Advice: TypeAlias = TextEdit | Removal | Decision


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A Python file.

    Attributes:
        path: of the file.
        text: with the line ends of the file.
        encoding: of the file.
        tree: its syntax tree.
    """

    path: Path
    text: str
    encoding: str
    tree: ast.Module

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Return the position at which each line begins; line 1 is at index 0."""
        return 0, *(end.end() for end in _LINE_END.finditer(self.text))

    @property
    def newline(self) -> str:
        """Return the line end that the file uses."""
        end = _LINE_END.search(self.text)
        return end[0] if end else "\n"

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> tuple[int, int]:
        """Return where a node begins and ends."""
        last, past = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset  # a parsed tree has both
        return self._position(node.lineno, node.col_offset), self._position(last, past)

    def _position(self, line: int, column: int) -> int:
        """Return the position of a line and its column, counted in bytes of UTF-8, in the text."""
        start = self.line_starts[line - 1]
        raw = self.text[start : start + column].encode()
        return start + len(raw[:column].decode("utf-8", "ignore"))

    def outer_span(self, node: ast.expr) -> tuple[int, int]:
        """Return where an expression begins and ends, including parentheses that group it but not those of a call."""
        start, stop = self.span(node)
        first, past = bisect_left(self._tokens, (start,)), bisect_left(self._tokens, (stop,))
        while first > 0 and past < len(self._tokens) and self._groups(first - 1) and self._tokens[past][2] == ")":
            first, past = first - 1, past + 1
            start, stop = self._tokens[first][0], self._tokens[past - 1][1]
        return start, stop

    def _groups(self, position: int) -> bool:
        """Return whether a token opens a group rather than a call."""
        before = self._tokens[position - 1][2] if position else ""
        called = before in (")", "]", "}") or (before[:1].isidentifier() and not iskeyword(before))
        return self._tokens[position][2] == "(" and not called

    @cached_property
    def _tokens(self) -> list[tuple[int, int, str]]:
        """Return the tokens that are code: start, stop and text."""
        found = tokenize.generate_tokens(io.StringIO(self.text, newline=None).readline)
        return [
            (self._at(token.start), self._at(token.end), token.string) for token in found if token.type not in _LAYOUT
        ]

    def _at(self, coordinates: tuple[int, int]) -> int:
        line, column = coordinates
        return self.line_starts[line - 1] + column

    def code(self, node: ast.expr) -> str:
        """Return the text of an expression, in parentheses if it needs them to go over several lines."""
        start, stop = self.outer_span(node)
        text = self.text[start:stop]
        return text if _is_expression(text) else f"({text})"

    def line(self, position: int) -> int:
        """Return the number of the line of a position; 0 for -1."""
        return bisect(self.line_starts, position)

    def lines_around(self, start: int, stop: int) -> tuple[int, int]:
        """Return the span of all lines that a span touches, line ends included."""
        end = _LINE_END.search(self.text, stop)
        return self.line_starts[self.line(start) - 1], end.end() if end else len(self.text)

    def indent(self, position: int) -> str:
        """Return the white space at the start of the line of a position."""
        found = _INDENT.match(self.text, self.line_starts[self.line(position) - 1])
        return found[0] if found else ""


def read(path: Path) -> SourceFile:
    """Read and parse a file.

    Raises:
        MigrationError: the file cannot be read, or is not Python 3.
    """
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        return SourceFile(path, text, encoding, _parse(text))
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError) as error:
        raise MigrationError(f"{path}: {error}. It must be a Python 3 file that can be read.") from error


def _is_expression(text: str) -> bool:
    try:
        statements = _parse(text).body
    except SyntaxError:
        return False
    return len(statements) == 1 and isinstance(statements[0], ast.Expr)


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about the project's code, and appear when it runs
        return ast.parse(text)


def apply(source: SourceFile, edits: Iterable[TextEdit]) -> str:
    """Return the edited text. An edit within another is part of the outer one.

    Raises:
        MigrationError: the result is not Python, and must not be written.
    """
    text, kept = source.text, list(outermost(edits))
    for edit in reversed(kept):
        text = text[: edit.start] + edit.text + text[edit.stop :]
    try:
        _parse(text)
    except (SyntaxError, ValueError) as error:
        raise MigrationError(f"The edits of this file do not fit together ({error}). Edit it by hand.") from error
    return text


def outermost(edits: Iterable[TextEdit]) -> Iterator[TextEdit]:
    """Yield the edits in order, without those that are within another."""
    past = -1
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.stop)):
        if edit.start >= past:
            past = edit.stop
            yield edit


def diff(source: SourceFile, text: str, name: str) -> str:
    """Return the change as a diff for `patch -p1` and `git apply`."""
    mark = "\ufeff" if source.encoding == "utf-8-sig" else ""
    old, new = (io.StringIO(mark + version, newline="").readlines() for version in (source.text, text))
    lines = unified_diff(old, new, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(source: SourceFile, text: str) -> None:
    """Replace the file with the text, atomically.

    Raises:
        MigrationError: the file cannot be written.
    """
    real = Path(os.path.realpath(source.path))
    try:
        handle, temporary = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode(source.encoding))
        os.chmod(temporary, real.stat().st_mode & 0o7777)
        os.replace(temporary, real)
    except (OSError, UnicodeEncodeError) as error:
        raise MigrationError(f"{source.path}: {error}. It must be a file that can be written.") from error
