"""Idle work beside others: a second process on the same database, the demo model, answers that only one can read."""

from __future__ import annotations

from pathlib import Path

from bot.errors import EngineUnreachable
from bot.memory.summaries import NOTED_BY_MODEL
from bot.talk.message import Place, PlaceKind
from bot.talk.prompt import Engine
from tests.fakes import ANA, FakeEngine, said
from tests.rig import rig
from tests.tend.talking import FULL, NOTES, answers, ask, pause, small, talking

DEMO = Engine(name="embedded", model="small", window=400, exact=True, demo=True)


async def test_two_processes_that_prepare_the_same_cut_make_it_once(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",), ("Yes.",)) as one:
        for number in range(FULL):
            await ask(one, number)
        with one.engine.reading_held():
            await pause(one)
            assert len(one.engine.warmed) == 1
            async with talking(tmp_path, (NOTES,)) as other:
                await pause(other)
                assert other.counters.get("prefix_breaks_total", cause="cut") == 1
        await pause(one)
        assert one.counters.get("prefix_breaks_total", cause="cut") == 0
        await ask(one, FULL)
        asked = one.asked()
        assert asked.count(NOTED_BY_MODEL) == 1
        assert f"question {FULL - 1}" in asked
        first = one.engine.prompts[-1].pieces
        await ask(one, FULL + 1)
        assert one.engine.prompts[-1].pieces[: len(first)] == first


async def test_the_demo_model_is_left_alone_and_the_engine_finds_its_conversations_when_it_is_back(
    tmp_path: Path,
) -> None:
    main, demo = FakeEngine(*answers(1), engine=small()), FakeEngine(("Demo.",), engine=DEMO, template="demo/1")
    async with rig(tmp_path, engine=main, demo=demo, tending=True) as house:
        await ask(house, 0, words=400)
        await pause(house)
        main.away = EngineUnreachable("it is away")
        house.lanes.warmth.forget()
        await pause(house, 90)
        await ask(house, 1, words=5)
        await house.platform.final("Demo.")
        await pause(house, 90)
        assert len(demo.prompts) == 1
        assert demo.warmed == []
        assert main.warmed == []
        main.away = None
        await pause(house, 200)
        assert len(main.warmed) == 1
        await ask(house, 2)
        assert main.prompts[-1].pieces[: len(main.warmed[0].pieces)] == main.warmed[0].pieces


async def test_a_direct_message_is_cut_like_a_channel_and_forgotten_with_what_was_noted(tmp_path: Path) -> None:
    place = Place(platform="local", id="dm-ana", kind=PlaceKind.DIRECT, name="Ana")
    secret = "nightingale"
    async with talking(tmp_path, *answers(FULL), (f"{NOTES} {secret}",), ("Yes.",)) as house:
        for number in range(FULL):
            words = f"question {number} {secret if not number else ''} " + "word " * 100
            await house.says(said(words, by=ANA, place=place))
            await house.idle()
        await pause(house)
        assert house.counters.get("prefix_breaks_total", cause="cut") == 1
        await house.presses("forget-me:yes", by=ANA)
        await pause(house)
        await house.says(said("do you know me?", by=ANA, place=place))
        await house.idle()
        assert secret not in house.asked()
        assert "question" not in house.asked()
