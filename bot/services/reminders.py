"""What people want to be reminded of: each reminder is a plan that holds its owner's words."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.languages.phrases import Phrases
from bot.ports import Clock, PlanStore
from bot.ports.reminders import Reminder, Zone, ZoneStore
from bot.settings.reminders import Reminders as Limits
from bot.talk.message import Conversation, Message, PlaceKind
from bot.talk.plan import Plan, PlanState
from bot.talk.quoting import addresses
from bot.talk.recurrence import EVERY_DAY, WEEKDAYS, Cron, Every, EveryDays, Monthly, Once, OnDays, Recurrence
from bot.talk.repeats import recurrence
from bot.talk.when import moment

REMINDER = "reminder"
"""The kind of these plans."""
TEXT = 500
"""Characters of one reminder."""
LEAST_RANGE, ROOM = 99, 4
"""Numbers go from 1 to that, or to so many times the most that one person may have."""


class Keeps(PlanStore, ZoneStore, Protocol):
    """The parts of the store that reminders need."""


class Book:
    """Everybody's reminders. `timezone`: the community's, for people who have chosen none. `look`: something may be due
    sooner than was expected."""

    def __init__(
        self,
        store: Keeps,
        *,
        limits: Limits,
        timezone: str,
        phrases: Phrases,
        clock: Clock,
        look: Callable[[], None],
    ) -> None:
        self._store = store
        self._limits = limits
        self._timezone = timezone
        self._phrases = phrases
        self._clock = clock
        self._look = look
        self._alone = asyncio.Lock()
        """Held while somebody's reminders are counted and one is added."""

    async def zone(self, person: str) -> Zone:
        own = await self._store.timezone(person)
        return Zone(name=own or self._timezone, own=own is not None)

    async def of(self, person: str) -> tuple[Plan, ...]:
        """All of a person's that wait, the next one first."""
        found = await self._store.plans(kind=REMINDER, owner=person, limit=2 * self._limits.per_person + LEAST_RANGE)
        return tuple(plan for plan in found if "of" not in plan.payload)

    async def add(self, message: Message, text: str, *, when: str, repeat: str, call: str) -> Reminder:
        """For the author of the message, where it was said. Raises ValueError with what would be right."""
        owner, plan_id = message.author.key, _id(REMINDER, call or uuid4().hex)
        words = "\n".join(line for line in map(str.strip, text.splitlines()) if line)
        if not words or len(words) > TEXT:
            raise ValueError(f"say what to remind of, in 1 to {TEXT} characters")
        async with self._alone:
            known = await self._store.plan(plan_id)
            if known is not None and known.state is PlanState.OVER:
                raise ValueError("this reminder was set before, and is over or was cancelled")
            if known is not None:
                return self.shown(known)
            zone = (await self.zone(owner)).name
            told = moment(when, now=self._clock.now(), zone=ZoneInfo(zone))
            rule = recurrence(repeat, told.at)
            due = told.at.astimezone(UTC)
            if not isinstance(rule, Once):
                coming = rule.next_after(due - timedelta(microseconds=1), ZoneInfo(zone))
                if coming is None:
                    raise ValueError("that never comes")
                due = coming
            payload = {"text": words, "number": await self._number(owner, plan_id)}
            if message.replies_to is not None:
                payload["message"] = message.replies_to
            if links := [each for each in addresses(words) if each in addresses(message.text)]:
                payload["links"] = " ".join(dict.fromkeys(links))
            await self._require_room(message.conversation, owner)
            plan = Plan(
                id=plan_id,
                kind=REMINDER,
                recurrence=Once(at=due) if isinstance(rule, Once) else rule,
                due=due,
                timezone=zone,
                conversation=message.conversation,
                owner=owner,
                payload=payload,
            )
            await self._store.save_plan(plan)
        self._look()
        return self.shown(plan, note=told.note)

    async def again(self, kept: Plan, *, at: datetime, plan_id: str) -> bool:
        """Once more at that moment; the same id adds nothing. False where the words are gone."""
        async with self._alone:
            if await self._store.plan(plan_id) is not None:
                return True
            assert kept.owner is not None
            words = {name: value for name, value in kept.payload.items() if name in ("text", "message", "links")}
            payload = words | {"number": await self._number(kept.owner, plan_id)}
            plan = Plan(
                id=plan_id,
                kind=REMINDER,
                recurrence=Once(at=at),
                due=at,
                timezone=kept.timezone,
                conversation=kept.conversation,
                owner=kept.owner,
                payload=payload,
            )
            saved = await self._store.save_plan(plan, of=kept.id)
        self._look()
        return saved

    async def end(self, plan: Plan) -> bool:
        """Whether it was waiting."""
        await self._store.end_plan(late_id(plan), at=self._clock.now())
        return await self._store.end_plan(plan.id, at=self._clock.now())

    def shown(self, plan: Plan, *, note: str = "", phrases: Phrases | None = None) -> Reminder:
        """`phrases`: for whoever it is shown to; without, in the community's language."""
        assert plan.due is not None
        return Reminder(
            number=int(plan.payload["number"]),
            text=plan.payload["text"],
            due=plan.due.astimezone(ZoneInfo(plan.timezone)),
            timezone=plan.timezone,
            repeats=_repeats(plan.recurrence, phrases or self._phrases),
            note=note,
        )

    async def _require_room(self, talk: Conversation, owner: str) -> None:
        if len(await self.of(owner)) >= self._limits.per_person:
            raise ValueError("this person has as many reminders as one may have; /reminders lists them to them alone")
        most = self._limits.per_place
        if len(await self._store.plans(kind=REMINDER, place=talk.place.key, limit=most)) >= most:
            raise ValueError("no more reminders can be set in this place; in another place they can")

    async def _number(self, owner: str, plan_id: str) -> str:
        """Free, and not the next one: it would tell everybody here how many there are elsewhere."""
        taken = {plan.payload.get("number") for plan in await self.of(owner)}
        most = max(LEAST_RANGE, ROOM * self._limits.per_person)
        start = int(plan_id[:8], 16)
        free = (number for at in range(most) if (number := str((start + at) % most + 1)) not in taken)
        number = next(free, None)
        if number is None:
            raise ValueError("this person has too many reminders already; /reminders lists them to them alone")
        return number


