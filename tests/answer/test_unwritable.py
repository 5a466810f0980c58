"""Whoever reads that an answer comes later, gets it later."""

from __future__ import annotations

from pathlib import Path

from bot.errors import DatabaseUnusable
from bot.settings import Limits, Settings
from bot.talk.message import Message
from tests.fakes import GENERAL, FakeEngine, FakePlatform, said
from tests.hooks import Hooked
from tests.rig import Rig, T, rig
from tests.settling import settle

LATER = "I will answer this as soon as I can"


class Disk:
    """Opens no turn while it is full."""

    def __init__(self) -> None:
        self.full = True
        self.tries = 0

    async def at(self, moment: str, _given: object) -> None:
        if moment == "open_turn begins":
            self.tries += 1
            if self.full:
                raise DatabaseUnusable("the disk is full")

    def around(self, part: T) -> T | Hooked:
        return part if isinstance(part, FakePlatform | FakeEngine) else Hooked(part, self.at)


async def passes(house: Rig, seconds: int) -> None:
    """Second by second, with everything that each brings."""
    for _ in range(seconds):
        await house.passes(1)


async def test_a_question_that_could_not_be_taken_up_is_answered_once_the_disk_has_room(tmp_path: Path) -> None:
    disk, question = Disk(), said("hello")
    async with rig(tmp_path, ("Hello.",), around=disk.around) as house:
        await house.says(question)
        await house.platform.final(LATER)
        await passes(house, 50)  # 1 + 2 + 4 + 8 + 16 seconds of pauses; the next would end at 63
        assert disk.tries == 6
        assert house.engine.prompts == []
        disk.full = False
        await passes(house, 40)
        await house.platform.final("Hello.")
        await house.idle()
        told = [each.text for each in house.platform.standing.values() if each.reply_to == question.id]
        assert len(told) == 2
        assert await house.answers.unanswered() == ()


async def test_it_is_not_tried_longer_than_a_question_is_worth_an_answer(tmp_path: Path) -> None:
    disk = Disk()
    settings = Settings().model_copy(update={"limits": Limits(answer_after_minutes=1)})
    async with rig(tmp_path, around=disk.around, settings=settings) as house:
        await house.says(said("hello"))
        await house.platform.final(LATER)
        await passes(house, 130)
        tries = disk.tries
        await passes(house, 130)
        assert tries == disk.tries == 7
        await house.idle()


async def test_the_end_of_the_program_does_not_wait_for_it_and_the_next_start_answers(tmp_path: Path) -> None:
    disk, question = Disk(), said("hello")
    async with rig(tmp_path, around=disk.around) as house:
        await house.says(question)
        await house.platform.final(LATER)
        await settle()
    async with rig(tmp_path, ("Hello.",)) as house:
        waiting: tuple[Message, ...] = await house.answers.unanswered()
        assert [(each.id, each.place) for each in waiting] == [(question.id, GENERAL)]
        await house.take_up()
        await house.platform.final("Hello.")
