"""Takes known secrets out of texts, also where they are written in another way that a program can undo at once."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from urllib.parse import quote

SECRET = "[secret]"  # noqa: S105 - what stands in its place

SHORTEST_SECRET = 6
"""Characters. Shorter ones are not looked for: they would tear holes into ordinary words."""

SHORTEST_DISGUISED = 8  # of what is looked for in another writing
LONGEST = 256  # characters; a longer secret is looked for in stretches of so many
WIDEST = 27
"""Characters that one may take when it is percent-encoded, and that again and again."""

ROUNDS = 3
"""Times that a text is decoded, one after the other: `%3%33` becomes a digit in the second."""

_ESCAPED = re.compile(r"%(?:25){0,3}([0-7][0-9a-f])", re.IGNORECASE)
_GOES_ON = re.compile(r"%(?:2(?:5(?:2(?:5(?:2(?:5[0-7]?)?)?)?)?)?|(?:25){0,3}[0-7])?\Z")
"""What may become one, at the end of a growing text."""

LEAST_BEGUN = 3  # characters at the end of a growing text that are held back as the beginning of one


class Redaction:
    """`secrets` as they are meant. Costs a search for each of their writings, which is little for few of them."""

    def __init__(self, secrets: Iterable[str] = (), *, shortest: int = SHORTEST_SECRET, shown: str = SECRET) -> None:
        forms = {
            form[start : start + LONGEST]
            for secret in set(secrets)
            if len(secret) >= shortest
            for form in _forms(secret)
            for start in range(0, len(form), LONGEST)
            if len(form) - start >= shortest
        }
        # The longest first: one may contain another.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._folded = tuple(map(_folded, self._forms))
        self._begun = frozenset(form[:length] for form in self._folded for length in range(LEAST_BEGUN, len(form)))
        starts = sorted({form[:LEAST_BEGUN] for form in self._folded})
        self._starts = re.compile("|".join(map(re.escape, starts))) if starts else None
        self._longest = max(map(len, self._folded), default=0)
        self._shown = shown
        self._pattern = re.compile("|".join(map(re.escape, self._forms)), re.IGNORECASE) if forms else None

    def __call__(self, text: str) -> str:
        """The text with `[secret]` in their place."""
        if self._pattern is None or not self.found_in(text):
            return text
        clean = self._pattern.sub(self._shown, text)
        if "%" not in clean:
            return clean
        plain, at = _undone(clean)
        parts, end = list[str](), 0
        for found in self._pattern.finditer(plain):
            parts += [clean[end : at[found.start()]], self._shown]
            end = at[found.end()]
        return "".join((*parts, clean[end:]))

    def found_in(self, text: str) -> bool:
        readings = (text, _undone(text)[0]) if "%" in text else (text,)
        return any(form in folded for folded in map(_folded, readings) for form in self._folded)

    def within(self, value: object) -> object:
        """The same for all texts of a JSON value, names of fields too."""
        match value:
            case str():
                return self(value)
            case list():
                return [self.within(each) for each in value]
            case dict():
                return {self(str(key)): self.within(each) for key, each in value.items()}
            case _:
                return value

    def unclear(self, text: str) -> int:
        """How many characters at the end of a growing text may be the beginning of a secret. They are no part of a
        whole one: a rest of it would not be known any more."""
        if self._starts is None:
            return 0
        tail = text[-2 * self._longest :]
        begins = self._begun_at(tail)
        most = 0 if begins is None else len(tail) - begins
        tail = text[-2 * WIDEST * self._longest :]
        if "%" in tail:
            plain, at = _undone(_ended(tail))
            begins = self._begun_at(plain)
            most = max(most, 0 if begins is None else len(tail) - at[begins])
        return most

    def outside(self, text: str, at: int) -> int:
        """Where to cut a text instead, so that no whole secret is cut in two."""
        if self._starts is None or at >= len(text):
            return at
        start = max(0, at - 2 * WIDEST * self._longest)
        window = text[start : at + WIDEST * self._longest]
        cut = self._before(_folded(window), at - start)
        if "%" in window:
            plain, raw = _undone(window)
            within = bisect_left(raw, cut)
            before = self._before(_folded(plain), within)
            cut = raw[before] if before < within else cut
        return start + cut

    def _begun_at(self, tail: str) -> int | None:
        """Where it may begin; None where it does not."""
        assert self._starts is not None
        folded = _folded(tail)
        at = max(0, len(folded) - self._longest)
        while (found := self._starts.search(folded, at)) is not None:
            if folded[found.start() :] in self._begun:
                return self._before(folded, found.start())
            at = found.start() + 1
        return None

    def _before(self, folded: str, at: int) -> int:
        """The same place, or where the secret begins in whose middle it is."""
        moved = True
        while moved:
            starts = (folded.find(form, max(0, at - len(form) + 1), at + len(form) - 1) for form in self._folded)
            first = min((start for start in starts if 0 <= start < at), default=at)
            moved, at = first < at, first
        return at


def _folded(text: str) -> str:
    """Without case, each character where it was."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(one if len(one := each.casefold()) == 1 else each for each in text)


def _ended(tail: str) -> str:
    """Without what may become an encoded character as the text grows."""
    for _ in range(WIDEST):
        shorter = _GOES_ON.sub("", tail)
        if shorter == tail:
            break
        tail = shorter
    return tail


def _undone(text: str) -> tuple[str, list[int]]:
    """With percent-encoded characters as they are meant, also where that was encoded again, wholly or in part; and
    where each stood, and the end."""
    plain, at = _undone_once(text)
    for _ in range(ROUNDS - 1):
        again, where = _undone_once(plain)
        if again == plain:
            break
        plain, at = again, [at[each] for each in where]
    return plain, at


def _undone_once(text: str) -> tuple[str, list[int]]:
    parts, at, end = list[str](), list[int](), 0
    for found in _ESCAPED.finditer(text):
        parts += [text[end : found.start()], chr(int(found[1], 16))]
        at += range(end, found.start() + 1)
        end = found.end()
    at += range(end, len(text) + 1)
    return "".join((*parts, text[end:])), at


def _forms(secret: str) -> Iterator[str]:
    """Upper and lower case are the same when it is looked for."""
    yield secret
    if len(secret) < SHORTEST_DISGUISED:
        return
    yield secret[::-1]
    yield quote(secret, safe="")
    data = secret.encode("utf-8", "surrogatepass")
    yield "".join(f"%{byte:02x}" for byte in data)
    yield binascii.hexlify(data).decode()
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Of a longer text that was encoded: what does not depend on its neighbours.
            coded = encode(b"\0" * before + data).decode().rstrip("=")
            yield coded[(0, 2, 3)[before] : len(coded) - 1]
