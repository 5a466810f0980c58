"""What the model reads of what somebody missed, and what people see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ports.recap import Recapped
from bot.ports.services import Services
from bot.talk.digest import Digest, Made, Period, Point, Section, Source
from bot.talk.found import Found
from bot.talk.turn import Whose
from tests.fakes import ANA, BEN, GENERAL, START
from tests.tools.asking import context
from tools.catch_up import catch_up

SOURCES = (
    Source(message="m1", place=GENERAL, author_key=ANA.key, sent_at=START),
    Source(message="m2", place=GENERAL, author_key=BEN.key, sent_at=START),
)
DIGEST = Digest(
    points=(
        Point(section=Section.DECIDED, text="The race is on Friday", sources=SOURCES),
        Point(section=Section.OPEN, text="Who brings the boat?", sources=SOURCES[1:]),
    ),
    period=Period(since=START - timedelta(days=1), until=START),
    messages=120,
    people=7,
    made=Made.EXTRACTS,
)


class FakeRecap:
    """Remembers how it was asked, and tells what it was given."""

    def __init__(self, recapped: Recapped) -> None:
        self.recapped = recapped
        self.asked: list[dict[str, Any]] = []

    async def catch_up(self, **asked: Any) -> Recapped:
        self.asked.append(asked)
        return self.recapped


async def ask(recap: FakeRecap | None, **arguments: str) -> Found:
    found = await catch_up(replace(context(), services=Services(recap=recap)), **arguments)
    assert isinstance(found, Found)
    return found


async def test_points_are_numbered_and_tell_their_section_and_link_and_whose_words_they_are() -> None:
    found = await ask(FakeRecap(Recapped(digest=DIGEST, links=("https://chat.example/m1", ""), privately=True)))
    assert found.text.splitlines() == [
        "Since 2026-11-22 19:00 120 messages were sent by 7 people. What stands out:",
        "1. [decided] The race is on Friday (https://chat.example/m1)",
        "2. [open] Who brings the boat?",
    ]
    assert found.of == (Whose(message="m1", author=ANA.key), Whose(message="m2", author=BEN.key))
    assert [source.url for source in found.sources] == ["https://chat.example/m1"]
    assert found.privately


async def test_nothing_said_is_said() -> None:
    nothing = replace(DIGEST, points=(), messages=0, people=0)
    assert (await ask(FakeRecap(Recapped(digest=nothing)))).text == "Nothing was said since 2026-11-22 19:00."


async def test_a_time_is_the_community_s_and_none_is_the_asker_s_last_words() -> None:
    recap = FakeRecap(Recapped(digest=replace(DIGEST, points=())))
    await ask(recap, where="#boats", since="2026-11-20")
    await ask(recap)
    assert recap.asked == [
        {"where": "#boats", "since": datetime(2026, 11, 19, 23, tzinfo=UTC)},
        {"where": "", "since": None},
    ]


async def test_what_cannot_be_read_as_a_time_or_looked_through_is_an_error_that_the_model_can_act_on() -> None:
    with pytest.raises(ValueError, match="is no time"):
        await ask(FakeRecap(Recapped(digest=DIGEST)), since="next blue moon")
    with pytest.raises(ValueError, match="cannot be looked through"):
        await ask(None)
