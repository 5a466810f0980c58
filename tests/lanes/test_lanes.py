"""One turn at a time in a conversation, a bounded queue, and slots that are always given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from bot.errors import EngineBroke, QueueFull
from bot.lanes.lanes import Bounds, Lanes
from bot.talk.message import Conversation
from bot.talk.prompt import Finished, Prompt
from tests.fakes import ANA, BEN, GENERAL, FakeEngine, direct, settle

BOUNDS = Bounds(slots=1, queue=3, queue_per_person=2, seconds=60)
HERE = Conversation(place=GENERAL)
THERE = Conversation(place=direct(ANA))
PROMPT = Prompt(pieces=())


@asynccontextmanager
async def queued(lanes: Lanes, conversation: Conversation, person: str) -> AsyncGenerator[None]:
    with lanes.queued(person):
        async with lanes.turn(conversation):
            yield


async def hold(lanes: Lanes, conversation: Conversation, person: str, order: list[str], go: asyncio.Event) -> None:
    async with queued(lanes, conversation, person):
        order.append(person)
        await go.wait()


async def test_a_second_turn_of_a_conversation_waits_for_the_first() -> None:
    lanes, order, go = Lanes(FakeEngine(), BOUNDS), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(lanes, HERE, "ana", order, go))
        group.create_task(hold(lanes, HERE, "ben", order, go))
        await settle()
        assert order == ["ana"]
        go.set()
    assert order == ["ana", "ben"]
    assert lanes.waiting == 0


async def test_turns_of_two_conversations_go_beside_each_other() -> None:
    lanes, order, go = Lanes(FakeEngine(), BOUNDS), list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(lanes, HERE, "ana", order, go))
        group.create_task(hold(lanes, THERE, "ben", order, go))
        await settle()
        assert order == ["ana", "ben"]
        go.set()


async def test_the_queue_is_bounded_for_one_person_and_for_all() -> None:
    lanes, go = Lanes(FakeEngine(), BOUNDS), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for person in (ANA.key, ANA.key):
            group.create_task(hold(lanes, HERE, person, [], go))
        await settle()
        with pytest.raises(QueueFull):
            async with queued(lanes, THERE, ANA.key):
                pass
        group.create_task(hold(lanes, HERE, BEN.key, [], go))
        await settle()
        with pytest.raises(QueueFull):
            async with queued(lanes, THERE, "local:third"):
                pass
        go.set()
    async with queued(lanes, THERE, ANA.key):
        assert lanes.waiting == 1


async def test_whoever_waits_too_long_is_told_so_and_leaves_the_queue() -> None:
    lanes, go = Lanes(FakeEngine(), Bounds(slots=1, queue=3, queue_per_person=2, seconds=0.01)), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(lanes, HERE, "ana", [], go))
        await settle()
        with pytest.raises(QueueFull):
            async with queued(lanes, HERE, "ben"):
                pass
        assert lanes.waiting == 1
        go.set()


async def test_a_slot_comes_back_after_success_failure_and_closing() -> None:
    engine = FakeEngine(("one",), (EngineBroke(),), ("two ", "three"), ("four",))
    lanes = Lanes(engine, BOUNDS)
    assert isinstance([chunk async for chunk in lanes.stream(PROMPT, reply_tokens=9)][-1], Finished)
    with pytest.raises(EngineBroke):
        [chunk async for chunk in lanes.stream(PROMPT, reply_tokens=9)]
    async with aclosing(lanes.stream(PROMPT, reply_tokens=9)) as stream:
        async for _ in stream:
            break
    assert engine.closed == 3
    assert isinstance([chunk async for chunk in lanes.stream(PROMPT, reply_tokens=9)][-1], Finished)
