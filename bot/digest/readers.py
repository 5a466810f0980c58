"""Who reads what of a digest: asked of the platform, of many people beside each other."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.ports.rights import Rights
from bot.talk.ground import Ground
from bot.talk.message import Conversation, Place
from bot.talk.plan import NotYet

AT_ONCE = 16
"""People of whom it is asked beside each other."""
ASKING_SECONDS = 60.0
"""The longest that is asked in one run; then it makes room, and goes on with whoever has not been asked yet."""
AWAY_SECONDS = 60.0
"""Between two looks whether a platform that is away is there again, or can say something of somebody."""

Within = Mapping[Ground, Collection[Place]]
"""The places that each ground stands for as of now."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads one delivery, and of which rooms it may be made."""

    conversation: Conversation
    rooms: frozenset[str]


def within(rights: Rights, grounds: Sequence[Ground]) -> Within:
    return {ground: rights.within(ground) for ground in grounds}


def rooms_in(found: Within) -> frozenset[str]:
    return frozenset(place.room for places in found.values() for place in places)


async def reader(rights: Rights, rooms: Collection[str], talk: Conversation) -> Reader:
    """Raises NotYet."""
    shown = await rights.open_to(rooms, talk)
    if shown is None:
        raise NotYet(AWAY_SECONDS)
    return Reader(talk, shown)


async def readers(
    rights: Rights, rooms: Collection[str], talks: Sequence[Conversation], known: dict[str, frozenset[str]]
) -> tuple[list[Reader], list[Conversation]]:
    """Of these conversations, each with one person; and those of which nothing can be found out now.

    `known`: by `Conversation.key`, what was answered in an earlier run of this; it is added to. Raises NotYet where it
    takes longer than one may, and where nothing can be found out of anybody.
    """
    limit = asyncio.timeout(ASKING_SECONDS)
    try:
        async with limit:
            left = [each for each in talks if each.key not in known]
            before = len(talks) + 1
            while left and len(left) < before:  # who could not be asked is asked again while others can be
                before = len(left)
                await _ask(rights, rooms, left, known)
                left = [each for each in left if each.key not in known]
    except TimeoutError:
        if not limit.expired():
            raise
        raise NotYet(0) from None
    if left and len(left) == len(talks):
        raise NotYet(AWAY_SECONDS)
    return [Reader(each, known[each.key]) for each in talks if each.key in known], left


async def _ask(
    rights: Rights, rooms: Collection[str], talks: Sequence[Conversation], known: dict[str, frozenset[str]]
) -> None:
    waiting = iter(talks)

    async def one_after_the_other() -> None:
        for talk in waiting:
            shown = await rights.open_to(rooms, talk)
            if shown is not None:
                known[talk.key] = shown

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE, len(talks))):
            group.create_task(one_after_the_other())
