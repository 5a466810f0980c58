"""What was said earlier, here and elsewhere, as far as the asker and everyone who reads the answer may read it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.ports.history import Said, Searched
from bot.ports.tool import CallContext, Effect, tool
from bot.talk.found import Found, Source
from bot.talk.turn import Whose
from tools.spans import span
from tools.zones import find

HITS = 12
"""Messages in one result."""

Words = Annotated[
    str,
    Field(
        max_length=300,
        description='Words that the messages hold, all of them; "in quotes": as it stands; empty: any message.',
    ),
]
Where = Annotated[
    str, Field(max_length=120, description="A channel or thread by name or mention, or here; empty: everywhere.")
]
Author = Annotated[str, Field(max_length=120, description="Who wrote them: a name, a mention, or me; empty: anyone.")]
Since = Annotated[
    str,
    Field(max_length=40, description="From when on: 2026-11-28, 2026-11-28 18:00, yesterday, last week, 3 days ago."),
]
Until = Annotated[str, Field(max_length=40, description="Until when, in the same forms; a day is part of it.")]
Older = Annotated[str, Field(max_length=64, description="To go on: what the last result says for older.")]


@tool(Effect.READS, seconds=10, beside=True, needs="history", across=True, outside=True, doing="doing-search-history")
async def search_history(
    context: CallContext,
    words: Words = "",
    *,
    where: Where = "",
    author: Author = "",
    since: Since = "",
    until: Until = "",
    older: Older = "",
) -> Found:
    """Search what people wrote in this community earlier, newest first, with links. Words count as they are written:
    try other forms, languages and fewer words where nothing is found."""
    history = context.services.history
    if history is None:
        raise ValueError("what was said cannot be searched here")
    if not (words.strip() or where.strip() or author.strip() or since.strip()):
        raise ValueError("give words, a channel, an author or a time to look for")
    _, zone = find(context.timezone)
    begin = span(since, now=context.now, zone=zone)[0] if since.strip() else None
    end = span(until, now=context.now, zone=zone)[1] if until.strip() else None
    if begin is not None and end is not None and begin >= end:
        raise ValueError("since must be before until")
    searched = await history.search(
        words, where=where, author=author, since=begin, until=end, older=older.strip(), limit=HITS
    )
    lines = [
        f"{number}. {_when(said, context)} {said.author} in {_where(said)}: {said.text}{_link(said)}"
        for number, said in enumerate(searched.hits, 1)
    ]
    sources = tuple(Source(title=_title(said, context), url=said.link) for said in searched.hits if said.link)
    of = tuple(Whose(message=said.message, author=said.author_key) for said in searched.hits)
    text = "\n".join([*lines, *_notes(searched)])
    return Found(text=text, sources=sources, privately=searched.privately, of=of)


def _notes(searched: Searched) -> list[str]:
    notes: list[str] = []
    if not searched.hits:
        notes.append("Nothing was found so far." if searched.older else "Nothing was found.")
    if searched.older:
        notes.append(f"There may be older ones: the same call with older={searched.older!r} goes on.")
    if searched.behind:
        notes.append("Many messages are still being made searchable; some cannot be found yet.")
    return notes


def _when(said: Said, context: CallContext) -> str:
    return f"[{_local(said.sent_at, context):%Y-%m-%d %H:%M}]"


def _title(said: Said, context: CallContext) -> str:
    return f"{said.author} in {_where(said)}, {_local(said.sent_at, context):%Y-%m-%d}"


def _local(moment: datetime, context: CallContext) -> datetime:
    return moment.astimezone(find(context.timezone)[1])


def _where(said: Said) -> str:
    return f"#{said.place.name or said.place.id}"


def _link(said: Said) -> str:
    return f" ({said.link})" if said.link else ""
