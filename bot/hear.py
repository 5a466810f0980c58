"""Every event comes in here, is recorded once, and is handed to the verb that follows from it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from bot.errors import CalanqueError, DatabaseUnusable
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, Store
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import Commanded, Deleted, Edited, Event, Left, Pressed, Said, Tick
from bot.talk.message import Addressed, Conversation, Message, Place, PlaceKind
from bot.talk.policy import Keep, Policy
from bot.talk.response import Response

log = logging.getLogger(__name__)

RETENTION_TICK = "retention"


class Answering(Protocol):
    """What `hear` needs of `answer`."""

    def begin(self, message: Message) -> None:
        """Answer this message, in a task of its own."""
        ...

    def abandon(self, place: Place, message_ids: Collection[str]) -> None:
        """These messages are gone: end their answers."""
        ...


class Hearing:
    """Dispatch. `commands` by name, `presses` by the part of an action's id before the colon."""

    def __init__(
        self,
        store: Store,
        answering: Answering,
        deliveries: Deliveries,
        *,
        commands: Mapping[str, OnCommand],
        presses: Mapping[str, OnPress],
        retention_days: int,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._answering = answering
        self._deliveries = deliveries
        self._commands = commands
        self._presses = presses
        self._retention_days = retention_days
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    async def hear(self, event: Event) -> None:
        """Returns when the event is written down; a replay changes nothing.

        Where the store fails, whoever asked is told so, and the operator finds it in the log and in `doctor`.
        """
        self._counters.add("events_total", kind=type(event).__name__.lower())
        try:
            await self._heard(event)
        except DatabaseUnusable as error:
            self._counters.add("events_lost_total", kind=type(event).__name__.lower())
            log.error("an event could not be written down: %s", error)
            if isinstance(event, Said) and _asks(event.message):
                await self._apologise(event.message, error)

    async def _heard(self, event: Event) -> None:
        match event:
            case Said(message=message):
                await self._said(message)
            case Edited(message=message):
                await self._store.revise(message)
            case Deleted(place=place, message_ids=ids):
                self._answering.abandon(place, ids)
                await self._store.delete_messages(place, ids)
            case Commanded():
                await self._commanded(event)
            case Pressed():
                await self._pressed(event)
            case Left(platform=platform, guild=guild, place=place):
                if guild is not None:
                    await self._store.forget_guild(platform, guild)
                if place is not None:
                    await self._store.forget_place(place)
            case Tick(name=name, at=at):
                await self._ticked(name, at)

    async def _said(self, message: Message) -> None:
        policy = await self._policy(message.place)
        addressed = _asks(message)
        if not addressed and not policy.keeping:
            return
        opted_out = (await self._store.consent(message.author.key)).opted_out
        if not addressed and opted_out:
            return
        announce = addressed and not policy.announced and policy.keep is not Keep.NEVER
        if announce:
            policy = replace(policy, since=policy.since or self._clock.now(), announced=True)
            own = await self._store.policy(message.place)
            await self._store.save_policy(message.place, replace(own, since=policy.since, announced=True))
        is_new = await self._store.record(message, keep=policy.keeping and not opted_out)
        if is_new and addressed:
            self._answering.begin(message)
        if announce:
            await self._announce(message.place, policy)

    async def _apologise(self, message: Message, error: CalanqueError) -> None:
        text = self._phrases.explain(error)
        apology = Delivery(id=uuid4().hex, conversation=message.conversation, text=text, reply_to=message.id)
        await self._deliveries.tell(apology, Shown())

    async def _policy(self, place: Place) -> Policy:
        """The place's own policy; a thread follows its channel's `always` and `never`."""
        policy = await self._store.policy(place)
        if place.parent is None or policy.keep is not Keep.MENTIONED:
            return policy
        parent = await self._store.policy(replace(place, id=place.parent, kind=PlaceKind.CHANNEL, name="", parent=None))
        return replace(policy, keep=parent.keep, retention_days=policy.retention_days or parent.retention_days)

    async def _announce(self, place: Place, policy: Policy) -> None:
        key = "announcement-direct" if place.kind is PlaceKind.DIRECT else "announcement"
        text = self._phrases.say(key, days=policy.retention_days or self._retention_days)
        await self._deliveries.post(Delivery(id=uuid4().hex, conversation=Conversation(place=place), text=text))

    async def _commanded(self, event: Commanded) -> None:
        handler = self._commands.get(event.name)
        if handler is None:
            log.warning("a platform sent a command that was never declared: %r", event.name[:40])
            return
        try:
            response = await handler(event)
        except CalanqueError as error:
            log.info("command %s: %s", event.name, error)
            response = Response(text=self._phrases.explain(error))
        await self._respond(event, response)

    async def _pressed(self, event: Pressed) -> None:
        handler = self._presses.get(event.action.partition(":")[0])
        if handler is None:
            log.warning("a platform sent a press of a button that was never made")
            return
        try:
            response = await handler(event)
        except CalanqueError as error:
            log.info("a press of %s: %s", event.action.partition(":")[0], error)
            response = Response(text=self._phrases.explain(error))
        if response is not None:
            await self._respond(event, response)

    async def _respond(self, event: Commanded | Pressed, response: Response) -> None:
        await self._deliveries.post(
            Delivery(
                id=uuid4().hex,
                conversation=Conversation(place=event.place, only=event.person.key),
                text=response.text,
                actions=response.actions,
                handle=event.handle,
            )
        )

    async def _ticked(self, name: str, at: datetime) -> None:
        if name == RETENTION_TICK:
            gone = await self._store.expire(now=at, default_days=self._retention_days)
            log.info("retention: %d messages, %d turns, %d images deleted", gone.messages, gone.turns, gone.images)


def _asks(message: Message) -> bool:
    """Other bots are part of the transcript, but never answered: two bots would talk for ever."""
    return message.addressed is not Addressed.NO and not message.author.bot
