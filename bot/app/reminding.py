"""Builds reminders, time zones and polls, and says where they are joined to the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.languages.phrases import Phrases
from bot.ports import Clock, Deliveries, OnCommand, OnPress, OnRun, Store
from bot.ports.rights import Rights
from bot.services.polls import Here, Posting
from bot.services.reminder_commands import ReminderCommands
from bot.services.reminders import REMINDER, Book, Own
from bot.services.reminding import KEPT, Reminding
from bot.settings import Settings
from bot.talk.message import Message
from tools.zones import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """What the house joins. `reminders` and `polls` are the services for whoever wrote a message."""

    reminders: Callable[[Message], Own]
    polls: Callable[[Message], Here]
    handlers: Mapping[str, OnRun]
    commands: Mapping[str, OnCommand]
    presses: Mapping[str, OnPress]


def reminded(
    store: Store,
    deliveries: Deliveries,
    *,
    rights: Mapping[str, Rights],
    present: Callable[[str], bool],
    look: Callable[[], None],
    settings: Settings,
    phrases: Phrases,
    clock: Clock,
) -> Reminded:
    """`present`: whether a platform is there now; `look`: something may be due sooner than was expected."""
    timezone = settings.community.timezone
    book = Book(store, limits=settings.reminders, timezone=timezone, phrases=phrases, clock=clock, look=look)
    reminding = Reminding(book, store, rights=rights, present=present, phrases=phrases, clock=clock)
    by_command = ReminderCommands(book, store, find=find, phrases=phrases, clock=clock)
    posting = Posting(store, deliveries, phrases=phrases)
    return Reminded(
        reminders=lambda message: Own(book, message),
        polls=lambda message: Here(posting, message, rights=rights.get(message.place.platform)),
        handlers={REMINDER: reminding.run, KEPT: reminding.forget},
        commands=by_command.commands,
        presses=reminding.presses,
    )
