"""How far Discord was heard: a mark in Discord's time that never passes what is not written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

import discord
import pytest

from bot.errors import DatabaseUnusable
from bot.platforms.discord.held import Held
from bot.platforms.discord.inbox import Inbox, told
from bot.platforms.discord.insist import Insistence
from bot.platforms.discord.times import DiscordTime
from bot.platforms.discord.watermark import FACT, FIRST_MARGIN, MARGIN, QUIET_SECONDS, SAVE_SECONDS, Watermark
from bot.talk.event import Edited, Event, Said, Tick
from tests.fakes import START, FakeClock, FakeCounters, said
from tests.platforms.discord.bench import Ears, Facts

APPLICATION = 42
BEGUN = -FIRST_MARGIN.total_seconds()
"""Where the very first mark stands."""


def event(name: str = "something") -> Event:
    return Tick(name=name, at=START)


def mark_of(facts: Facts) -> float:
    """Seconds after START."""
    until = discord.utils.snowflake_time(int(facts.kept[FACT].partition(" ")[2]))
    return (until - START).total_seconds()


class Marking:
    """A mark that runs, with an inbox whose ears can be closed."""

    def __init__(self) -> None:
        self.clock, self.facts, self.ears = FakeClock(), Facts(), Ears()
        self.inbox = Inbox(self.ears.hear, FakeCounters(), Insistence(self.clock, FakeCounters()))
        self.mark = Watermark(self.facts, self.clock)
        self.mark.time.tells(START)
        self.complete = True

    async def passes(self, seconds: float) -> None:
        for _ in range(int(seconds / SAVE_SECONDS)):
            await self.clock.advance(SAVE_SECONDS)


@asynccontextmanager
async def marking(prepare: Callable[[Marking], None] = lambda _: None) -> AsyncGenerator[Marking]:
    m = Marking()
    prepare(m)
    await m.mark.load(APPLICATION)
    tasks = [asyncio.create_task(m.inbox.run()), asyncio.create_task(m.mark.run(m.inbox, lambda: m.complete))]
    try:
        yield m
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_it_begins_with_now_and_follows_at_a_distance() -> None:
    async with marking() as m:
        assert mark_of(m.facts) == BEGUN
        m.inbox.put(1, told(event()))
        await m.passes(600)
        assert 600 - MARGIN.total_seconds() - QUIET_SECONDS - 2 * SAVE_SECONDS <= mark_of(m.facts)
        assert mark_of(m.facts) <= 600 - MARGIN.total_seconds()


async def test_a_first_mark_that_could_not_be_written_down_is_written_down_at_the_next_connection() -> None:
    class Locked(Facts):
        async def save_fact(self, name: str, value: str) -> None:
            raise DatabaseUnusable("locked")

    facts = Locked()
    mark = Watermark(facts, FakeClock())
    mark.time.tells(START)
    with pytest.raises(DatabaseUnusable):
        await mark.load(APPLICATION)
    facts.save_fact = Facts(kept=facts.kept).save_fact
    await mark.load(APPLICATION)
    assert facts.kept[FACT] == f"{APPLICATION} {mark.until}"


async def test_it_never_goes_back_to_the_margin_behind_its_beginning() -> None:
    async with marking() as m:
        m.inbox.put(1, told(event()))
        await m.passes(60)
        assert mark_of(m.facts) == BEGUN


async def test_it_waits_while_something_is_missing() -> None:
    async with marking() as m:
        m.complete = False
        m.inbox.put(1, told(event()))
        await m.passes(1200)
        assert mark_of(m.facts) == BEGUN
        m.complete = True
        m.inbox.put(1, told(event()))
        await m.passes(30)
        assert mark_of(m.facts) > 1000


async def test_it_waits_for_what_is_not_yet_written_down() -> None:
    async with marking() as m:
        m.ears.open.clear()
        m.inbox.put(1, told(event()))
        await m.passes(1200)
        # What was candidate just before may count; nothing after.
        assert mark_of(m.facts) <= BEGUN
        m.ears.open.set()
        await m.passes(30)
        assert mark_of(m.facts) == BEGUN, "the candidate from before the event"
        m.inbox.put(1, told(event()))
        await m.passes(30)
        assert mark_of(m.facts) > 1000


async def test_while_nobody_writes_the_disk_may_sleep() -> None:
    async with marking() as m:
        saved: list[str] = []
        m.facts.told = saved.append
        await m.passes(3600)
        assert 3600 / QUIET_SECONDS - 2 <= len(saved) <= 3600 / QUIET_SECONDS + 2


async def test_what_was_marked_before_is_taken_up_but_not_of_another_application() -> None:
    until = discord.utils.time_snowflake(START - timedelta(hours=3))
    async with marking(lambda m: m.facts.kept.update({FACT: f"{APPLICATION} {until}"})) as m:
        assert m.mark.until == until
    async with marking(lambda m: m.facts.kept.update({FACT: f"7 {until}"})) as m:
        assert mark_of(m.facts) == BEGUN


@pytest.mark.parametrize("kept", ["", "42", "42 soon", "nonsense"])
async def test_a_mark_that_is_none_begins_anew(kept: str) -> None:
    async with marking(lambda m: m.facts.kept.update({FACT: kept})) as m:
        assert mark_of(m.facts) == BEGUN


# Discord's time
async def test_discords_time_is_never_ahead_of_what_it_told_and_our_clock_has_no_say() -> None:
    clock = FakeClock()
    time = DiscordTime(clock)
    assert time.now() is None
    assert time.since(START) == timedelta()
    time.tells(START)
    clock.jump(7200)
    await clock.advance(1000)
    now = time.now()
    assert now is not None
    assert timedelta(seconds=990) <= now - START <= timedelta(seconds=1000)
    time.tells(START + timedelta(seconds=10))  # a replay
    assert time.now() == now
    assert time.since(START) == now - START
    assert time.since(now + timedelta(hours=1)) == timedelta()


def test_dates_of_answers_are_read_and_others_ignored() -> None:
    time = DiscordTime(FakeClock())
    for nonsense in (None, "", "yesterday"):
        time.tells_date(nonsense)
        assert time.now() is None
    time.tells_date(format_datetime(START, usegmt=True))
    assert time.now() == START


# the inbox
async def test_what_somebody_said_and_could_not_be_written_down_is_known() -> None:
    lost: list[Said | Edited] = []

    async def hear(_: Event) -> None:
        raise DatabaseUnusable("the disk is full")

    inbox = Inbox(hear, FakeCounters(), Insistence(FakeClock(), FakeCounters()))
    inbox.lost = lost.append
    running = asyncio.create_task(inbox.run())
    missed = Said(message=said("hello?"))
    inbox.put(1, told(missed))
    await inbox.heard(inbox.taken)
    assert lost == [missed]
    running.cancel()


# holding back
async def test_nobody_is_held_back_for_long_and_then_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.discord.held.HOLD_SECONDS", 0.05)
    ears = Ears()
    inbox = Inbox(ears.hear, FakeCounters(), Insistence(FakeClock(), FakeCounters()))
    running = asyncio.create_task(inbox.run())
    held = Held(inbox)
    held.wanted = lambda channel, _: channel == 1
    held.put(1, None, told(event("held")))
    held.put(2, None, told(event("through")))
    await ears.one(Tick, lambda tick: tick.name == "through")
    assert len(ears.heard) == 1
    await ears.one(Tick, lambda tick: tick.name == "held")
    held.put(1, None, told(event("impatient")))
    await ears.one(Tick, lambda tick: tick.name == "impatient")
    running.cancel()


async def test_when_too_much_is_held_back_the_rest_goes_through_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.discord.held.LIMIT", 3)
    ears = Ears()
    inbox = Inbox(ears.hear, FakeCounters(), Insistence(FakeClock(), FakeCounters()))
    running = asyncio.create_task(inbox.run())
    held = Held(inbox)
    held.wanted = lambda _channel, _guild: True
    for number in range(4):
        held.put(1, None, told(event(str(number))))
    await ears.one(Tick, lambda tick: tick.name == "3")
    assert [tick.name for tick in ears.all(Tick)] == ["0", "1", "2", "3"]
    running.cancel()


async def test_a_full_inbox_counts_as_crowded_until_it_is_empty() -> None:
    ears, clock, counters = Ears(), FakeClock(), FakeCounters()
    inbox = Inbox(ears.hear, counters, Insistence(clock, counters), limit=2)
    ears.open.clear()
    running = asyncio.create_task(inbox.run())
    try:
        inbox.put(1, told(event()))
        assert not inbox.crowded
        inbox.put(1, told(event()))
        assert inbox.crowded
        ears.open.set()
        await inbox.drained(1)
        assert not inbox.crowded
    finally:
        running.cancel()
        await asyncio.wait([running])
