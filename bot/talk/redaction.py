"""Takes known secrets out of texts, also where they are written in another way that a program can undo at once."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

SECRET = "[secret]"  # noqa: S105 - what stands in its place

SHORTEST_SECRET = 6
"""Characters. Shorter ones are not looked for: they would tear holes into ordinary words."""

SHORTEST_DISGUISED = 8  # of what is looked for in another writing
LONGEST = 256  # characters; a longer secret is looked for in stretches of so many
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
        self._folded = tuple(form.casefold() for form in self._forms)
        self._begun = frozenset(form[:length] for form in self._folded for length in range(LEAST_BEGUN, len(form)))
        starts = sorted({form[:LEAST_BEGUN] for form in self._folded})
        self._starts = re.compile("|".join(map(re.escape, starts))) if starts else None
        self._longest = max(map(len, self._folded), default=0)
        self._shown = shown
        self._pattern = re.compile("|".join(map(re.escape, self._forms)), re.IGNORECASE) if forms else None

    def __call__(self, text: str) -> str:
        """The text with `[secret]` in their place."""
        return self._pattern.sub(self._shown, text) if self._pattern is not None and self.found_in(text) else text

    def found_in(self, text: str) -> bool:
        folded = text.casefold()
        return any(form in folded for form in self._folded)

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
        """How many characters at the end of a growing text may be the beginning of a secret."""
        if self._starts is None:
            return 0
        end, at = text[-self._longest :].casefold(), 0
        while (found := self._starts.search(end, at)) is not None:
            if end[found.start() :] in self._begun:
                return len(end) - found.start()
            at = found.start() + 1
        return 0


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
