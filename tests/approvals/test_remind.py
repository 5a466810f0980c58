"""A reminder and a poll that were asked for in a channel, and allowed by a press."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.ports.web import WebHit, WebSearch
from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.storage.traces import open_traces
from bot.talk.delivery import Delivery
from bot.talk.turn import Call
from tests.approvals.scene import asks, button, buttons, everybody
from tests.fakes import ANA, BEN, GENERAL, FakeClock, FakeEngine, FakePlatform, direct
from tests.rig import Rig, house
from tests.rights import FakeRights
from tests.stores import open_store


class Searched:
    """A search of the web that notes what it was asked."""

    def __init__(self) -> None:
        self.words: list[str] = []

    async def search(self, words: str, *, limit: int, language: str = "") -> tuple[WebHit, ...]:
        self.words.append(words)
        return ()


REMIND = Call(id="c1", name="remind", arguments=json.dumps({"text": "the tide", "when": "in 1 hour"}))
POLL = Call(id="c1", name="poll", arguments=json.dumps({"question": "When?", "answers": ["Now", "Later"]}))


@asynccontextmanager
async def life(
    store: SqlStore,
    platform: FakePlatform,
    clock: FakeClock,
    *scripts: tuple[object, ...],
    rights: FakeRights,
    web: WebSearch | None = None,
) -> AsyncGenerator[Rig]:
    """One process that also carries out what is planned."""
    engine = FakeEngine(*scripts)  # pyright: ignore[reportArgumentType]
    settings = Settings()
    async with house(
        store, engine=engine, platform=platform, settings=settings, clock=clock, rights=rights, web_search=web
    ) as joined:
        await joined.take_up()
        task = asyncio.create_task(joined.plans.run())
        try:
            yield joined
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def alone(
    folder: Path, platform: FakePlatform, clock: FakeClock, *scripts: tuple[object, ...], rights: FakeRights
) -> AsyncGenerator[Rig]:
    """The only process that there is."""
    async with (
        open_store(Settings().database, folder, clock=clock) as store,
        life(store, platform, clock, *scripts, rights=rights) as joined,
    ):
        yield joined


async def passes(rig: Rig, seconds: float) -> None:
    for step in (*[seconds / 6] * 6, *[2.0] * 4):
        await rig.clock.advance(step)


def reminders(platform: FakePlatform) -> list[Delivery]:
    return [each for each in platform.standing.values() if "wanted to be reminded" in each.text]


async def test_a_reminder_that_was_allowed_is_told_once_under_what_the_person_said(tmp_path: Path) -> None:
    clock, platform, rights = FakeClock(), FakePlatform(), everybody()
    scripts = ((REMIND,), ("Allow it.",), ("Set.",))
    async with alone(tmp_path, platform, clock, *scripts, rights=rights) as first:
        answer = await asks(first, "remind me of the tide in an hour")
        assert await first.presses(button(answer, "allow")) == ""
        await first.idle()
        assert reminders(platform) == []
        await passes(first, 3600)
        (told,) = reminders(platform)
        assert told.reply_to == answer.reply_to
        assert told.conversation == answer.conversation
        await passes(first, 7200)
        assert len(reminders(platform)) == 1


async def test_a_process_that_dies_after_the_press_leaves_the_reminder_to_the_next(tmp_path: Path) -> None:
    clock, platform, rights = FakeClock(), FakePlatform(), everybody()
    async with open_store(Settings().database, tmp_path, clock=clock) as store:
        async with life(store, platform, clock, (REMIND,), ("Allow it.",), rights=rights) as first:
            answer = await asks(first, "remind me of the tide in an hour")
            first.answers._closing = True  # pyright: ignore[reportPrivateUsage] # nothing is begun any more
            await first.presses(button(answer, "allow"))
        async with life(store, platform, clock, ("Set.",), rights=rights) as second:
            await platform.final("Set.")
            await second.idle()
            await passes(second, 3600)
        async with life(store, platform, clock, rights=rights) as third:
            await passes(third, 3600)
        (told,) = reminders(platform)
        assert told.reply_to == answer.reply_to


async def test_a_reminder_asked_for_in_private_is_told_in_private(tmp_path: Path) -> None:
    clock, platform, rights = FakeClock(), FakePlatform(), everybody()
    scripts = ((REMIND,), ("Allow it here.",), ("Set.",))
    async with alone(tmp_path, platform, clock, ("Ask me alone.",), *scripts, rights=rights) as first:
        await asks(first, "hello")
        async with open_traces(Settings().database, tmp_path) as traces:
            (turn,) = [each.turn for each in await traces.last(1)]
        await first.presses(f"privately:{turn}")
        await first.idle()
        private = await platform.final("Allow it here.")
        assert private.conversation.only == ANA.key
        await first.presses(button(private, "allow"))
        await first.idle()
        await passes(first, 3600)
        (told,) = reminders(platform)
        assert told.conversation.only == ANA.key
        assert told.reply_to is None


@pytest.mark.parametrize("tool", ["list_reminders", "cancel_reminder"])
async def test_once_reminders_of_other_places_were_told_nothing_is_searched_for_unseen(
    tmp_path: Path, tool: str
) -> None:
    clock, platform, web, alone_with = FakeClock(), FakePlatform(), Searched(), direct(ANA)
    rights = FakeRights(readers={GENERAL.room: [ANA.key], alone_with.room: [ANA.key]})
    searches = Call(id="c3", name="web_search", arguments=json.dumps({"words": "the tide"}))
    async with open_store(Settings().database, tmp_path, clock=clock) as store:
        async with life(store, platform, clock, (REMIND,), ("Allow it.",), ("Set.",), rights=rights) as first:
            await first.presses(button(await asks(first, "remind me of the tide"), "allow"))
            await first.idle()
            ((number, tide),) = [
                (each.payload["number"], each.payload["text"]) for each in await store.plans(kind="reminder", limit=9)
            ]
        given = {"number": int(number)} if tool == "cancel_reminder" else {}
        tells = (Call(id="c2", name=tool, arguments=json.dumps(given)),)
        asked = () if tool == "list_reminders" else (("Allow it.",),)
        scripts = (tells, *asked, (searches,), ("Allow it.",))
        async with life(store, platform, clock, *scripts, rights=rights, web=web) as second:
            answer = await asks(second, "what do I have?", place=alone_with)
            if asked:
                await second.presses(button(answer, "allow"), place=alone_with)
                await second.idle()
            assert tide in second.asked()
            assert web.words == []
            (last,) = [each for each in platform.standing.values() if "allow" in buttons(each)]
            assert r"web\_search" in last.text


async def test_a_poll_is_posted_once_it_is_allowed_and_not_for_whoever_may_not_post_one(tmp_path: Path) -> None:
    clock, platform, rights = FakeClock(), FakePlatform(), everybody()
    scripts = ((POLL,), ("Allow it.",), ("Posted.",), (POLL,), ("Allow it.",), ("No.",))
    async with alone(tmp_path, platform, clock, *scripts, rights=rights) as first:
        answer = await asks(first, "ask them")
        assert "allow" in buttons(answer)
        await first.presses(button(answer, "allow"))
        await first.idle()
        (posted,) = [each for each in platform.standing.values() if each.poll is not None]
        assert posted.reply_to == answer.reply_to
        rights.poll_less = [BEN.key]
        other = await asks(first, "ask them", by=BEN)
        await first.presses(button(other, "allow"), by=BEN)
        await first.idle()
        assert "may not post polls here" in first.asked()
        assert len([each for each in platform.standing.values() if each.poll is not None]) == 1
