"""What an engine's requests and probes tell of it, and how wanted conversations are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.errors import BackendError, ContextOverflow, EngineBroke, EngineUnreachable
from bot.lanes.demand import FADES_SECONDS, KEPT, Demand
from bot.lanes.lanes import Bounds, Lanes
from bot.talk.message import Conversation
from bot.talk.prompt import Engine, Prompt
from tests.fakes import FakeClock, FakeCounters, FakeEngine
from tests.lanes.timed import PREFILL, REPLY, TimedEngine, conversation, prompt

BOUNDS = Bounds(slots=1, queue=99, queue_per_person=9, seconds=60)
SIZE = 10_000
ROOMY = Engine(name="timed", model="timed", window=32_768, kv_bytes=1.0, host_cache_bytes=3 * SIZE + 1000, digest="1")


class Seen:
    """Lanes over an engine with room for three conversations."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.counters = FakeCounters()
        self.engine = TimedEngine(self.clock, ROOMY)
        self.lanes = Lanes(self.engine, BOUNDS, clock=self.clock, counters=self.counters)
        self.recalled: list[str] = []

    async def asks(self, name: str, tokens: int = SIZE) -> None:
        async def ask() -> None:
            async with self.lanes.turn(conversation(name), person=name, remembered=self._remembered) as passage:
                [_ async for _ in passage.stream(prompt(name, tokens), reply_tokens=REPLY)]

        asking = asyncio.create_task(ask())
        await self.clock.advance(100)
        await asking

    async def _remembered(self, past: Conversation) -> Prompt | None:
        self.recalled.append(past.place.id)
        return prompt(past.place.id, SIZE)

    def warm(self, *names: str) -> list[bool]:
        return [self.lanes.warmth.is_warm(conversation(name).key) for name in names]


@pytest.mark.parametrize(
    "other",
    [
        replace(ROOMY, digest="2"),
        replace(ROOMY, window=16_384),
        replace(ROOMY, version="newer"),
        replace(ROOMY, resident=0.5),
    ],
)
async def test_an_engine_that_is_not_the_same_any_more_holds_nothing(other: Engine) -> None:
    seen = Seen()
    await seen.lanes.probe()
    await seen.asks("a")
    await seen.lanes.probe()
    assert seen.warm("a") == [True]
    seen.engine.engine = other
    await seen.lanes.probe()
    assert seen.warm("a") == [False]


async def test_another_model_is_measured_anew_and_until_then_what_the_engine_says_counts() -> None:
    seen = Seen()
    await seen.asks("a")
    assert seen.lanes.rates.prefill == PREFILL
    await seen.lanes.probe()
    assert seen.lanes.rates.prefill == PREFILL
    seen.engine.engine = replace(ROOMY, model="other", prefill_rate=77.0)
    await seen.lanes.probe()
    assert seen.lanes.rates.prefill == 77


@pytest.mark.parametrize(("error", "kept"), [(EngineBroke(), False), (ContextOverflow(), True)])
async def test_an_engine_that_broke_may_have_been_loaded_anew_one_that_refused_was_not(
    error: BackendError, kept: bool
) -> None:
    engine = FakeEngine(("Yes.",), (error,))
    lanes = Lanes(engine, BOUNDS, clock=FakeClock(), counters=FakeCounters())
    async with lanes.turn(conversation("a"), person="ana") as passage:
        [_ async for _ in passage.stream(prompt("a", 100), reply_tokens=9)]
    async with lanes.turn(conversation("a"), person="ana") as passage:
        with pytest.raises(type(error)):
            [_ async for _ in passage.stream(prompt("a", 100), reply_tokens=9)]
    assert lanes.warmth.is_warm(conversation("a").key) is kept


async def test_an_engine_that_is_away_holds_nothing_when_it_is_back() -> None:
    engine = FakeEngine(("Yes.",))
    lanes = Lanes(engine, BOUNDS, clock=FakeClock(), counters=FakeCounters())
    async with lanes.turn(conversation("a"), person="ana") as passage:
        [_ async for _ in passage.stream(prompt("a", 100), reply_tokens=9)]
    engine.away = EngineUnreachable()
    with pytest.raises(EngineUnreachable):
        await lanes.probe()
    assert not lanes.warmth.is_warm(conversation("a").key)


async def test_an_engine_that_lost_what_it_was_believed_to_hold_is_noticed_and_counted() -> None:
    seen = Seen()
    await seen.lanes.probe()
    for name in ("a", "b"):
        await seen.asks(name)
    seen.engine.held.clear()
    await seen.asks("b")
    assert seen.warm("a", "b") == [False, True]
    assert seen.counters.get("prompts_colder_than_believed_total") == 1


async def test_what_is_asked_in_most_is_shown_again_before_a_rare_conversation_is_read() -> None:
    seen = Seen()
    await seen.lanes.probe()
    for name in ("often", "often", "rare", "other", "other"):
        await seen.asks(name)
    await seen.asks("new")
    assert seen.recalled == ["often"]
    assert [each.pieces[0].text for each in seen.engine.prompts[-2:]] == ["often", "new"]
    await seen.asks("other", SIZE + 1)
    assert seen.warm("often", "rare") == [True, False]


async def test_nothing_is_shown_again_for_a_short_reading() -> None:
    seen = Seen()
    await seen.lanes.probe()
    for name in ("often", "often", "rare", "other", "other"):
        await seen.asks(name)
    await seen.asks("new", 3000)
    assert seen.recalled == []


async def test_where_the_engine_holds_less_than_was_believed_nobody_waits_for_others_to_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.lanes.gauge.REFRESH_SHARE", 0.0)
    seen = Seen()
    await seen.lanes.probe()
    for name in ("often", "often", "rare", "other", "other"):
        await seen.asks(name)
    seen.engine.held.clear()
    await seen.asks("new")
    assert seen.engine.prompts[-1].pieces[0].text == "new"
    assert seen.warm("often", "rare", "new") == [False, False, True]


async def test_questions_are_remembered_of_the_conversations_asked_in_most_and_fade() -> None:
    clock = FakeClock()
    demand = Demand(clock)
    for _ in range(3):
        demand.asked("often")
    for number in range(2 * KEPT):
        demand.asked(f"once-{number}")
    assert demand.of("often") == 3
    assert sum(demand.of(f"once-{number}") for number in range(2 * KEPT)) <= KEPT
    await clock.advance(FADES_SECONDS)
    assert demand.of("often") == pytest.approx(3 / 2.718, rel=0.01)
