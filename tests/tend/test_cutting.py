"""A full conversation is cut in a pause, so that nobody waits for it, and what went is told as a summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import EngineBroke
from bot.memory.summaries import NOTED_BY_MODEL, NOTED_BY_PROGRAM
from bot.talk.event import Deleted, Edited
from bot.talk.turn import Call
from tests.fakes import GENERAL, FakeEngine, said
from tests.rig import Rig
from tests.tend.talking import FULL, NOTES, TALK, answers, ask, pause, small, talking


async def filled(house: Rig) -> None:
    for number in range(FULL):
        await ask(house, number)


async def test_a_full_conversation_is_cut_in_a_pause_and_goes_on_from_the_models_notes(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",)) as house:
        await filled(house)
        assert house.counters.get("prefix_breaks_total", cause="cut") == 0
        await pause(house)
        assert house.counters.get("prefix_breaks_total", cause="cut") == 1
        await ask(house, FULL)
        asked = house.asked()
        assert NOTED_BY_MODEL in asked
        assert "the spare machine in the cellar" in asked
        assert "question 0" not in asked
        assert f"question {FULL - 1}" in asked


async def test_the_summary_is_asked_for_behind_what_the_engine_has_just_read(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,)) as house:
        await filled(house)
        last = house.engine.prompts[-1].pieces
        await pause(house)
        request = house.engine.prompts[-1].pieces
        assert request[: len(last)] == last
        assert "Write your own notes" in request[-1].text


async def test_the_engine_has_read_the_new_beginning_before_anybody_asks(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",)) as house:
        await filled(house)
        await pause(house)
        await ask(house, FULL)
        pieces = house.engine.prompts[-1].pieces
        assert house.engine.warmed[-1].pieces == pieces[:-1]


async def test_whoever_asks_while_the_new_beginning_is_read_goes_on_with_the_old_one(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL), (NOTES,), ("Yes.",)) as house:
        await filled(house)
        before = house.engine.prompts[-1].pieces
        with house.engine.reading_held():
            await pause(house)
            assert len(house.engine.warmed) == 1
            await ask(house, FULL, words=1)
        assert house.engine.prompts[-1].pieces[: len(before)] == before
        assert house.counters.get("prefix_breaks_total", cause="cut") == 0
        asked = len(house.engine.prompts)
        await pause(house)
        assert house.counters.get("prefix_breaks_total", cause="cut") == 1
        assert len(house.engine.prompts) == asked  # the summary was not asked for again


async def test_an_engine_that_cannot_hold_both_is_cut_before_it_reads(tmp_path: Path) -> None:
    engine = FakeEngine(*answers(FULL), (NOTES,), ("Yes.",), engine=small(host_words=0))
    async with talking(tmp_path, engine=engine) as house:
        await filled(house)
        with engine.reading_held():
            await pause(house)
            await ask(house, FULL)
        assert NOTED_BY_MODEL in house.asked()


@pytest.mark.parametrize(
    "notes",
    [
        pytest.param("…", id="empty"),
        pytest.param("word " * 3000, id="longer-than-what-it-replaces"),
        pytest.param(Call(id="c", name="clock", arguments="{}"), id="a-call"),
        pytest.param(
            "Анна и Борис договорились перенести резервные копии на запасной компьютер в подвале и проверять их в "
            "первый понедельник каждого месяца, а пароль маршрутизатора ещё предстоит сменить.",
            id="another-language",
        ),
        pytest.param(EngineBroke("it broke"), id="a-failure"),
    ],
)
async def test_excerpts_stand_in_for_a_summary_that_is_none(tmp_path: Path, notes: object) -> None:
    async with talking(tmp_path, *answers(FULL), (notes,), ("Yes.",), ("Yes.",)) as house:
        await filled(house)
        await pause(house)
        await ask(house, FULL, text="and " * 300)
        asked = house.asked()
        assert NOTED_BY_PROGRAM in asked
        assert "question 4" in asked.split(NOTED_BY_PROGRAM)[1]


async def test_a_cut_in_front_of_a_long_question_tells_excerpts_at_once(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL), ("Yes.",), tending=False) as house:
        for number in range(FULL - 1):
            await ask(house, number)
        await ask(house, FULL, words=600)
        asked = house.asked()
        assert NOTED_BY_PROGRAM in asked
        assert "w7" in asked
        assert house.engine.prompts[-1].tokens <= 1700


async def test_words_deleted_after_the_summary_was_made_are_in_no_prompt_any_more(tmp_path: Path) -> None:
    secret = "the key is under the mat"
    scripts = (*answers(FULL), (f"{NOTES} Also: {secret}.",), (NOTES,), ("Yes.",))
    async with talking(tmp_path, *scripts) as house:
        await ask(house, 0, text=secret)
        for number in range(1, FULL):
            await ask(house, number)
        with house.engine.reading_held():
            await pause(house)
            await house.hearing.hear(Deleted(place=GENERAL, message_ids=("q0",)))
        await pause(house)
        await ask(house, FULL, words=600)
        assert secret not in house.asked()
        assert (await house.store.ledger(TALK)).summary is not None


async def test_a_summary_goes_with_words_that_it_may_hold_and_is_made_anew(tmp_path: Path) -> None:
    secret = "the key is under the mat"
    scripts = (*answers(FULL), (f"{NOTES} Also: {secret}.",), (f"{NOTES} Nothing else.",), ("Yes.",))
    async with talking(tmp_path, *scripts) as house:
        await ask(house, 0, text=secret)
        for number in range(1, FULL):
            await ask(house, number)
        await pause(house)
        assert secret in str((await house.store.ledger(TALK)).summary)
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=("q0",)))
        assert (await house.store.ledger(TALK)).summary is None
        await pause(house)
        await ask(house, FULL)
        assert secret not in house.asked()
        assert "Nothing else." in house.asked()


async def test_who_asks_before_the_summary_is_made_anew_is_told_excerpts_without_the_deleted_words(
    tmp_path: Path,
) -> None:
    secret = "the key is under the mat"
    async with talking(tmp_path, *answers(FULL), (f"{NOTES} Also: {secret}.",)) as house:
        await ask(house, 0, text=secret)
        for number in range(1, FULL):
            await ask(house, number)
        await pause(house)
        assert secret in str((await house.store.ledger(TALK)).summary)
    async with talking(tmp_path, ("Yes.",), tending=False) as house:
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=("q0",)))
        await ask(house, FULL)
        assert secret not in house.asked()
        assert "question 4" in house.asked().split(NOTED_BY_PROGRAM)[1]


async def test_an_edit_is_written_through_at_the_cut_and_was_read_ahead_as_such(tmp_path: Path) -> None:
    async with talking(tmp_path, *answers(FULL + 1), (NOTES,), ("Yes.",)) as house:
        await filled(house)
        with house.engine.reading_held():
            edited = said("question 6 now asks something else", message_id="q6")
            await house.hearing.hear(Edited(message=edited))
            await ask(house, FULL, words=1)
        assert "now asks something else" in house.asked()
        await pause(house)
        assert house.counters.get("prefix_breaks_total", cause="cut") == 1
        await ask(house, FULL + 1, words=1)
        assert "w6" not in house.asked()
        assert "Ana: question 6 now asks something else" in house.asked()
        assert house.engine.warmed[-1].pieces == house.engine.prompts[-1].pieces[:-1]
