"""A question gets one answer: streamed, with tools, in order, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.settings import Settings
from bot.talk.message import Addressed
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, direct, said
from tests.rig import rig
from tests.settling import settle


async def test_a_mention_gets_its_answer_as_a_reply(tmp_path: Path) -> None:
    async with rig(tmp_path, ("It is ", "blue.")) as house:
        question = said("what colour is the sea?")
        await house.says(question)
        shown = await house.platform.final("blue")
        assert shown.text == "It is blue."
        assert shown.reply_to == question.id
        assert shown.actions == ()
        assert "Ana: what colour is the sea?" in house.asked()


async def test_typing_comes_first_and_a_long_wait_shows_a_sign_that_can_be_stopped(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "Done.")) as house:
        await house.says(said("think hard"))
        await house.engine.asked.wait()
        assert house.platform.typed == [GENERAL.key]
        await house.clock.advance(2.5)
        sign = await house.platform.until(lambda delivery: not delivery.final)
        assert sign.text == ""
        assert [action.label for action in sign.actions] == ["Stop"]
        gate.set()
        await house.platform.final("Done.")


async def test_a_tool_at_work_is_shown_and_its_result_kept_for_the_next_turn(tmp_path: Path) -> None:
    call = Call(id="1", name="calculator", arguments='{"expression": "6*7"}')
    async with rig(tmp_path, (call,), ("It is 42.",), ("Yes.",)) as house:
        await house.says(said("what is 6*7?"))
        await house.platform.final("42")
        await house.says(said("sure?"))
        await house.platform.final("Yes.")
        assert "6*7 = 42" in house.asked(2)


async def test_an_answer_at_the_length_limit_says_how_to_go_on(tmp_path: Path) -> None:
    settings = Settings()
    settings = settings.model_copy(update={"engine": settings.engine.model_copy(update={"reply_tokens": 64})})
    async with rig(tmp_path, ("word " * 70,), settings=settings) as house:
        await house.says(said("go"))
        assert "Say “go on”" in (await house.platform.final("length limit")).text


async def test_two_questions_in_one_channel_are_answered_one_after_the_other(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Two.",)) as house:
        await house.says(said("first"))
        await house.says(said("second", by=BEN))
        await settle()
        gate.set()
        await house.platform.final("Two.")
        assert "first" in house.asked(1)
        assert house.asked(1).index("One.") < house.asked(1).index("Ben: second")


async def test_a_message_heard_twice_is_answered_once(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Again!",)) as house:
        question = said("hello")
        await house.says(question)
        await house.platform.final("One.")
        await house.says(question)
        await settle()
        assert len(house.engine.prompts) == 1


async def test_people_in_direct_messages_have_conversations_of_their_own(tmp_path: Path) -> None:
    async with rig(tmp_path, ("To Ana.",), ("To Ben.",)) as house:
        await house.says(said("my secret", place=direct(ANA), addressed=Addressed.DIRECT))
        await house.platform.final("To Ana.")
        await house.says(said("hello", by=BEN, place=direct(BEN), addressed=Addressed.DIRECT))
        await house.platform.final("To Ben.")
        assert "my secret" not in house.asked(1)
