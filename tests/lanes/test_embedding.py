"""Embedding on the engine's card is idle work, but a question's own words do not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.errors import EngineBroke, EngineStalled
from bot.lanes.embedding import AT_ONCE, IdleEmbeds
from bot.lanes.lanes import Bounds, Lanes
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from bot.talk.vectors import Embedder, Vector, quantized
from tests.fakes import ANA, GENERAL, FakeClock, FakeCounters, FakeEngine
from tests.settling import settle

HERE = Conversation(place=GENERAL)


class CardEmbeds:
    """Notes what it is asked. `held`: requests stay at the card until it is set; it is cleared once `holds_after` texts
    were made."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.made: list[str] = []
        self.held = asyncio.Event()
        self.held.set()
        self.holds_after = -1
        self.fails: Exception | None = None

    async def about(self) -> Embedder:
        return Embedder(name="fake", dimensions=2, fingerprint="fake/1")

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.asked += texts
        if self.fails is not None:
            raise self.fails
        await self.held.wait()
        self.made += texts
        if len(self.made) == self.holds_after:
            self.held.clear()
        return [quantized([len(text), 1.0]) for text in texts]

    async def query(self, text: str) -> Vector:
        self.asked.append(text)
        return quantized([len(text), 1.0])


def made() -> tuple[Lanes, CardEmbeds, IdleEmbeds]:
    bounds = Bounds(slots=1, queue=9, queue_per_person=9, seconds=60)
    lanes = Lanes(FakeEngine(("Yes.",)), bounds, clock=FakeClock(), counters=FakeCounters())
    card = CardEmbeds()
    return lanes, card, IdleEmbeds(card, lanes)


async def test_passages_wait_until_nobody_asks_and_a_question_does_not() -> None:
    lanes, card, embeds = made()
    with lanes.queued(ANA.key, HERE):
        indexing = asyncio.create_task(embeds.passages(["one", "two", "three"]))
        await settle()
        await embeds.query("where?")
        assert card.asked == ["where?"]
    assert len(await indexing) == len(card.made) == 3


async def test_passages_give_way_to_whoever_comes_and_only_what_was_broken_off_is_made_again() -> None:
    lanes, card, embeds = made()
    texts = [f"text {number}" for number in range(2 * AT_ONCE)]
    card.holds_after = AT_ONCE
    indexing = asyncio.create_task(embeds.passages(texts))
    await settle()
    assert card.asked == texts
    async with asyncio.timeout(30), lanes.turn(HERE, person=ANA.key) as engine:
        assert [chunk async for chunk in engine.stream(Prompt(pieces=()), reply_tokens=9)]
        assert card.made == texts[:AT_ONCE]
    card.held.set()
    assert [each.codes for each in await indexing] == [quantized([len(text), 1.0]).codes for text in texts]
    assert card.made == texts


@pytest.mark.parametrize("error", [EngineBroke("it died"), EngineStalled("it is silent"), TimeoutError()])
async def test_a_failure_is_told_and_the_engine_is_free_again(error: Exception) -> None:
    lanes, card, embeds = made()
    card.fails = error
    with pytest.raises(type(error)):
        await embeds.passages(["one"])
    async with asyncio.timeout(30), lanes.turn(HERE, person=ANA.key) as engine:
        assert [chunk async for chunk in engine.stream(Prompt(pieces=()), reply_tokens=9)]


async def test_whoever_indexes_can_be_cancelled_at_the_card_and_before() -> None:
    lanes, card, embeds = made()
    card.held.clear()
    at_the_card = asyncio.create_task(embeds.passages(["one"]))
    await settle()
    before = asyncio.create_task(embeds.passages(["two"]))
    await settle()
    for task in (before, at_the_card):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert card.asked == ["one"]
    card.held.set()
    assert await embeds.passages(["three"])
    assert lanes.waiting == 0
