"""What can be told of a turn afterwards: who asked where, and step by step what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.talk.approval import RequestState
from bot.talk.record import Usage
from bot.talk.turn import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """A call that a person was asked about, and how that stands. The rest as `Request` says."""

    tool: str
    state: RequestState
    server: str = ""
    begun: bool = False
    decided_at: datetime | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`asker` and `only` as `Person.key`; `place` as `Place.key`. `parts` in their order, with the tokens of each; none
    where nothing of the turn is kept. `asked`: what people were asked to allow. `shown`: how far its delivery came, ""
    where there is none."""

    turn: str
    state: str
    message: str
    place: str
    opened_at: datetime
    attempts: int
    asker: str | None = None
    only: str | None = None
    closed_at: datetime | None = None
    usage: Usage | None = None
    shown: str = ""
    parts: tuple[tuple[Part, int], ...] = ()
    asked: tuple[AskedFor, ...] = ()
