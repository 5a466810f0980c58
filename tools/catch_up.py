"""What was said while somebody was away, in points that lead to what they were made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.recap import Recapped
from bot.ports.tool import CallContext, Effect, tool
from bot.talk.digest import Point
from bot.talk.found import Found, Source
from bot.talk.turn import Whose
from tools.spans import span
from tools.zones import find

Where = Annotated[
    str, Field(max_length=120, description="A channel or thread by name or mention, or everywhere; empty: here.")
]
Since = Annotated[
    str,
    Field(
        max_length=40,
        description="From when on: yesterday, 3 days ago, 2026-11-28 18:00; empty: since the asker's last words.",
    ),
]


@tool(Effect.READS, seconds=20, beside=True, needs="recap", across=True, outside=True, doing="doing-catch-up")
async def catch_up(context: CallContext, where: Where = "", *, since: Since = "") -> Found:
    """What was said while the asker was away, as points with links: for questions like "what did I miss?". The command
    /catch-up tells them more, privately."""
    recap = context.services.recap
    if recap is None:
        raise ValueError("what was said cannot be looked through here")
    begin = span(since, now=context.now, zone=find(context.timezone)[1])[0] if since.strip() else None
    recapped = await recap.catch_up(where=where, since=begin)
    lines = [_line(number, *each) for number, each in enumerate(recapped.points, 1)]
    sources = tuple(Source(title=_title(point), url=link) for point, link in recapped.points if link)
    of = {source.message: source.author_key for point, _ in recapped.points for source in point.sources}
    return Found(
        text="\n".join([_covered(recapped, context), *lines]),
        sources=sources,
        privately=recapped.privately,
        of=tuple(Whose(message=message, author=author) for message, author in of.items()),
    )


def _covered(recapped: Recapped, context: CallContext) -> str:
    digest, zone = recapped.digest, find(context.timezone)[1]
    since = f"{digest.period.since.astimezone(zone):%Y-%m-%d %H:%M}"
    if not digest.messages:
        return f"Nothing was said since {since}."
    return f"Since {since} {digest.messages} messages were sent by {digest.people} people. What stands out:"


def _line(number: int, point: Point, link: str) -> str:
    return f"{number}. [{point.section.value}] {point.text}{f' ({link})' if link else ''}"


def _title(point: Point) -> str:
    source = point.sources[0]
    return f"#{source.place.name or source.place.id}, {source.sent_at:%Y-%m-%d}"
