"""The time, because a language model has none."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.talk.tool import CallContext, Effect, tool

Zone = Annotated[
    str,
    Field(max_length=64, description="IANA name like Asia/Tokyo; leave out for the community's own zone."),
]


@tool(Effect.READS, seconds=2, beside=True)
async def clock(context: CallContext, zone: Zone = "") -> str:
    """Tell the current date and time, in any time zone."""
    name = zone or context.timezone
    try:
        there = context.now.astimezone(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}; use an IANA name such as Europe/Paris") from None
    summer = ", summer time" if there.dst() else ""
    return f"{there:%A %Y-%m-%d %H:%M:%S} {there:%Z} (UTC{there:%z}{summer}) in {name}"
