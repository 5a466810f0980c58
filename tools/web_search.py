"""Search on the web."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool
from bot.talk.found import Found, Source

RESULTS = 6

Words = Annotated[str, Field(min_length=1, max_length=200, description="What to look for, in a few words.")]
Language = Annotated[
    str,
    Field(pattern=r"^(?:[a-z]{2,3}(?:-[A-Za-z]{2})?)?$", description="Language of the pages: de, pt-BR; empty: any."),
]


@tool(Effect.LEAVES, seconds=15, beside=True, needs="web_search", outside=True, doing="doing-web-search")
async def web_search(context: CallContext, words: Words, language: Language = "") -> Found:
    """Search the web for what you do not know or what may have changed; gives titles, addresses and excerpts."""
    search = context.services.web_search
    if search is None:
        raise ValueError("there is no search of the web here")
    hits = await search.search(words, limit=RESULTS, language=language)
    if not hits:
        return Found(text=f"Nothing was found for {words!r}.")
    told = [f"{place}. {hit.title}\n{hit.url}\n{hit.excerpt}".rstrip() for place, hit in enumerate(hits, 1)]
    return Found(text="\n\n".join(told), sources=tuple(Source(title=hit.title, url=hit.url) for hit in hits))
