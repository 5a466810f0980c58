"""Polls: one for each call, and whoever asked is told where there is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import PlaceGone, PlatformUnavailable
from bot.languages.phrases import Phrases
from bot.services.polls import Here, Posting
from bot.talk.delivery import Delivery
from bot.talk.message import Message
from bot.talk.poll import Poll
from tests.fakes import ANA, direct, said
from tests.services.reminded import Quay, quay

ANSWERS = ["Saturday", "Sunday *maybe*"]


def here(place: Quay, message: Message) -> Here:
    return Here(Posting(place.house.store, place.house.deliver, phrases=Phrases()), message, rights=place.rights)


def polls(place: Quay) -> list[Delivery]:
    return [each for each in place.house.platform.standing.values() if each.poll is not None]


async def test_a_poll_is_posted_beside_the_answer_as_a_reply_and_readable_where_there_are_none(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        asked = said("ask them when we sail")
        told = await place.asks(asked, "poll", question="When do  we sail?", answers=ANSWERS, hours=48)
        assert told.startswith("The poll is posted")
        (poll,) = polls(place)
        assert poll.reply_to == asked.id
        assert poll.poll == Poll(question="When do we sail?", answers=("Saturday", "Sunday *maybe*"), hours=48)
        assert poll.text == (
            "**When do we sail?**\n1\\. Saturday\n2\\. Sunday \\*maybe\\*\nAnswer with one number, within 48 hours."
        )


async def test_the_same_call_opens_one_poll(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        for _ in range(2):
            assert await here(place, said("?")).open("When?", ANSWERS, hours=1, several=False, call="one")
        assert len(polls(place)) == 1


@pytest.mark.parametrize(
    ("question", "answers", "reason"),
    [
        (" ", ANSWERS, "the question has"),
        ("?" * 301, ANSWERS, "the question has"),
        ("🐟" * 151, ANSWERS, "the question has"),
        ("When?", ["only one"], "2 to 10 answers"),
        ("When?", [str(each) for each in range(11)], "2 to 10 answers"),
        ("When?", ["yes", " "], "each answer has"),
        ("When?", ["yes", "x" * 56], "each answer has"),
        ("When?", ["Yes", " yes "], "are the same"),
    ],
)
async def test_what_is_no_poll_is_refused_and_nothing_is_posted(
    tmp_path: Path, question: str, answers: list[str], reason: str
) -> None:
    async with quay(tmp_path) as place:
        with pytest.raises(ValueError, match=reason):
            await here(place, said("?")).open(question, answers, hours=1, several=False, call="one")
        assert polls(place) == []


async def test_where_nobody_else_reads_there_is_no_poll(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        for message in (said("?", place=direct(ANA)), replace(said("?"), only=ANA.key)):
            with pytest.raises(ValueError, match="in a channel"):
                await here(place, message).open("When?", ANSWERS, hours=1, several=False, call="one")


async def test_a_poll_that_may_not_be_sent_there_is_told_and_one_that_waits_too(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        place.house.platform.failures = [PlaceGone("no right to send polls"), PlatformUnavailable("away")]
        with pytest.raises(ValueError, match="may not send polls there"):
            await here(place, said("?")).open("When?", ANSWERS, hours=1, several=False, call="one")
        assert not await here(place, said("?")).open("When?", ANSWERS, hours=1, several=False, call="two")
        await place.passes(10)
        assert len(polls(place)) == 1
        assert await here(place, said("?")).open("When?", ANSWERS, hours=1, several=False, call="two")
        assert len(polls(place)) == 1


async def test_a_call_that_is_broken_off_leaves_one_whole_poll(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        place.house.platform.hold = asyncio.Event()
        posting = Posting(place.house.store, place.house.deliver, phrases=Phrases())
        opening = asyncio.create_task(
            Here(posting, said("?"), rights=place.rights).open("When?", ANSWERS, hours=1, several=False, call="one")
        )
        while not place.house.platform.in_flight:
            await place.house.store.fact("-")
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        place.house.platform.hold.set()
        await place.passes(5)
        assert len(polls(place)) == 1
        assert await Here(posting, said("?"), rights=place.rights).open(
            "When?", ANSWERS, hours=1, several=False, call="one"
        )
        assert len(polls(place)) == 1


async def test_whoever_may_not_post_polls_there_gets_none_by_asking_for_it(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        place.rights.poll_less = [ANA.key]
        told = await place.asks(said("ask them"), "poll", question="When?", answers=ANSWERS)
        assert "may not post polls here" in told
        assert polls(place) == []
        nobody = Here(Posting(place.house.store, place.house.deliver, phrases=Phrases()), said("?"), rights=None)
        with pytest.raises(ValueError, match="may not post polls"):
            await nobody.open("When?", ANSWERS, hours=1, several=False, call="one")
