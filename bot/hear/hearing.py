"""Every event comes in here, is recorded once, and is handed to the verb that follows from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Self
from uuid import uuid4

from bot.errors import CalanqueError, DatabaseUnusable
from bot.hear.announcing import Announcing
from bot.hear.arrears import Arrears
from bot.hear.follows import Answering, Lateness, Supports
from bot.hear.intake import Intake
from bot.hear.wishes import Wishes
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, Store
from bot.ports.mirrors import Mirrors
from bot.ports.support import Relays
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import (
    CaughtUp,
    Commanded,
    Deleted,
    Edited,
    Event,
    Left,
    Pressed,
    Said,
    ThreadChanged,
    Tick,
    Typing,
)
from bot.talk.message import Addressed, Conversation, Message, Place
from bot.talk.policy import Forgotten
from bot.talk.record import Answered, Incoming, Recorded

log = logging.getLogger(__name__)

PROBE = "last-probe"
"""The fact that is written to see whether the store works."""


class Hearing:
    """Dispatch. As an async context manager it tries again what the store could not take.

    `policies` is held by whoever reads, decides and writes what may be kept, one event at a time, and never while a
    platform is waited for. `commands` by name, `presses` by the part of an action's id before the colon; `changed` is
    told of conversations whose words went, `reconsider` of answers whose question reads otherwise now, `look` and
    `minute` of every tick, `mirrors` of all that people say; `relays` takes what is meant for somebody else.
    """

    def __init__(
        self,
        store: Store,
        answering: Answering,
        deliveries: Deliveries,
        *,
        late: Lateness,
        mirrors: Mirrors,
        support: Supports,
        policies: asyncio.Lock,
        commands: Mapping[str, OnCommand],
        presses: Mapping[str, OnPress],
        reconsider: Callable[[Answered], Awaitable[None]],
        relays: Relays,
        changed: Callable[[Conversation], None],
        look: Callable[[], None],
        minute: Callable[[], Awaitable[None]],
        retention_days: int,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._answering = answering
        self._deliveries = deliveries
        self._late = late
        self._mirrors = mirrors
        self._support = support
        self._reconsider = reconsider
        self._relays = relays
        self._changed = changed
        self._look = look
        self._minute = minute
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._announcing = Announcing(
            store, policies=policies, retention_days=retention_days, phrases=phrases, clock=clock
        )
        self._wishes = Wishes(deliveries, commands=commands, presses=presses, phrases=phrases)
        self._intake = Intake(store, counters)
        self._arrears = Arrears(self._said, self._probe, self._given_up, clock=clock, counters=counters)
        self._insisting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._insisting = asyncio.create_task(self._arrears.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """When nobody calls `hear` any more: ends what is under way."""
        if self._insisting is not None:
            self._insisting.cancel()
            await asyncio.wait([self._insisting])
        await self._arrears.settled()
        await self._intake.close()
        if len(self._arrears):
            log.error("%d messages could not be written down before the end", len(self._arrears))

    @property
    def held(self) -> int:
        """Messages that wait in memory because the store could not take them."""
        return len(self._arrears)

    async def _probe(self) -> None:
        await self._store.save_fact(PROBE, self._clock.now().isoformat())

    async def hear(self, event: Event) -> None:
        """Returns when the event is written down; a replay changes nothing.

        Where the store fails (DatabaseUnusable), whoever asked is told so, the operator finds it in the log and in
        `doctor`, and it is raised for what a platform has to know of: what somebody said is not written down (it is
        kept here and tried again, but only as long as this process lives), or words that are kept are not changed or
        gone. What was given up is not raised for any more: it would be told again and again.
        """
        self._counters.add("events_total", kind=type(event).__name__.lower())
        try:
            await self._heard(event)
        except DatabaseUnusable as error:
            if isinstance(event, Edited | Deleted | Left):
                raise
            if isinstance(event, Said):
                if self._arrears.gave_up(event.message):
                    return  # told again; nothing more can be done about it
                await self._held(event, error)
                raise
            self._counters.add("events_lost_total", kind=type(event).__name__.lower())
            log.error("an event could not be written down: %s", error)
        except Exception:
            self._counters.add("events_lost_total", kind=type(event).__name__.lower())
            log.exception("an event could not be taken")
            if isinstance(event, Said) and _asks(event.message):
                await self._apologise(event.message, CalanqueError())

    async def _heard(self, event: Event) -> None:
        match event:
            case Said():
                await self._said_in_order(event)
            case Edited(message=message):
                await self._arrears.settled()
                if not self._arrears.revise(message):
                    await self._edited(message)
            case Deleted(place=place, message_ids=ids):
                await self._deleted(place, ids)
            case Commanded() | Pressed():
                if len(self._arrears):  # they may be about what was said before
                    await self._arrears.attempt()
                await self._wishes.carry_out(event)
            case Left(platform=platform, guild=guild, place=place):
                await self._arrears.drop(platform=platform, place=place, guild=guild)
                if guild is not None:
                    await self._store.forget_guild(platform, guild)
                if place is not None:
                    await self._store.forget_place(place)
                await self._mirrors.left(event)
            case Tick():
                self._look()
                await self._late.again()
                await self._minute()
            case Typing() | ThreadChanged():
                await self._support.noticed(event)
                await self._mirrors.noticed(event)
            case CaughtUp(platform=platform):
                await self._late.settle(platform)
                await self._mirrors.noticed(event)

    async def _deleted(self, place: Place, ids: Collection[str]) -> None:
        await self._arrears.drop(place=place, ids=ids)
        where = (place, *await self._support.homes(place, ids))
        self._abandon(where, ids)
        self._support.gone(place, ids)
        gone = await self._store.delete_messages(place, ids)
        # One that was recorded and begun meanwhile, or has moved.
        where = (place, *await self._support.homes(place, ids))
        self._abandon(where, ids)
        self._count(gone)
        for each in where:
            self._changed(Conversation(place=each))
        self._mirrors.look()

    def _abandon(self, where: Collection[Place], ids: Collection[str]) -> None:
        for each in where:
            self._answering.abandon(each, ids)

    async def _said_in_order(self, event: Said) -> None:
        place = event.message.place
        if self._arrears.of(place):
            await self._arrears.attempt()
        if self._arrears.of(place):
            raise DatabaseUnusable("Earlier messages of the same place could not be written down yet.")
        await self._said(event)
        self._arrears.works()

    async def _held(self, event: Said, error: DatabaseUnusable) -> None:
        """Nobody is told twice."""
        if self._arrears.holds(event.message):
            return
        log.error("a message could not be written down: %s", error)
        held = self._arrears.hold(event)
        if not held:
            self._counters.add("events_lost_total", kind="said")
        if _asks(event.message):
            await self._apologise(event.message, None if held else error)

    async def _given_up(self, message: Message) -> None:
        if _asks(message):
            await self._apologise(message, DatabaseUnusable())

    async def _edited(self, message: Message) -> None:
        await self._mirrors.edited(message)  # first: an edit that is known here would not be told again
        answered = await self._store.revise(message)
        if answered is not None:
            await self._reconsider(answered)

    async def _said(self, event: Said) -> None:
        message = event.message
        relay = None if message.author.bot else await self._relays(message)
        if message.author.bot or relay is not None or await self._mirrors.between(message):
            message = replace(message, addressed=Addressed.NO)
        await self._said_here(await self._support.addressed(message), event.age)
        if relay is not None:
            await relay()

    async def _said_here(self, message: Message, age: timedelta) -> None:
        addressed = _asks(message)
        policy, opted_out = await self._intake.allowed(message)
        if not opted_out:
            await self._mirrors.said(replace(message, place=message.stands_in, above=False))
        if not addressed and (opted_out or not policy.keeping):
            return
        announcement: Delivery | None = None
        if not policy.announced or (addressed and policy.since is None):
            policy, announcement = await self._announcing.begin(message, asked=addressed)
        try:
            keep = policy.keeping and not opted_out
            recorded = await self._intake.record(Incoming(message=message, keep=keep, age=age))
            if recorded is Recorded.CHANGED:  # edited while we were away
                await self._edited(message)
            if addressed and recorded in (Recorded.NEW, Recorded.OWED, Recorded.CHANGED):
                self._answer(message, age, known=recorded is Recorded.CHANGED)
        finally:
            if announcement is not None:
                await self._deliveries.finish(announcement, Shown())

    def _answer(self, message: Message, age: timedelta, *, known: bool) -> None:
        """Also one that was written down before and not begun: where it is answered, beginning does nothing."""
        if not self._late.is_late(age) and message.addressed is Addressed.SUPPORT:
            self._support.settle(message, patient=age > timedelta())
        elif not self._late.is_late(age):
            self._answering.begin(message, patient=age > timedelta())
        elif not (known or self._answering.answers(message)):
            self._late.owe(message)

    async def _apologise(self, message: Message, error: CalanqueError | None) -> None:
        """None: it is answered later."""
        phrases = await self._phrases.heard(message.conversation, message.author)
        text = phrases.say("answer-later") if error is None else phrases.explain(error)
        apology = Delivery(id=uuid4().hex, conversation=message.conversation, text=text, reply_to=message.replies_to)
        await self._deliveries.tell(apology, Shown())

    def _count(self, gone: Forgotten) -> None:
        """Whole turns leave no piece to be rendered again, so that nobody else would count the break."""
        if gone.turns:
            self._counters.add("prefix_breaks_total", cause="deletion")


def _asks(message: Message) -> bool:
    """Other bots are part of the transcript, but never answered: two bots would talk for ever."""
    return message.addressed is not Addressed.NO and not message.author.bot
