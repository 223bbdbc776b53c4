"""Which bytes of a script are code? A scanner that goes from one position to the next. Nothing here opens a file.

One regular expression consumes what can hide code (strings, comments, plain templates) and stops where it cannot
decide: at a `/`, and at a template with `${`. Whether a `/` divides or opens a regular expression depends on the token
before it (ECMA-262 §12.1). If that is a `}`, or a `)` around quotes, a second scanner follows and counts the brackets.
"""

import re
import sys

from servestatic.assets.references.reference import OR_STOP

_LINE_COMMENT = rb"//(?:[^\n\r\xe2]++|\xe2(?!\x80[\xa8\xa9])" + OR_STOP
_OPEN_COMMENT = rb"/\*(?:[^*]++|\*(?!/)" + OR_STOP
_COMMENT = _OPEN_COMMENT + rb"\*/"
_WIDE_SPACE = rb"\xc2\xa0|\xef\xbb\xbf|\xe2\x80[\xa8\xa9]"
_NO_TOKEN = rb"\s++|" + _WIDE_SPACE + rb"|" + _LINE_COMMENT + rb"|" + _COMMENT
GAP = rb"(?:" + _NO_TOKEN + OR_STOP
DOUBLE = rb'(?:[^"\\\n\r]++|\\(?:\r\n|[\x00-\xff])' + OR_STOP
SINGLE = rb"(?:[^'\\\n\r]++|\\(?:\r\n|[\x00-\xff])" + OR_STOP
_TEMPLATE = rb"(?:[^`\\$]++|\\[\x00-\xff]|\$(?!\{)" + OR_STOP

# Whole tokens up to a limit; a token that extends beyond the limit stops the match at its first byte.
_LITERAL = rb"\"" + DOUBLE + rb"\"|'" + SINGLE + rb"'|`" + _TEMPLATE + rb"`"
_HIDING = _LITERAL + rb"|" + _LINE_COMMENT + rb"(?=[\n\r\xe2])|" + _COMMENT
_CODE = re.compile(rb"(?:[^\"'`/]++|" + _HIDING + OR_STOP)
# The same, but it also stops at brackets, except round ones so small and clean that looking back can match them.
_CLEAN = rb"[^\"'`/(){}]"
_SMALL = rb"\((?:" + _CLEAN + rb"{1,200}+|\(" + _CLEAN + rb"{0,200}+\)|(?!)){0,4}+\)"
_COUNTED = re.compile(rb"(?:" + _CLEAN + rb"++|" + _SMALL + rb"|" + _HIDING + OR_STOP)

_TOKEN = re.compile(rb"(?P<gap>" + _NO_TOKEN + rb")|" + _LITERAL + rb"|[^\s\"'`/\xc2\xe2\xef]++|[\x00-\xff]")
_OVER_COMMENT = re.compile(_LINE_COMMENT + rb"|" + _OPEN_COMMENT + rb"(?:\*/)?")
_OVER_STRING = re.compile(rb"\"" + DOUBLE + rb"\"?|'" + SINGLE + rb"'?")
_OVER_TEXT = re.compile(_TEMPLATE)
_REGEXP = re.compile(
    rb"/(?:[^\\/\[\n\r]++|\\[^\n\r]|\[(?:[^\]\\\n\r]++|\\[^\n\r]" + OR_STOP + rb"\]" + OR_STOP + rb"(/[\w$]*+)?"
)
_LINE = re.compile(rb"[^\n\r]*+")
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:#![^\n\r]*+)?")

