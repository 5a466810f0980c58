"""The web beyond the house, through the one guard that every address passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """What a page says, as readable text. `url` is where it was found in the end, `cut` that it was longer; `broken`:
    because its end did not come."""

    url: str
    title: str
    text: str
    cut: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebHit:
    url: str
    title: str
    excerpt: str = ""


class Web(Protocol):
    async def read(self, url: str) -> WebPage:
        """Raises BadCall with the reason, for the model: an address that is not allowed, a page that cannot be read."""
        ...


class WebSearch(Protocol):
    async def search(self, words: str, *, limit: int, language: str = "") -> tuple[WebHit, ...]:
        """Raises BadCall with the reason, for the model."""
        ...
