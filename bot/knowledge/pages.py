"""The list of the community's own pages: a line for each, which may begin with who may read it.

# comment
https://wiki.example/rules
@guild-5 https://wiki.example/events
@guild-5/@channel-7 https://wiki.example/for-the-team
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.knowledge.folder import Problem, Unclear, readers_of
from bot.talk.knowledge import EVERYONE, Readers

PAGE = "@page "
"""The keys of pages begin so; no file's does."""

MOST_BYTES = 1_048_576
MOST_ADDRESS = 2_000
"""Characters of one address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page, and who may read what it says here. `key` is another where either is; `added`: the key of one
    that people added."""

    url: str
    readers: Readers = EVERYONE
    added: str = ""

    @property
    def labels(self) -> frozenset[str]:
        """Its host stands for the collection that it belongs to."""
        return frozenset({urlsplit(self.url).hostname or ""}) - {""}

    @property
    def key(self) -> str:
        return self.added or f"{PAGE}{self.readers.guild or ''} {self.readers.room or ''} {self.url}"


def parse(text: str, *, platform: str, most: int) -> tuple[tuple[Listed, ...], tuple[Problem, ...]]:
    """The pages in their order, each once, and what is wrong with other lines: their pages are nobody's."""
    found: dict[str, Listed] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            listed = _listed(words, platform=platform)
        except ValueError as error:
            problems.append(Problem(at=f"line {number}", found=str(error)))
            continue
        if listed.key not in found and len(found) >= most:
            problems.append(
                Problem(at=f"line {number}", found=f"more than {most} pages are listed; the rest is left out")
            )
            break
        found.setdefault(listed.key, listed)
    return tuple(found.values()), tuple(problems)


def _listed(words: list[str], *, platform: str) -> Listed:
    *who, url = words
    if len(who) > 1:
        raise ValueError("a line is an address, or who may read it and an address")
    folders = tuple(who[0].split("/")) if who else ()
    readers = readers_of(folders, platform=platform)
    if len(folders) != (readers.guild is not None) + (readers.room is not None):
        raise Unclear("before an address there may stand @guild-<id> or @guild-<id>/@channel-<id>")
    if not is_address(url):
        raise ValueError("this is no address of a page: it begins with https:// or http:// and names a host")
    return Listed(url=url, readers=readers)


def is_address(url: str) -> bool:
    """Whether a page may be fetched from there."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
    return right and len(url) <= MOST_ADDRESS and url.isprintable() and not any(map(str.isspace, url))
