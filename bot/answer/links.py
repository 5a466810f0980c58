"""Links that the model wrote: live only where somebody else named exactly this address; of others the host is shown.

Two readers must agree that nothing else is live: Discord, and CommonMark on the page. So nothing is left to their
rules: what is live is written between angle brackets, where both end it at the same character, and whatever else could
begin a link is taken apart. Code is left as it is where both take it for code without a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from bot.answer.addresses import INVITE, SCHEME, WEB, defanged, live, readings, without_invites
from bot.answer.code import TICKS, closes_more, closing_of, is_code, leaves_doubt

Known = Callable[[str], bool]

LONGEST_CODE = 200  # characters of code inside a line of at most LONGEST_LINE: so a message is never cut in it
LONGEST_LINE = 400
LONGEST_MASK = 560
LONGEST_WORD = 50

_WORTH_A_LOOK = re.compile(r"://|\]|[`*_~|<\[\\&\u202d\u202e]|discord", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\([\\:/.@])")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/.@?#=%+-_")
_TURNED = re.compile("[\u202d\u202e]")
_NEXT = re.compile(rf"[`<\[]|!\[|{SCHEME.pattern}|{INVITE.pattern}", re.IGNORECASE)
_MASK = re.compile(
    r"!?\[(?P<words>[^\[\]\n\\`<>|]{1,200})\]\([ \t]*(?P<open><?)(?P<to>https?://(?:[^\s<>()\"`|\\^{}]|\([^\s<>()\"`|\\^{}]*\))+)"
    r"(?(open)>?)(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\)",
    re.IGNORECASE,
)
_PRETENDS = re.compile(
    r"://|\bwww\.|[\w-]\.[\w-]{2,}/|^\W*[\w-]+(?:\.[\w-]+)+\W*$|[@\u200b-\u200f\u202a-\u202e\u2060-\u206f]"
)
_AUTOLINK = re.compile(r"<(?=[a-z][a-z0-9+.-]{1,31}:|[^:\s>]{1,256}:/|[^\s<>@]+@)", re.IGNORECASE)
_OPENS = re.compile(r"```[A-Za-z0-9_+#.-]{0,32}[ \t]*")
_CLOSES = re.compile(r"```[ \t]*")
_WORD_END = "([{*~"
_WEB_SCHEME = re.compile(r"(h)tt(ps?://)", re.IGNORECASE)


class Defanging:
    """Takes the lines of one text in their order. `known`: whether an address may be live."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._fenced = False
        self._filled = False
        self._before = ""
        self._doubtful = False
        """Whether something before may reach into what looks like code, for one of the readers."""
        self._bracket = False
        """Whether a bracket was shown: on Discord the words of a link may begin there, and end in code."""

    def begun(self, stretch: str) -> str:
        """The first part of a line that is longer than `LONGEST_LINE`, up to a space; the rest follows."""
        self._before += stretch
        if self._fenced and not self._doubtful:
            return self._kept_in(stretch)
        return self._looked_at(stretch)

    def line(self, line: str) -> str:
        before, self._before = self._before, ""
        if self._fenced and not self._doubtful:
            return self._in_fence(line, begun=bool(before))
        if not self._doubtful and not before and _OPENS.fullmatch(line):
            self._fenced, self._filled = True, False
            return line
        shown = self._looked_at(line, code=not self._doubtful and not before)
        self._doubtful = self._doubtful or leaves_doubt(before + line)
        return shown

    def unfinished(self, line: str) -> str:
        """As it would be shown if this were all of it; it is looked at again when there is more."""
        if self._fenced and not self._doubtful:
            return self._kept_in(line) if "```" not in line or _CLOSES.fullmatch(line) else self._looked_at(line)
        if not self._doubtful and not self._before and _OPENS.fullmatch(line):
            return line
        return self._looked_at(line, code=not self._doubtful and not self._before)

    def _looked_at(self, text: str, *, code: bool = False) -> str:
        if not _WORTH_A_LOOK.search(text):
            return text
        shown = _Line(_undisguised(_TURNED.sub("", text)), self._known, code=code).shown()
        self._bracket = self._bracket or "[" in shown
        return shown

    def _kept_in(self, code: str) -> str:
        """Without the end of a link that began before the code."""
        while self._bracket and (at := closes_more(code)) >= 0:
            code = f"{code[: at + 1]} {code[at + 1 :]}"
        return code

    def _in_fence(self, line: str, *, begun: bool) -> str:
        if not begun and _CLOSES.fullmatch(line):
            # Discord sees no end in one that closes an empty block.
            self._fenced, self._doubtful = False, not self._filled
            return line
        if "```" in line:
            self._fenced, self._doubtful = False, True
            return _Line(_undisguised(line), self._known, code=False).shown()
        self._filled = self._filled or begun or bool(line.strip())
        return self._kept_in(line)


def defang(text: str, known: Known) -> str:
    """The whole text with no other live links than known ones."""
    lines = Defanging(known)
    return "\n".join(lines.line(line) for line in text.split("\n"))


def _undisguised(line: str) -> str:
    """Where entities or backslashes hide an address, the line without them."""
    if "&" not in line and "\\" not in line:
        return line
    plain = _ENTITY.sub(lambda found: one if (one := unescape(found[0])) in _PLAIN and one else found[0], line)
    plain = _ESCAPE.sub(lambda found: found[0] if found[1] == "\\" else found[1], plain)
    return plain if SCHEME.search(plain) or INVITE.search(plain) else line


