"""What the store could not take is tried again, in its order; people are told once, and what went stays away."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import DatabaseUnusable
from bot.hear import arrears
from bot.hear.arrears import Arrears
from bot.talk.event import Said
from bot.talk.message import Message
from tests.fakes import FakeClock, FakeCounters, said
from tests.rig import rig
from tests.store_away import (
    LATER,
    NEVER,
    QUIET,
    Poison,
    away,
    kept,
    let_go,
    plain,
    refused,
    replies,
    shown,
)


async def test_a_question_is_told_once_that_it_waits_and_answered_when_the_store_is_back(tmp_path: Path) -> None:
    async with away(tmp_path, ("Two metres.",)) as (house, store):
        question = said("how high is the tide?", message_id="q")
        for _ in range(3):  # as a platform that reads again what it was not rid of
            await refused(house, question)
        await house.passes(10)
        assert replies(house, "q") == [LATER]
        store.away = False
        await house.passes(60)
        await house.idle()
        assert replies(house, "q") == [LATER, "Two metres."]
        assert house.counters.get("messages_held_total") == 1
        assert house.counters.get("events_lost_total", kind="said") == 0


async def test_what_nobody_asked_is_kept_in_its_order_when_the_store_is_back(tmp_path: Path) -> None:
    async with away(tmp_path) as (house, store):
        for n in range(5):
            await refused(house, plain(f"line {n}"))
        assert shown(house) == []
        store.away = False
        # The next one comes behind those that wait.
        await house.hearing.hear(Said(message=plain("line 5")))
        assert await kept(house) == [f"line {n}" for n in range(6)]


async def test_what_is_written_down_elsewhere_ends_the_pause(tmp_path: Path) -> None:
    async with away(tmp_path) as (house, store):
        await refused(house, plain("a dolphin"))
        await house.passes(30)  # the next attempt is far away now
        store.away = False
        await house.hearing.hear(Said(message=plain("a porpoise", place=QUIET)))
        await house.passes(1)
        assert await kept(house) == ["a dolphin"]


async def test_one_that_cannot_be_written_down_though_the_store_works_holds_up_its_place_for_a_while_only(
    tmp_path: Path,
) -> None:
    taken: list[str] = []

    async def take(event: Said) -> None:
        if event.message.text == "poison":
            raise DatabaseUnusable("no")
        taken.append(event.message.text)

    async def probe() -> None:
        return

    held = Arrears(take, probe, let_go, clock=FakeClock(), counters=(counters := FakeCounters()))
    for message in (plain("poison"), plain("behind it"), plain("elsewhere", place=QUIET)):
        assert held.hold(Said(message=message))
    await held.attempt()
    assert taken == ["elsewhere"]
    for _ in range(arrears.TRIES):
        await held.attempt()
    assert taken == ["elsewhere", "behind it"]
    assert (len(held), counters.get("events_lost_total", kind="said")) == (0, 1)


async def test_one_that_was_given_up_and_is_told_again_holds_nobody_up_and_gets_one_apology(tmp_path: Path) -> None:
    async with rig(tmp_path, around=lambda part: Poison(part) if hasattr(part, "ledger") else part) as house:
        question = said("how high?", message_id="q")
        refusals = 0
        for n in range(200):  # as a platform that reads again, every second, what was not written down
            try:
                await house.hearing.hear(Said(message=question, age=timedelta(seconds=n)))
            except DatabaseUnusable:
                refusals += 1
            await house.passes(1)
        assert 0 < refusals < 150
        assert replies(house, "q") == [LATER, NEVER]
        assert house.counters.get("events_lost_total", kind="said") == 1


async def test_only_the_last_that_were_given_up_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrears, "GIVEN_UP", 2)
    told: list[str] = []

    async def take(event: Said) -> None:
        raise DatabaseUnusable("no")

    async def probe() -> None:
        return

    async def give_up(message: Message) -> None:
        told.append(message.text)

    held = Arrears(take, probe, give_up, clock=FakeClock(), counters=FakeCounters())
    messages = [plain(f"line {n}") for n in range(3)]
    for message in messages:
        held.hold(Said(message=message))
    for _ in range(arrears.TRIES * 3):
        await held.attempt()
    assert told == ["line 0", "line 1", "line 2"]
    assert [held.gave_up(message) for message in messages] == [False, True, True]


async def test_while_the_store_is_away_only_the_oldest_is_tried(tmp_path: Path) -> None:
    tried: list[str] = []

    async def take(event: Said) -> None:
        tried.append(event.message.text)
        raise DatabaseUnusable("no")

    async def probe() -> None:
        raise DatabaseUnusable("no")

    held = Arrears(take, probe, let_go, clock=FakeClock(), counters=FakeCounters())
    for n in range(100):
        held.hold(Said(message=plain(f"line {n}")))
    for _ in range(arrears.TRIES * 2):
        await held.attempt()
    assert set(tried) == {"line 0"}
    assert len(held) == 100


async def test_time_that_a_message_waited_counts_as_its_age() -> None:
    ages: list[timedelta] = []

    async def take(event: Said) -> None:
        ages.append(event.age)

    async def probe() -> None:
        return

    clock = FakeClock()
    held = Arrears(take, probe, let_go, clock=clock, counters=FakeCounters())
    held.hold(Said(message=plain("line"), age=timedelta(minutes=1)))
    await clock.advance(30)
    await held.attempt()
    assert ages == [timedelta(minutes=1, seconds=30)]


async def test_only_so_many_wait_and_whoever_asks_then_is_told_to_ask_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with away(tmp_path) as (house, _):
        house.hearing._arrears._limit = 3  # pyright: ignore[reportPrivateUsage]
        for n in range(3):
            await refused(house, plain(f"periwinkle {n}"))
        await refused(house, said("and a periwinkle?", message_id="q"))
        assert replies(house, "q") == [
            "I cannot write things down at the moment, so I had better not answer. Please try again later."
        ]
        assert house.counters.get("events_lost_total", kind="said") == 1
    assert "3 messages could not be written down before the end" in caplog.text
    assert "periwinkle" not in caplog.text


# words that change or go meanwhile
