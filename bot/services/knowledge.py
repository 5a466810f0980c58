"""The community's own knowledge as one asker and one audience may have it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bot.ports import Counters
from bot.ports.knowledge import KnowledgeStore, Passage, Passages
from bot.ports.rights import Rights
from bot.talk.found import Source
from bot.talk.knowledge import Known, Match
from bot.talk.message import Message
from bot.talk.reach import NOWHERE

MARGIN = 10
"""So many more passages are looked up: those of files that have just changed are left out."""

Unchanged = Callable[[Collection[Known]], Awaitable[frozenset[str]]]
"""Keys of the documents that still are as the index has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What all searches share."""

    store: KnowledgeStore
    unchanged: Unchanged
    counters: Counters


class AskedKnowledge:
    """The port `Knowledge`, for one question. Without `rights` there is only what everyone may read."""

    def __init__(self, library: Library, rights: Rights | None, message: Message) -> None:
        self._library = library
        self._rights = rights
        self._message = message

    async def search(self, words: str, *, limit: int) -> Passages:
        message, place = self._message, self._message.place
        reach = NOWHERE if self._rights is None else await self._rights.reach(message.author, message.conversation)
        here = place.guild is not None and reach.covers(place)
        found = await self._library.store.find_known(
            words,
            rooms=reach.here,
            guilds={f"{place.platform}:{place.guild}"} if here else frozenset(),
            limit=limit + MARGIN,
        )
        still = await self._library.unchanged({match.document.key: match.document for match in found}.values())
        passages = [_passage(match) for match in found if match.document.key in still][:limit]
        self._library.counters.add("knowledge_searches_total", outcome="found" if passages else "nothing")
        return Passages(passages=tuple(passages), privately=reach.more_alone)


def _passage(match: Match) -> Passage:
    document, where = match.document, match.chunk.where
    named = f"{document.name}, {where}" if where else document.name
    return Passage(
        text=match.chunk.text,
        source=Source(title=named, url=document.url),
        title=document.title,
        where=where,
        as_of=document.read_at if document.url else None,
    )
