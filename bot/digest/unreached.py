"""Who subscribed to a digest and takes no direct messages: they are told once where they can read it, without a name,
and are sent it no more."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from bot.digest.asked import Asked, Kind
from bot.digest.ready import offer, ready_plan
from bot.digest.schedule import KIND, Schedule
from bot.digest.subscribing import SUBSCRIPTIONS
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, Store
from bot.ports.rights import Rights
from bot.talk.delivery import Delivery
from bot.talk.digest import Period
from bot.talk.ground import GroundKind, Standing
from bot.talk.message import Conversation, Person, Place, PlaceKind
from bot.talk.plan import Plan, PlanState


class Unreached:
    """`rights` by platform."""

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

    async def refused(self, delivery: Delivery) -> None:
        """A digest found no way to a subscriber; what else may not have concerns nobody here."""
        person, home = delivery.conversation.only, delivery.conversation.place
        if person is None or not delivery.told:
            return
        there = [
            plan
            for each in await self._store.subscriptions(person, limit=SUBSCRIPTIONS)
            if (plan := await self._of(each, home))
        ]
        if not there:
            return
        where = await self._where(person, there)
        if where is not None:
            await self._offer(delivery, person, where)
        for plan in there:
            await self._store.unsubscribe(plan.id, person)

    async def _of(self, plan_id: str, home: Place) -> Plan | None:
        """A digest for subscribers that was made there."""
        plan = await self._store.plan(plan_id)
        if plan is None or plan.kind != KIND or plan.state is PlanState.OVER:
            return None
        says = Schedule.of(plan)
        return plan if says.target is None and says.home.key == home.key else None

    async def _where(self, person: str, there: list[Plan]) -> Place | None:
        """The first place that the person can read and we can write in: where it was made, or that it tells of."""
        for plan in there:
            says = Schedule.of(plan)
            grounds = [each for each in says.grounds if each.kind is not GroundKind.FORUM]
            rights = self._rights[says.home.platform]
            for place in (says.home, *(place for each in grounds for place in rights.within(each))):
                if place.kind is PlaceKind.DIRECT or not await rights.may_read(person, place):
                    continue
                if await rights.standing(place) is Standing.OPEN:
                    return place
        return None

    async def _offer(self, delivery: Delivery, person: str, where: Place) -> None:
        now = self._clock.now()
        platform, _, ident = person.partition(":")
        who = Person(platform=platform, id=ident, name="")
        asked = Asked(kind=Kind.SUMMARY, person=who, at=now, period=Period(since=now, until=now))
        plan = replace(ready_plan(delivery, asked, now=now), conversation=Conversation(place=where, only=person))
        phrases = await self._phrases.heard(Conversation(place=where))
        await self._store.save_plan(plan)
        self._counters.add("catch_ups_ready_total")
        await self._deliveries.post(
            Delivery(
                id=hashlib.sha256(f"unreached#{delivery.id}".encode()).hexdigest()[:32],
                conversation=Conversation(place=where),
                text=phrases.say("digest-plan-unreached"),
                actions=(offer(delivery, phrases),),
            )
        )
