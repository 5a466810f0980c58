"""The community's own knowledge as one asker and one audience may have it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import BackendError
from bot.ports import Clock, Counters
from bot.ports.embedding import Embeds, Held
from bot.ports.knowledge import KnowledgeStore, Passage, Passages
from bot.ports.rights import Rights
from bot.services.fusing import foreign, fused
from bot.talk.added import ADDED, AddedKind
from bot.talk.found import Source
from bot.talk.knowledge import Known, Match, Shelf, Spot
from bot.talk.message import Message, Place
from bot.talk.reach import NOWHERE, Reach
from bot.together import together

log = logging.getLogger(__name__)

MARGIN = 10
"""So many more passages are looked up at a time: those of files that have just changed are left out."""

RANKED = 50
"""Passages of each of the two rankings that are made one."""

Unchanged = Callable[[Collection[Known]], Awaitable[frozenset[str]]]
"""Keys of the documents that still are as the index has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What all searches share. `embeds`: None where knowledge is found by its words alone. `languages`: those that a
    question may be in; not for the event loop. `fresh`: a page that was fetched longer ago may read otherwise."""

    store: KnowledgeStore
    unchanged: Unchanged
    counters: Counters
    clock: Clock
    embeds: Embeds | None = None
    languages: Callable[[str], frozenset[str]] | None = None
    fresh: timedelta = timedelta(days=2)


async def readable(
    store: KnowledgeStore, reach: Reach, place: Place, *, labels: Collection[str] = ()
) -> tuple[Shelf, ...]:
    """What an answer in the place may be made of, for whoever reaches so far. Raises DatabaseUnusable."""
    here = place.guild is not None and reach.covers(place)
    guilds = {f"{place.platform}:{place.guild}"} if here else ()
    return await store.known_shelves(rooms=reach.here, guilds=guilds, labels=labels)


class AskedKnowledge:
    """The port `Knowledge`, for one question. Without `rights` there is only what everyone may read. `labels`: of the
    collections that are searched where a search names none, beside what staff have answered in the place; none here:
    all of them."""

    def __init__(
        self, library: Library, rights: Rights | None, message: Message, *, labels: Collection[str] = ()
    ) -> None:
        self._library = library
        self._rights = rights
        self._message = message
        self._labels = labels

    async def search(self, words: str, *, limit: int, labels: Collection[str] = ()) -> Passages:
        message, store = self._message, self._library.store
        reach = NOWHERE if self._rights is None else await self._rights.reach(message.author, message.conversation)
        shelves = await readable(store, reach, message.place, labels=labels or self._labels)
        if self._labels and not labels:
            answers = await readable(store, reach, message.place, labels=(AddedKind.ANSWER.value,))
            own = (shelf for shelf in answers if shelf.room == message.place.room)
            shelves = tuple(dict.fromkeys((*shelves, *own)))
        spots = await self._ranked(words, shelves)
        passages: list[Passage] = []
        for first in range(0, len(spots), limit + MARGIN):
            passages += await self._unchanged(spots[first : first + limit + MARGIN], shelves)
            if len(passages) >= limit:
                break
        self._library.counters.add("knowledge_searches_total", outcome="found" if passages else "nothing")
        return Passages(passages=tuple(passages[:limit]), privately=reach.more_alone)

    async def _unchanged(self, spots: Sequence[Spot], shelves: Sequence[Shelf]) -> list[Passage]:
        """Those of documents that still are as the index has them."""
        found = await self._library.store.known_passages(spots, shelves)
        still = await self._library.unchanged({match.document.key: match.document for match in found}.values())
        return [self._passage(match) for match in found if match.document.key in still]

    async def _ranked(self, words: str, shelves: Sequence[Shelf]) -> Sequence[Spot]:
        library = self._library
        if library.embeds is not None and words.strip():
            spots = await self._fused(library.embeds, words, shelves) if shelves else ()
            if spots is not None:
                return spots
        return await library.store.rank_by_words(words, shelves, limit=RANKED + MARGIN)

    async def _fused(self, embeds: Embeds, words: str, shelves: Sequence[Shelf]) -> Sequence[Spot] | None:
        """By words and by meaning; None where the meaning cannot be had now."""
        # Beside each other: one asks the database while the other computes, or waits for the model.
        near, (languages, by_words) = await together(self._near(embeds, words, shelves), self._by_words(words, shelves))
        if near is None:
            return None
        held, by_meaning = near
        return fused(by_words, by_meaning, foreign=foreign(held, languages), limit=RANKED + MARGIN)

    async def _by_words(self, words: str, shelves: Sequence[Shelf]) -> tuple[frozenset[str], Sequence[Spot]]:
        """The languages that the question may be in, and what has its words in one of them."""
        library = self._library
        languages = frozenset[str]() if library.languages is None else await asyncio.to_thread(library.languages, words)
        spoken = [shelf for shelf in shelves if not shelf.language or shelf.language in languages]
        try:
            return languages, await library.store.rank_by_words(words, spoken, limit=RANKED)
        except ValueError:  # signs have no words, but mean something, too
            return languages, ()

    async def _near(
        self, embeds: Embeds, words: str, shelves: Sequence[Shelf]
    ) -> tuple[Sequence[Held], Sequence[Spot]] | None:
        """What was compared, and what means most nearly this; None where that cannot be had now."""
        library = self._library
        try:
            about = await embeds.about()
            vector, held = await together(embeds.query(words), library.store.held_vectors(about.index, shelves))
        except BackendError as error:
            library.counters.add("knowledge_embedding_failures_total")
            log.warning("knowledge is searched by words alone: %s", error)
            return None
        return held, await library.store.rank_by_meaning(vector, about.index, held, limit=RANKED)

    def _passage(self, match: Match) -> Passage:
        document, where = match.document, match.chunk.where
        named = f"{document.name}, {where}" if where else document.name
        fetched = document.read_at if document.url else None
        written = document.key.startswith(f"{ADDED}{AddedKind.ANSWER} ")  # by staff, who would change it here
        old = fetched is not None and not written and self._library.clock.now() - fetched > self._library.fresh
        return Passage(
            text=match.chunk.text,
            source=Source(title=named, url=document.url),
            title=document.title,
            where=where,
            as_of=fetched,
            stale=old or document.failing_since is not None,
            of=match.of,
        )
