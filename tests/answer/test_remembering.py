"""What the next prompt holds of what was said before."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from bot.talk.event import Edited
from bot.talk.message import Addressed
from tests.fakes import BEN, FakeEngine, said
from tests.rig import rig
from tests.settling import settle


async def test_the_next_prompt_begins_with_the_last_one_and_its_reply(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",), ("Three.",)) as house:
        for number, text in enumerate(("One.", "Two.", "Three.")):
            await house.says(said(f"question {number}"))
            await house.platform.final(text)
            await settle()
        first, second, third = (house.asked(turn) for turn in range(3))
        assert second.startswith(first + "\nOne.")
        assert third.startswith(second + "\nTwo.")


async def test_what_was_said_between_two_questions_is_overheard_once(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",), ("Three.",)) as house:
        await house.says(said("first"))
        await house.platform.final("One.")
        await house.says(said("my disk is full", by=BEN, addressed=Addressed.NO))
        await house.says(said("what is wrong with Ben's disk?"))
        await house.platform.final("Two.")
        await house.says(said("thanks"))
        await house.platform.final("Three.")
        assert house.asked(1).count("my disk is full") == 1
        assert house.asked(2).count("my disk is full") == 1
        assert "my disk is full" not in house.engine.prompts[2].pieces[-1].text


async def test_an_edit_of_an_earlier_message_is_what_is_overheard(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",)) as house:
        await house.says(said("first"))
        await house.platform.final("One.")
        await house.says(said("the port is 80", by=BEN, addressed=Addressed.NO, message_id="e1"))
        await house.hearing.hear(
            Edited(message=said("the port is 8080", by=BEN, addressed=Addressed.NO, message_id="e1"))
        )
        await house.says(said("which port?"))
        await house.platform.final("Two.")
        assert "the port is 8080" in house.asked(1)


async def test_a_long_history_is_cut_at_whole_turns_and_the_prompt_still_fits(tmp_path: Path) -> None:
    settings = Settings()
    engine = FakeEngine(*[(f"<{number}> " + "word " * 300,) for number in range(12)])
    settings = settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"window": 3000, "reply_tokens": 500})}
    )
    async with rig(tmp_path, engine=engine, settings=settings) as house:
        for number in range(12):
            await house.says(said(f"question {number}"))
            await house.platform.final(f"<{number}>")
        assert all(prompt.tokens <= 2500 for prompt in engine.prompts)
        assert 1 <= house.counters.get("prefix_breaks_total", cause="cut") <= 4
        assert "question 0" not in house.asked()


async def test_a_message_larger_than_the_window_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.says(said("word " * 40_000))
        await house.platform.final("more than I can read at once")
        assert house.engine.prompts == []
