"""Which conversations are kept ready, when, and that nobody notices."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import EngineUnreachable
from bot.talk.message import Place
from bot.talk.prompt import Engine
from bot.tend.tend import AGAIN
from tests.fakes import BEN, FakeEngine, said
from tests.tend.talking import ask, pause, small, talking

HOUR = 3600.0
ELSEWHERE = Place(platform="local", id="elsewhere", name="elsewhere")


async def test_what_the_engine_holds_already_is_not_read_again(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",)) as house:
        await ask(house, 0)
        await pause(house, HOUR)
        assert house.engine.warmed == []


async def test_a_conversation_that_the_engine_has_lost_is_read_again_in_a_pause(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",), ("No.",)) as house:
        await ask(house, 0, words=400)
        house.lanes.warmth.forget()
        await pause(house, 120)
        await ask(house, 1)
        assert [prompt.pieces for prompt in house.engine.warmed] == [house.engine.prompts[-1].pieces[:-1]]


async def test_after_a_start_the_latest_conversations_are_read_ahead(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",), tending=False) as house:
        await ask(house, 0, words=400)
    async with talking(tmp_path, ("No.",)) as house:
        await pause(house)
        assert len(house.engine.warmed) == 1
        await ask(house, 1)
        assert house.engine.warmed[0].pieces == house.engine.prompts[-1].pieces[:-1]


async def test_an_engine_that_nobody_has_used_for_long_is_left_alone(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",)) as house:
        await ask(house, 0, words=400)
        await pause(house, HOUR)
        house.lanes.warmth.forget()
        await pause(house, HOUR)
        assert house.engine.warmed == []


async def test_no_more_conversations_are_kept_ready_than_the_engine_can_hold(tmp_path: Path) -> None:
    engine = FakeEngine(("Yes.",), ("Yes.",), engine=small(host_words=0))
    async with talking(tmp_path, engine=engine) as house:
        await ask(house, 0, words=1000)
        await house.says(said("and here " + "word " * 1000, by=BEN, place=ELSEWHERE))
        await house.idle()
        await pause(house, 1)
        house.lanes.warmth.forget()
        await pause(house, HOUR / 4)
        assert [("and here" in prompt.pieces[1].text) for prompt in engine.warmed] == [True]


async def test_idle_work_that_fails_is_tried_again_later_and_answers_go_on(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",), ("No.",)) as house:
        await ask(house, 0, words=400)
        house.lanes.warmth.forget()
        house.engine.away = EngineUnreachable("it is away")
        await pause(house, 90)
        assert house.counters.get("idle_work_total", outcome="failed") >= 1
        house.engine.away = None
        await pause(house, 120)
        assert len(house.engine.warmed) == 1
        await ask(house, 1)
        await house.platform.final("No.")


async def test_reading_ahead_is_closed_as_soon_as_somebody_asks_anywhere(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",), ("No.",)) as house:
        await ask(house, 0, words=400)
        house.lanes.warmth.forget()
        with house.engine.reading_held():
            await pause(house, 90)
            assert len(house.engine.warmed) == 1
            closed = house.engine.closed
            async with asyncio.timeout(30):
                await house.says(said("urgent", by=BEN, place=ELSEWHERE))
                await house.platform.final("No.")
            assert house.engine.closed > closed
            assert house.counters.get("idle_work_total", outcome="gave-way") == 1


async def test_a_window_that_shrinks_between_two_turns_is_cut_to_before_anything_is_asked(tmp_path: Path) -> None:
    async with talking(tmp_path, *[("word " * 100,)] * 6) as house:
        for number in range(5):
            await ask(house, number)
        house.engine.engine = Engine(name="fake", model="fake", window=1000, tools=True, host_cache_bytes=0)
        await house.passes(61)  # as long as an engine is believed
        await ask(house, 5)
        assert house.engine.prompts[-1].tokens <= 750
        await house.platform.final("word")


@pytest.mark.parametrize(("host_words", "kept"), [(0, 1), (700, 1), (900, 2), (1500, 3)])
async def test_conversations_that_would_push_each_other_out_are_not_read_by_turns(
    tmp_path: Path, host_words: int, kept: int
) -> None:
    engine = FakeEngine(("Yes.",), ("Yes.",), ("Yes.",), engine=small(host_words=host_words))
    async with talking(tmp_path, engine=engine) as house:
        for name in ("here", "there", "elsewhere"):
            place = Place(platform="local", id=name, name=name)
            await house.says(said("hello " + "word " * 400, by=BEN, place=place))
            await house.idle()
        await pause(house, 1)
        house.lanes.warmth.forget()
        await pause(house, HOUR / 3)
        assert len(engine.warmed) == kept


async def test_an_engine_that_loses_everything_again_and_again_is_left_alone_until_somebody_asks(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path, ("Yes.",), ("No.",)) as house:
        await ask(house, 0, words=400)
        await pause(house)
        for _ in range(10):
            house.lanes.warmth.forget()
            await pause(house, 70)
        assert len(house.engine.warmed) == AGAIN
        await ask(house, 1, words=400)
        await pause(house)
        house.lanes.warmth.forget()
        await pause(house, 70)
        assert len(house.engine.warmed) == AGAIN + 1
