"""A house whose store is away for a while, and what people say meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.errors import DatabaseUnusable
from bot.talk.delivery import Delivery
from bot.talk.event import Said
from bot.talk.message import Addressed, Message, Place
from bot.talk.policy import Keep, Policy
from bot.talk.record import Incoming, Recorded
from tests.fakes import BEN, GENERAL, START, said
from tests.hooks import Hooked
from tests.rig import Rig, rig

NEVER = "I cannot write things down at the moment, so I had better not answer. Please try again later."
LATER = "I cannot write things down at the moment. I will answer this as soon as I can."
QUIET = Place(platform="local", id="quiet", name="quiet", guild="g")


async def let_go(_: Message) -> None:
    return


class Poison(Hooked):
    """A store that never takes the message with the id q."""

    def __init__(self, store: Any) -> None:
        super().__init__(store, nothing_at)
        self._record: Callable[[Sequence[Incoming]], Awaitable[list[Recorded]]] = store.record_all

    async def record_all(self, incoming: Sequence[Incoming]) -> list[Recorded]:
        if any(each.message.id == "q" for each in incoming):
            raise DatabaseUnusable("this one never")
        return await self._record(incoming)


async def nothing_at(_moment: str, _given: object) -> None:
    return


class Away:
    """A store that takes nothing, or not one message, until it is back."""

    def __init__(self) -> None:
        self.away = False
        self.poison = ""

    async def at(self, moment: str, _given: object) -> None:
        if moment.endswith("begins") and self.away:
            raise DatabaseUnusable("it is locked")

    def around(self, part: object) -> object:
        return Hooked(part, self.at)


@asynccontextmanager
async def away(folder: Path, *scripts: tuple[str, ...]) -> AsyncGenerator[tuple[Rig, Away]]:
    """The house whose store has just gone away. Engine and platform do not fail."""
    store = Away()
    async with rig(
        folder, *scripts, around=lambda part: store.around(part) if hasattr(part, "ledger") else part
    ) as house:
        for place in (GENERAL, QUIET):
            await house.store.save_policy(place, Policy(keep=Keep.ALWAYS, since=START, announced=True))
        store.away = True
        yield house, store


async def refused(house: Rig, message: Message) -> None:
    with pytest.raises(DatabaseUnusable):
        await house.hearing.hear(Said(message=message))


def replies(house: Rig, question: str) -> list[str]:
    return [each.text for each in house.platform.standing.values() if each.reply_to == question]


def shown(house: Rig) -> list[Delivery]:
    return list(house.platform.standing.values())


def plain(text: str, *, place: Place = GENERAL, message_id: str | None = None) -> Message:
    return said(text, by=BEN, place=place, addressed=Addressed.NO, message_id=message_id)


async def kept(house: Rig, place: Place = GENERAL) -> list[str]:
    question = said("and?", place=place)
    return [each.text for each in await house.store.overheard(question.conversation, before=question, limit=100)]
