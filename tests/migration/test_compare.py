"""Answers of two sides: what differs is found and has the right reason, and nothing else is."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic.migration.verify import reasons
from servestatic.migration.verify.answer import Answer, split_url
from servestatic.migration.verify.bodies import normalise, show_difference
from servestatic.migration.verify.compare import compare_all
from servestatic.migration.verify.reasons import Reason

OLD, NEW = "0123456789ab", "ba9876543210"
URL = "/static/a.css"


def answer(url: str = URL, status: int = 200, **fields: str) -> Answer:
    return Answer(url, status, {name.replace("_", "-"): value for name, value in fields.items()})


class Row(NamedTuple):
    """The name of a file, what both sides answer, and the reasons for what differs."""

    name: str
    old: Answer | None
    new: Answer | None
    reasons: tuple[Reason, ...]


def of_field(name: str, old: str, new: str, reason: Reason | None, *, file: str = "a.css", url: str = URL) -> Row:
    fields: list[dict[str, str]] = [{name: value} if value else {} for value in (old, new)]
    before, after = (answer(url, 200, **each) for each in fields)
    return Row(file, before, after, (reason,) if reason else ())


FOREVER, ONE_MINUTE = "max-age=315360000, public, immutable", "max-age=60, public"
IMMUTABLE = "max-age=31536000, immutable"
HASHED = f"/static/a.{NEW}.css"
ROWS = {
    "the same": Row("a.css", answer(), answer(), ()),
    "fingerprints": Row("a.css", answer(f"/static/a.{OLD}.css"), answer(HASHED), (reasons.SCHEME,)),
    "no extension": Row("b/x", answer(f"/b/x.{OLD}"), answer(f"/b/x.{NEW}"), (reasons.SCHEME,)),
    "a longer hash": Row("a.css", answer(f"/static/a-{OLD * 3}.css"), answer(HASHED), (reasons.SCHEME,)),
    "of a CDN": Row("a.css", answer(f"https://c/a.{OLD}.css"), answer(f"https://c/a.{NEW}.css"), (reasons.SCHEME,)),
    "plain before": Row("a.css", answer(), answer(HASHED), (reasons.NAMED_NOW,)),
    "plain now": Row("a.css", answer(HASHED), answer(), (reasons.NOT_NAMED,)),
    "a page": Row("a.html", answer(f"/static/a.{OLD}.html"), answer("/static/a.html"), (reasons.PAGE,)),
    "another prefix": Row("a.css", answer(), answer("/assets/a.css"), (reasons.OTHER_URL,)),
    "another name": Row("a.css", answer(), answer("/static/b.css"), (reasons.OTHER_URL,)),
    "an at sign": Row("a@2.css", answer("/s/a%402.css"), answer("/s/a@2.css"), (reasons.SPELLING,)),
    "no URL before": Row("a.css", Answer(), answer(), (reasons.NEW_URL,)),
    "no URL now": Row("a.css", answer(), Answer(), (reasons.NO_URL,)),
    "not found now": Row("a.css", answer()._replace(source="x"), answer(status=404), (reasons.NOT_SERVED,)),
    "not found at the root": Row("/a.txt", answer("/a.txt"), answer("/a.txt", 404), (reasons.ROOT_NOT_SERVED,)),
    "found now": Row("a.css", answer(status=404), answer(), (reasons.SERVED_NOW,)),
    "a redirect": Row("/docs", answer("/docs", 302), answer("/docs", 308), (reasons.REDIRECT,)),
    "a file less": Row("a.css", answer(), None, (reasons.GONE,)),
    "a file more": Row("a.css", None, answer(), (reasons.COME,)),
    "only a folder before": Row("a.css", answer(status=0), answer(cache_control=IMMUTABLE), ()),
    "quotes": of_field("content_type", 'text/css; charset="utf-8"', "text/css; charset=utf-8", None),
    "a charset": of_field("content_type", "text/css", "text/css; charset=utf-8", reasons.CHARSET),
    "our type": of_field("content_type", "text/x-css", "text/css", reasons.MEDIA_TYPE),
    "a type of theirs": of_field("content_type", "text/css", "text/own", reasons.OWN_TYPE),
    "their usual type": Row(
        "a.css",
        answer(content_type="text/x-css")._replace(default_type="text/x-css"),
        answer(content_type="text/css"),
        (reasons.MEDIA_TYPE,),
    ),
    "their own type": Row(
        "a.css",
        answer(content_type="text/own")._replace(default_type="text/css"),
        answer(content_type="text/css"),
        (reasons.OWN_TYPE,),
    ),
    "ten years": of_field("cache_control", FOREVER, IMMUTABLE, reasons.LIFETIME),
    "a minute": of_field("cache_control", ONE_MINUTE, "max-age=60", reasons.NO_PUBLIC),
    "zero": of_field("cache_control", "max-age=0, public", "no-cache", reasons.NO_CACHE),
    "immutable now": of_field("cache_control", ONE_MINUTE, IMMUTABLE, reasons.FINGERPRINTED, url=HASHED),
    "immutable by itself": of_field("cache_control", ONE_MINUTE, IMMUTABLE, reasons.OTHER_LIFETIME),
    "not immutable now": of_field("cache_control", FOREVER, "max-age=60", reasons.OTHER_LIFETIME),
    "shorter": of_field("cache_control", ONE_MINUTE, "max-age=30", reasons.OTHER_LIFETIME),
    "a fresh page": of_field("cache_control", FOREVER, "no-cache", reasons.PAGE_FRESH, file="a.html"),
    "a fresh page at the root": Row(
        "/docs/",
        answer("/docs/", content_type="text/html", cache_control=ONE_MINUTE),
        answer("/docs/", content_type="text/html", cache_control="no-cache"),
        (reasons.PAGE_FRESH,),
    ),
    "a fresh stylesheet": of_field("cache_control", FOREVER, "no-cache", reasons.OTHER_LIFETIME),
    "entity tags": of_field("etag", '"1-2"', '"x"', None),
    "an entity tag": of_field("etag", "", '"x"', reasons.ETAG),
    "no entity tag": of_field("etag", '"1-2"', "", reasons.NO_ETAG),
    "dates": of_field("last_modified", "Mon", "Tue", None),
    "a date": of_field("last_modified", "", "Tue", reasons.DATE_NOW),
    "no date": of_field("last_modified", "Mon", "", reasons.DATE),
    "case of Vary": of_field("vary", "Accept-encoding", "Accept-Encoding", None),
    "deltas": of_field("vary", "Accept-Encoding", "Accept-Encoding, Available-Dictionary", reasons.DELTAS),
    "compressed now": of_field("vary", "", "Accept-Encoding", reasons.CODED_NOW),
    "not compressed": of_field("vary", "Accept-Encoding", "", reasons.NOT_CODED),
    "Vary of theirs": of_field("vary", "Accept-Encoding, Origin", "Accept-Encoding", reasons.OTHER_VARY),
    "codings": of_field("content_encoding", "gzip", "", None),
    "no CORS": of_field("access_control_allow_origin", "*", "", reasons.CORS),
    "CORS": of_field("access_control_allow_origin", "", "*", reasons.CORS),
    "nosniff": of_field("x_content_type_options", "", "nosniff", reasons.FIELDS_NOW["x-content-type-options"]),
    "ranges": of_field("accept_ranges", "", "bytes", reasons.FIELDS_NOW["accept-ranges"]),
    "a dictionary": of_field("use_as_dictionary", "", "match", reasons.FIELDS_NOW["use-as-dictionary"]),
    "a field of ours": of_field("x_new", "", "1", reasons.FIELD_NOW._replace(what="X-New")),
    "a field of theirs": of_field("x_own", "1", "", reasons.OWN_FIELD._replace(what="X-Own")),
}


class Text(NamedTuple):
    """The bytes of a file, those that both sides serve, and the reason if they differ."""

    name: str
    source: str
    old: str
    new: str
    reason: Reason | None


TEXTS = {
    "the same": Text("a.css", "b{}", "b{}", "b{}", None),
    "a module": Text("a.js", 'import "./b.js"', 'import "./b.js"', f'import "./b.{NEW}.js"', reasons.MORE_KINDS),
    "a stylesheet": Text(
        "a.css", "a{b:url(c.png)}", f'a{{b:url("c.{OLD}.png")}}', f"a{{b:url(c.{NEW}.png)}}", reasons.REFERENCES
    ),
    "an import": Text(
        "a.css", "@import 'b.css'", f'@import url("b.{OLD}.css")', f"@import 'b.{NEW}.css'", reasons.REFERENCES
    ),
    "an absolute path": Text(
        "a.css",
        "a{b:url(/static/c.png#d)}",
        f'a{{b:url("c.{OLD}.png#d")}}',
        f"a{{b:url(./c.{NEW}.png#d)}}",
        reasons.REFERENCES,
    ),
    "within a comment": Text(
        "a.css", "/*url(b.png)*/", f'/*url("b.{OLD}.png")*/', "/*url(b.png)*/", reasons.REFERENCES
    ),
    "another target": Text(
        "a.css", "a{b:url(c.png)}", f'a{{b:url("c.{OLD}.png")}}', f"a{{b:url(d.{NEW}.png)}}", reasons.OTHER_TARGET
    ),
    "minified": Text("a.js", "var a = 1", "var a=1", "var a = 1", reasons.OTHER_BYTES),
    "minified, of no syntax": Text("a.svg", "<svg />", "<svg/>", "<svg />", reasons.OTHER_BYTES),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_each_difference_has_its_reason(row: Row) -> None:
    old, new = ({row.name: side} if side else {} for side in (row.old, row.new))
    found = compare_all(old, new, lambda digest: b"")
    assert tuple(difference.reason for difference in found) == row.reasons
    assert all(difference.old != difference.new for difference in found)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_bytes_differ_by_references_or_by_more(text: Text) -> None:
    bodies = {digest(body): body.encode() for body in (text.source, text.old, text.new)}
    old, new = (answer(f"/static/{text.name}")._replace(digest=digest(body)) for body in (text.old, text.new))
    old, new = (side._replace(source=digest(text.source)) for side in (old, new))
    found = compare_all({text.name: old}, {text.name: new}, bodies.__getitem__)
    assert [difference.reason for difference in found] == ([text.reason] if text.reason else [])


def test_another_source_is_no_matter_of_references() -> None:
    old, new = (answer()._replace(digest=digest(body), source=digest(body)) for body in ("1", "2"))
    [found] = compare_all({"a.css": old}, {"a.css": new}, lambda _: b"")
    assert found.reason == reasons.OTHER_SOURCE


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_reason_is_found() -> None:
    known = {reason for reason in vars(reasons).values() if isinstance(reason, Reason)}
    seen = {reason for row in ROWS.values() for reason in row.reasons} | {text.reason for text in TEXTS.values()}
    assert known - seen == {reasons.FIELD_NOW, reasons.OWN_FIELD, reasons.OTHER_SOURCE}  # with another `what`; above


NAMES = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1)


@given(NAMES)
def test_a_name_is_found_in_its_url(last: str) -> None:
    assert split_url(f"a/{last}", f"/static/a/{last}".replace("%", "%25").replace("?", "%3F").replace("#", "%23"))


@given(st.sampled_from(["a.css", "a.js", "a.html", "a.bin"]), st.binary())
def test_normalising_is_total_and_sees_what_differs(name: str, data: bytes) -> None:
    assert normalise(name, data, URL) == normalise(name, data, URL)
    assert normalise(name, data, URL) != normalise(name, data + b"-", URL)


@given(st.binary(), st.binary())
def test_the_piece_that_differs_is_short(old: bytes, new: bytes) -> None:
    assert all(len(piece) <= 48 and "\n" not in piece for piece in show_difference(old, new))
