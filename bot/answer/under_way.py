"""One answer under way, as whoever may have to end it sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto

from bot.answer.turn import Turn
from bot.talk.message import Message
from bot.talk.oversight import NOBODY, Overseen
from bot.talk.record import OpenTurn


class Ending(Enum):
    STOPPED = auto()
    DELETED = auto()
    INTERRUPTED = auto()


@dataclass(slots=True, eq=False)
class Running:
    """One answer under way. `patient`: it waits for room where too many wait, and is never refused without a word.
    `overseen`: what oversight adds to its whole answer."""

    message: Message
    turn: Turn
    task: asyncio.Task[None] | None = None
    ending: Ending | None = None
    closing: bool = False
    opened: OpenTurn | None = None
    postponed: bool = False
    patient: bool = False
    id: str = ""
    overseen: Overseen = NOBODY

    def answers(self, message: Message, turn: str) -> bool:
        """Whether this turn, or whichever of the message's it is about to take up; "": any of the message's."""
        same = (self.message.place.key, self.message.id) == (message.place.key, message.id)
        return (same and not self.closing) if not turn else self.id == turn or (not self.id and same)
