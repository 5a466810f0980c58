"""What the model reads of a search, and what people see of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.agent.toolbox import Toolbox
from bot.ports.history import Said, Searched
from bot.ports.services import Services
from bot.talk.found import Found, Source
from bot.talk.turn import Call, Whose
from tests.fakes import ANA, BEN, GENERAL, START
from tests.tools.asking import context
from tools.history import HITS, search_history


class FakeHistory:
    """Remembers how it was asked, and tells what it was given."""

    def __init__(self, searched: Searched) -> None:
        self.searched = searched
        self.asked: list[dict[str, Any]] = []

    async def search(self, words: str, **asked: Any) -> Searched:
        self.asked.append({"words": words, **asked})
        return self.searched


HIT = Said(
    message="m1",
    place=GENERAL,
    author="Ana",
    author_key=ANA.key,
    text="the anchor holds",
    sent_at=START,
    link="https://chat.example/m1",
)


async def ask(history: FakeHistory, **arguments: str) -> Found:
    here = replace(context(), services=Services(history=history))
    found = await search_history(here, **arguments)
    assert isinstance(found, Found)
    return found


async def test_hits_are_numbered_and_tell_when_who_where_and_the_link() -> None:
    found = await ask(FakeHistory(Searched(hits=(HIT, replace(HIT, link="", author="Ben")))), words="anchor")
    assert found.text.splitlines() == [
        f"1. [2026-11-23 19:00] Ana in #{GENERAL.name or GENERAL.id}: the anchor holds (https://chat.example/m1)",
        f"2. [2026-11-23 19:00] Ben in #{GENERAL.name or GENERAL.id}: the anchor holds",
    ]
    assert [source.url for source in found.sources] == ["https://chat.example/m1"]
    assert isinstance(found.sources[0], Source)


async def test_it_is_said_whose_words_they_are_so_that_a_deletion_finds_them() -> None:
    other = replace(HIT, message="m2", author_key=BEN.key)
    found = await ask(FakeHistory(Searched(hits=(HIT, other))), words="anchor")
    assert found.of == (Whose(message="m1", author=ANA.key), Whose(message="m2", author=BEN.key))


async def test_nothing_found_sounds_the_same_whether_or_not_more_may_be_read_in_private() -> None:
    found = [await ask(FakeHistory(Searched(privately=privately)), words="anchor") for privately in (False, True)]
    assert [each.text for each in found] == ["Nothing was found."] * 2
    assert [each.privately for each in found] == [False, True]


async def test_it_is_said_how_to_go_on_and_that_some_cannot_be_found_yet() -> None:
    found = await ask(FakeHistory(Searched(hits=(HIT,), older="m1", behind=True)), words="anchor")
    assert "older='m1'" in found.text
    assert "still being made searchable" in found.text


async def test_times_are_the_community_s_and_a_last_day_is_part_of_it() -> None:
    history = FakeHistory(Searched())
    await ask(history, words="anchor", since="yesterday", until="2026-11-23")
    (asked,) = history.asked
    assert asked["since"] == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert asked["until"] == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert asked["limit"] == HITS


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "give words"),
        ({"words": " "}, "give words"),
        ({"words": "anchor", "since": "whenever"}, "is no time"),
        ({"words": "anchor", "since": "today", "until": "yesterday"}, "since must be before until"),
    ],
)
async def test_what_cannot_be_looked_for_is_told(arguments: dict[str, str], complaint: str) -> None:
    history = FakeHistory(Searched())
    with pytest.raises(ValueError, match=complaint):
        await ask(history, **arguments)
    assert history.asked == []


async def test_it_is_offered_only_where_there_is_a_history_and_runs_by_its_arguments() -> None:
    assert Toolbox([search_history], seconds=5, chars=3000, calls=4).specs == ()
    box = Toolbox([search_history], seconds=5, chars=3000, calls=4, has={"history"})
    history = FakeHistory(Searched(hits=(HIT,)))
    here = replace(context(START + timedelta(days=1)), services=Services(history=history))
    (ran,) = await box.run(
        [Call(id="1", name="search_history", arguments='{"words": "anchor", "author": "Ana", "since": "yesterday"}')],
        here,
    )
    assert not ran.failed
    assert "the anchor holds" in ran.content
    assert history.asked[0]["author"] == "Ana"
