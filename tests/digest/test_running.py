"""Scheduled digests come at their moments, tell everything once, and only what everyone who reads them may read."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable
from bot.talk.plan import RunOutcome
from tests.digest.planned import BOATS, NEWS, OFFICE, QUAY, YARD, Maker, newsroom, rights
from tests.fakes import ANA, BEN, START


async def test_a_digest_comes_at_its_moment_and_each_message_is_told_once(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay, yard", "every day at 20", where="#news")
        room.says("the first", at=START)
        room.says("the second", place=YARD)
        room.says("of the office", place=OFFICE)
        await room.until(20)
        assert room.posted(NEWS) == ["**Digest: #quay, #yard**\n2 from 22 20:00 to 23 20:00\n- the first\n- the second"]
        room.says("the third")
        await room.until(20, days=1)
        assert room.posted(NEWS)[1:] == ["**Digest: #quay, #yard**\n1 from 23 20:00 to 24 20:00\n- the third"]


async def test_what_was_heard_only_after_its_digest_is_told_by_the_next_one_and_once(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay, yard", "every day at 20", where="#news")
        room.says("in time", at=START)
        await room.until(20)
        room.says("read back", at=START.replace(hour=15), place=YARD)
        room.says("new")
        await room.until(20, days=1)
        await room.until(20, days=2)
        assert room.posted(NEWS)[1:] == ["**Digest: #quay, #yard**\n2 from 23 15:00 to 24 20:00\n- read back\n- new"]


async def test_what_nobody_said_is_skipped_or_said_as_it_is_set(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay", "every day at 20")
        await room.creates("yard", "every day at 20", where="yard", empty="say")
        await room.until(20)
        assert room.posted(QUAY) == []
        assert room.posted(YARD) == ["**Digest: #yard**\n0 from 22 20:00 to 23 20:00"]
        room.says("at last")
        await room.until(20, days=1)
        assert room.posted(QUAY) == ["**Digest: #quay**\n1 from 23 20:00 to 24 20:00\n- at last"]


async def test_days_that_were_missed_are_told_once_and_together(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay", "every day at 20")
        room.says("before")
        await room.until(20)
        room.says("meanwhile", at=START + timedelta(days=2))
        await room.until(9, days=6)
        assert room.posted()[1:] == ["**Digest: #quay**\n1 from 23 20:00 to 28 20:00\n- meanwhile"]
        assert await room.due() == []


async def test_a_process_that_dies_while_a_digest_is_made_leaves_it_to_the_next(tmp_path: Path) -> None:
    async with newsroom(tmp_path, maker=Maker(gate=asyncio.Event())) as room:
        await room.creates("quay", "every day at 20")
        room.says("hello")
        dying = asyncio.create_task(room.until(20))
        await room.maker.asked.wait()
        dying.cancel()
        await asyncio.wait([dying])
        assert room.posted() == []
        room.maker.gate = None
        await room.house.store.release_runs("all", counted=True)
        assert await room.due() == ["done"]
        assert room.posted() == ["**Digest: #quay**\n1 from 22 20:00 to 23 20:00\n- hello"]
        assert room.maker.orders[0] == room.maker.orders[1]


async def test_a_run_that_failed_leaves_its_time_to_the_next_one(tmp_path: Path) -> None:
    async with newsroom(tmp_path, maker=Maker(failures=[DatabaseUnusable("away")])) as room:
        await room.creates("quay", "every day at 20")
        room.says("hello")
        await room.until(20)
        (run,) = await room.claimed()
        now = room.house.clock.now()
        assert await room.house.store.finish_run(run, outcome=RunOutcome.FAILED, at=now)
        await room.until(20, days=1)
        assert room.posted() == ["**Digest: #quay**\n1 from 22 20:00 to 24 20:00\n- hello"]


async def test_one_that_takes_longer_than_a_run_goes_on_without_a_failed_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.digest.composing.SLICE_SECONDS", 0.01)
    monkeypatch.setattr("bot.digest.composing.SLICES", 3)
    async with newsroom(tmp_path, maker=Maker(gate=asyncio.Event())) as room:
        await room.creates("quay", "every day at 20")
        room.says("hello")
        await room.until(20)
        assert [await room.due() for _ in range(2)] == [["waits"], ["waits"]]
        monkeypatch.setattr("bot.digest.composing.SLICE_SECONDS", 60.0)
        assert await room.due() == ["done"]
        assert len(room.maker.orders) == 3
        assert len(room.maker.gathered) == len(room.posted()) == 1
        (plan,) = await room.house.store.plans(kind="digest", limit=2)
        assert [each.attempts for each in await room.house.store.run_records(plan.id, limit=3)] == [1]


async def test_only_what_everyone_in_the_channel_may_read_is_told_there(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("category Harbour", "every day at 20", where="news")
        await room.creates("Harbour", "every day at 20", where="office")
        room.says("for all")
        room.says("for the office", place=OFFICE)
        await room.until(20)
        assert room.posted(NEWS) == ["**Digest: Harbour**\n1 from 22 20:00 to 23 20:00\n- for all"]
        assert room.posted(OFFICE)[0].endswith("- for all\n- for the office")


async def test_a_category_is_its_channels_of_now_and_a_thread_is_itself(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("Harbour", "every day at 20", where="news")
        await room.creates("boats", "every day at 20", where="yard")
        allowed.categories = {"Harbour": (YARD,)}
        room.says("in the yard", place=YARD)
        room.says("of boats", place=BOATS)
        room.says("of the quay")
        await room.until(20)
        assert room.posted(NEWS) == ["**Digest: Harbour**\n1 from 22 20:00 to 23 20:00\n- in the yard"]
        assert room.posted(YARD) == ["**Digest: #boats**\n1 from 22 20:00 to 23 20:00\n- of boats"]


async def test_a_digest_waits_for_its_platform_and_for_what_was_said_while_it_was_away(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("quay", "every day at 20")
        room.says("hello")
        allowed.away, allowed.heard = True, False
        await room.until(20)
        allowed.away = False
        for _ in range(2):
            room.house.clock.jump(3600)
            assert await room.due() == ["waits"]
        allowed.heard = True
        room.house.clock.jump(60)
        assert await room.due() == ["done"]
        assert room.posted() == ["**Digest: #quay**\n1 from 22 20:00 to 23 20:00\n- hello"]


async def test_what_can_never_be_heard_holds_it_up_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.digest.composing.UNHEARD", 3)
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("quay", "every day at 20")
        room.says("hello")
        allowed.heard = False
        await room.until(20)
        ends: list[str] = []
        for _ in range(3):
            room.house.clock.jump(20)
            ends += await room.due()
        assert ends == ["waits", "waits", "done"]


@pytest.mark.parametrize(("what", "told"), [("gone", "not there any more"), ("barred", "may not write")])
async def test_a_target_that_is_lost_has_it_wait_and_its_owner_told_once(
    tmp_path: Path, what: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = await room.creates("quay", "every day at 20", where="news")
        room.says("hello")
        setattr(allowed, what, (NEWS.id,))
        await room.until(20)
        await room.until(20, days=2)
        assert room.posted(NEWS) == []
        (notice,) = room.told(ANA)
        assert told in notice
        assert room.house.counters.get("digest_runs_total", outcome=what) == 1
        assert f"waits: {what}" in caplog.text
        setattr(allowed, what, ())
        assert "goes on" in await room.uses("resume", number=number)
        await room.until(20, days=3)
        assert room.posted(NEWS) == ["**Digest: #quay**\n1 from 22 20:00 to 26 20:00\n- hello"]


async def test_a_channel_that_disappears_is_left_out_and_without_any_it_waits(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("quay, yard", "every day at 20", where="news")
        allowed.gone = (YARD.id,)
        room.says("hello")
        await room.until(20)
        assert room.posted(NEWS) == ["**Digest: #quay**\n1 from 22 20:00 to 23 20:00\n- hello"]
        allowed.gone = (YARD.id, QUAY.id)
        await room.until(20, days=1)
        (notice,) = room.told(ANA)
        assert "none of the places" in notice


async def test_where_nothing_may_be_told_it_waits_instead_of_staying_silent_for_ever(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("quay", "every day at 20", where="news")
        allowed.readers = {**allowed.readers, QUAY.room: {ANA.key}}
        room.says("hello")
        await room.until(20)
        assert room.posted(NEWS) == []
        (notice,) = room.told(ANA)
        assert "none of its places" in notice


async def test_one_in_several_languages_comes_in_each(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay", "every day at 20", languages="en, de pt-br")
        room.says("hello")
        await room.until(20)
        assert [order.language for order in room.maker.orders] == ["en", "de", "pt-br"]
        assert [each.splitlines()[1].split()[-1] for each in room.posted()] == ["en", "de", "pt-br"]


async def test_two_at_one_minute_both_come(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        for _ in range(2):
            await room.creates("quay", "0 20 * * *", where="news")
        room.says("hello")
        await room.until(20)
        assert len(room.posted(NEWS)) == 2


async def test_a_clock_that_is_set_back_tells_nothing_twice(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay", "every day at 20")
        room.says("hello")
        await room.until(20)
        room.house.clock.jump(-3600)
        assert await room.due() == []
        await room.until(20)
        assert len(room.posted()) == 1


async def test_a_clock_that_was_ahead_for_a_while_silences_nothing(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.creates("quay", "every day at 20")
        await room.until(20, days=40)
        room.house.clock.jump(-40 * 86400 - 3600)
        assert await room.due() == []
        room.says("hello")
        await room.until(20)
        assert [each.splitlines()[-1] for each in room.posted()] == ["- hello"]


@pytest.mark.parametrize("hours", [2, 23, 24 * 3, 24 * 40 + 2])
async def test_what_is_said_after_a_clock_that_was_ahead_is_set_right_is_told_once(tmp_path: Path, hours: int) -> None:
    """With a digest each day while it was ahead. What was said meanwhile was sent at Discord's time."""
    async with newsroom(tmp_path) as room:
        await room.creates("quay", "every day at 20")
        room.says("before", at=START)
        room.house.clock.jump(hours * 3600)
        await room.due()
        for number in range(3):
            room.says(f"while ahead {number}", at=START + timedelta(minutes=number + 1))
            room.house.clock.jump(86400)
            await room.due()
        room.house.clock.jump(-hours * 3600 - 3 * 86400 + 300)
        room.says("set right")
        await room.due()
        for days in range(hours // 24 + 6):
            await room.until(20, days=days)
        lines = [line for text in room.posted() for line in text.splitlines() if line.startswith("- ")]
        assert sorted(lines) == ["- before", "- set right", *(f"- while ahead {number}" for number in range(3))]


async def test_forget_me_takes_the_digests_of_their_owner_and_subscriptions_along(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        number = await room.creates("quay", "every day at 20", where="subscribers")
        await room.uses("subscribe", by=BEN, moderator=False, number=number)
        await room.house.store.forget(BEN.key)
        (plan,) = await room.house.store.plans(kind="digest", limit=2)
        assert await room.house.store.subscribers(plan.id, limit=9) == ()
        await room.house.store.forget(ANA.key)
        assert await room.house.store.plans(kind="digest", limit=2) == ()
