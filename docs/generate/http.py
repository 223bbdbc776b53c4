"""The page docs/reference/http.md: the rows of the conformance table.

`python -m docs.generate.http` writes it.
"""

from __future__ import annotations

from pathlib import Path

from tests.http.conformance import ANY_CODING, APPLICATION, GROUPS, ROWS, Row, Where

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "http.md"
INTRODUCTION = """# HTTP conformance

Every row below is a test. It runs against the pure function that answers ({count} rows), and through every adapter as a
server calls it: WSGI (also with `wsgi.file_wrapper`), ASGI (also with `http.response.pathsend`), RSGI, and Django's
middleware under WSGI and ASGI. A representative part runs over real sockets, several requests on one connection,
against uvicorn, hypercorn, gunicorn and granian. Sections are those of RFC 9110 unless another document is named.

Names are below `/static/`; `url:app.css` is the fingerprinted URL of `app.css`. `E` is the entity tag of the
uncompressed file, `E:br` of its brotli coding; `date` is its Last-Modified. `thousand.bin` has 1000 bytes.

These hold for every response and are not repeated:

- Content-Length is the length of the body. Responses to HEAD, 204 and 304 have no body.
- 200 and 206 have a strong ETag, `Accept-Ranges: bytes`, and Last-Modified if the bytes are the source's own.
- 304 has the ETag, Cache-Control and Vary of the 200, and no other headers about the file.
- 200, 206, 304, 412 and 416 have `Vary: Accept-Encoding` if the file has codings, or as long as none has been tried.
- Errors are one line of plain text.
- All have the CORS header, and all but 304 `X-Content-Type-Options: nosniff`.

*passed on* means that the wrapped application answers; its response is not changed.

This page is generated from `tests/http/conformance.py`.
"""
_MAX_CODE = 72


def render() -> str:
    """Return the text of the page."""
    parts = [INTRODUCTION.format(count=len(ROWS))]
    by_number = iter(ROWS)
    for group in GROUPS:
        lines = [f"## {group.title}", "", "| what | request | answer |", "|---|---|---|"]
        lines += [_render_row(next(by_number)) for _ in group.rows]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _render_row(row: Row) -> str:
    words = [row.target if row.method == "GET" else f"{row.method} {row.target}"]
    words += [f"{name}: {value}" for name, value in row.fields]
    words += [f"mounted at {row.root}"] if row.root else []
    return f"| {_escape(row.id)} | {'<br>'.join(_code(word) for word in words)} | {_render_answer(row)} |"


def _render_answer(row: Row) -> str:
    if row.status == APPLICATION:
        return "*passed on*"
    words = [str(row.status)]
    if row.part:
        words.append(f"bytes {row.part[0]}–{row.part[1] - 1}")
    if row.codings == ANY_CODING:
        words.append("any coding")
    elif row.codings != ("identity",) or any(name == "Accept-Encoding" for name, _ in row.fields):
        words.append(" or ".join(row.codings))
    for name, value in row.expected.items():
        label = "-".join(part.capitalize() for part in name.split("-"))
        text = value.text if isinstance(value, Where) else value
        words.append(f"no {label}" if text is None else _code(f"{label}: {text}"))
    return ", ".join(words)


def _code(text: str) -> str:
    words = text.replace("{", "").replace("}", "")
    short = words if len(words) <= _MAX_CODE else f"{words[: _MAX_CODE - 1]}…"
    fence = "``" if "`" in short else "`"
    return f"{fence}{_escape(short.rstrip())}{fence}"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\t", " ")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
