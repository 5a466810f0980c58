"""What the store could not take is tried again, in its order; people are told once, and what went stays away."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import DatabaseUnusable
from bot.hear import arrears
from bot.hear.arrears import Arrears
from bot.talk.delivery import Delivery
from bot.talk.event import Commanded, Deleted, Edited, Left, Said
from bot.talk.message import Addressed, Message, Place
from bot.talk.policy import Keep, Policy
from bot.talk.record import Incoming, Recorded
from tests.fakes import ANA, BEN, GENERAL, START, FakeClock, FakeCounters, said, settle
from tests.hooks import Hooked
from tests.rig import Rig, rig
from tests.test_hear import holds

NEVER = "I cannot write things down at the moment, so I had better not answer. Please try again later."
LATER = "I cannot write things down at the moment. I will answer this as soon as I can."
QUIET = Place(platform="local", id="quiet", name="quiet", guild="g")


async def let_go(_: Message) -> None:
    return


class Poison(Hooked):
    """A store that never takes the message with the id q."""

    def __init__(self, store: Any) -> None:
        super().__init__(store, nothing_at)
        self._record: Callable[[Sequence[Incoming]], Awaitable[list[Recorded]]] = store.record_all

    async def record_all(self, incoming: Sequence[Incoming]) -> list[Recorded]:
        if any(each.message.id == "q" for each in incoming):
            raise DatabaseUnusable("this one never")
        return await self._record(incoming)


async def nothing_at(_moment: str, _given: object) -> None:
    return


class Away:
    """A store that takes nothing, or not one message, until it is back."""

    def __init__(self) -> None:
        self.away = False
        self.poison = ""

    async def at(self, moment: str, _given: object) -> None:
        if moment.endswith("begins") and self.away:
            raise DatabaseUnusable("it is locked")

    def around(self, part: object) -> object:
        return Hooked(part, self.at)


@asynccontextmanager
async def away(folder: Path, *scripts: tuple[str, ...]) -> AsyncGenerator[tuple[Rig, Away]]:
    """The house whose store has just gone away. Engine and platform do not fail."""
    store = Away()
    async with rig(
        folder, *scripts, around=lambda part: store.around(part) if hasattr(part, "ledger") else part
    ) as house:
        for place in (GENERAL, QUIET):
            await house.store.save_policy(place, Policy(keep=Keep.ALWAYS, since=START, announced=True))
        store.away = True
        yield house, store


async def refused(house: Rig, message: Message) -> None:
    with pytest.raises(DatabaseUnusable):
        await house.hearing.hear(Said(message=message))


def replies(house: Rig, question: str) -> list[str]:
    return [each.text for each in house.platform.standing.values() if each.reply_to == question]


def shown(house: Rig) -> list[Delivery]:
    return list(house.platform.standing.values())


def plain(text: str, *, place: Place = GENERAL, message_id: str | None = None) -> Message:
    return said(text, by=BEN, place=place, addressed=Addressed.NO, message_id=message_id)


async def kept(house: Rig, place: Place = GENERAL) -> list[str]:
    question = said("and?", place=place)
    return [each.text for each in await house.store.overheard(question.conversation, before=question, limit=100)]


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