class _Line:
    def __init__(self, text: str, known: Known, *, code: bool) -> None:
        self._text = text
        self._known = known
        self._code = code and len(text) <= LONGEST_LINE
        self._out: list[str] = []
        self._plain = 0
        self._last = ""

    def shown(self) -> str:
        self._read()
        self._check()
        return "".join(self._out)

    def _read(self) -> None:
        at = 0
        while (found := _NEXT.search(self._text, at)) is not None:
            self._emit(self._text[at : found.start()])
            at = self._take(found)
        self._emit(self._text[at:])

    def _read_part(self, part: str) -> None:
        """By itself, as text without code."""
        text, code = self._text, self._code
        self._text, self._code = part, False
        self._read()
        self._text, self._code = text, code

    def _check(self) -> None:
        """What was put together from what is no link may still read like one."""
        plain = "".join(self._out[self._plain :])
        self._out[self._plain :] = [without_invites(_WEB_SCHEME.sub(r"\1xx\2", plain))]
        self._plain = len(self._out)

    def _certain(self, text: str) -> None:
        """A known link, or code."""
        self._check()
        self._out.append(text)
        self._last = text[-1]
        self._plain = len(self._out)

    def _take(self, found: re.Match[str]) -> int:
        """What stands there is emitted; returns from where to go on."""
        at = found.start()
        match self._text[at]:
            case "`":
                return self._ticks(at)
            case "<":
                return self._angle(at)
            case "[" | "!" if self._text[at] == "[" or self._text[at : at + 2] == "![":
                return self._bracket(at)
            case _:
                return self._address(at)

    def _ticks(self, at: int) -> int:
        opening = TICKS.match(self._text, at)
        assert opening is not None
        closing = closing_of(self._text, opening) if self._code and len(opening[0]) <= 2 else None
        if closing is not None and is_code(self._text, opening, closing):
            if closing.end() - at <= LONGEST_CODE:
                self._certain(self._text[at : closing.end()])
            else:
                self._read_part(self._text[at : closing.end()])
            return closing.end()
        self._code = False
        self._emit(opening[0])
        return opening.end()

    def _angle(self, at: int) -> int:
        web = WEB.match(self._text, at + 1)
        if web is not None and self._text[web.end() : web.end() + 1] == ">":
            shown = self._allowed(web[0])
            if shown is not None:
                self._live(shown)
            else:
                self._read_part(web[0])
            return web.end() + 1
        if SCHEME.match(self._text, at + 1):
            return self._address(at + 1)
        self._emit("< " if _AUTOLINK.match(self._text, at) else "<")
        return at + 1

    def _bracket(self, at: int) -> int:
        mask = _MASK.match(self._text, at)
        shown = None if mask is None else self._allowed(mask["to"])
        if mask is None or shown is None:
            width = 1 if self._text[at] == "[" else 2
            self._emit(self._text[at : at + width])
            return at + width
        words = " ".join(mask["words"].split())
        whole = f"[{words}](<{shown}>)"
        if (
            not words
            or _PRETENDS.search(words)
            or _ENTITY.search(words + shown)
            or "(" in shown
            or len(whole) > LONGEST_MASK
        ):
            self._read_part(mask["words"])
            self._live(shown)
        else:
            self._apart()
            self._certain(whole)
        return mask.end()

    def _address(self, at: int) -> int:
        web = WEB.match(self._text, at)
        if web is not None:
            for reading in readings(web[0]):
                shown = self._allowed(reading)
                if shown is not None:
                    self._live(shown)
                    return at + len(reading)
        scheme = SCHEME.match(self._text, at)
        if scheme is not None:
            shown, length = defanged(web[0] if web is not None else scheme[0])
            self._emit(shown)
            return at + length
        invite = INVITE.match(self._text, at)
        assert invite is not None
        if self._invited(invite[0]) and not self._text.startswith(":", invite.end()):
            self._certain(invite[0])
            return invite.end()
        host = invite[0].partition("/")[0]
        self._emit(host.replace(".", "[.]"))
        return at + len(host)

    def _invited(self, invite: str) -> bool:
        return any(self._known(each) for each in (invite, f"https://{invite}", f"http://{invite}"))

    def _allowed(self, address: str) -> str | None:
        return live(address) if self._known(address) else None

    def _live(self, address: str) -> None:
        self._apart()
        self._certain(f"<{address}>")

    def _apart(self) -> None:
        """Nothing before it becomes a part of what comes now."""
        word = "".join(self._out).rpartition(" ")[2][-LONGEST_WORD - 1 :]
        if word and (word[-1] not in _WORD_END or len(word) > LONGEST_WORD or "<" in word or "](" in word):
            self._put(" ")

    def _emit(self, text: str) -> None:
        """Text that is no link, whatever stood before it."""
        text = text.replace("](", "] (").replace("]:", "] :")
        if self._last == "]" and text[:1] in {"(", ":"}:
            self._put(" ")
        self._put(text)

    def _put(self, text: str) -> None:
        if text:
            self._out.append(text)
            self._last = text[-1]
