"""The community's own files and pages, cut into passages that can be found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bot.talk.message import Place
from bot.talk.turn import Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who may read a document: everyone, or those in a guild, or of these those who can read a channel.

    `guild` is platform and id, like "discord:5"; `room` as `Place.room`.
    """

    guild: str | None = None
    room: str | None = None


EVERYONE = Readers()

HEADINGS = " › "
"""Stands between the headings that name a passage."""

_NUMBERED = re.compile(r"(?:page|rows?) \d+(?:-\d+)?")


def readers_of(place: Place) -> Readers:
    """Those who can read what is said in the place."""
    return Readers(guild=None if place.guild is None else f"{place.platform}:{place.guild}", room=place.room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A stretch of a document. `where` names it for people: headings, a page, rows; "" for the document itself."""

    text: str
    where: str = ""

    @property
    def heading(self) -> str:
        """The nearest one above it; "" where there is none. The number of a page or of rows says nothing of it."""
        nearest = self.where.rpartition(HEADINGS)[2]
        return "" if _NUMBERED.fullmatch(nearest) else nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A document of which the index holds the passages.

    `key`: a file's path below the folder, or where a page is listed. `name` is for people, never a path. `stamp`
    changes when a file may have changed, `digest` when its words have. `read_at`: when it was read last. `language`:
    the tag of the one that it is written in, "" where that is not known. `labels`: of the collections that it belongs
    to. `failing_since`: a page could not be fetched again since then.
    """

    key: str
    name: str
    title: str
    readers: Readers
    digest: str
    read_at: datetime
    url: str = ""
    stamp: str = ""
    language: str = ""
    labels: frozenset[str] = field(default_factory=frozenset[str])
    failing_since: datetime | None = None


class Shelf(NamedTuple):
    """What tells documents apart for a search: who may read them, their collections, their language."""

    guild: str | None
    room: str | None
    labels: str
    language: str


class Spot(NamedTuple):
    """Where a passage stands in the index: its document's number there, which no other one ever has, and its own."""

    document: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A passage that was found, of the document as it was known then. `position`: its number in the document. `of`:
    whose words the document is made of, where people said them."""

    document: Known
    chunk: Chunk
    position: int = 0
    of: tuple[Whose, ...] = ()
