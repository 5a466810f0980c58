"""Passages are embedded beside everything else, and searches go on by words where that fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from bot.errors import DatabaseUnusable, EngineBroke
from bot.knowledge.embedding import Embedding, vectors_of
from bot.ports.embedding import Due
from bot.services.knowledge import AskedKnowledge, Library
from bot.storage.store import SqlStore
from bot.talk.vectors import Embedder, Vector, quantized
from tests.fakes import FakeClock, FakeCounters, said
from tests.hooks import Hooked
from tests.knowledge.house import House

KIND = {"anchor": [1.0, 0.1], "Anker": [1.0, 0.0], "gull": [0.0, 1.0]}


class FakeEmbeds:
    """Texts that name the same thing mean the same; `broken`: nothing can be asked."""

    def __init__(self) -> None:
        self.broken = False
        self.made = 0

    async def about(self) -> Embedder:
        return Embedder(name="fake", dimensions=2, fingerprint="fake/1")

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.made += len(texts)
        return [await self.query(text) for text in texts]

    async def query(self, text: str) -> Vector:
        if self.broken:
            raise EngineBroke("it died")
        return quantized(next((direction for name, direction in KIND.items() if name in text), [0.5, -0.5]))


async def found(house: House, embeds: FakeEmbeds, words: str, language: str) -> list[str]:
    library = Library(
        store=house.store,
        unchanged=house.keeping.unchanged,
        counters=house.counters,
        clock=house.clock,
        embeds=embeds,
        languages=lambda _: frozenset({language}),
    )
    passages = (await AskedKnowledge(library, None, said("?")).search(words, limit=5)).passages
    return [passage.source.title for passage in passages]


async def test_a_question_in_one_language_finds_what_is_written_in_another(house: House, store: SqlStore) -> None:
    embeds = FakeEmbeds()
    embedding = Embedding(store, embeds, clock=FakeClock(), counters=FakeCounters())
    house.lays("boote.md", "Der Anker hält.")
    house.lays("birds.md", "A gull flies over whoever holds.")
    await house.keeping.look()
    while await embedding.step():
        pass
    assert embeds.made == 4, "both passages and what each stands below"
    assert (await found(house, embeds, "does the anchor hold", "en"))[0] == "boote.md"
    assert await embedding.step() == 0


async def test_where_nothing_can_be_embedded_words_are_found_all_the_same(house: House) -> None:
    house.lays("birds.md", "A gull flies.")
    await house.keeping.look()
    embeds = FakeEmbeds()
    embeds.broken = True
    assert await found(house, embeds, "gulls", "en") == ["birds.md"]
    assert house.counters.get("knowledge_embedding_failures_total") == 1


@pytest.mark.parametrize("away", ["known_shelves", "rank_by_words", "held_vectors", "known_passages"])
async def test_a_database_that_cannot_be_used_is_told_as_that(house: House, store: SqlStore, away: str) -> None:
    async def called(moment: str, _given: object) -> None:
        if moment.startswith(away):
            raise DatabaseUnusable("it is away")

    house.lays("birds.md", "A gull flies.")
    await house.keeping.look()
    library = Library(
        store=cast("SqlStore", Hooked(store, called)),
        unchanged=house.keeping.unchanged,
        counters=house.counters,
        clock=house.clock,
        embeds=FakeEmbeds(),
        languages=lambda _: frozenset({"en"}),
    )
    with pytest.raises(DatabaseUnusable):
        await AskedKnowledge(library, None, said("?")).search("gulls", limit=5)


async def test_signs_without_words_are_looked_for_by_what_they_mean(house: House, store: SqlStore) -> None:
    embeds = FakeEmbeds()
    house.lays("birds.md", "A gull flies.")
    await house.keeping.look()
    while await Embedding(store, embeds, clock=FakeClock(), counters=FakeCounters()).step():
        pass
    assert await found(house, embeds, "???", "en") == ["birds.md"]


async def test_a_passage_is_found_by_what_its_heading_asks_though_it_says_something_else() -> None:
    due = Due(document=1, first=0, texts=("a gull", "another gull"), headings=("anchor", "birds: a gull"))
    headed, plain = [vector.numbers() for vector in await vectors_of(FakeEmbeds(), due)]
    assert headed[0] > 0.2 > abs(plain[0])
    assert headed[1] > headed[0], "what it says counts more"
