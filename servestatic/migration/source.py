"""A Python file that is edited by position: text, syntax tree, and edits that change nothing else."""

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
    """Replace what stands from `start` to `stop` (characters, half-open) by `text`."""

    start: int
    stop: int
    text: str
    why: str


class Decision(NamedTuple):
    """What a person has to look at, by the character where it stands; -1 is the whole file."""

    start: int
    text: str


class Removal(NamedTuple):
    """A statement that goes."""

    statement: ast.stmt
    why: str


Advice: TypeAlias = TextEdit | Removal | Decision


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A Python file.

    Attributes:
        path: where it is.
        text: its characters, line ends as they are.
        encoding: what they were decoded with.
        tree: its syntax tree.
    """

    path: Path
    text: str
    encoding: str
    tree: ast.Module

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Return where each line begins; the first is line 1, at index 0."""
        return 0, *(end.end() for end in _LINE_END.finditer(self.text))

    @property
    def newline(self) -> str:
        """Return the line end that the file uses."""
        end = _LINE_END.search(self.text)
        return end[0] if end else "\n"

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> tuple[int, int]:
        """Return where a node begins and ends."""
        last, past = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset  # a parsed tree has both
        return self._place(node.lineno, node.col_offset), self._place(last, past)

    def _place(self, line: int, column: int) -> int:
        """Turn a line and its column, counted in bytes of UTF-8, into an index of the text."""
        start = self.line_starts[line - 1]
        raw = self.text[start : start + column].encode()
        return start + len(raw[:column].decode("utf-8", "ignore"))

    def outer_span(self, node: ast.expr) -> tuple[int, int]:
        """Return where an expression begins and ends with the parentheses that group it; those of a call are not."""
        start, stop = self.span(node)
        first, past = bisect_left(self._tokens, (start,)), bisect_left(self._tokens, (stop,))
        while first > 0 and past < len(self._tokens) and self._groups(first - 1) and self._tokens[past][2] == ")":
            first, past = first - 1, past + 1
            start, stop = self._tokens[first][0], self._tokens[past - 1][1]
        return start, stop

    def _groups(self, position: int) -> bool:
        """Return whether a token is a parenthesis that calls nothing."""
        before = self._tokens[position - 1][2] if position else ""
        called = before in (")", "]", "}") or (before[:1].isidentifier() and not iskeyword(before))
        return self._tokens[position][2] == "(" and not called

    @cached_property
    def _tokens(self) -> list[tuple[int, int, str]]:
        """List the tokens that are code: start, stop and text."""
        found = tokenize.generate_tokens(io.StringIO(self.text, newline=None).readline)
        return [
            (self._at(token.start), self._at(token.end), token.string) for token in found if token.type not in _LAYOUT
        ]

    def _at(self, place: tuple[int, int]) -> int:
        line, column = place
        return self.line_starts[line - 1] + column

    def code(self, node: ast.expr) -> str:
        """Return the text of an expression as it may stand anywhere: in parentheses where its lines need them."""
        start, stop = self.outer_span(node)
        text = self.text[start:stop]
        return text if _is_expression(text) else f"({text})"

    def line(self, position: int) -> int:
        """Return the number of the line that a position is in, 0 for -1."""
        return bisect(self.line_starts, position)

    def lines_around(self, start: int, stop: int) -> tuple[int, int]:
        """Return the whole lines that a span is in, line end included."""
        end = _LINE_END.search(self.text, stop)
        return self.line_starts[self.line(start) - 1], end.end() if end else len(self.text)

    def indent(self, position: int) -> str:
        """Return the white space that the line of a position begins with."""
        found = _INDENT.match(self.text, self.line_starts[self.line(position) - 1])
        return found[0] if found else ""


def read(path: Path) -> SourceFile:
    """Read and parse a file.

    Raises:
        MigrationError: it cannot be read, or is no Python 3.
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
        warnings.simplefilter("ignore")  # about the code of somebody else, and said when it runs
        return ast.parse(text)


def apply(source: SourceFile, edits: Iterable[TextEdit]) -> str:
    """Return the text with the edits; one within another is part of the outer.

    Raises:
        MigrationError: what comes out is no Python; nothing of it may be written.
    """
    text, kept = source.text, list(outermost(edits))
    for edit in reversed(kept):
        text = text[: edit.start] + edit.text + text[edit.stop :]
    try:
        _parse(text)
    except (SyntaxError, ValueError) as error:
        raise MigrationError(f"The edits of this file do not fit together ({error}). TextEdit it by hand.") from error
    return text


def outermost(edits: Iterable[TextEdit]) -> Iterator[TextEdit]:
    """Yield the edits in their order, without those within another."""
    past = -1
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.stop)):
        if edit.start >= past:
            past = edit.stop
            yield edit


def diff(source: SourceFile, text: str, name: str) -> str:
    """Write the change as `patch -p1` and `git apply` read it."""
    mark = "\ufeff" if source.encoding == "utf-8-sig" else ""
    old, new = (io.StringIO(mark + each, newline="").readlines() for each in (source.text, text))
    lines = unified_diff(old, new, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(source: SourceFile, text: str) -> None:
    """Put the text in the file's place, all of it or nothing.

    Raises:
        MigrationError: it cannot be written.
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
