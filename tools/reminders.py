"""Reminders, because a language model does not wait: it sets them, and the program tells them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.reminders import Reminder, Reminders, Zone
from bot.ports.tool import CallContext, Effect, tool
from bot.talk.found import Found

Text = Annotated[str, Field(max_length=500, description="What to remind of, in the asker's words and language.")]
When = Annotated[
    str,
    Field(
        max_length=100,
        description="In English, as the asker's clocks show it: 2026-11-28 18:00, 18:00, tomorrow 9:00, Friday 18:00, "
        "in 20 minutes, in 3 days.",
    ),
]
Repeat = Annotated[
    str,
    Field(
        max_length=100,
        description="Empty: once. Else daily, weekdays, weekly on Monday and Thursday, monthly on 15, every 6 hours, "
        "every 3 days.",
    ),
]
Number = Annotated[int, Field(ge=1, le=999_999, description="The number that list_reminders or remind gave.")]


@tool(Effect.WRITES, seconds=10, needs="reminders", doing="doing-remind")
async def remind(context: CallContext, text: Text, when: When, repeat: Repeat = "") -> str:
    """Set a reminder for the person who asks: they are told here at that time, in their own time zone."""
    reminders = _of(context)
    made = await reminders.add(text, when=when, repeat=repeat, call=context.call)
    zone = await reminders.zone()
    note = f" Note: {made.note}." if made.note else ""
    return f"Reminder {made.number} is set for {_when(made)}{_whose(zone, made)}.{note}"


@tool(Effect.READS, seconds=10, beside=True, needs="reminders", across=True, doing="doing-reminders")
async def list_reminders(context: CallContext) -> Found:
    """List the reminders that the person who asks has set in this conversation, with their numbers."""
    reminders = _of(context)
    listed = await reminders.listed()
    where = "This person's reminders of this conversation" if reminders.more_alone else "All of this person's reminders"
    lines = [f"{each.number}: {_when(each)}: {each.text}" for each in listed]
    text = "\n".join((f"{where}:", *lines)) if lines else f"{where}: none"
    return Found(text=text, privately=reminders.more_alone)


@tool(Effect.WRITES, seconds=10, needs="reminders", across=True, doing="doing-cancel-reminder")
async def cancel_reminder(context: CallContext, number: Number) -> str:
    """Cancel one of the reminders of the person who asks, by its number."""
    gone = await _of(context).cancel(number)
    return f"Reminder {gone.number} ({_when(gone)}: {gone.text}) is cancelled"


def _of(context: CallContext) -> Reminders:
    reminders = context.services.reminders
    if reminders is None:
        raise ValueError("reminders cannot be kept here")
    return reminders


def _when(reminder: Reminder) -> str:
    repeats = f", {reminder.repeats}" if reminder.repeats else ""
    return f"{reminder.due:%A %Y-%m-%d %H:%M} in {reminder.timezone}{repeats}"


def _whose(zone: Zone, reminder: Reminder) -> str:
    if zone.own or zone.name != reminder.timezone:
        return ""
    return " (the community's zone, as this person has chosen none; /timezone sets theirs)"