# What comes before a `/`, or before the bracket that is closed right before one. The windows limit how far to look
# back for a keyword and for a bracket.
_WINDOW = 60
_NEAR = 1000
_GAP_ENDS = (b"*/", b"\xc2\xa0", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
_PUNCTUATORS = frozenset(bytes((byte,)) for byte in b"=(,:;{[!&|?*%<>^~/")
_OPERANDS = frozenset((b'"', b"'", b"`", b"]"))
_WORD = re.compile(rb"((?<!\.)\.)?([\w$\\\x80-\xff]++)\Z")
_OPERATORS = b"await case default delete extends in instanceof new of return throw typeof void yield".split()
_NOT_OPERANDS = frozenset((*_OPERATORS, b"break", b"continue", b"debugger", b"do", b"else"))
_NO_NAME_BEFORE = rb"(?<![\w$.\\\x80-\xff])"
_SPACE_BEFORE = rb"(?:\s|/\*[^*]*\*/)*\Z"
_CONDITION = re.compile(_NO_NAME_BEFORE + rb"(?:if|while|with|for(?:\s+await)?)" + _SPACE_BEFORE)
_OPERATOR = rb"[(,\[?:&|^~!%*/<+-]|\$\{|=(?!>)|[^=]>|" + _NO_NAME_BEFORE + rb"(?:" + b"|".join(_OPERATORS) + rb")"
_OPERAND_NEXT = re.compile(rb"(?:" + _OPERATOR + rb")" + _SPACE_BEFORE)
_ROUND, _ROUND_END, _DOLLAR = b"()$"


def _end(pattern: re.Pattern[bytes], data: bytes, start: int, limit: int = sys.maxsize) -> int:
    match = pattern.match(data, start, limit)
    return match.end() if match else start


class Scanner:
    """Goes forward through a script, token by token.

    Attributes:
        position: where it is, between two tokens.
        floor: the end of the last token that took more than a regular expression to read; the text from there to
            `position` can be read again.
        clear: the end of the last such token that is not an operator; from there on, brackets are really brackets.
        divides: whether a `/` directly at the floor divides.
        seen, seen_end: the last position from which the scanner looked back, and the end of the code before it.
        opened: the open brackets, `${` by its `$`; without `counts` only those within `${…}`.
        closed: the bracket that the last closing bracket closed, or -1.
        broken_line: the end of the last line in which a regular expression did not end.
        follower: the scanner that counts brackets, once it is needed; it never passes this one.
    """

    def __init__(self, data: bytes, *, counts: bool = False) -> None:
        self.data = data
        self.counts = counts
        self.position = self.floor = self.clear = _end(_START, data, 0)
        self.divides = False
        self.opened: list[int] = []
        self.closed = self.broken_line = -1
        self.seen = self.seen_end = 0
        self.follower: Scanner | None = None

    def reach(self, target: int) -> bool:
        """Move to `target`, or past the token that hides it; return whether `target` is code."""
        while self.position < target:
            tokens = _COUNTED if self.counts or self.opened else _CODE
            self.position = _end(tokens, self.data, self.position, target)
            if self.position < target:
                _STEPS[self.data[self.position]](self)
        return self.position == target

    def skip_to(self, position: int) -> None:
        """Continue at `position`, after something that was read elsewhere."""
        self.position = position

    def stop(self, position: int, *, divides: bool) -> None:
        """Continue at `position`, after a token that determines whether a `/` directly there divides."""
        self.position = self.floor = self.clear = position
        self.divides = divides

    def string(self) -> None:
        """Read a string that extends beyond the target, or its part on this line."""
        self.stop(_end(_OVER_STRING, self.data, self.position), divides=True)

    def template(self) -> None:
        """Read the text of a template after its backtick, or after a `}`, up to its end or its next `${`."""
        end = _end(_OVER_TEXT, self.data, self.position + 1)
        opens = self.data.startswith(b"${", end)
        if opens:
            self.opened.append(end)
        self.stop(end + 1 + opens, divides=not opens)

    def bracket(self) -> None:
        """Open or close a bracket; a brace also closes what is still open within it."""
        data, opened = self.data, self.opened
        byte = data[self.position : self.position + 1]
        self.position += 1
        if byte in (b"(", b"{"):
            opened.append(self.position - 1)
            return
        while byte == b"}" and opened and data[opened[-1]] == _ROUND:
            opened.pop()
        fits = bool(opened) and (data[opened[-1]] == _ROUND) == (byte == b")")
        self.closed = opened.pop() if fits else -1
        if fits and data[self.closed] == _DOLLAR:
            self.position -= 1
            self.template()

    def slash(self) -> None:
        """Read a comment that extends beyond the target, a division operator or a regular expression."""
        start = self.position
        if self.data[start + 1 : start + 2] in (b"/", b"*"):
            self.position = _end(_OVER_COMMENT, self.data, start)
            return
        if self._is_division(start):
            self.position = self.floor = start + 1
            self.divides = False
            return
        match = _REGEXP.match(self.data, start)
        if match and match[1]:
            self.stop(match.end(), divides=True)
            return
        # No regular expression ends on this line, so it was a division; the second time, the line is skipped.
        line = _end(_LINE, self.data, start)
        self.stop(line if line == self.broken_line else start + 1, divides=False)
        self.broken_line = line

    def is_behind_dot(self) -> bool:
        """Return whether the word here is the name of a property; `...` spreads a value."""
        end = self._code_end(self.position)
        return self.data.endswith(b".", self.floor, end) and not self.data.endswith(b"...", self.floor, end)

    def _is_division(self, slash: int) -> bool:
        """Return whether a slash divides, by the token before it."""
        data, end = self.data, self._code_end(slash)
        if end <= self.floor:
            return self.divides
        last = data[end - 1 : end]
        if last in _PUNCTUATORS or last in _OPERANDS:
            return last in _OPERANDS
        if last in (b")", b"}"):
            opener = max(0, self._opener(end - 1))
            before = _CONDITION if last == b")" else _OPERAND_NEXT
            return bool(before.search(data, max(0, opener - _WINDOW), opener)) == (last == b"}")
        if last in (b"+", b"-"):
            return data[end - 2 : end - 1] == last
        if last == b".":
            return data[end - 2 : end - 1].isdigit()
        word = _WORD.search(data, max(self.floor, end - _WINDOW), end)
        return not word or bool(word[1]) or word[2] not in _NOT_OPERANDS

    def _code_end(self, limit: int) -> int:
        """Return the end of the last token before `limit` that is neither space nor comment, or the floor."""
        data, start = self.data, max(self.floor, self.seen)
        end = start + len(data[start:limit].rstrip())
        space = data[end:limit]
        line = max(data.rfind(b"\n", start, end), data.rfind(b"\r", start, end), start)
        may_be_comment = (b"\n" in space or b"\r" in space) and data.find(b"//", line, end) >= 0
        if may_be_comment or data.endswith(_GAP_ENDS, start, end):
            end = start
            for token in _TOKEN.finditer(data, start, limit):
                end = end if token["gap"] else token.end()
        if end == start:
            end = max(self.floor, self.seen_end)
        self.seen, self.seen_end = limit, end
        return end

    def _opener(self, closer: int) -> int:
        """Return the bracket that `closer` closes, or -1: look back, or else count all brackets from the start."""
        near = _look_back(self.data, max(self.clear, closer - _NEAR), closer)
        if near >= 0 or self.counts or self.opened:
            return near if near >= 0 else self.closed
        self.follower = self.follower or Scanner(self.data, counts=True)
        self.follower.reach(closer + 1)
        return self.follower.closed


def _look_back(data: bytes, start: int, closer: int) -> int:
    """Return the round bracket that a round one closes, or -1 if quotes or comments come between them."""
    start = max(start, *(data.rfind(sign, start, closer) + 1 for sign in (b'"', b"'", b"`", b"*/")))
    depth = 1 if data[closer] == _ROUND_END else -1
    at = closer
    while depth > 0:
        opener = data.rfind(b"(", start, at)
        depth = depth - 1 + data.count(b")", opener, at) if opener >= 0 else -1
        at = opener
    line = max(start, *(data.rfind(sign, start, max(at, start)) for sign in (b"\n", b"\r")))
    return at if depth == 0 and data.find(b"//", line, closer) < 0 else -1


_STEPS = {
    ord("/"): Scanner.slash,
    ord("`"): Scanner.template,
    **dict.fromkeys(b"\"'", Scanner.string),
    **dict.fromkeys(b"(){}", Scanner.bracket),
}
