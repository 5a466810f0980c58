"""What moderators do with scheduled digests. They see and change those of which they can read all that is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.digest.book import Book, Scheduled, numbered
from bot.digest.choosing import Choosing, short
from bot.digest.creating import Creating
from bot.digest.schedule import Paused, Schedule
from bot.digest.showing import time
from bot.digest.trying import trial
from bot.errors import NotAllowed
from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.ports import Clock, OnCommand, Store
from bot.talk.event import Commanded
from bot.talk.ground import Ground
from bot.talk.message import Place
from bot.talk.plan import Plan, first_due
from bot.talk.policy import Keep
from bot.talk.response import Response, Unfit

LISTED = 50
"""Digests that one answer names."""


class Moderating:
    """`look`: something may be due sooner than was expected; `policies` is held while what may be kept is changed."""

    def __init__(
        self,
        store: Store,
        book: Book,
        choosing: Choosing,
        creating: Creating,
        *,
        look: Callable[[], None],
        policies: asyncio.Lock,
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._book = book
        self._choosing = choosing
        self._creating = creating
        self._look = look
        self._policies = policies
        self._phrases = phrases
        self._clock = clock

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {
            "digest-create": self._guarded(self._create),
            "digest-list": self._guarded(self._list),
            "digest-show": self._guarded(self._show),
            "digest-pause": self._guarded(self._pause),
            "digest-resume": self._guarded(self._resume),
            "digest-keep": self._guarded(self._keep),
            "digest-remove": self._guarded(self._remove),
        }

    def _guarded(self, handler: Callable[[Commanded], Awaitable[Response]]) -> OnCommand:
        answered = self._choosing.answered(handler, self._phrases)

        async def carried_out(event: Commanded) -> Response | None:
            if not event.moderator:
                raise NotAllowed(f"{event.person.key} may not manage {event.place.key}")
            return await answered(event)

        return carried_out

    async def _create(self, event: Commanded) -> Response:
        phrases = self._phrases.to(event.person.locale)
        says, plan = await self._creating.read(event)
        warnings = await self._creating.warnings(says, event.person.key, phrases)
        made = await self._book.add(says, plan)
        self._look()
        said = phrases.say("digest-plan-created", **await self._values(made, event.place, phrases))
        return Response(
            text="\n".join([f"{said} {phrases.say('digest-plan-next', moment=moment(made.plan))}", *warnings])
        )

    async def _list(self, event: Commanded) -> Response:
        known = await self._book.known_to(event.person.key, event.place)
        if not known:
            return self._said(event, "digest-plan-none")
        phrases = self._phrases.to(event.person.locale)
        return Response(text="\n".join([await self._line(each, event.place, phrases) for each in known[:LISTED]]))

    async def _show(self, event: Commanded) -> Response:
        chosen = await self._chosen(event)
        conversation = self._choosing.rights(event.place).alone(event.person.key, event.place)
        plan = trial(chosen.plan, event.person, conversation, now=self._clock.now(), handle=event.handle)
        waiting = await self._store.plan(plan.id)
        if waiting is not None and waiting.due is not None:
            return self._said(event, "digest-plan-showing-already")
        await self._store.save_plan(plan)
        self._look()
        return self._said(event, "digest-plan-showing")

    async def _pause(self, event: Commanded) -> Response:
        chosen = await self._own(event)
        if chosen.says.paused is not None:
            return self._said(event, "digest-plan-waits-already", number=chosen.says.number)
        await self._book.change(chosen, lambda now: now.says.stopped(now.plan, Paused.BY_HAND))
        return self._said(event, "digest-plan-paused", number=chosen.says.number)

    async def _resume(self, event: Commanded) -> Response:
        chosen = await self._own(event)
        if chosen.says.paused is None:
            return self._said(event, "digest-plan-runs-already", number=chosen.says.number)
        due = first_due(chosen.plan.recurrence, chosen.plan.timezone, now=self._clock.now())
        going = await self._book.change(
            chosen, lambda now: replace(now.plan, due=due, payload=replace(now.says, paused=None).payload)
        )
        self._look()
        return self._said(event, "digest-plan-resumed", number=going.says.number, moment=moment(going.plan))

    async def _keep(self, event: Commanded) -> Response:
        """A forum is no place where `/keep` could be used, and a category has many. People are told as anywhere: with
        the next message. Where that happens in this very moment they may be told twice."""
        chosen = await self._chosen(event)
        rights = self._choosing.rights(event.place)
        kept: list[str] = []
        for place in [each for ground in chosen.says.grounds for each in rights.within(ground)]:
            if await rights.moderates(event.person.key, place) and await self._begins(place):
                kept.append(await self._choosing.name(Ground(place=place), event.place))
        if not kept:
            return self._said(event, "digest-plan-kept-none")
        return self._said(event, "digest-plan-kept", places=", ".join(kept))

    async def _begins(self, place: Place) -> bool:
        """Keeps from now on; False where it was kept before, or is not to be."""
        async with self._policies:
            counts = await rules(self._store, place)
            if counts.keeping or counts.keep is Keep.NEVER:
                return False
            policy = await self._store.policy(place)
            await self._store.save_policy(place, replace(policy, keep=Keep.ALWAYS))
            return True

    async def _remove(self, event: Commanded) -> Response:
        chosen = await self._own(event)
        await self._store.remove_plan(chosen.plan.id)
        return self._said(event, "digest-plan-removed", number=chosen.says.number)

    async def _own(self, event: Commanded) -> Scheduled:
        """One that they may change: who manages the place where it is posted."""
        chosen = await self._chosen(event)
        await self._choosing.require_manager(event.person.key, chosen.says.target)
        return chosen

    async def _chosen(self, event: Commanded) -> Scheduled:
        known = await self._book.known_to(event.person.key, event.place)
        chosen = numbered(known, event.arguments.get("number", ""))
        if chosen is None:
            raise Unfit("digest-plan-bad-number")
        return chosen

    async def _line(self, each: Scheduled, near: Place, phrases: Phrases) -> str:
        values = await self._values(each, near, phrases)
        if each.says.paused is not None:
            reason = phrases.say(f"digest-plan-{each.says.paused.value}")
            return f"- {phrases.say('digest-plan-line-paused', reason=reason, **values)}"
        return f"- {phrases.say('digest-plan-line', moment=moment(each.plan), **values)}"

    async def _values(self, each: Scheduled, near: Place, phrases: Phrases) -> Mapping[str, str | int]:
        return {
            "number": each.says.number,
            "places": await self._choosing.names(each.says.grounds, near),
            "when": f"`{short(each.says.when)}`",
            "zone": each.plan.timezone,
            "target": await self._target(each.says, near, phrases),
        }

    async def _target(self, says: Schedule, near: Place, phrases: Phrases) -> str:
        if says.target is not None:
            return phrases.say("digest-plan-here", place=await self._choosing.name(Ground(place=says.target), near))
        return phrases.say("digest-plan-to-subscribers")

    def _said(self, event: Commanded, key: str, **values: str | int) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key, **values))


def moment(plan: Plan) -> str:
    """When it is due next, as platforms show it in each reader's zone."""
    return "—" if plan.due is None else time(plan.due)