class Own:
    """Implements `bot.ports.reminders.Reminders` for whoever wrote the message, and everyone who reads the answer."""

    def __init__(self, book: Book, message: Message) -> None:
        self._book = book
        self._message = message

    @property
    def more_alone(self) -> bool:
        talk = self._message.conversation
        return talk.only != self._message.author.key and talk.place.kind is not PlaceKind.DIRECT

    async def zone(self) -> Zone:
        return await self._book.zone(self._message.author.key)

    async def add(self, text: str, *, when: str, repeat: str, call: str) -> Reminder:
        return await self._book.add(self._message, text, when=when, repeat=repeat, call=call)

    async def listed(self) -> tuple[Reminder, ...]:
        return tuple(self._book.shown(plan) for plan in await self._plans())

    async def cancel(self, number: int) -> Reminder:
        plan = numbered(await self._plans(), number)
        if plan is None or not await self._book.end(plan):
            where = "here; /reminders shows this person all of theirs" if self.more_alone else "of this person"
            raise ValueError(f"there is no reminder {number} {where}")
        return self._book.shown(plan)

    async def _plans(self) -> tuple[Plan, ...]:
        plans = await self._book.of(self._message.author.key)
        if not self.more_alone:
            return plans
        here = self._message.conversation.key
        return tuple(plan for plan in plans if plan.conversation is not None and plan.conversation.key == here)


def numbered(plans: Collection[Plan], number: int) -> Plan | None:
    return next((plan for plan in plans if plan.payload.get("number") == str(number)), None)


def late_id(plan: Plan) -> str:
    """Of the plan for a moment of a repeating reminder that could not be told yet."""
    return _id("late", plan.id)


def kept_id(plan_id: str) -> str:
    """Of the plan that keeps the words of a reminder that was told, for a while."""
    return _id("kept", plan_id)


def again_id(plan_id: str, moment: str) -> str:
    """Of the reminder that tells once more what was told for this moment."""
    return _id("again", plan_id, moment)


def _id(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _repeats(rule: Recurrence, phrases: Phrases) -> str:
    say = phrases.say
    match rule:
        case Once():
            return ""
        case OnDays(days=days) if days in (EVERY_DAY, WEEKDAYS):
            return say("repeats-daily" if days == EVERY_DAY else "repeats-weekdays")
        case OnDays(days=days):
            return say("repeats-days", days=", ".join(say(f"weekday-{day}") for day in sorted(days)))
        case Monthly(day=day):
            return say("repeats-monthly", day=day)
        case Cron():
            raise AssertionError("people set no reminders by cron lines")
        case Every(minutes=minutes):
            return say("repeats-hours", count=max(1, minutes // 60))
        case EveryDays(days=days):
            return say("repeats-every", count=days)
