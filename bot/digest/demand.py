"""The commands by which people ask to be caught up, or for a summary. Each becomes a plan that is due at once, so that
it is told once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.digest.asked import JUST_NOW, OTHERWISE, Asked, Kind
from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.ports import Clock, OnCommand, Store
from bot.ports.rights import Rights
from bot.talk.command import MESSAGE, Argument, Command, in_menu
from bot.talk.digest import Length, Period
from bot.talk.event import Commanded
from bot.talk.message import Conversation, Place, PlaceKind
from bot.talk.plan import Plan
from bot.talk.recurrence import Once
from bot.talk.response import Response, Unfit

CATCH_UP = "catch-up"
"""The kind of these plans."""
PER_PERSON = 1
"""Of one person at a time."""
FOCUS = 300
"""Characters."""
PAUSE = timedelta(hours=1)
"""Without a word; a conversation that begins with a chosen message is over then."""
LOOKED_AT = 5000
"""Messages of a conversation in which such a pause is looked for."""


class Reads(Protocol):
    """How a stretch of time is read."""

    def __call__(self, words: str, *, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
        """Its first moment, and its end, which is no part of it. Raises ValueError."""
        ...


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def argument(name: str, *choices: str) -> Argument:
        return Argument(name=name, description=phrases.say(f"argument-{name}"), choices=choices, required=False)

    how = (argument("length", *(each.value for each in Length)), argument("focus"))
    return (
        Command(name="catch-up", description=phrases.say("command-catch-up"), arguments=(argument("since"), *how)),
        Command(
            name="summarise",
            description=phrases.say("command-summarise"),
            arguments=(argument("since"), argument("until"), *how),
        ),
        in_menu("catch-up-from", phrases.say("menu-catch-up-from")),
        in_menu("summarise-from", phrases.say("menu-summarise-from")),
    )


class Demand:
    """`look`: something may be due sooner than was expected. `timezone`: of people who have chosen none."""

    def __init__(
        self,
        store: Store,
        *,
        rights: Mapping[str, Rights],
        reads: Reads,
        timezone: str,
        look: Callable[[], None],
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rights = rights
        self._reads = reads
        self._timezone = timezone
        self._look = look
        self._phrases = phrases
        self._clock = clock
        self._alone = asyncio.Lock()
        """Held while somebody's are counted and one is added."""

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        """By the names that `commands` declares. Where one begins nothing is said: what comes of it is the answer."""
        return {
            "catch-up": lambda event: self._begun(event, Kind.CATCH_UP, self._since_last),
            "summarise": lambda event: self._begun(event, Kind.SUMMARY, self._between),
            "catch-up-from": lambda event: self._begun(event, Kind.CATCH_UP, self._from_chosen),
            "summarise-from": lambda event: self._begun(event, Kind.SUMMARY, self._conversation_from),
        }

    async def _begun(
        self, event: Commanded, kind: Kind, period: Callable[[Commanded], Awaitable[Period]]
    ) -> Response | None:
        try:
            await self._require(event)
            asked = Asked(
                kind=kind,
                person=event.person,
                at=self._clock.now(),
                period=await period(event),
                length=_length(event),
                focus=_focus(event),
                handle=event.handle,
            )
            await self._plan(asked, event.place)
        except Unfit as unfit:
            return Response(text=self._phrases.to(event.person.locale).say(unfit.key, **unfit.values))
        self._look()
        return None

    async def _require(self, event: Commanded) -> None:
        """Nothing is said of a place that the person cannot read, not even whether anything is kept of it."""
        if event.place.kind is PlaceKind.DIRECT:
            raise Unfit("catch-up-not-here")
        rights = self._rights.get(event.place.platform)
        if rights is None or not await rights.may_read(event.person.key, event.place):
            raise Unfit("catch-up-unreadable")
        if not (await rules(self._store, event.place)).keeping:
            raise Unfit("catch-up-not-kept")

    async def _plan(self, asked: Asked, place: Place) -> None:
        owner = asked.person.key
        async with self._alone:
            if len(await self._store.plans(kind=CATCH_UP, owner=owner, limit=PER_PERSON)) >= PER_PERSON:
                raise Unfit("catch-up-under-way")
            await self._store.save_plan(
                Plan(
                    id=uuid4().hex,
                    kind=CATCH_UP,
                    recurrence=Once(at=asked.at),
                    due=asked.at,
                    conversation=Conversation(place=place, only=owner),
                    owner=owner,
                    payload=asked.payload,
                )
            )

    # which period

    async def _since_last(self, event: Commanded) -> Period:
        now = self._clock.now()
        if event.arguments.get("since", "").strip():
            return Period(since=(await self._read(event, "since"))[0], until=now)
        last = await self._store.last_said(event.person.key, event.place, before=now - JUST_NOW)
        return Period(since=last or now - OTHERWISE, until=now)

    async def _between(self, event: Commanded) -> Period:
        """By default all of a thread, or the last day of a channel."""
        now = self._clock.now()
        first = await self._store.first_said(event.place) if event.place.kind is PlaceKind.THREAD else None
        since, until = first or now - OTHERWISE, now
        if event.arguments.get("since", "").strip():
            since = (await self._read(event, "since"))[0]
        if event.arguments.get("until", "").strip():
            until = min(now, (await self._read(event, "until"))[1])
        if since >= until:
            raise Unfit("catch-up-no-period")
        return Period(since=since, until=until)

    async def _from_chosen(self, event: Commanded) -> Period:
        moments = await self._moments(event, limit=1)
        return Period(since=moments[0], until=self._clock.now())

    async def _conversation_from(self, event: Commanded) -> Period:
        """To the first long pause."""
        moments = await self._moments(event, limit=LOOKED_AT)
        last = next((one for one, after in pairwise(moments) if after - one >= PAUSE), moments[-1])
        return Period(since=moments[0], until=last + timedelta.resolution)

    async def _moments(self, event: Commanded, *, limit: int) -> tuple[datetime, ...]:
        chosen = event.arguments.get(MESSAGE, "")
        moments = await self._store.moments_from(event.place, chosen, limit=limit)
        if not moments:
            raise Unfit("catch-up-message-gone")
        return moments

    async def _read(self, event: Commanded, argument: str) -> tuple[datetime, datetime]:
        zone = ZoneInfo(await self._store.timezone(event.person.key) or self._timezone)
        now = self._clock.now()
        try:
            first, end = self._reads(event.arguments[argument], now=now, zone=zone)
        except ValueError:
            raise Unfit("catch-up-bad-time") from None
        if first >= now:
            raise Unfit("catch-up-not-past")
        return first, end


def _length(event: Commanded) -> Length:
    given = event.arguments.get("length", "").strip()
    try:
        return Length(given) if given else Length.NORMAL
    except ValueError:
        raise Unfit("catch-up-bad-length") from None


def _focus(event: Commanded) -> str:
    focus = " ".join(event.arguments.get("focus", "").split())
    if len(focus) > FOCUS:
        raise Unfit("catch-up-long-focus", limit=FOCUS)
    return focus
