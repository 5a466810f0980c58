"""Reminders that are due: told where they were set, if whoever set them can still read there, and again on a press."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import PlatformUnavailable
from bot.languages.phrases import Phrases
from bot.ports import Clock, OnPress, PlanStore
from bot.ports.rights import Rights
from bot.services.reminders import Book, again_id, kept_id, late_id
from bot.talk.delivery import Action, Delivery
from bot.talk.event import Pressed
from bot.talk.message import Conversation, PlaceKind
from bot.talk.plan import Plan, PlanState, Run
from bot.talk.quoting import quoted
from bot.talk.recurrence import Once
from bot.talk.response import Response

KEPT = "reminder-kept"
"""The kind of plans that keep the words of a reminder that was told, until nobody can ask for it again."""
AGAIN_PRESS, STOP_PRESS = "remind-again", "remind-stop"
AGAIN = timedelta(minutes=10)
KEPT_FOR = timedelta(days=1)
LATE = timedelta(minutes=2)
"""More is told, with an apology."""
AWAY = timedelta(minutes=5)
"""Between two looks whether a platform that is away is there again."""
CERTAIN = 3
"""Attempts at which somebody could not read the place before that is believed: rights may not be known for a moment."""


class Reminding:
    """Handlers and presses. `rights` by platform; `present`: whether a platform is there, so that it can be asked."""

    def __init__(
        self,
        book: Book,
        store: PlanStore,
        *,
        rights: Mapping[str, Rights],
        present: Callable[[str], bool],
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._book = book
        self._store = store
        self._rights = rights
        self._present = present
        self._phrases = phrases
        self._clock = clock

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {AGAIN_PRESS: self._again, STOP_PRESS: self._stop}

    async def run(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises PlatformUnavailable where it is not certain yet whether it may be told."""
        plan, talk, owner = run.plan, run.plan.conversation, run.plan.owner
        if talk is None or owner is None:
            return ()
        if not self._present(talk.place.platform):
            return (self._later(run),)
        if await self._may_read(owner, talk):
            return (await self._told(run, talk), self._kept(plan, self._planned(run)))
        if run.attempt < CERTAIN:
            raise PlatformUnavailable(f"it is not certain that whoever planned it can read {talk.place.key}")
        over = replace(plan, state=PlanState.OVER, due=None, payload={})
        alone = Conversation(place=talk.place, only=owner)
        text = (await self._phrases.heard(alone)).say("reminder-unreadable")
        return (Delivery(id=run.delivery_id(), conversation=alone, text=text), over)

    async def forget(self, _run: Run) -> Sequence[Delivery]:
        """Nobody can ask for it again: that the plan is over erases its words."""
        return ()

    async def _may_read(self, owner: str, talk: Conversation) -> bool:
        if talk.only == owner or talk.place.kind is PlaceKind.DIRECT:
            return True  # nobody else reads there
        rights = self._rights.get(talk.place.platform)
        return rights is not None and await rights.may_read(owner, talk.place)

    async def _told(self, run: Run, talk: Conversation) -> Delivery:
        plan, payload, planned = run.plan, run.plan.payload, self._planned(run)
        when = f"{planned.astimezone(ZoneInfo(plan.timezone)):%Y-%m-%d %H:%M}"
        phrases = await self._phrases.heard(talk, key=plan.owner or "")
        said = phrases.say("reminder-due", when=when, zone=plan.timezone)
        actions = [Action(id=f"{AGAIN_PRESS}:{plan.id}:{int(planned.timestamp())}", label=phrases.say("remind-again"))]
        if plan.next_after(run.at) is not None:
            actions.append(Action(id=f"{STOP_PRESS}:{plan.id}", label=phrases.say("remind-stop")))
        return Delivery(
            id=run.delivery_id(),
            conversation=talk,
            text=f"{said}\n{quoted(payload['text'], links=payload.get('links', '').split())}",
            reply_to=payload.get("message") or None,
            actions=tuple(actions),
            lead=phrases.say("reminder-late") if run.claimed_at - planned > LATE else "",
        )

    def _kept(self, plan: Plan, planned: datetime) -> Plan:
        until = self._clock.now() + KEPT_FOR
        return replace(
            plan,
            id=kept_id(plan.id),
            kind=KEPT,
            recurrence=Once(at=until),
            due=until,
            payload={**plan.payload, "planned": planned.isoformat()},
        )

    def _later(self, run: Run) -> Plan:
        """The platform is away. A reminder that does not repeat waits itself, one that does has this moment wait."""
        plan, at = run.plan, self._clock.now() + AWAY
        payload = {**plan.payload, "planned": self._planned(run).isoformat()}
        if plan.next_after(run.at) is None:
            return replace(plan, recurrence=Once(at=at), due=at, payload=payload)
        payload["of"] = plan.id
        return replace(plan, id=late_id(plan), recurrence=Once(at=at), due=at, payload=payload)

    @staticmethod
    def _planned(run: Run) -> datetime:
        planned = run.plan.payload.get("planned")
        return run.at if planned is None else datetime.fromisoformat(planned)

    async def _again(self, event: Pressed) -> Response:
        plan_id, _, moment = event.action.partition(":")[2].partition(":")
        kept = await self._store.plan(kept_id(plan_id))
        if kept is None or kept.state is PlanState.OVER:
            return self._said(event, "reminder-gone")
        if not _may_press(event, kept):
            return self._said(event, "not-yours-to-remind")
        at = self._clock.now() + AGAIN
        try:
            saved = await self._book.again(kept, at=at, plan_id=again_id(plan_id, moment))
        except ValueError:
            return self._said(event, "reminder-full")
        if not saved:
            return self._said(event, "reminder-gone")
        again = await self._store.plan(again_id(plan_id, moment))
        if again is None or again.due is None:
            return self._said(event, "reminder-again-over")
        return self._said(event, "reminder-again", when=f"{again.due.astimezone(ZoneInfo(again.timezone)):%H:%M}")

    async def _stop(self, event: Pressed) -> Response:
        plan = await self._store.plan(event.action.partition(":")[2])
        if plan is None or plan.state is PlanState.OVER:
            return self._said(event, "reminder-gone")
        if not _may_press(event, plan):
            return self._said(event, "not-yours-to-remind")
        await self._book.end(plan)
        return self._said(event, "reminder-stopped")

    def _said(self, event: Pressed, key: str, **values: str | int) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key, **values))


def _may_press(event: Pressed, plan: Plan) -> bool:
    """Whose it is, or a moderator of the place where it was told."""
    if event.person.key == plan.owner:
        return True
    talk = plan.conversation
    return event.moderator and talk is not None and talk.only is None and talk.place.key == event.place.key
