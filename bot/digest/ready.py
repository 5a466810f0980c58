"""What found no way to whoever asked waits for them behind a button, where they asked; what it says stays private."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.digest.asked import Asked
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnPress, OnRun, Store
from bot.ports.rights import Rights
from bot.talk.delivery import Action, Delivery
from bot.talk.digest import Told, messages_of, rooms_of, text_of, without
from bot.talk.event import Pressed
from bot.talk.message import Conversation
from bot.talk.plan import Plan, PlanState, Run
from bot.talk.recurrence import Once
from bot.talk.response import Response

READY = "catch-up-ready"
"""The kind of plans that remember whose a delivery is, and the part of a button's id before the colon."""
KEPT_FOR = timedelta(days=1)
NAME = 32
"""Characters of somebody's name."""


def ready_plan(delivery: Delivery, asked: Asked, *, now: datetime) -> Plan:
    """To be saved with the delivery: for a day it can be asked for again, if it was not taken."""
    until = now + KEPT_FOR
    return Plan(
        id=_id(delivery.id),
        kind=READY,
        recurrence=Once(at=until),
        due=until,
        conversation=delivery.conversation,
        owner=asked.person.key,
        payload=dict(asked.payload),
    )


def offer(delivery: Delivery, phrases: Phrases) -> Action:
    """The button that shows it, while there is such a plan."""
    return Action(id=f"{READY}:{delivery.id}", label=phrases.say("catch-up-show"))


class Ready:
    """`refused` is told of each private delivery that found no way to its person."""

    def __init__(
        self,
        store: Store,
        deliveries: Deliveries,
        *,
        rights: Mapping[str, Rights],
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._rights = rights
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return {READY: self._over}

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {READY: self._pressed}

    async def refused(self, delivery: Delivery) -> bool:
        """Puts the button where it was asked for: seen by the asker alone while that can be, else without a word of
        what it is about. False where nobody had asked for it."""
        plan = await self._store.plan(_id(delivery.id))
        if plan is None or plan.state is PlanState.OVER or plan.conversation is None:
            return plan is not None
        asked, talk = Asked.of(plan.payload), plan.conversation
        alone = delivery.handle is None and asked.handle_at(self._clock.now()) is not None
        key = "catch-up-ready-alone" if alone else "catch-up-ready"
        shown_in = talk if alone else Conversation(place=talk.place)
        phrases = await self._phrases.heard(shown_in, asked.person)
        self._counters.add("catch_ups_ready_total")
        await self._deliveries.post(
            Delivery(
                id=_id(plan.id),
                conversation=shown_in,
                text=phrases.say(key, name=_plain(asked)),
                handle=asked.handle if alone else None,
                actions=(offer(delivery, phrases),),
            )
        )
        return True

    async def _over(self, _run: Run) -> Sequence[Delivery]:
        """Nobody can ask for it any more."""
        return ()

    async def _pressed(self, event: Pressed) -> Response | None:
        delivery_id = event.action.partition(":")[2]
        plan = await self._store.plan(_id(delivery_id))
        if plan is None or plan.state is PlanState.OVER or plan.conversation is None:
            return self._said(event, "catch-up-over")
        if event.person.key != plan.owner:
            return self._said(event, "catch-up-not-yours")
        rights = self._rights.get(event.person.platform)
        if rights is None or not await rights.may_read(event.person.key, plan.conversation.place):
            return self._said(event, "catch-up-unreadable")
        waiting = await self._store.unclaimed(delivery_id)
        if waiting is None:
            return self._said(event, "catch-up-over")
        opened = replace(waiting, id=uuid4().hex, handle=event.handle)
        if waiting.told:
            left = await self._left(waiting, event)
            if not left:
                return self._said(event, "catch-up-over")
            opened = replace(opened, told=left, text=text_of(left))
        await self._deliveries.post(opened)
        return None

    async def _left(self, waiting: Delivery, event: Pressed) -> tuple[Told, ...]:
        """What of it may still be told: some may have been deleted, and places closed to the asker."""
        reach = await self._rights[event.person.platform].reach(event.person, waiting.conversation)
        messages = messages_of(waiting.told)
        rooms = rooms_of(waiting.told)
        there = await self._store.sources(event.person.platform, messages)
        return without(waiting.told, messages=messages - there.keys(), rooms=rooms - reach.here)

    def _said(self, event: Pressed, key: str) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key))


def _plain(asked: Asked) -> str:
    """The asker's name, which has no effect and pings nobody."""
    name = "".join(each for each in asked.person.name if each.isalnum() or each in " -.'")
    return name.strip()[:NAME]


def _id(of: str) -> str:
    return hashlib.sha256(f"{READY}#{of}".encode()).hexdigest()[:32]
