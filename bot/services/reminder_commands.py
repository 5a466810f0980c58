"""Reminders and time zones by command, for people who would rather not ask the model. Answers are private."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo

from bot.languages.phrases import Phrases
from bot.ports import Clock, OnCommand
from bot.ports.reminders import ZoneStore
from bot.services.reminders import Book, numbered
from bot.talk.command import Argument, Command
from bot.talk.event import Commanded
from bot.talk.quoting import inline
from bot.talk.response import Response

DIGITS = 6
"""Of the number of a reminder."""
DEFAULT = "default"
"""Instead of a zone: the community's again."""


def commands(phrases: Phrases) -> tuple[Command, ...]:
    number = Argument(name="number", description=phrases.say("argument-reminder"))
    zone = Argument(name="zone", description=phrases.say("argument-zone"), required=False)
    return (
        Command(name="reminders", description=phrases.say("command-reminders")),
        Command(name="reminder-cancel", description=phrases.say("command-reminder-cancel"), arguments=(number,)),
        Command(name="timezone", description=phrases.say("command-timezone"), arguments=(zone,)),
    )


class ReminderCommands:
    """`find`: a zone and its full name by what people call it; raises ValueError that says what may be meant."""

    def __init__(
        self,
        book: Book,
        zones: ZoneStore,
        *,
        find: Callable[[str], tuple[str, tzinfo]],
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._book = book
        self._zones = zones
        self._find = find
        self._phrases = phrases
        self._clock = clock

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        """By the names that `commands` declares."""
        return {"reminders": self._list, "reminder-cancel": self._cancel, "timezone": self._timezone}

    async def _list(self, event: Commanded) -> Response:
        plans = await self._book.of(event.person.key)
        if not plans:
            return self._said(event, "reminders-none")
        lines = [self._said(event, "reminders-listed", count=len(plans)).text]
        for plan in plans:
            one = self._book.shown(plan, phrases=self._phrases.to(event.person.locale))
            when = f"{one.due:%Y-%m-%d %H:%M} {one.timezone}" + (f", {one.repeats}" if one.repeats else "")
            lines.append(f"`{one.number}` {when}: {inline(one.text, links=plan.payload.get('links', '').split())}")
        return Response(text="\n".join(lines))

    async def _cancel(self, event: Commanded) -> Response:
        given = event.arguments.get("number", "").strip().strip("`#")
        if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS):
            return self._said(event, "reminder-bad-number")
        plan = numbered(await self._book.of(event.person.key), int(given))
        if plan is None or not await self._book.end(plan):
            return self._said(event, "reminder-bad-number")
        return self._said(event, "reminder-cancelled", number=int(given))

    async def _timezone(self, event: Commanded) -> Response:
        wanted = event.arguments.get("zone", "").strip()
        if wanted.casefold() == DEFAULT:
            await self._zones.save_timezone(event.person.key, None)
        elif wanted:
            try:
                name, _ = await asyncio.to_thread(self._find, wanted)
                ZoneInfo(name)
            except (ValueError, KeyError, OSError):
                return self._said(event, "timezone-unknown")
            await self._zones.save_timezone(event.person.key, name)
        zone = await self._book.zone(event.person.key)
        now = f"{self._clock.now().astimezone(ZoneInfo(zone.name)):%Y-%m-%d %H:%M}"
        return self._said(event, "timezone-own" if zone.own else "timezone-community", zone=zone.name, now=now)

    def _said(self, event: Commanded, key: str, **values: str | int) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key, **values))
