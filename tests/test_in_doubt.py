"""The store did what was asked, and whoever asked never learned it: questions are answered all the same, and once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import DatabaseUnusable
from bot.talk.event import Said
from bot.talk.message import Place
from tests.fakes import BEN, said
from tests.hooks import Hooked
from tests.rig import Rig, rig

QUIET = Place(platform="local", id="quiet", name="quiet", guild="g")


class Doubt:
    """Once armed the connection breaks, one time, at a moment; writing down waits while `gate` is closed."""

    def __init__(self, moment: str = "") -> None:
        self.moment = moment
        self.armed = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_gate = asyncio.Event()

    async def at(self, moment: str, _given: object) -> None:
        if self.armed and moment == self.moment:
            self.armed = False
            raise DatabaseUnusable("the server went away")
        if moment == "record_all begins":
            self.at_gate.set()
            await self.gate.wait()

    def around(self, part: Any) -> Any:
        return Hooked(part, self.at) if hasattr(part, "ledger") else part

    def close(self) -> None:
        self.gate.clear()
        self.at_gate.clear()


def replies(house: Rig, question: str) -> list[str]:
    return [each.text for each in house.platform.standing.values() if each.reply_to == question]


async def greeted(house: Rig, *places: Place) -> None:
    """What is kept has been announced."""
    await house.hearing.hear(Said(message=said("hello")))
    for place in places:
        await house.hearing.hear(Said(message=said("hello", place=place)))
    await house.idle()


async def test_a_question_that_was_written_down_although_the_connection_broke_is_answered_once(tmp_path: Path) -> None:
    doubt, question = Doubt("record_all ended"), said("how high?", message_id="q")
    async with rig(tmp_path, ("Hi.",), ("Two metres.",), around=doubt.around) as house:
        await greeted(house)
        doubt.armed = True
        with pytest.raises(DatabaseUnusable):
            await house.hearing.hear(Said(message=question))
        await house.passes(300)
        await house.hearing.hear(Said(message=question, age=timedelta(seconds=5)))  # read once more by the platform
        await house.passes(300)
        await house.idle()
        assert replies(house, "q").count("Two metres.") == 1


async def test_all_questions_of_one_trip_that_broke_are_answered(tmp_path: Path) -> None:
    doubt = Doubt("record_all ended")
    async with rig(tmp_path, ("Hi.",), ("Ho.",), ("A.",), ("B.",), ("C.",), around=doubt.around) as house:
        await greeted(house, QUIET)
        doubt.close()
        first = asyncio.create_task(house.hearing.hear(Said(message=said("zero", by=BEN, message_id="q0"))))
        await doubt.at_gate.wait()
        others = [
            asyncio.create_task(house.hearing.hear(Said(message=said("one", message_id="q1")))),
            asyncio.create_task(house.hearing.hear(Said(message=said("two", place=QUIET, message_id="q2")))),
        ]
        await house.passes(1)
        doubt.gate.set()
        await first
        doubt.armed = True
        await asyncio.gather(*others, return_exceptions=True)
        await house.passes(300)
        await house.idle()
        assert replies(house, "q1")[-1] in {"A.", "B.", "C."}
        assert replies(house, "q2")[-1] in {"A.", "B.", "C."}


async def test_a_question_whose_hearing_was_broken_off_is_answered_when_it_is_told_again(tmp_path: Path) -> None:
    doubt, question = Doubt(), said("how high?", message_id="q")
    async with rig(tmp_path, ("Hi.",), ("Two metres.",), around=doubt.around) as house:
        await greeted(house)
        doubt.close()
        hearing = asyncio.create_task(house.hearing.hear(Said(message=question)))
        await doubt.at_gate.wait()
        hearing.cancel()  # the platform left its connection
        await asyncio.wait([hearing])
        doubt.gate.set()
        await house.passes(2)
        await house.hearing.hear(Said(message=question, age=timedelta(seconds=5)))
        await house.idle()
        assert replies(house, "q") == ["Two metres."]


async def test_an_answer_whose_end_could_not_be_written_down_at_first_is_closed_later_and_given_once(
    tmp_path: Path,
) -> None:
    doubt, question = Doubt("close_turn begins"), said("how high?", message_id="q")
    async with rig(tmp_path, ("Two metres.",), around=doubt.around) as house:
        doubt.armed = True
        await house.hearing.hear(Said(message=question))
        await house.idle()
        await house.passes(300)
        await house.idle()
        assert replies(house, "q") == ["Two metres."]
        assert await house.answers.unanswered() == ()
