"""One turn at a time in a conversation, a bounded queue, and slots that are always given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from bot.errors import EngineBroke, QueueFull
from bot.lanes.lanes import Bounds, Lanes
from bot.lanes.passage import Passage
from bot.talk.message import Conversation
from bot.talk.prompt import Finished, Prompt
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakeClock, FakeCounters, FakeEngine, direct
from tests.settling import settle

BOUNDS = Bounds(slots=1, queue=3, queue_per_person=2, seconds=60)
HERE = Conversation(place=GENERAL)
THERE = Conversation(place=direct(ANA))
ELSEWHERE = Conversation(place=direct(BEN))
PROMPT = Prompt(pieces=())
CALL = Call(id="1", name="clock", arguments="{}")


def made(*scripts: tuple[object, ...], bounds: Bounds = BOUNDS) -> tuple[Lanes, FakeEngine]:
    engine = FakeEngine(*scripts)  # pyright: ignore[reportArgumentType] # checked where played
    return Lanes(engine, bounds, clock=FakeClock(), counters=FakeCounters()), engine


@asynccontextmanager
async def queued(lanes: Lanes, conversation: Conversation, person: str) -> AsyncGenerator[Passage]:
    with lanes.queued(person, conversation):
        async with lanes.turn(conversation, person=person) as passage:
            yield passage


async def hold(lanes: Lanes, conversation: Conversation, person: str, order: list[str], go: asyncio.Event) -> None:
    async with queued(lanes, conversation, person):
        order.append(person)
        await go.wait()


async def ask(lanes: Lanes, conversation: Conversation, person: str, order: list[str]) -> None:
    async with lanes.turn(conversation, person=person) as passage:
        order.append(person)
        assert isinstance([chunk async for chunk in passage.stream(PROMPT, reply_tokens=9)][-1], Finished)


async def test_a_second_turn_of_a_conversation_waits_for_the_first_to_be_over_though_the_engine_is_free() -> None:
    lanes, _ = made(bounds=replace(BOUNDS, slots=2))
    order, go = list[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(lanes, HERE, "ana", order, go))
        group.create_task(hold(lanes, HERE, "ben", order, go))
        await settle()
        assert order == ["ana"]
        go.set()
    assert order == ["ana", "ben"]
    assert lanes.waiting == 0


async def test_as_many_requests_are_at_the_engine_as_it_has_slots() -> None:
    gates = [asyncio.Event() for _ in range(3)]
    lanes, engine = made(*((gate, "Yes.") for gate in gates), bounds=replace(BOUNDS, slots=2))
    order = list[str]()
    async with asyncio.TaskGroup() as group:
        for conversation, person in ((HERE, "ana"), (THERE, "ben"), (ELSEWHERE, "cleo")):
            group.create_task(ask(lanes, conversation, person, order))
        await settle()
        assert len(engine.prompts) == 2
        gates[1].set()
        await settle()
        assert len(engine.prompts) == 3
        for gate in gates:
            gate.set()
    assert order == ["ana", "ben", "cleo"]


async def test_an_answer_that_is_being_stored_keeps_its_conversation_but_not_the_engine() -> None:
    lanes, engine = made()
    stored = asyncio.Event()

    async def answer_and_store() -> None:
        async with lanes.turn(HERE, person="ana") as passage:
            [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
            await stored.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(answer_and_store())
        await settle()
        same = group.create_task(ask(lanes, HERE, "ben", []))
        await ask(lanes, THERE, "cleo", [])
        await settle()
        assert len(engine.prompts) == 2
        assert not same.done()
        stored.set()


async def test_a_turn_in_the_middle_of_its_tool_rounds_goes_on_before_anybody_else_begins() -> None:
    gate = asyncio.Event()
    lanes, _ = made(("Let me look.", CALL), (gate, "Ben's."), ("Ana's.",), bounds=replace(BOUNDS, hold=0))
    order, tools_done = list[str](), asyncio.Event()

    async def with_tools() -> None:
        async with lanes.turn(HERE, person="ana") as passage:
            [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
            await tools_done.wait()
            [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
            order.append("ana")

    async with asyncio.TaskGroup() as group:
        group.create_task(with_tools())
        await settle()
        group.create_task(ask(lanes, THERE, "ben", order))
        await settle()
        group.create_task(ask(lanes, ELSEWHERE, "cleo", order))
        await settle()
        tools_done.set()
        await settle()
        assert order == ["ben"]
        gate.set()
    assert order == ["ben", "ana", "cleo"]


async def test_the_engine_is_kept_for_a_moment_for_a_turn_whose_tools_take_no_time() -> None:
    lanes, engine = made(("Let me look.", CALL), ("Ana's.",), ("Ben's.",), bounds=replace(BOUNDS, hold=60))
    order = list[str]()
    async with asyncio.TaskGroup() as group, lanes.turn(HERE, person="ana") as passage:
        [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
        group.create_task(ask(lanes, THERE, "ben", order))
        await settle()
        assert len(engine.prompts) == 1
        [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
        order.append("ana")
    assert order == ["ana", "ben"]


async def test_a_turn_that_ends_in_its_tools_gives_the_engine_back_at_once() -> None:
    lanes, _ = made(("Let me look.", CALL), bounds=replace(BOUNDS, hold=60))
    async with lanes.turn(HERE, person="ana") as passage:
        [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
    async with asyncio.timeout(30):
        await ask(lanes, THERE, "ben", [])


async def test_a_turn_whose_tools_take_long_lets_others_go_first() -> None:
    lanes, _ = made(("Let me look.", CALL), bounds=replace(BOUNDS, hold=0.01))
    async with lanes.turn(HERE, person="ana") as passage, asyncio.timeout(30):
        [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]
        await ask(lanes, THERE, "ben", [])
        [_ async for _ in passage.stream(PROMPT, reply_tokens=9)]


@pytest.mark.parametrize(
    ("bounds", "refused", "let_in"),
    [
        (Bounds(slots=1, queue=9, queue_per_person=2, seconds=60), (ANA.key, THERE), (BEN.key, THERE)),
        (Bounds(slots=1, queue=2, queue_per_person=9, seconds=60), (BEN.key, THERE), None),
        (
            Bounds(slots=1, queue=9, queue_per_person=9, queue_per_channel=2, seconds=60),
            (BEN.key, HERE),
            (ANA.key, THERE),
        ),
    ],
    ids=["person", "engine", "channel"],
)
async def test_the_queue_is_bounded_for_a_person_a_channel_and_all(
    bounds: Bounds, refused: tuple[str, Conversation], let_in: tuple[str, Conversation] | None
) -> None:
    lanes, _ = made(bounds=bounds)
    with lanes.queued(ANA.key, HERE):
        with lanes.queued(ANA.key, HERE):
            with pytest.raises(QueueFull), lanes.queued(*refused):
                pass
            if let_in is not None:
                with lanes.queued(*let_in):
                    assert lanes.waiting == 3
        with lanes.queued(*refused):
            assert lanes.waiting == 2
    assert lanes.waiting == 0


@pytest.mark.parametrize("conversation", [HERE, THERE], ids=["for the conversation", "for the engine"])
async def test_whoever_waits_too_long_is_told_so_and_leaves_the_line(conversation: Conversation) -> None:
    lanes, _ = made(bounds=replace(BOUNDS, seconds=0.01))
    go = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(lanes, HERE, "ana", [], go))
        await settle()
        with pytest.raises(QueueFull):
            async with queued(lanes, conversation, "ben"):
                pass
        assert lanes.waiting == 1
        go.set()
    async with queued(lanes, conversation, "cleo"):
        assert lanes.waiting == 1


async def test_a_slot_comes_back_after_success_failure_and_closing() -> None:
    lanes, engine = made(("one",), (EngineBroke(),), ("two ", "three"), ("four",))
    async with lanes.turn(HERE, person="ana") as passage:
        assert isinstance([chunk async for chunk in passage.stream(PROMPT, reply_tokens=9)][-1], Finished)
    async with lanes.turn(HERE, person="ana") as passage:
        with pytest.raises(EngineBroke):
            [chunk async for chunk in passage.stream(PROMPT, reply_tokens=9)]
    async with lanes.turn(HERE, person="ana") as passage, aclosing(passage.stream(PROMPT, reply_tokens=9)) as stream:
        async for _ in stream:
            break
    assert engine.closed == 3
    await ask(lanes, HERE, "ana", [])


@pytest.mark.parametrize("moments", range(8))
async def test_whoever_leaves_at_any_moment_takes_no_slot_and_no_conversation_along(moments: int) -> None:
    gate = asyncio.Event()
    lanes, engine = made((gate, "Ana's."), ("Ben's.",), ("Cleo's.",))
    async with asyncio.TaskGroup() as group:
        group.create_task(ask(lanes, HERE, "ana", []))
        await settle()
        leaving = group.create_task(ask(lanes, THERE, "ben", []))
        await asyncio.sleep(0)
        gate.set()
        for _ in range(moments):
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        async with asyncio.timeout(30):
            await ask(lanes, THERE, "cleo", [])
    assert engine.closed == len(engine.prompts)


async def test_two_requests_of_a_turn_beside_each_other_are_a_mistake_that_is_told() -> None:
    lanes, _ = made(("one ", "two"))
    async with lanes.turn(HERE, person="ana") as passage, aclosing(passage.stream(PROMPT, reply_tokens=9)) as stream:
        await anext(stream)
        with pytest.raises(RuntimeError):
            await anext(passage.stream(PROMPT, reply_tokens=9))
