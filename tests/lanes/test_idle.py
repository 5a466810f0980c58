"""Idle work has the engine while nobody is there, and gives way at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from bot.errors import EngineBroke
from bot.lanes.idle import Idle
from bot.lanes.lanes import Bounds, GaveWay, Lanes
from bot.talk.message import Conversation
from bot.talk.prompt import Chunk, Prompt
from tests.fakes import ANA, GENERAL, FakeClock, FakeCounters, FakeEngine, direct
from tests.settling import settle

HERE = Conversation(place=GENERAL)
THERE = Conversation(place=direct(ANA))
PROMPT = Prompt(pieces=())


def made(*scripts: tuple[object, ...], slots: int = 1) -> tuple[Lanes, FakeEngine, FakeClock]:
    engine = FakeEngine(*scripts)  # pyright: ignore[reportArgumentType] # checked where played
    clock = FakeClock()
    bounds = Bounds(slots=slots, queue=9, queue_per_person=9, seconds=60)
    return Lanes(engine, bounds, clock=clock, counters=FakeCounters()), engine, clock


async def work(lanes: Lanes, conversation: Conversation = HERE) -> list[Chunk]:
    async with lanes.idle(conversation) as engine:
        return await told(engine)


async def told(engine: Idle) -> list[Chunk]:
    async with aclosing(engine.stream(PROMPT, reply_tokens=9)) as chunks:
        return [chunk async for chunk in chunks]


async def ask(lanes: Lanes, conversation: Conversation = HERE, *, stay: asyncio.Event | None = None) -> None:
    async with lanes.turn(conversation, person="ana") as passage:
        async with aclosing(passage.stream(PROMPT, reply_tokens=9)) as chunks:
            async for _ in chunks:
                pass
        if stay is not None:
            await stay.wait()


@pytest.mark.parametrize("slots", [1, 2])
@pytest.mark.parametrize("conversation", [HERE, THERE])
async def test_it_is_broken_off_as_soon_as_somebody_asks_and_they_are_next(
    slots: int, conversation: Conversation
) -> None:
    lanes, engine, _ = made(("Reading", asyncio.Event()), ("Yes.",), slots=slots)
    idle = asyncio.create_task(work(lanes))
    await engine.asked.wait()
    async with asyncio.timeout(30):
        await ask(lanes, conversation)
    with pytest.raises(GaveWay):
        await idle
    assert engine.closed == len(engine.prompts) == 2


async def test_a_question_that_is_only_being_taken_in_makes_it_give_way_already() -> None:
    lanes, engine, _ = made((asyncio.Event(),))
    idle = asyncio.create_task(work(lanes))
    await engine.asked.wait()
    with lanes.queued(ANA.key, THERE):
        await settle()
        assert engine.closed == 1
    with pytest.raises(GaveWay):
        await idle


async def test_the_engine_is_asked_by_nobody_else_before_the_broken_off_request_is_closed() -> None:
    class Slow(FakeEngine):
        """Takes a moment to close a request."""

        closing = asyncio.Event()

        async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
            try:
                async with aclosing(super().stream(prompt, reply_tokens=reply_tokens)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            finally:
                if len(self.prompts) == 1:
                    await self.closing.wait()

    engine = Slow((asyncio.Event(),), ("Yes.",))
    bounds = Bounds(slots=2, queue=9, queue_per_person=9, seconds=60)
    lanes = Lanes(engine, bounds, clock=FakeClock(), counters=FakeCounters())
    idle = asyncio.create_task(work(lanes))
    await engine.asked.wait()
    asking = asyncio.create_task(ask(lanes))
    await settle()
    assert len(engine.prompts) == 1
    engine.closing.set()
    await asking
    with pytest.raises(GaveWay):
        await idle


async def test_it_does_not_begin_while_somebody_waits_or_is_answered() -> None:
    stay = asyncio.Event()
    lanes, engine, _ = made(("Yes.",), ("Read.",))
    asking = asyncio.create_task(ask(lanes, stay=stay))
    await settle()
    idle = asyncio.create_task(work(lanes))
    await settle()
    assert len(engine.prompts) == 1
    stay.set()
    await asking
    assert len(await idle) == 2


async def test_between_two_requests_it_is_told_to_give_way_with_the_next() -> None:
    lanes, engine, _ = made(("One.",), ("Yes.",))
    async with lanes.idle(HERE) as idle:
        await told(idle)
        assert not idle.gave_way
        await ask(lanes)
        assert idle.gave_way
        with pytest.raises(GaveWay):
            await told(idle)
    assert len(engine.prompts) == 2
    assert len(await work(lanes)) == 2


async def test_between_two_chunks_it_gives_way_with_the_next() -> None:
    lanes, engine, _ = made(("one ", "two ", "three"), ("Yes.",))
    async with lanes.idle(HERE) as idle:
        stream = idle.stream(PROMPT, reply_tokens=9)
        await anext(stream)
        asking = asyncio.create_task(ask(lanes))
        await settle()
        assert len(engine.prompts) == 1
        with pytest.raises(GaveWay):
            await anext(stream)
        await asking


async def test_one_piece_of_idle_work_at_a_time() -> None:
    gate = asyncio.Event()
    lanes, engine, _ = made((gate, "One."), ("Two.",))
    first, second = asyncio.create_task(work(lanes)), asyncio.create_task(work(lanes, THERE))
    await engine.asked.wait()
    await settle()
    assert len(engine.prompts) == 1
    gate.set()
    await asyncio.gather(first, second)
    assert len(engine.prompts) == 2


@pytest.mark.parametrize("asked", [False, True])
async def test_idle_work_that_is_cancelled_leaves_the_engine_free(asked: bool) -> None:
    lanes, engine, _ = made((asyncio.Event(),), ("Yes.",))
    idle = asyncio.create_task(work(lanes))
    await engine.asked.wait()
    asking = asyncio.create_task(ask(lanes)) if asked else None
    if asked:
        await asyncio.sleep(0)
    idle.cancel()
    await asyncio.wait([idle])
    async with asyncio.timeout(30):
        await (asking or ask(lanes))
    assert engine.closed == 2
    assert len(await work(lanes)) == 2


async def test_an_engine_that_fails_in_idle_work_is_a_failure_and_nothing_else() -> None:
    lanes, _, _ = made((EngineBroke(),), ("Yes.",))
    with pytest.raises(EngineBroke):
        await work(lanes)
    await ask(lanes)


async def test_it_is_quiet_when_nobody_was_there_for_so_long() -> None:
    lanes, _, clock = made()
    await clock.advance(10)
    await lanes.quiet(10)
    stay = asyncio.Event()
    asking = asyncio.create_task(ask(lanes, stay=stay))
    await settle()
    quiet = asyncio.create_task(lanes.quiet(10))
    await clock.advance(60)
    assert not quiet.done()
    stay.set()
    await asking
    await clock.advance(6)
    await ask(lanes, THERE)
    await clock.advance(6)
    assert not quiet.done()
    await clock.advance(4)
    assert quiet.done()
