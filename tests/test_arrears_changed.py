"""What waits for the store is reached by deletions, edits and forgetting, as if it were written down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable
from bot.talk.event import Commanded, Deleted, Edited, Left
from bot.talk.message import Addressed
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.settling import settle
from tests.store_away import (
    LATER,
    QUIET,
    away,
    kept,
    plain,
    refused,
    replies,
    shown,
)
from tests.test_hear import holds


async def test_what_is_deleted_while_it_waits_never_comes(tmp_path: Path) -> None:
    async with away(tmp_path) as (house, store):
        await refused(house, plain("a swordfish", message_id="m"))
        await refused(house, plain("a dolphin"))
        with pytest.raises(DatabaseUnusable):
            await house.hearing.hear(Deleted(place=GENERAL, message_ids=("m",)))
        store.away = False
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=("m",)))
        await house.passes(60)
        assert await kept(house) == ["a dolphin"]
    assert not holds(tmp_path, "swordfish")


async def test_what_is_edited_while_it_waits_comes_as_it_reads_now(tmp_path: Path) -> None:
    async with away(tmp_path, ("Two metres.",)) as (house, store):
        question = said("how high is teh tide?", message_id="q")
        await refused(house, question)
        edited = replace(question, text="how high is the tide?", addressed=Addressed.NO, edited_at=START)
        await house.hearing.hear(Edited(message=edited))
        store.away = False
        await house.passes(60)
        await house.idle()
        assert replies(house, "q") == [LATER, "Two metres."]
        assert "the tide" in house.asked()
        assert "teh" not in house.asked()


@pytest.mark.parametrize(
    "left", [Left(platform="local", guild="g"), Left(platform="local", place=QUIET)], ids=["guild", "place"]
)
async def test_what_waits_of_a_place_that_we_left_never_comes(tmp_path: Path, left: Left) -> None:
    async with away(tmp_path) as (house, store):
        await refused(house, plain("a swordfish", place=QUIET))
        await refused(house, plain("a dolphin"))
        store.away = False
        await house.hearing.hear(left)
        await house.passes(60)
        assert await kept(house) == ["a dolphin"]
    assert not holds(tmp_path, "swordfish")


async def test_forgetting_reaches_what_was_said_before_and_waited(tmp_path: Path) -> None:
    async with away(tmp_path) as (house, store):
        await refused(house, plain("a swordfish"))
        await house.passes(30)
        store.away = False
        assert "Deleted: 1 messages" in await house.presses("forget-me:yes", by=BEN)
        await house.passes(60)
        assert await kept(house) == []
    assert not holds(tmp_path, "swordfish")


async def test_a_command_is_answered_although_messages_wait(tmp_path: Path) -> None:
    async with away(tmp_path) as (house, _):
        await refused(house, plain("a dolphin"))
        await house.hearing.hear(Commanded(name="opt-out", person=ANA, place=GENERAL, at=START))
        await settle()
        (told,) = shown(house)
        assert told.text.startswith("I cannot write things down")
