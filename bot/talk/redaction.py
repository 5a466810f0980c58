"""Takes known secrets out of texts, also where they are written in another way that is easily undone.

A text is read as it is and as it is meant (`readings`), and each of it is looked at without what a reader does not mind
(`spellings`). What stands anywhere there is taken out of the original. All of it takes a time that grows with the text
and the number of secrets alone; a text without an escape is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.talk.readings import MARKS, readings
from bot.talk.spellings import LEAST_DISGUISED, Folding, View, view_of, writings
from bot.talk.wanted import Wanted

SECRET = "[secret]"  # noqa: S105 - what stands in its place
UNNAMED = "[…]"
"""What does where that holds a secret itself."""

SHORTEST_SECRET = 6
"""Characters. Shorter ones are not looked for: they would tear holes into ordinary words."""

LONGEST = 256  # characters; a longer secret is looked for in stretches of so many
WIDEST = 27
"""Characters of a growing text that one of a secret may take."""

NEAR = 160
"""Characters at the end of a growing text that are looked at first; more only where they do not tell."""

ROUNDS = 3
"""Times that a text is looked at again: what stands in the place of one secret may join what was around it."""


class Redaction:
    """`secrets` as they are meant."""

    def __init__(self, secrets: Iterable[str] = (), *, shortest: int = SHORTEST_SECRET, shown: str = SECRET) -> None:
        foldings = {view: Folding(view) for view in View}
        forms: dict[View, set[tuple[str, bool]]] = {view: set() for view in View}
        for form, least, parts in _forms(secrets, shortest):
            folded = {view: form.translate(folding) for view, folding in foldings.items()}
            view = view_of(form, folded, least=least)
            if view is not None:
                forms[view].add((folded[view], parts))
        self._wanted = tuple(Wanted(view, some) for view, some in forms.items() if some)
        self._reach = WIDEST * max((each.longest for each in self._wanted), default=0)
        self._shown = UNNAMED if self.found_in(shown) else shown

    def __call__(self, text: str) -> str:
        """The text with `[secret]` in their place."""
        for _ in range(ROUNDS):
            if not self.found_in(text):
                return text
            parts, end = list[str](), 0
            for start, until in self._spans(text):
                parts += [text[end:start], self._shown]
                end = until
            text = "".join((*parts, text[end:]))
        return self._shown if self.found_in(text) else text

    def found_in(self, text: str) -> bool:
        return bool(self._wanted) and any(each.stands_in(one.text) for one in readings(text) for each in self._wanted)

    def within(self, value: object) -> object:
        """The same for all texts and numbers of a JSON value, names of fields too."""
        match value:
            case str():
                return self(value)
            case list():
                return [self.within(each) for each in value]
            case dict():
                return {self(str(key)): self.within(each) for key, each in value.items()}
            case int() | float() if self.found_in(str(value)):
                return self._shown
            case _:
                return value

    def unclear(self, text: str) -> int:
        """How many characters at the end of a growing text may be the beginning of a secret. They are no part of a
        whole one: a rest of it would not be known any more."""
        if not self._wanted:
            return 0
        tail = text[-2 * self._reach :]
        length, begun = NEAR, -1
        while begun < 0:
            begun = self._begun(tail, len(tail) - length)
            length *= 4
        return len(tail) - self._whole(tail, begun)

    def _begun(self, text: str, start: int) -> int:
        """Where at its end a secret begins, or else the end; below 0 where it cannot be seen behind `start`."""
        if any(mark in text for mark in MARKS):
            # No escape has a space in it.
            start = max(text.rfind(" ", 0, max(0, start)), text.rfind("\n", 0, max(0, start))) + 1
        whole, begun, start = start <= 0, len(text), max(0, start)
        for reading in readings(text[start:], growing=True):
            for each in self._wanted:
                at = each.begun(reading.text, whole=whole)
                if at is not None:
                    begun = min(begun, start + reading.at[at] if at >= 0 else -1)
        return begun

    def outside(self, text: str, at: int) -> int:
        """Where to cut a text instead, so that no whole secret is cut in two."""
        if not self._wanted:
            return at
        start = max(0, at - self._reach)
        return start + self._whole(text[start : at + self._reach], at - start)

    def _whole(self, text: str, at: int) -> int:
        """The same place, or where the secret begins in whose middle it is, however it is read."""
        if at >= len(text):
            return at
        return next((start for start, end in self._spans(text) if start < at < end), at)

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand, in order, those that touch together."""
        found = sorted({span for reading in readings(text) for each in self._wanted for span in each.spans(reading)})
        spans = list[tuple[int, int]]()
        for start, end in found:
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((start, end))
        return spans


def _forms(secrets: Iterable[str], shortest: int) -> Iterator[tuple[str, int, bool]]:
    """What is looked for, how much of it must be left in a view, and whether most of it counts: half of an address is
    no secret."""
    for secret in set(secrets):
        if len(secret) < shortest:
            continue
        parts = "://" not in secret
        others = writings(secret) if len(secret) >= LEAST_DISGUISED else ()
        for form, least in ((secret, shortest), *((other, LEAST_DISGUISED) for other in others)):
            for start in range(0, len(form), LONGEST):
                if len(form) - start >= least:
                    yield form[start : start + LONGEST], least, parts
