"""However an answer ends, its asker is told once and the next question works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.answer.asking import MAX_ATTEMPTS
from bot.errors import CalanqueError, EmptyReply, EngineRefused
from bot.languages.phrases import Phrases
from bot.settings import Limits as LimitSettings
from bot.settings import Settings
from bot.talk.event import Deleted
from tests.fakes import BEN, GENERAL, said
from tests.rig import Rig, rig


async def test_stop_ends_the_answer_keeps_what_was_said_and_frees_the_engine(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("Once upon", gate), ("Bye.",)) as house:
        await house.says(said("tell me a story"))
        begun = await house.platform.until(lambda delivery: delivery.text == "Once upon")
        assert await house.presses(begun.actions[0].id, by=BEN) == (
            "Only the person who asked, or a moderator, can stop this."
        )
        await house.presses(begun.actions[0].id)
        shown = await house.platform.final("stopped")
        assert shown.text == "Once upon\n\n*(stopped)*"
        assert house.engine.closed == 1
        await house.says(said("thanks"))
        await house.platform.final("Bye.")
        assert "tell me a story" in house.asked(1)
        assert "Once upon </s>" in house.asked(1).replace("  ", " ")
        assert await house.presses(begun.actions[0].id) == "That answer is finished already."


async def test_a_moderator_may_stop_anybodys_answer(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Once", asyncio.Event())) as house:
        await house.says(said("tell me a story"))
        begun = await house.platform.until(lambda delivery: delivery.text == "Once")
        await house.presses(begun.actions[0].id, by=BEN, moderator=True)
        await house.platform.final("stopped")


@pytest.mark.parametrize("error", [EngineRefused(), EmptyReply()])
async def test_what_will_not_pass_is_told_at_once_in_one_sentence_and_the_next_question_works(
    tmp_path: Path, error: CalanqueError
) -> None:
    async with rig(tmp_path, ("Half of", error), ("Whole.",)) as house:
        await house.says(said("first"))
        shown = await house.platform.final(Phrases().explain(error))
        assert shown.text.startswith("Half of\n\n")
        await house.says(said("second"))
        await house.platform.final("Whole.")
        assert "Half of" not in house.asked(1)
        assert "Ana (18:00): first" in house.asked(1)


async def test_a_defect_is_told_without_its_detail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with rig(tmp_path, (RuntimeError("secret words"),)) as house:
        await house.says(said("first"))
        shown = await house.platform.final("Something went wrong on my side")
        assert "secret" not in shown.text
    assert "RuntimeError" in caplog.text


async def test_deleting_the_question_in_mid_answer_removes_the_answer_and_leaves_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Half", asyncio.Event()), ("New.",)) as house:
        question = said("my password is swordfish")
        await house.says(question)
        await house.platform.until(lambda delivery: delivery.text == "Half")
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(question.id,)))
        await house.platform.until(lambda delivery: delivery.final and not delivery.text)
        await house.says(said("hello"))
        await house.platform.final("New.")
        assert "swordfish" not in house.asked(1)


async def test_a_shutdown_marks_the_answer_and_the_next_start_goes_on_in_the_same_message(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
    question = said("tell me a story")
    async with rig(tmp_path, ("Once", asyncio.Event()), settings=settings) as house:
        await house.says(question)
        await house.platform.until(lambda delivery: delivery.text == "Once")
        before = house.platform
    marked = before.revisions[-1]
    assert "being restarted" in marked.text
    async with rig(tmp_path, ("Once more.",), settings=settings) as house:
        for message in await house.answers.unanswered():
            house.answers.begin(message)
        again = await house.platform.final("Once more.")
        assert again.id == marked.id
        assert await house.answers.unanswered() == ()


async def killed(house: Rig) -> None:
    """The answers end as a killed process leaves them."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("answer to")]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_question_that_is_the_end_of_so_many_processes_gets_an_apology(tmp_path: Path) -> None:
    question, innocent = said("the question of death"), said("what is the time?", by=BEN)
    for number in range(MAX_ATTEMPTS):
        async with rig(tmp_path, (asyncio.Event(),)) as house:
            if number:
                await house.take_up()
            else:
                await house.says(question)
                await house.says(innocent)
            await house.engine.asked.wait()
            await killed(house)
    async with rig(tmp_path, ("Six.",)) as house:
        await house.take_up()
        sorry = await house.platform.final("I tried several times")
        assert sorry.reply_to == question.id
        # Whoever only stood in line behind it has lost nothing.
        answer = await house.platform.final("Six.")
        assert answer.reply_to == innocent.id
        assert len(house.engine.prompts) == 1


async def test_proper_ends_of_the_program_count_against_no_question(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
    await_it = said("how are you?")
    for number in range(5):
        async with rig(tmp_path, (asyncio.Event(),), settings=settings) as house:
            await (house.take_up() if number else house.says(await_it))
            await house.engine.asked.wait()
    async with rig(tmp_path, ("Well.",), settings=settings) as house:
        await house.take_up()
        await house.platform.final("Well.")
