"""Whoever waits can tell where they stand, from what was measured."""

from __future__ import annotations

import asyncio

import pytest

from bot.lanes.lanes import Bounds, Lanes
from bot.lanes.passage import Passage
from bot.lanes.standing import Standing
from bot.talk.prompt import Engine
from tests.fakes import FakeClock, FakeCounters
from tests.lanes.timed import GENERATION, PREFILL, REPLY, TimedEngine, conversation, prompt
from tests.settling import settle

ROOMY = Engine(name="timed", model="timed", window=32_768, kv_bytes=1.0, host_cache_bytes=100_000)
WRITING = REPLY / GENERATION


async def ask(passage: Passage, name: str, tokens: int) -> None:
    async with passage:
        [_ async for _ in passage.stream(prompt(name, tokens), reply_tokens=REPLY)]


class Line:
    """Lanes, and who is in them."""

    def __init__(self, *, slots: int = 1, engine: Engine | None = None) -> None:
        self.clock = FakeClock()
        bounds = Bounds(slots=slots, queue=99, queue_per_person=9, seconds=60)
        self.lanes = Lanes(TimedEngine(self.clock, engine), bounds, clock=self.clock, counters=FakeCounters())
        self.tasks: list[asyncio.Task[None]] = []

    async def asks(self, name: str, tokens: int, *, expects: bool = True) -> Passage:
        passage = self.lanes.turn(conversation(name), person=f"of {name}")
        self.tasks.append(asyncio.create_task(ask(passage, name, tokens)))
        await settle()
        if expects:
            passage.expect(tokens)
        return passage

    async def measure(self) -> None:
        """A first request, so that there are rates."""
        await self.asks("first", 2000)
        await self.clock.advance(2 + WRITING)

    async def all_answered(self) -> None:
        await self.clock.advance(600)
        await asyncio.gather(*self.tasks)


async def test_while_nothing_was_measured_only_place_and_tokens_are_known() -> None:
    line = Line()
    first, second = await line.asks("a", 4000), await line.asks("b", 6000)
    assert first.standing() == Standing(place=0, tokens=4000, seconds=None)
    assert second.standing() == Standing(place=1, tokens=6000, seconds=None)
    await line.all_answered()


async def test_the_one_at_the_engine_is_told_what_is_left_to_read() -> None:
    line = Line()
    await line.measure()
    passage = await line.asks("a", 42_000)
    assert passage.standing() == Standing(place=0, tokens=42_000, seconds=42_000 / PREFILL)
    await line.clock.advance(30)
    assert passage.standing() == Standing(place=0, tokens=42_000, seconds=12)
    await line.clock.advance(12)
    assert passage.standing() is None  # it is being written
    await line.all_answered()
    assert passage.standing() is None


async def test_the_third_in_line_waits_for_those_before_and_their_own_reading() -> None:
    line = Line()
    await line.measure()
    for name in "abc":
        await line.asks(name, 10_000)
    passage = await line.asks("d", 20_000)
    before = 3 * (10_000 / PREFILL + WRITING)
    assert passage.standing() == Standing(place=3, tokens=20_000, seconds=before + 20)
    await line.clock.advance(12)
    assert passage.standing() == Standing(place=3, tokens=20_000, seconds=before + 20 - 12)
    await line.clock.advance(5)
    standing = passage.standing()
    assert standing is not None
    assert standing.place == 2
    await line.all_answered()


async def test_what_the_engine_holds_of_a_conversation_is_not_counted_as_reading() -> None:
    line = Line(engine=ROOMY)
    await line.lanes.probe()
    await line.measure()
    await line.asks("a", 10_000)
    passage = await line.asks("first", 2500)
    standing = passage.standing()
    assert standing is not None
    assert standing.tokens == 2500 - 2000 - REPLY
    await line.all_answered()


async def test_with_two_slots_the_line_moves_twice_as_fast() -> None:
    line = Line(slots=2)
    await line.measure()
    for name in "abcd":
        await line.asks(name, 10_000)
    passage = await line.asks("e", 10_000)
    assert passage.standing() == Standing(place=3, tokens=10_000, seconds=4 * (10 + WRITING) / 2 + 10)
    await line.all_answered()


async def test_one_whose_prompt_is_not_known_is_taken_for_a_typical_one() -> None:
    line = Line()
    for name in "uvwxyz":
        await line.asks(name, 2000)
        await line.clock.advance(2 + WRITING)
    await line.asks("a", 3000)
    await line.asks("b", 4000, expects=False)
    passage = await line.asks("c", 0, expects=False)
    standing = passage.standing()
    assert standing is not None
    assert standing.place == 2
    assert standing.tokens == 0
    assert standing.seconds == pytest.approx(3 + WRITING + 2 + WRITING, rel=0.15)
    await line.all_answered()


async def test_a_turn_that_goes_on_after_its_tools_stands_before_the_others() -> None:
    line = Line()
    await line.measure()
    await line.asks("a", 10_000)
    waiting = await line.asks("b", 5000)

    async def two_rounds(passage: Passage) -> None:
        async with passage:
            [_ async for _ in passage.stream(prompt("c", 2000), reply_tokens=REPLY)]
            await line.clock.sleep(1)
            [_ async for _ in passage.stream(prompt("c", 2100), reply_tokens=REPLY)]

    passage = line.lanes.turn(conversation("c"), person="of c")
    line.tasks.append(asyncio.create_task(two_rounds(passage)))
    await line.clock.advance(10 + WRITING + 5 + WRITING + 2 + WRITING + 0.5)
    assert waiting.standing() is None
    assert passage.standing() is None  # its tools are at work
    await line.asks("d", 9000)
    last = await line.asks("e", 5000)
    await line.clock.advance(1)
    standings = passage.standing(), last.standing()
    assert [each and each.place for each in standings] == [1, 2]
    await line.all_answered()
