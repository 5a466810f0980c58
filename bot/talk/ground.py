"""What a digest can be made of, and where it can go, as people name it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.talk.message import Place


class GroundKind(StrEnum):
    """A FORUM holds threads alone; a CATEGORY stands for the channels that are in it at the moment."""

    CHANNEL = "channel"
    THREAD = "thread"
    FORUM = "forum"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`place` of a category has its id and name, and is no place where anything is said."""

    place: Place
    kind: GroundKind = GroundKind.CHANNEL


class Standing(StrEnum):
    """Whether we can write in a place as of now. BARRED: it is there, but we may not, or nobody can. UNKNOWN: the
    platform is away."""

    OPEN = "open"
    BARRED = "barred"
    GONE = "gone"
    UNKNOWN = "unknown"
