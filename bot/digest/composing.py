"""Makes what a run of a scheduled digest leaves: for each reader one delivery a language.

It covers what no earlier run has told, and is made in slices: what has been made stays until the run has ended.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.digest.choosing import Choosing
from bot.digest.makes import Makes
from bot.digest.readers import AWAY_SECONDS, Reader, Within
from bot.digest.schedule import ARRIVING, Empty, Schedule
from bot.digest.unfinished import Unfinished
from bot.languages.phrases import Phrases
from bot.ports.moments import Moments, News
from bot.ports.rights import Rights
from bot.talk.delivery import Delivery
from bot.talk.digest import Digest, Order, Told, text_of
from bot.talk.ground import Standing
from bot.talk.message import Person, Place
from bot.talk.plan import NotYet, Run

SLICE_SECONDS = 480.0
"""The longest that one run works at it; then it makes room and goes on with what was made by then."""
SLICES = 45
"""Runs for one moment, about six hours of the engine; then people's own words have to do."""
UNSERVED_SECONDS = 3600.0
"""Between two looks whether a platform is there that this process does not serve at all."""
UNHEARD_SECONDS, UNHEARD = 15.0, 120
"""Between two looks whether all that was said has been heard, and how often: half an hour, as long as a channel is read
again. What is heard only then, the next one tells."""
REMEMBERED = 10_000
"""Runs of which is known how often they had to wait."""


class Tells(Protocol):
    """How a digest reads. `rooms`: all that it may have been made of."""

    def __call__(
        self,
        digest: Digest,
        *,
        link: Callable[[Place, str], str],
        phrases: Phrases,
        heading: str = ...,
        rooms: Collection[str] = ...,
    ) -> tuple[Told, ...]: ...


