"""Being sent a digest: for anyone, of what they can read of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.digest.book import Book, Scheduled, numbered
from bot.digest.choosing import Choosing, short
from bot.digest.moderating import LISTED, moment
from bot.digest.schedule import Schedule
from bot.languages.phrases import Phrases
from bot.ports import Clock, OnCommand, PlanStore
from bot.talk.event import Commanded
from bot.talk.ground import Ground
from bot.talk.message import PlaceKind
from bot.talk.plan import PlanState
from bot.talk.response import Response, Unfit

SUBSCRIPTIONS = 200
"""Of one person, in all servers, that are looked at."""


class Subscribing:
    """`most`: people who are sent one digest."""

    def __init__(
        self, store: PlanStore, book: Book, choosing: Choosing, *, most: int, phrases: Phrases, clock: Clock
    ) -> None:
        self._store = store
        self._book = book
        self._choosing = choosing
        self._most = most
        self._phrases = phrases
        self._clock = clock

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {
            "digest-subscribe": self._choosing.answered(self._subscribe, self._phrases),
            "digest-unsubscribe": self._unsubscribe,
        }

    async def _subscribe(self, event: Commanded) -> Response:
        given = event.arguments.get("number", "").strip()
        there = await self._book.open_to(event.person.key, event.place)
        if not given:
            return await self._listed(event, there)
        chosen = numbered([each for each, _ in there], given)
        if chosen is None:
            raise Unfit("digest-plan-bad-number")
        number, now = chosen.says.number, self._clock.now()
        if not await self._store.subscribe(chosen.plan.id, event.person.key, at=now, most=self._most):
            return self._said(event, "digest-plan-full", number=number)
        if chosen.says.paused is not None:
            return self._said(event, "digest-plan-subscribed-waits", number=number)
        return self._said(event, "digest-plan-subscribed", number=number, moment=moment(chosen.plan))

    async def _unsubscribe(self, event: Commanded) -> Response:
        """Also where they can read nothing of it any more, and from the direct messages in which it comes."""
        mine = await self._store.subscriptions(event.person.key, limit=SUBSCRIPTIONS)
        if event.place.kind is PlaceKind.DIRECT:
            found = [plan for each in mine if (plan := await self._store.plan(each)) is not None]
            there = [Scheduled(plan, Schedule.of(plan)) for plan in found if plan.state is PlanState.WAITING]
        else:
            there = [each for each in await self._book.of(event.place) if each.plan.id in mine]
        chosen = numbered(there, event.arguments.get("number", ""))
        if chosen is None or not await self._store.unsubscribe(chosen.plan.id, event.person.key):
            return self._said(event, "digest-plan-not-subscribed")
        return self._said(event, "digest-plan-unsubscribed", number=chosen.says.number)

    async def _listed(self, event: Commanded, there: Sequence[tuple[Scheduled, tuple[Ground, ...]]]) -> Response:
        if not there:
            return self._said(event, "digest-plan-none-to-subscribe")
        mine = set(await self._store.subscriptions(event.person.key, limit=SUBSCRIPTIONS))
        phrases = self._phrases.to(event.person.locale)
        lines = [phrases.say("digest-plan-subscribable")]
        for each, seen in there[:LISTED]:
            places = await self._choosing.names(seen, event.place)
            marked = f" ({phrases.say('digest-plan-subscribed-mark')})" if each.plan.id in mine else ""
            lines.append(f"- `{each.says.number}` {places}: `{short(each.says.when)}` {each.plan.timezone}{marked}")
        return Response(text="\n".join(lines))

    def _said(self, event: Commanded, key: str, **values: str | int) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key, **values))
