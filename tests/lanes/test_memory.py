"""Channels at rest cost nearly nothing, however many there are."""

from __future__ import annotations

import gc
import tracemalloc

from bot.lanes.lanes import Bounds, Lanes
from bot.talk.message import Conversation, Place
from bot.talk.prompt import Engine, Finished, Prompt
from bot.talk.turn import Piece
from tests.fakes import FakeClock, FakeCounters, FakeEngine

CHANNELS = 120
AT_MOST = 64 * 1024
"""Bytes of a channel at rest; lanes are not alone in needing some."""

ROOMY = Engine(name="fake", model="fake", window=32_768, kv_bytes=1.0, host_cache_bytes=3 * 60_000)
BOUNDS = Bounds(slots=1, queue=50, queue_per_person=3, seconds=60)


def prompt(channel: int) -> Prompt:
    return Prompt(
        pieces=tuple(Piece(text=f"{channel}: {number}", tokens=240, template="fake/1") for number in range(200))
    )


async def ask(lanes: Lanes, channel: int) -> None:
    conversation = Conversation(place=Place(platform="local", id=str(channel)))
    person = f"person {channel}"
    with lanes.queued(person, conversation):
        async with lanes.turn(conversation, person=person) as passage:
            chunks = [chunk async for chunk in passage.stream(prompt(channel), reply_tokens=9)]
    assert isinstance(chunks[-1], Finished)


async def test_hundreds_of_channels_that_were_asked_in_once_cost_no_more_than_the_few_that_are_warm() -> None:
    engine = FakeEngine(engine=ROOMY)
    lanes = Lanes(engine, BOUNDS, clock=FakeClock(), counters=FakeCounters())
    await lanes.probe()
    for channel in range(10):
        await ask(lanes, channel)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for channel in range(CHANNELS):
            await ask(lanes, channel)
            engine.prompts.clear()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < CHANNELS * AT_MOST / 20
    assert 3 <= sum(lanes.warmth.is_warm(f"local:{channel}") for channel in range(CHANNELS)) <= 5
