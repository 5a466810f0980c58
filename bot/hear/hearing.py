"""Every event comes in here, is recorded once, and is handed to the verb that follows from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar
from uuid import uuid4

from bot.errors import CalanqueError, DatabaseUnusable
from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.ports import Clock, Counters, Deliveries, OnCommand, OnPress, Store
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.event import Commanded, Deleted, Edited, Event, Left, Pressed, Said
from bot.talk.message import Addressed, Conversation, Message, Place, PlaceKind
from bot.talk.policy import Forgotten, Keep, Policy
from bot.talk.record import Answered
from bot.talk.response import Response
from bot.together import together

log = logging.getLogger(__name__)

E = TypeVar("E", Commanded, Pressed)


class Answering(Protocol):
    """What `hear` needs of `answer`."""

    def begin(self, message: Message) -> None:
        """Answer this message, in a task of its own."""
        ...

    def abandon(self, place: Place, message_ids: Collection[str]) -> None:
        """These messages are gone: end their answers."""
        ...


class Hearing:
    """Dispatch. `commands` by name, `presses` by the part of an action's id before the colon; `changed` is told of
    conversations whose words went, `reconsider` of answers whose question reads otherwise now."""

    def __init__(
        self,
        store: Store,
        answering: Answering,
        deliveries: Deliveries,
        *,
        commands: Mapping[str, OnCommand],
        presses: Mapping[str, OnPress],
        reconsider: Callable[[Answered], Awaitable[None]],
        changed: Callable[[Conversation], None],
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
        self._reconsider = reconsider
        self._changed = changed
        self._retention_days = retention_days
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        # What may be kept is read, decided and written by one event at a time.
        self._policies = asyncio.Lock()

    async def hear(self, event: Event) -> None:
        """Returns when the event is written down; a replay changes nothing.

        Where the store fails, whoever asked is told so, and the operator finds it in the log and in `doctor`. What
        changes or takes away words that are kept is raised then (DatabaseUnusable): the platform must not let people
        believe that they are gone.
        """
        self._counters.add("events_total", kind=type(event).__name__.lower())
        try:
            await self._heard(event)
        except DatabaseUnusable as error:
            if isinstance(event, Edited | Deleted | Left):
                raise
            self._counters.add("events_lost_total", kind=type(event).__name__.lower())
            log.error("an event could not be written down: %s", error)
            if isinstance(event, Said) and _asks(event.message):
                await self._apologise(event.message, error)
        except Exception:
            self._counters.add("events_lost_total", kind=type(event).__name__.lower())
            log.exception("an event could not be taken")
            if isinstance(event, Said) and _asks(event.message):
                await self._apologise(event.message, CalanqueError())

    async def _heard(self, event: Event) -> None:
        match event:
            case Said(message=message):
                await self._said(message)
            case Edited(message=message):
                answered = await self._store.revise(message)
                if answered is not None:
                    await self._reconsider(answered)
            case Deleted(place=place, message_ids=ids):
                self._answering.abandon(place, ids)
                gone = await self._store.delete_messages(place, ids)
                # One that was recorded and begun meanwhile.
                self._answering.abandon(place, ids)
                self._count(gone)
                self._changed(Conversation(place=place))
            case Commanded():
                await self._commanded(event)
            case Pressed():
                await self._pressed(event)
            case Left(platform=platform, guild=guild, place=place):
                if guild is not None:
                    await self._store.forget_guild(platform, guild)
                if place is not None:
                    await self._store.forget_place(place)

    async def _said(self, message: Message) -> None:
        if message.author.bot:
            message = replace(message, addressed=Addressed.NO)
        addressed = _asks(message)
        # Beside each other: both stand between a question and its answer.
        policy, consent = await together(rules(self._store, message.place), self._store.consent(message.author.key))
        opted_out = consent.opted_out
        if not addressed and (opted_out or not policy.keeping):
            return
        announcement: Delivery | None = None
        if not policy.announced or (addressed and policy.since is None):
            policy, announcement = await self._begin_keeping(message)
        try:
            is_new = await self._store.record(message, keep=policy.keeping and not opted_out)
            if is_new and addressed:
                self._answering.begin(message)
        finally:
            if announcement is not None:
                await self._deliveries.finish(announcement, Shown())

    async def _begin_keeping(self, message: Message) -> tuple[Policy, Delivery | None]:
        """Nothing is kept before the announcement is written down, so that people are told whatever fails then."""
        place = message.place
        async with self._policies:
            policy = await rules(self._store, place)
            if policy.keep is Keep.NEVER:
                return policy, None
            own, now = await self._store.policy(place), self._clock.now()
            since = own.since or (now if _asks(message) else None)
            announcement = None if policy.announced else self._announcement(place, policy)
            if announcement is not None:
                await self._store.save_delivery(announcement, DeliveryState.READY, at=now)
            await self._store.save_policy(
                place, replace(own, since=since, announced=own.announced or announcement is not None)
            )
        return replace(policy, since=since, announced=True), announcement

    async def _apologise(self, message: Message, error: CalanqueError) -> None:
        text = self._phrases.explain(error)
        apology = Delivery(id=uuid4().hex, conversation=message.conversation, text=text, reply_to=message.id)
        await self._deliveries.tell(apology, Shown())

    def _announcement(self, place: Place, policy: Policy) -> Delivery:
        key = "announcement-direct" if place.kind is PlaceKind.DIRECT else "announcement"
        text = self._phrases.say(key, days=policy.retention_days or self._retention_days)
        return Delivery(id=uuid4().hex, conversation=Conversation(place=place), text=text)

    async def _commanded(self, event: Commanded) -> None:
        handler = self._commands.get(event.name)
        if handler is None:
            log.warning("a platform sent a command that was never declared: %r", event.name[:40])
            return
        await self._carry_out(handler, event, f"command {event.name}")

    async def _pressed(self, event: Pressed) -> None:
        kind = event.action.partition(":")[0]
        handler = self._presses.get(kind)
        if handler is None:
            log.warning("a platform sent a press of a button that was never made")
            return
        await self._carry_out(handler, event, f"press of {kind}")

    async def _carry_out(self, handler: Callable[[E], Awaitable[Response | None]], event: E, what: str) -> None:
        try:
            async with self._policies:
                response = await handler(event)
        except CalanqueError as error:
            log.info("%s: %s", what, error)
            response = Response(text=self._phrases.explain(error))
        except Exception:
            log.exception("%s failed", what)
            response = Response(text=self._phrases.say("error-unexpected"))
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

    def _count(self, gone: Forgotten) -> None:
        """Whole turns leave no piece to be rendered again, so that nobody else would count the break."""
        if gone.turns:
            self._counters.add("prefix_breaks_total", cause="deletion")


def _asks(message: Message) -> bool:
    """Other bots are part of the transcript, but never answered: two bots would talk for ever."""
    return message.addressed is not Addressed.NO and not message.author.bot
