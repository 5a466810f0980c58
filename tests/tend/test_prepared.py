"""What was prepared, when by the time of the cut the engine, its tools or the talk are not what they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.agent.toolbox import Toolbox
from bot.errors import BackendError, ContextOverflow, EngineBroke, EngineRefused, EngineStalled
from bot.memory.summaries import NOTED_BY_MODEL, NOTED_BY_PROGRAM
from bot.ports.tool import ForeignTool
from bot.talk.event import Edited
from bot.talk.message import Place
from bot.talk.prompt import Prompt
from tests.agent.tooling import foreign_tool
from tests.fakes import BEN, FakeEngine, said
from tests.rig import Rig
from tests.tend.talking import FULL, NOTES, TALK, answers, ask, pause, small, talking
from tools import TOOLS

ELSEWHERE = Place(platform="local", id="elsewhere", name="elsewhere")


WORDS_OF_A_LONG_QUESTION = 300


async def filled(house: Rig) -> None:
    for number in range(FULL):
        await ask(house, number)


async def prepared(house: Rig) -> None:
    """Notes are taken, and somebody came before the cut was made."""
    with house.engine.reading_held():
        await pause(house)
        await house.says(said("urgent", by=BEN, place=ELSEWHERE))
        await house.idle()


def notes_asked(engine: FakeEngine) -> list[Prompt]:
    return [prompt for prompt in engine.prompts if "Write your own notes" in prompt.pieces[-1].text]


def breaks(house: Rig) -> dict[str, int]:
    return {
        dict(labels)["cause"]: count
        for (name, labels), count in house.counters.counts.items()
        if name == "prefix_breaks_total"
    }


@pytest.mark.parametrize("in_a_pause", [True, False])
async def test_notes_of_an_engine_that_was_exchanged_are_told_as_the_new_one_reads_them(
    tmp_path: Path, in_a_pause: bool
) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",), ("Yes.",)) as house:
        await filled(house)
        await prepared(house)
        house.engine.template = "fake/2"
        if in_a_pause:
            await pause(house)
        await ask(house, FULL, words=WORDS_OF_A_LONG_QUESTION)
        assert NOTED_BY_MODEL in house.asked()
        for prompt in (house.engine.prompts[-1], *house.engine.warmed[1:]):
            assert {piece.template for piece in prompt.pieces} == {"fake/2"}
        assert len(notes_asked(house.engine)) == 1


@pytest.mark.parametrize("window", [1000, 500, 200])
async def test_idle_work_keeps_to_a_window_that_shrank_before_anybody_asks_again(tmp_path: Path, window: int) -> None:
    async with talking(tmp_path, *answers(FULL), tending=False) as house:
        await filled(house)
    async with talking(tmp_path, engine=FakeEngine(engine=replace(small(), window=window))) as house:
        await pause(house, 150)
        assert len(notes_asked(house.engine)) <= 1
        await ask(house, FULL, words=20)
        assert house.engine.prompts[-1].tokens <= window - window // 4
        assert all(prompt.tokens <= window for prompt in (*house.engine.prompts, *house.engine.warmed))
        await house.platform.final("Yes.")


@pytest.mark.parametrize("error", [EngineBroke, EngineStalled, EngineRefused, ContextOverflow])
async def test_a_model_that_fails_to_take_notes_is_not_asked_twice_and_the_cut_is_made_all_the_same(
    tmp_path: Path, error: type[BackendError]
) -> None:
    async with talking(tmp_path, *answers(FULL), (error("no"),), ("Yes.",), ("Yes.",)) as house:
        await filled(house)
        await pause(house)
        assert breaks(house) == {"cut": 1}
        await ask(house, FULL, words=1)
        assert NOTED_BY_PROGRAM in house.asked()
        await pause(house, 150)
        assert len(notes_asked(house.engine)) == 1
        assert house.counters.get("summaries_total", outcome="failed") == 1


async def test_what_the_model_is_told_of_tools_changes_with_a_cut_that_is_made_in_a_pause(tmp_path: Path) -> None:
    late: list[ForeignTool] = []
    toolbox = Toolbox(TOOLS, seconds=5, chars=3000, calls=4, foreign=lambda: late)
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",), toolbox=toolbox) as house:
        for number in range(FULL - 1):
            await ask(house, number)
        late.append(foreign_tool("tide"))
        await ask(house, FULL - 1)
        assert "tide" not in house.engine.prompts[-1].pieces[0].text
        await pause(house)
        await ask(house, FULL, words=1)
        pieces = house.engine.prompts[-1].pieces
        assert "tide" in pieces[0].text
        assert house.engine.warmed[-1].pieces == pieces[:-1]
        assert len(house.engine.warmed) == 1


async def test_an_edit_that_a_cut_writes_through_is_no_deletion(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL + 1), (NOTES,), ("Yes.",)) as house:
        await filled(house)
        await house.hearing.hear(Edited(message=said("question 6 now asks something else", message_id="q6")))
        await pause(house)
        await ask(house, FULL + 1, words=1)
        assert "now asks something else" in house.asked()
        assert breaks(house) == {"cut": 1}


async def test_what_can_not_be_cut_is_not_cut_again_and_again(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(20), persona="Be kind. " * 700) as house:
        for number in range(6):
            await ask(house, number, words=5)
            await pause(house)
        assert notes_asked(house.engine) == []
        assert breaks(house).get("cut", 0) <= 3


async def test_one_turn_that_fills_the_window_goes_in_a_pause_and_is_told_of(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Long. " * 300,), (NOTES,), ("Yes.",)) as house:
        await ask(house, 0, words=1300)
        await pause(house)
        await ask(house, 1)
        assert NOTED_BY_MODEL in house.asked()
        assert "question 0" not in house.asked()
        assert len(notes_asked(house.engine)) == 1
        assert breaks(house) == {"cut": 1}
        assert (await house.store.ledger(TALK)).summary is not None
