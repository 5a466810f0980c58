"""The time, because a language model has none: now or at a given hour, anywhere, with what clocks do twice a year."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool
from tools.zones import find

Zone = Annotated[
    str,
    Field(max_length=64, description="Where to tell the time: Asia/Tokyo, Paris, UTC+2; empty: the community's zone."),
]
At = Annotated[
    str,
    Field(
        max_length=32, description="A time other than now: 18:00 or 2026-11-28 18:00, as clocks show it in given_in."
    ),
]
GivenIn = Annotated[str, Field(max_length=64, description="The zone that `at` is meant in; empty: the community's.")]

_AT = re.compile(
    r"(?:(?P<date>\d{4}-\d{2}-\d{2})[T ]+)?(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?",
    re.IGNORECASE,
)


@tool(Effect.READS, seconds=2, beside=True, doing="doing-clock")
async def clock(context: CallContext, zone: Zone = "", at: At = "", given_in: GivenIn = "") -> str:
    """Tell the current date and time in any time zone, or what a given time in one zone is in another."""
    where, there = find(zone or context.timezone)
    if not at:
        if given_in:
            raise ValueError("given_in says where `at` is meant; for the time now give only zone")
        return f"{_shown(context.now.astimezone(there))} in {where}"
    source, meant_in = find(given_in or context.timezone)
    wall, dated = _wall(at, today=context.now.astimezone(meant_in))
    told: list[str] = []
    for moment in _moments(wall, meant_in):
        here = f"{_shown(moment)} in {source}"
        told.append(here if where == source else f"{here} is {_shown(moment.astimezone(there))} in {where}")
    lead = "" if dated else f"Taken for {wall:%Y-%m-%d}, today in {source}. "
    return lead + _explained(wall, source, meant_in, told)


def _wall(at: str, *, today: datetime) -> tuple[datetime, bool]:
    """What clocks show, and whether the date was given."""
    match = _AT.fullmatch(at.strip())
    try:
        if match is None:
            raise ValueError
        hour, half = int(match["hour"]), (match["half"] or "").lower().replace(".", "")
        if half and not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
        if not (half or match["minute"]):
            raise ValueError
        day = datetime.fromisoformat(match["date"]) if match["date"] else today.replace(tzinfo=None)
        wall = day.replace(hour=hour, minute=int(match["minute"] or 0), second=int(match["second"] or 0), microsecond=0)
    except ValueError:
        raise ValueError(f"{at!r} is no time; write it like 18:00, 6:30 pm or 2026-11-28 18:00") from None
    if not datetime(2, 1, 1) < wall < datetime(9998, 12, 31):
        raise ValueError("the calendar goes from the year 2 to the year 9998")
    return wall, match["date"] is not None


def _moments(wall: datetime, zone: tzinfo) -> list[datetime]:
    """When clocks there show this: once, twice where they are set back, or never where they are set forward; then the
    moment that follows as if they had not been."""
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return [first]
    if _exists(first):
        return [first, second]
    return [first.astimezone(UTC).astimezone(zone)]


def _exists(moment: datetime) -> bool:
    again = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return again.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _explained(wall: datetime, source: str, zone: tzinfo, told: list[str]) -> str:
    if len(told) > 1:
        return (
            f"{wall:%H:%M} comes twice on {wall:%Y-%m-%d} in {source}, where clocks are set back. First: {told[0]}. "
            f"Then: {told[1]}."
        )
    if not _exists(wall.replace(tzinfo=zone)):
        return (
            f"{wall:%H:%M} does not exist on {wall:%Y-%m-%d} in {source}: clocks are set forward over it. "
            f"What is meant may be: {told[0]}."
        )
    return told[0]


def _shown(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    summer = ", summer time" if moment.dst() else ""
    name = moment.strftime("%Z")
    named = "" if name.startswith(("UTC+", "UTC-", "+", "-")) else f"{name} "
    sign, minutes = ("-" if offset < timedelta() else "+"), abs(offset) // timedelta(minutes=1)
    time = moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    return f"{moment:%A %Y-%m-%d} {time} {named}(UTC{sign}{minutes // 60:02}:{minutes % 60:02}{summer})"
