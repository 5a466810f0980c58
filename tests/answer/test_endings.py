"""However an answer ends, its asker is told once and the next question works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import EngineBroke, EngineStalled, EngineUnreachable, ModelMissing
from bot.settings import Limits as LimitSettings
from bot.settings import Settings
from bot.talk.event import Deleted
from tests.fakes import BEN, GENERAL, said
from tests.rig import rig


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


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (EngineUnreachable(), "does not answer"),
        (ModelMissing(), "calanque pull"),
        (EngineStalled(), "stopped in mid-thought"),
        (EngineBroke(), "failed in mid-answer"),
    ],
)
async def test_a_failing_engine_gives_one_plain_sentence_and_the_next_question_works(
    tmp_path: Path, error: EngineBroke, sentence: str
) -> None:
    async with rig(tmp_path, ("Half of", error), ("Whole.",)) as house:
        await house.says(said("first"))
        shown = await house.platform.final(sentence)
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


async def test_a_question_that_broke_three_starts_gets_an_apology(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
    question = said("the question of death")
    async with rig(tmp_path, (asyncio.Event(),), settings=settings) as house:
        await house.says(question)
        await house.engine.asked.wait()
    for _ in range(2):
        async with rig(tmp_path, (asyncio.Event(),), settings=settings) as house:
            (message,) = await house.answers.unanswered()
            house.answers.begin(message)
            await house.engine.asked.wait()
    async with rig(tmp_path, settings=settings) as house:
        (message,) = await house.answers.unanswered()
        house.answers.begin(message)
        await house.platform.final("I tried several times")
        assert house.engine.prompts == []
