"""Carries out scheduled digests: who may read what is asked anew, then it is made and left to the outbox.

A run covers what no earlier one that came to its end has told. It and its deliveries are written down together, so
nothing is told twice or left out, whatever dies meanwhile; what has been made of it already the stages have kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from bot.digest.asked import Asked
from bot.digest.choosing import Choosing
from bot.digest.composing import Composing
from bot.digest.later import LATER, LONGEST, later, then
from bot.digest.readers import AWAY_SECONDS, Reader, Within, reader, readers, rooms_in, within
from bot.digest.ready import ready_plan
from bot.digest.schedule import KIND, Paused, Schedule
from bot.digest.trying import TRIAL
from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.ports import Counters, OnRun
from bot.ports.moments import Moments, News
from bot.ports.plans import PlanStore
from bot.ports.rights import Rights
from bot.talk.delivery import Delivery
from bot.talk.ground import Standing
from bot.talk.message import Conversation, Person, Place
from bot.talk.plan import NotYet, Plan, PlanState, Run

log = logging.getLogger(__name__)

TRIES = 4
"""Times that one is tried for somebody who waits, also by processes that died of it; then they are told so."""
LONGEST_TRIED = timedelta(hours=2)
"""After it was asked for, it is not gone on with."""


class Keeps(PlanStore, Moments, Protocol):
    """What it needs of the store."""


class Running:
    """`most`: subscribers of one digest."""

    def __init__(
        self,
        store: Keeps,
        choosing: Choosing,
        composing: Composing,
        *,
        most: int,
        phrases: Phrases,
        counters: Counters,
    ) -> None:
        self._store = store
        self._choosing = choosing
        self._composing = composing
        self._most = most
        self._phrases = phrases
        self._counters = counters

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return {KIND: self.run, TRIAL: self.tried, LATER: self.later}

    async def run(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises NotYet, and CalanqueError to be tried again."""
        says = Schedule.of(run.plan)
        rights = await self._composing.ready(run, says.home)
        if says.target is not None and (stop := await self._barred(rights, says.target, says)) is not None:
            return await self._stopped(run, says, stop)
        found = within(rights, says.grounds)
        if not any(found.values()):
            return await self._stopped(run, says, Paused.BARE)
        news = await self._composing.news(run, says)
        if says.target is None:
            left = await self._to_subscribers(run, says, rights, found, news)
        else:
            alone = await reader(rights, rooms_in(found), Conversation(place=says.target))
            if not alone.rooms:
                return await self._stopped(run, says, Paused.CLOSED)
            left = await self._composing.left(run, says, [alone], found, news=news)
        self._counters.add("digest_runs_total", outcome="told" if left else "empty")
        return (*left, says.told(run, news))

    async def _to_subscribers(
        self, run: Run, says: Schedule, rights: Rights, found: Within, news: News
    ) -> tuple[Delivery | Plan, ...]:
        """Who cannot be asked now is told later, and holds up nobody."""
        people = await self._store.subscribers(run.plan.id, limit=self._most)
        talks = [rights.alone(each, says.home) for each in people]
        reached, unreached = await readers(rights, rooms_in(found), talks, self._composing.known(run))
        some = [each for each in reached if each.rooms]
        left = await self._composing.left(run, says, some, found, news=news)
        # It may have taken long; who has gone meanwhile, or was forgotten, wants none.
        wanted = set(await self._store.subscribers(run.plan.id, limit=self._most))
        behind = [later(run, says, news, each) for each in unreached if each.only in wanted]
        return (*(each for each in left if each.conversation.only in wanted), *behind)

    async def later(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises as `run` does."""
        plan, talk = await self._store.plan(run.plan.payload["of"]), run.plan.conversation
        if plan is None or plan.state is PlanState.OVER or talk is None or talk.only is None:
            return ()
        as_if, says, news = then(run, plan)
        if talk.only not in await self._store.subscribers(plan.id, limit=self._most):
            return ()
        if run.claimed_at - as_if.at > LONGEST:
            log.warning("a subscriber of digest %d could not be asked for a day, and is not sent it", says.number)
            return ()
        rights = await self._composing.ready(run, says.home)
        found = within(rights, says.grounds)
        alone = await reader(rights, rooms_in(found), talk)
        return await self._composing.left(as_if, says, [alone] if alone.rooms else [], found, news=news)

    async def tried(self, run: Run) -> Sequence[Delivery | Plan]:
        """Whoever asked for it is told in any case. Raises as `run` does."""
        talk = run.plan.conversation
        if talk is None or talk.only is None:
            return ()
        try:
            if run.attempt > TRIES or run.late > LONGEST_TRIED:
                return await self._said(run, talk, "catch-up-failed")
            return await self._tried(run, talk, talk.only)
        except CalanqueError:
            if run.attempt < TRIES:
                raise
            return await self._said(run, talk, "catch-up-failed")

    async def _tried(self, run: Run, talk: Conversation, person: str) -> Sequence[Delivery | Plan]:
        """Made of what the person and everyone who would read it may read."""
        plan = await self._store.plan(run.plan.payload["of"])
        if plan is None or plan.state is PlanState.OVER:
            return await self._said(run, talk, "digest-plan-nothing-to-show")
        says = Schedule.of(plan)
        rights = await self._composing.ready(run, says.home)
        found = within(rights, says.grounds)
        alone = await reader(rights, rooms_in(found), talk)
        rooms = alone.rooms
        if says.target is not None:
            rooms &= (await reader(rights, rooms_in(found), Conversation(place=says.target))).rooms
        as_if = Run(plan=plan, at=run.at, claimed_at=run.claimed_at, attempt=run.attempt, token=run.token)
        news = await self._composing.news(as_if, says)
        some = [Reader(talk, rooms)] if rooms else []
        left = await self._composing.left(as_if, says, some, found, news=news, waited_for=_person(person))
        if not left:
            return await self._said(run, talk, "digest-plan-nothing-to-show")
        return (*left, *(ready for each in left for ready in self._ready(run, each)))

    async def _said(self, run: Run, talk: Conversation, key: str) -> Sequence[Delivery | Plan]:
        text = (await self._phrases.heard(talk)).say(key)
        said = Delivery(id=run.delivery_id(), conversation=talk, text=text)
        return (said, *self._ready(run, said))

    def _ready(self, run: Run, delivery: Delivery) -> Sequence[Plan]:
        """So that it waits behind a button where no direct message is taken."""
        if "kind" not in run.plan.payload:  # asked for before it was kept how
            return ()
        return (ready_plan(delivery, Asked.of(run.plan.payload), now=run.claimed_at),)

    async def _barred(self, rights: Rights, target: Place, says: Schedule) -> Paused | None:
        standing = await rights.standing(target, posts=says.posts)
        if standing is Standing.UNKNOWN:
            raise NotYet(AWAY_SECONDS)
        return {Standing.GONE: Paused.GONE, Standing.BARRED: Paused.BARRED}.get(standing)

    async def _stopped(self, run: Run, says: Schedule, why: Paused) -> Sequence[Delivery | Plan]:
        """It waits, and whoever made it is told, alone and once."""
        log.error(
            "scheduled digest %d of %s waits: %s. Once that is mended, /digest-resume has it go on",
            *(says.number, run.plan.scope, why.value),
        )
        self._counters.add("digest_runs_total", outcome=why.value)
        plan = says.stopped(run.plan, why)
        if run.plan.owner is None:
            return (plan,)
        talk = self._choosing.rights(says.home).alone(run.plan.owner, says.home)
        phrases = await self._phrases.heard(talk, key=run.plan.owner)
        reason = phrases.say(f"digest-plan-{why.value}")
        text = phrases.say("digest-plan-stopped", number=says.number, reason=reason)
        return (Delivery(id=run.delivery_id(), conversation=talk, text=text), plan)


def _person(key: str) -> Person:
    platform, _, ident = key.partition(":")
    return Person(platform=platform, id=ident, name="")
