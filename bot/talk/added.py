"""What moderators and staff add to the community's knowledge, beside its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.talk.knowledge import EVERYONE, Readers

ADDED = "@added "
"""The keys of documents made of what was added begin so; no file's does."""


class AddedKind(StrEnum):
    """PAGE: fetched again and again. PINS: a channel's pinned messages. THREAD: a solved one. ANSWER: a question and
    an answer that staff wrote."""

    PAGE = "page"
    PINS = "pins"
    THREAD = "thread"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """`place`: the key of the channel or thread, "" for others. `title`: an answer's question, else a name for people;
    `text`: the answer; of pins the ids of messages that are not to be read. `url`: the page, or where people read more.
    `by`: who added it, as `Person.key`."""

    kind: AddedKind
    at: datetime
    place: str = ""
    guild: str | None = None
    readers: Readers = EVERYONE
    url: str = ""
    title: str = ""
    text: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """`number`: what it is called by, never used twice."""

    number: int
    source: Adding

    @property
    def key(self) -> str:
        """Of its document; those of pins follow, each with its message."""
        return f"{ADDED}{self.source.kind} {self.number}"

    @property
    def taken_back(self) -> frozenset[str]:
        """Messages that stay pinned, and whose authors have asked to be forgotten since."""
        return frozenset(self.source.text.split()) if self.source.kind is AddedKind.PINS else frozenset()


def number_of(key: str) -> int | None:
    """By the key of a document: what it was made of, where people added that."""
    return int(key.split(" ")[2]) if key.startswith(ADDED) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidIn:
    """A message that a document is made of; `author` as `Person.key`, `place` as `Place.key`."""

    platform: str
    message: str
    author: str
    place: str