class Composing:
    """`present`: whether a platform is there, so that it can be asked."""

    def __init__(
        self,
        store: Moments,
        choosing: Choosing,
        *,
        makes: Makes,
        tells: Tells,
        present: Callable[[str], bool],
        phrases: Phrases,
    ) -> None:
        self._store = store
        self._choosing = choosing
        self._makes = makes
        self._tells = tells
        self._present = present
        self._phrases = phrases
        self._waits: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._unfinished = Unfinished()

    async def ready(self, run: Run, home: Place) -> Rights:
        """When the platform can be asked of this server, and everything that was said has come. Raises NotYet."""
        rights = self._choosing.known(home)
        if rights is None:
            raise NotYet(UNSERVED_SECONDS)
        # A server of which nothing is known yet looks as if all its places were gone.
        if not self._present(home.platform) or await rights.standing(home) is Standing.UNKNOWN:
            raise NotYet(AWAY_SECONDS)
        if not rights.heard and self._again(run, "unheard") <= UNHEARD:
            raise NotYet(UNHEARD_SECONDS)
        return rights

    async def news(self, run: Run, says: Schedule) -> News:
        """Up to which message it tells: for all its readers the same, whenever it comes to them."""
        read = partial(self._store.news, says.home.platform, after=says.newest)
        return await self._unfinished.news(run, read)

    def known(self, run: Run) -> dict[str, frozenset[str]]:
        """As `readers` adds to it."""
        return self._unfinished.open(run)

    async def left(
        self,
        run: Run,
        says: Schedule,
        readers: Sequence[Reader],
        within: Within,
        *,
        news: News,
        waited_for: Person | None = None,
    ) -> tuple[Delivery, ...]:
        """Those who may read the same share what is made. Whoever waits for it is told also that nothing was said.
        Raises NotYet."""
        limit = asyncio.timeout(SLICE_SECONDS)
        made: dict[frozenset[str], list[Digest]] = {}
        worn_out = self._again(run, "slices") > SLICES
        try:
            async with limit:
                for reader in readers:
                    if reader.rooms not in made:
                        orders = _orders(run, says, reader.rooms, within, news=news, to_the_end=waited_for is not None)
                        made[reader.rooms] = await self._made(run, orders, worn_out=worn_out, waited_for=waited_for)
        except TimeoutError:
            if not limit.expired():
                raise
            raise NotYet(0) from None
        self._unfinished.over(run)
        left: list[Delivery] = []
        told: dict[tuple[frozenset[str], str], list[tuple[Digest, tuple[Told, ...]]]] = {}
        for reader in readers:
            phrases = await self._phrases.heard(reader.conversation)
            shared = (reader.rooms, phrases.locale)
            if shared not in told:
                wanted = waited_for is not None or says.empty is Empty.SAY
                some = [each for each in made[reader.rooms] if each.messages or wanted]
                told[shared] = [
                    (each, await self._told(run, says, reader.rooms, each, within, phrases=phrases)) for each in some
                ]
            left += [
                replace(_delivery(run, reader, digest.language, each), opens=_title(run, says, reader, digest, phrases))
                for digest, each in told[shared]
            ]
        return tuple(left)

    async def _made(
        self, run: Run, orders: Sequence[Order], *, worn_out: bool, waited_for: Person | None
    ) -> list[Digest]:
        found: list[Digest] = []
        for order in orders:
            asked = partial(self._makes.make, waited_for=waited_for)
            make = partial(self._makes.gather if worn_out else asked, order)
            found.append(await self._unfinished.made(run, order, make))
            if not found[-1].messages:
                break  # in no other language either
        return found

    async def _told(
        self,
        run: Run,
        says: Schedule,
        rooms: frozenset[str],
        digest: Digest,
        within: Within,
        *,
        phrases: Phrases,
    ) -> tuple[Told, ...]:
        """Names only what may be read."""
        rights = self._choosing.rights(says.home)
        phrases = phrases.to(digest.language)
        named = [ground for ground, places in within.items() if any(place.room in rooms for place in places)]
        heading = phrases.say("digest-plan-heading", places=await self._choosing.names(named, says.home))
        shown = replace(digest, period=says.period(run.plan, run.at, first=digest.first))
        told = self._tells(shown, link=rights.link, phrases=phrases, heading=heading, rooms=rooms)
        # It names them.
        return tuple(replace(each, rooms=rooms) if each.text == heading else each for each in told)

    def _again(self, run: Run, why: str) -> int:
        """How often by now."""
        key = (run.key, why)
        self._waits[key] = self._waits.pop(key, 0) + 1
        while len(self._waits) > REMEMBERED:
            self._waits.popitem(last=False)
        return self._waits[key]


def _orders(
    run: Run, says: Schedule, rooms: frozenset[str], within: Within, *, news: News, to_the_end: bool
) -> list[Order]:
    """`to_the_end`: whoever waits for it wants what was said just now, too."""
    until = run.at if to_the_end else run.at - ARRIVING
    period = says.untold(run.plan, run.at, news, until=until)
    places = frozenset(place.key for some in within.values() for place in some if place.room in rooms)
    return [
        Order(
            platform=says.home.platform,
            rooms=rooms,
            places=places,
            period=period,
            language=language,
            length=says.length,
        )
        for language in says.languages
    ]


def _title(run: Run, says: Schedule, reader: Reader, digest: Digest, phrases: Phrases) -> str:
    """Of the post that it is in a forum. A title stays where the last door takes names of places out of the text."""
    if not says.posts or reader.conversation.only is not None:
        return ""
    when = f"{run.at.astimezone(ZoneInfo(run.plan.timezone)):%Y-%m-%d %H:%M}"
    return when if len(says.languages) == 1 else f"{when} · {phrases.to(digest.language).language(digest.language)}"


def _delivery(run: Run, reader: Reader, language: str, told: tuple[Told, ...]) -> Delivery:
    words = f"{run.key}\n{reader.conversation.key}\n{language}"
    return Delivery(
        id=hashlib.sha256(words.encode()).hexdigest()[:32],
        conversation=reader.conversation,
        text=text_of(told),
        told=told,
    )
