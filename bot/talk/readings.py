"""What a text says to a program that undoes escapes of any depth: percent-encoding, HTML's entities, backslashes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

ROUNDS = 3
"""Times that percent-encoding is undone one after the other, as programs do; then all at once, whatever its depth."""

MARKS = "%&\\"
"""Whatever is undone begins with one of these."""

LONGEST_ENTITY = 33  # characters between `&` and `;`

_PERCENT = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
_STRETCH = re.compile(r"(?:%(?=[0-9A-Fa-f%&\\])|&(?=[#A-Za-z%&\\])|\\(?=[0-3Uuxnrt%&\\]))[!-~]*")
"""Outside of such a one nothing is undone, whatever comes out of it."""
_NUMBERED = re.compile(r"&#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})")
_BEGUN = re.compile(
    r"(?:%[0-9a-f]?|&#?[0-9a-z]{0,33}|\\(?:u\{?[0-9a-f]{0,6}|x[0-9a-f]?|[0-3][0-7]?)?|[\udc80-\udcff])+\Z",
    re.IGNORECASE,
)
LONGEST_BEGUN = 200
"""Characters at the end that are looked through for what may become another one as the text grows."""

_HEX = frozenset("0123456789abcdefABCDEF")
_OCTAL = frozenset("01234567")
_CODES = {"x": 2, "u": 4, "U": 8}
"""Digits behind a backslash and this letter."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`at`: where each character stood, and the end."""

    text: str
    at: Sequence[int]


def readings(text: str, *, growing: bool = False) -> Iterator[Reading]:
    """The text as it is, and as it is meant. `growing`: without what may become another character at its end, where
    everything is undone. Takes a time that grows with the length alone."""
    last = Reading(text, range(len(text) + 1))
    yield last
    for _ in range(ROUNDS):
        if (once := _undone_once(last)) is None:
            break
        yield once
        last = once
    if (whole := _undone(last, growing=growing)) is not None:
        if growing:
            end = len(whole.text)
            begun = _BEGUN.search(whole.text, max(0, end - LONGEST_BEGUN))
            yield Reading(whole.text[: end if begun is None else begun.start()], whole.at)
        else:
            yield whole


def _undone_once(reading: Reading) -> Reading | None:
    """As a program does it; None where there is nothing to do. Bytes that are no text become lone surrogates."""
    if "%" not in reading.text:
        return None
    text, before = reading.text, reading.at
    parts, at, end = list[str](), list[int](), 0
    for found in _PERCENT.finditer(text):
        meant = bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "surrogateescape")
        at += before[end : found.start()]
        start = found.start()
        for each in meant:
            at.append(before[start])
            start += 3 * len(each.encode("utf-8", "surrogateescape"))
        parts += [text[end : found.start()], meant]
        end = found.end()
    if not end:
        return None
    return Reading("".join((*parts, text[end:])), [*at, *before[end:]])


def _undone(reading: Reading, *, growing: bool) -> Reading | None:
    """What is left when nothing can be undone any more; None where there is nothing to do."""
    text, before = reading.text, reading.at
    if not any(mark in text for mark in MARKS):
        return None
    parts, at, end = list[str](), list[int](), 0
    for found in _STRETCH.finditer(text):
        stretch = _Stretch()
        for place in range(found.start(), found.end()):
            stretch.add(text[place], before[place])
        if not growing or found.end() < len(text):
            stretch.close()
        parts += [text[end : found.start()], *stretch.out]
        at += before[end : found.start()]
        at += stretch.at
        end = found.end()
    if not end and not growing:
        return None
    return Reading("".join((*parts, text[end:])), [*at, *before[end:]])


class _Stretch:
    """Each character is taken once, and whatever it completes is undone: what comes out may complete another one."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.at: list[int] = []
        self._lives = 0
        """Up to which length something may be completed."""

    def add(self, character: str, at: int) -> None:
        self.out.append(character)
        self.at.append(at)
        if character in MARKS:
            self._lives = len(self.out) + LONGEST_ENTITY
        while len(self.out) <= self._lives and (done := self._completed()) is not None:
            self._put(*done)

    def close(self) -> None:
        """Numbers without their semicolon, when nothing else can be undone."""
        for found in reversed(list(_NUMBERED.finditer("".join(self.out)))):
            self.out[found.start() : found.end()] = unescape(f"{found[0]};")
            self.at[found.start() : found.end()] = [self.at[found.start()]] * len(unescape(f"{found[0]};"))

    def _put(self, width: int, meant: str) -> None:
        at = self.at[-width]
        del self.out[-width:], self.at[-width:]
        self.out += meant
        self.at += [at] * len(meant)
        self._lives = len(self.out) + LONGEST_ENTITY

    def _completed(self) -> tuple[int, str] | None:
        """How many characters at the end mean something else, and what."""
        out, last = self.out, self.out[-1]
        if last in _HEX:
            return self._numbered()
        if last == ";":
            return self._entity()
        if last == "}":
            return self._braced()
        if last in "nrt" and len(out) > 1 and out[-2] == "\\":
            return 2, " "
        return self._byte() if "\udc80" <= last <= "\udcbf" else None

    def _numbered(self) -> tuple[int, str] | None:
        out = self.out
        if len(out) > 2 and out[-3] == "%" and out[-2] in _HEX:
            code = int(out[-2] + out[-1], 16)
            return 3, chr(code if code < 0x80 else 0xDC00 + code)
        for letter, digits in _CODES.items():
            if len(out) > digits + 1 and out[-digits - 1] == letter and out[-digits - 2] == "\\":
                number = out[-digits:]
                if _HEX.issuperset(number):
                    return digits + 2, _character(number, 16)
        if len(out) > 3 and out[-4] == "\\" and out[-3] in "0123" and _OCTAL.issuperset(out[-2:]):
            return 4, _character(out[-3:], 8)
        return None

    def _entity(self) -> tuple[int, str] | None:
        tail = "".join(self.out[-LONGEST_ENTITY - 2 :])
        name = tail[tail.rfind("&") :] if "&" in tail else ""
        meant = unescape(name)
        return (len(name), meant) if meant and meant != name else None

    def _braced(self) -> tuple[int, str] | None:
        tail = "".join(self.out[-10:])
        begins = tail.rfind("\\u{")
        number = tail[begins + 3 : -1]
        if begins < 0 or not number or not _HEX.issuperset(number):
            return None
        return len(tail) - begins, _character(number, 16)

    def _byte(self) -> tuple[int, str] | None:
        """The last of several that are one character."""
        for width in (2, 3, 4):
            data = self.out[-width:]
            if len(data) < width or not "\udc80" <= data[0] <= "\udcff":
                return None
            try:
                return width, "".join(data).encode("utf-8", "surrogateescape").decode()
            except UnicodeError:
                continue
        return None


def _character(digits: Sequence[str], base: int) -> str:
    code = int("".join(digits), base)
    return chr(code) if code < 0x110000 else "\ufffd"
