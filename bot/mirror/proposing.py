"""Which channels somebody wants to have linked. What they cannot read or not manage is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.mirror.audience import Readers
from bot.mirror.book import Book
from bot.mirror.words import plain
from bot.talk.event import Commanded
from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Place, PlaceKind
from bot.talk.mirror import Side
from bot.talk.response import Unfit

FEWEST, MOST = 2, 6
"""Channels of one link."""
LONGEST = 500
"""Characters of what somebody wrote that are looked at."""

_CHANNEL = re.compile(r"<#[0-9]+>|[^,;\s<]+")
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,2}")


class Proposing:
    """`lacks_tag`: as in `Shapes`."""

    def __init__(self, readers: Readers, book: Book, *, lacks_tag: Callable[[Place], bool]) -> None:
        self._readers = readers
        self._book = book
        self._lacks_tag = lacks_tag

    async def sides(self, event: Commanded, channels: str, languages: str) -> tuple[Side, ...]:
        """Raises Unfit."""
        grounds = await self._grounds(event, channels)
        tags = [_tag(each) for each in re.split(r"[,;\s]+", languages[:LONGEST].strip()) if each]
        if len(tags) != len(grounds):
            raise Unfit("mirror-languages-number")
        sides = tuple(
            Side(place=ground.place, language=tag, forum=ground.kind is GroundKind.FORUM)
            for ground, tag in zip(grounds, tags, strict=True)
        )
        if len({side.forum for side in sides}) > 1:
            raise Unfit("mirror-forums-apart")
        await self.require(event, sides)
        return sides

    async def require(self, event: Commanded, sides: Sequence[Side]) -> None:
        """They may be linked by this person now. Raises Unfit."""
        for side in sides:
            if not await self._readers.manages(event.person, side.place):
                raise Unfit("mirror-no-place", name=name(side.place))
            if await self._book.of(side.place) is not None:
                raise Unfit("mirror-linked-already", place=name(side.place))
            standing = await self._readers.standing(side)
            if standing is Standing.UNKNOWN:
                raise Unfit("mirror-cannot-tell")
            if standing is not Standing.OPEN:
                key = "forum-lacks-tag" if self._lacks_tag(side.place) else "mirror-barred"
                raise Unfit(key, place=name(side.place))

    async def _grounds(self, event: Commanded, channels: str) -> Sequence[Ground]:
        words = _CHANNEL.findall(channels[:LONGEST])
        if event.place.kind is PlaceKind.DIRECT or len(words) > MOST:
            raise Unfit("mirror-channels-number", fewest=FEWEST, most=MOST)
        found = {each.place.key: each for each in [await self._ground(event, each) for each in words]}
        if len(found) < FEWEST:
            raise Unfit("mirror-channels-number", fewest=FEWEST, most=MOST)
        return tuple(found.values())

    async def _ground(self, event: Commanded, words: str) -> Ground:
        """Threads go with their channels, and are not linked by themselves."""
        found = {
            each.place.key: each
            for each in await self._readers.grounds(words, event.place)
            if each.kind in (GroundKind.CHANNEL, GroundKind.FORUM) and each.place.guild == event.place.guild
        }
        theirs = [each for each in found.values() if await self._readers.manages(event.person, each.place)]
        if len(theirs) != 1:
            here = Side(place=event.place, language="")
            if await self._readers.standing(here) is Standing.UNKNOWN:
                raise Unfit("mirror-cannot-tell")
            raise Unfit("mirror-no-place", name=plain(words[:60]))
        return theirs[0]


def name(place: Place) -> str:
    return f"#{plain(place.name or place.id)}"


def _tag(words: str) -> str:
    if _TAG.fullmatch(words) is None:
        raise Unfit("mirror-no-language", name=plain(words[:20]))
    main, *rest = words.split("-")
    return "-".join([main.lower(), *(each.upper() if len(each) == 2 else each.title() for each in rest)])
