"""What somebody who asks to be caught up is told: to them alone, of the right while, and once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.demand import FOCUS
from bot.errors import EngineBroke
from bot.talk.digest import Length, Progress
from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Consent, Keep, Policy
from tests.digest.demanding import FakeMaker, Harbour, scene
from tests.fakes import ANA, BEN, GENERAL, START, FakeClock, direct

HOUR = timedelta(hours=1)
THREAD = Place(platform="local", id="boats", kind=PlaceKind.THREAD, name="boats", parent="general", open=True)
SAID = "- The anchor holds "
PARTS = ("## What you missed in \\#general", "3 messages by 2 people", SAID, "https://chat.example/general/m1")


async def test_it_is_told_to_the_asker_alone_and_covers_what_came_since_their_last_words(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.says(by=ANA, ago=7 * HOUR)
        await here.says(by=BEN, ago=HOUR)
        await here.commands("catch-up")
        (told,) = here.told()
        assert [part for part in PARTS if part not in told] == []
        assert here.public() == []
        assert here.order.period.since == START - 7 * HOUR
        assert (here.order.rooms, here.order.places) == ({GENERAL.room}, frozenset())
        assert here.maker.waited_for == [ANA]


async def test_a_hello_just_now_is_no_sign_of_having_read(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.says(by=ANA, ago=7 * HOUR)
        await here.says("hello", by=ANA, ago=timedelta(minutes=1))
        await here.commands("catch-up")
        assert here.order.period.since == START - 7 * HOUR


async def test_who_never_said_a_word_hears_of_the_last_day(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.commands("catch-up")
        assert here.order.period.since == START - 24 * HOUR


async def test_a_time_counts_as_the_asker_s_clocks_show_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.store.save_timezone(ANA.key, "Asia/Tokyo")
        await here.commands("catch-up", since="yesterday", length="long", focus="  boats   and\nanchors ")
        assert here.order.period.since == datetime(2026, 11, 22, 15, tzinfo=UTC)
        assert (here.order.length, here.order.focus) == (Length.LONG, "boats and anchors")


async def test_a_summary_is_of_the_last_day_of_a_channel_and_of_all_of_a_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.commands("summarise")
        assert here.order.period.since == START - 24 * HOUR
        first = await here.says(place=THREAD, ago=timedelta(days=90))
        await here.says(place=THREAD, ago=HOUR)
        await here.commands("summarise", place=THREAD)
        assert here.order.period.since == first.sent_at
        assert (here.order.rooms, here.order.places) == ({GENERAL.room}, {THREAD.key})


async def test_a_summary_of_a_day_ends_with_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.commands("summarise", since="yesterday", until="yesterday")
        assert here.order.period.since == datetime(2026, 11, 22, tzinfo=UTC)
        assert here.order.period.until == datetime(2026, 11, 23, tzinfo=UTC)


async def test_from_a_chosen_message_on_it_is_all_that_came_since_or_that_conversation(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.says(ago=10 * HOUR)
        chosen = await here.says(ago=5 * HOUR)
        last = await here.says(ago=timedelta(hours=4, minutes=30))
        await here.says(ago=HOUR)
        await here.commands("catch-up-from", message=chosen.id)
        assert here.order.period.since == chosen.sent_at
        assert here.order.period.until >= START
        await here.commands("summarise-from", message=chosen.id)
        assert (here.order.period.since, here.order.period.until) == (
            chosen.sent_at,
            last.sent_at + timedelta.resolution,
        )


async def test_of_a_message_that_is_gone_elsewhere_or_of_somebody_who_opted_out_nothing_is_told(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as here:
        gone, elsewhere, silent = await here.says(), await here.says(place=THREAD), await here.says()
        await here.store.delete_messages(GENERAL, [gone.id])
        for chosen in (gone.id, elsewhere.id, "never"):
            await here.commands("catch-up-from", message=chosen)
        await here.store.save_consent(BEN.key, Consent(opted_out=True))
        await here.commands("catch-up-from", message=silent.id)
        assert len(here.told()) == 4
        assert all("I have nothing of that message" in each for each in here.told())
        assert here.maker.orders == []


WRONG = {
    "since next blue moon": ("catch-up", {"since": "next blue moon"}, "cannot read that time"),
    "since a time to come": ("catch-up", {"since": "2027-01-01"}, "still to come"),
    "a period that ends before it begins": ("summarise", {"since": "today", "until": "yesterday"}, "ends"),
    "an unknown length": ("catch-up", {"length": "epic"}, "short, normal or long"),
    "a focus that is too long": ("catch-up", {"focus": "x" * (FOCUS + 1)}, str(FOCUS)),
}


@pytest.mark.parametrize(("name", "arguments", "said"), WRONG.values(), ids=WRONG.keys())
async def test_what_cannot_be_had_is_said_at_once(
    tmp_path: Path, name: str, arguments: dict[str, str], said: str
) -> None:
    async with scene(tmp_path) as here:
        await here.commands(name, **arguments)  # pyright: ignore[reportArgumentType] # none is called by or place
        (told,) = here.told()
        assert said in told
        assert here.maker.orders == []


async def test_where_nothing_is_kept_or_in_direct_messages_it_is_said_so(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.commands("catch-up", place=direct(ANA))
        await here.store.save_policy(GENERAL, Policy(keep=Keep.NEVER))
        await here.commands("catch-up")
        assert ["in a channel or thread" in here.told()[0], "no transcript" in here.told()[1]] == [True, True]


async def test_who_cannot_read_the_place_is_not_told_whether_anything_is_kept_of_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        here.rights.readers = {GENERAL.key: [BEN.key]}
        await here.commands("catch-up")
        await here.store.save_policy(GENERAL, Policy(keep=Keep.NEVER))
        await here.commands("catch-up")
        first, second = here.told()
        assert first == second
        assert "I could not find out just now that you can read" in first


async def test_who_loses_the_place_meanwhile_is_told_nothing_of_it(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.gate = asyncio.Event()
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up")
        here.rights.readers = {}
        maker.gate.set()
        for _ in range(14):
            await here.passes(6)
        (told,) = here.told()
        assert "I could not find out just now that you can read" in told
        assert here.counters.get("catch_ups_total", outcome="unreadable") == 1


async def test_nothing_said_since_is_an_answer(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.messages, maker.points = 0, ()
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up")
        assert here.told() == ["Nothing was said from <t:1795370400:f> to <t:1795456800:f>."]
        assert here.counters.get("catch_ups_total", outcome="empty") == 1


async def test_one_at_a_time_of_a_person_and_others_go_beside_it(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.gate = asyncio.Event()
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up")
        await here.commands("summarise")
        await here.commands("catch-up", by=BEN)
        assert "I am still at what you asked me for before" in here.told()[1]
        maker.gate.set()
        await here.passes(2)
        assert len(maker.orders) == 2
        assert [len(here.told()), len(here.told(BEN))] == [2, 1]
        await here.commands("summarise")
        assert len(maker.orders) == 3


async def test_how_far_it_is_is_shown_at_once_in_the_place_of_what_comes(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.gate, maker.steps = asyncio.Event(), [Progress(read=3200, of=50_000)]
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up", handle="h")
        assert here.told() == ["Reading what was said … 3,200 of 50,000 messages"]
        (view,) = here.platform.standing.values()
        assert (view.final, view.handle) == (False, "h")
        maker.gate.set()
        await here.passes(2)
        assert [each.id for each in here.platform.shown.values()] == [view.id]
        assert SAID in here.platform.shown[view.id].text


async def test_a_process_that_dies_on_the_way_leaves_it_to_the_next_one_and_it_is_told_once(tmp_path: Path) -> None:
    clock, platform, stuck = FakeClock(), Harbour(), FakeMaker()
    stuck.gate = asyncio.Event()
    async with scene(tmp_path, maker=stuck, clock=clock, platform=platform) as here:
        await here.says(by=ANA, ago=7 * HOUR)
        await here.commands("catch-up")
    platform.standing.clear()
    async with scene(tmp_path, clock=clock, platform=platform) as here:
        await here.passes(2)
        before = here.told()
        assert [SAID in each for each in before] == [True]
    async with scene(tmp_path, clock=clock, platform=platform) as here:
        await here.passes(600)
        assert here.told() == before
        assert here.maker.orders == []


async def test_what_fails_again_and_again_is_apologised_for_once(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.fails = [EngineBroke() for _ in range(9)]
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up")
        for _ in range(6):
            await here.passes(170)
        final = [each for each in here.platform.standing.values() if each.final]
        assert [each.text for each in final] == [
            "I tried several times to look through what was said, and could not. I am sorry."
        ]
        assert len(maker.orders) == 4
        maker.fails = []
        await here.commands("catch-up")
        assert SAID in here.told()[-1]


async def test_while_the_platform_is_away_it_waits(tmp_path: Path) -> None:
    there = False
    async with scene(tmp_path, present=lambda _: there) as here:
        await here.commands("catch-up")
        assert here.maker.orders == []
        there = True
        await here.passes(10)
        assert len(here.told()) == 1


async def test_what_takes_longer_than_a_run_goes_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.digest.catching_up.SLICE_SECONDS", 0.0)
    maker = FakeMaker()
    maker.gate = asyncio.Event()
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up")
        await here.passes(2)
        assert len(maker.orders) >= 2
        monkeypatch.setattr("bot.digest.catching_up.SLICE_SECONDS", 60.0)
        maker.gate.set()
        await here.passes(2)
        (told,) = [each for each in here.platform.standing.values() if each.final]
        assert SAID in told.text


async def test_forget_me_takes_what_was_asked_for_along(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.gate = asyncio.Event()
    async with scene(tmp_path, maker=maker) as here:
        await here.commands("catch-up", focus="my secret")
        await here.store.forget(ANA.key)
        maker.gate.set()
        await here.passes(700)
        assert not [each for each in here.platform.standing.values() if each.final]
