"""Makes vectors of passages that have none, beside everything else and never in its way."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.errors import BackendError, CalanqueError
from bot.ports import Clock, Counters
from bot.ports.embedding import MOST_TEXTS, Due, Embeds, VectorStore
from bot.talk.vectors import Vector, leaning

log = logging.getLogger(__name__)

BATCH = MOST_TEXTS
"""Passages that are made and saved together."""

HEADED = 0.25
"""How far the vector of a passage leans to that of its heading. Questions sound like headings: alone, a passage of many
words is found by far less of them in another language (docs/decisions/0026-vectors-lean-to-headings.md)."""

PAUSE_SECONDS = 5.0
"""How often it is looked whether any wait."""

SHARE = 0.25
"""For each part of its time that is work there is so much of a pause."""

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 600.0
"""Seconds after a failure, doubling."""


class Embedding:
    """Goes on where it was when the program ended: what has a vector is in the database."""

    def __init__(self, store: VectorStore, embeds: Embeds, *, clock: Clock, counters: Counters) -> None:
        self._store = store
        self._embeds = embeds
        self._clock = clock
        self._counters = counters
        self._told = True

    async def run(self) -> None:
        """Until cancelled. Failures are told in the log and tried again with growing pauses."""
        failed = FIRST_PAUSE
        while True:
            began = self._clock.monotonic()
            try:
                made = await self.step()
            except Exception as error:
                self._counters.add("knowledge_embedding_failures_total")
                known = isinstance(error, CalanqueError)
                told = error if known else type(error).__name__
                log.warning("passages could not be embedded: %s", told, exc_info=not known)
                await self._clock.sleep(failed)
                failed = min(failed * 2, LONGEST_PAUSE)
                continue
            failed = FIRST_PAUSE
            took = self._clock.monotonic() - began
            await self._clock.sleep(took * SHARE if made else PAUSE_SECONDS)

    async def step(self) -> int:
        """Make some; how many were made. Nothing is loaded where none wait. Raises BackendError, DatabaseUnusable."""
        fingerprint = (await self._embeds.about()).index
        due = await self._store.due_vectors(fingerprint, limit=BATCH)
        if due is None:
            if not self._told:
                done = await self._store.embedded(fingerprint)
                log.info("all %d passages of the knowledge can be found by what they mean", done.passages)
                self._told = True
            return 0
        self._told = False
        began = self._clock.monotonic()
        vectors = await vectors_of(self._embeds, due)
        if await self._store.save_vectors(due, fingerprint, vectors):
            self._counters.add("knowledge_embedded_total", len(vectors))
            self._counters.add("knowledge_embedding_seconds_total", self._clock.monotonic() - began)
        return len(vectors)


async def vectors_of(embeds: Embeds, due: Due) -> Sequence[Vector]:
    """Each leans to its heading. Raises BackendError."""
    headings = tuple(dict.fromkeys(due.headings))
    whole = await _made(embeds, due.texts)
    of = dict(zip(headings, await _made(embeds, headings), strict=True))
    return [leaning(vector, of[heading], share=HEADED) for vector, heading in zip(whole, due.headings, strict=True)]


async def _made(embeds: Embeds, texts: Sequence[str]) -> Sequence[Vector]:
    vectors = await embeds.passages(texts)
    if len(vectors) != len(texts):
        raise BackendError("the embedder did not make a vector of each text")
    return vectors
