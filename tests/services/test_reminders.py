"""Reminders: set by the model for whoever asks, told once at their moment where they were set, and nobody else's."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Reminders
from bot.talk.message import Place
from tests.fakes import ANA, BEN, GENERAL, FakeClock, FakePlatform, direct, said
from tests.rights import FakeRights
from tests.services.reminded import PARIS, quay

ELSEWHERE = Place(platform="local", id="elsewhere", name="elsewhere")
BOTH = FakeRights(readers={GENERAL.key: [ANA.key, BEN.key], ELSEWHERE.key: [ANA.key, BEN.key]})
DAY = 86400


async def test_a_reminder_is_told_at_its_moment_once_as_a_reply_to_whoever_asked(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        asked = said("remind me at eight")
        told = await place.asks(asked, "remind", text="tea", when="20:00")
        assert "is set for Monday 2026-11-23 20:00 in Europe/Paris" in told
        assert "the community's zone" in told
        await place.passes(3500)
        assert place.reminders() == []
        await place.passes(120)
        (reminder,) = place.reminders()
        assert reminder.text == "You wanted to be reminded, for 2026-11-23 20:00 (Europe/Paris):\n> tea"
        assert (reminder.reply_to, reminder.conversation, reminder.lead) == (asked.id, asked.conversation, "")
        await place.passes(3 * DAY)
        assert len(place.reminders()) == 1


async def test_the_same_call_sets_one_reminder_also_when_it_was_told_or_cancelled(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        own = place.own(said("please"))
        first = await own.add("tea", when="in 20 minutes", repeat="", call="one")
        await place.house.clock.advance(60)
        assert await own.add("tea", when="in 20 minutes", repeat="", call="one") == first
        assert await own.listed() == (first,)
        await own.cancel(first.number)
        with pytest.raises(ValueError, match="was cancelled"):
            await own.add("tea", when="in 20 minutes", repeat="", call="one")
        second = await own.add("tea", when="in 20 minutes", repeat="", call="two")
        await place.passes(1300)
        with pytest.raises(ValueError, match="is over"):
            await own.add("tea", when="in 20 minutes", repeat="", call="two")
        assert len(place.reminders()) == 1
        assert second.number


async def test_what_was_missed_while_nothing_ran_comes_late_and_says_so_and_comes_once(tmp_path: Path) -> None:
    clock, platform = FakeClock(), FakePlatform()
    async with quay(tmp_path, clock=clock, platform=platform) as place:
        await place.remind("tea", "in 20 minutes")
    await clock.advance(DAY)
    async with quay(tmp_path, clock=clock, platform=platform) as place:
        await place.passes(5)
        (reminder,) = place.reminders()
        assert reminder.lead == "late: I was away at that time"
        assert "2026-11-23 19:20 (Europe/Paris)" in reminder.text
        await place.passes(600)
    async with quay(tmp_path, clock=clock, platform=platform) as place:
        await place.passes(5)
        assert len(place.reminders()) == 1


async def test_while_its_platform_is_away_a_reminder_waits_and_comes_late(tmp_path: Path) -> None:
    there = [True]
    async with quay(tmp_path, present=lambda _: there[0]) as place:
        await place.remind("tea", "in 20 minutes")
        number = await place.remind("stretch", "in 20 minutes", "daily")
        there[0] = False
        await place.passes(4 * 3600)
        assert place.reminders() == []
        assert [each.number for each in await place.own(said("-", place=direct(ANA))).listed()].count(number) == 1
        there[0] = True
        await place.passes(700)
        assert sorted(each.text.partition("> ")[2] for each in place.reminders()) == ["stretch", "tea"]
        assert all("19:20" in each.text and each.lead for each in place.reminders())
        await place.passes(DAY)
        assert len(place.reminders()) == 3


async def test_a_repeating_reminder_comes_at_the_same_time_of_day_over_a_change_of_clocks(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        place.house.clock.jump(123 * DAY)  # 2027-03-26, two days before clocks are set forward
        told = await place.calls("remind", text="walk", when="tomorrow 9:00", repeat="daily")
        assert "2027-03-27 09:00 in Europe/Paris, every day" in told
        await place.passes(3 * DAY)
        moments = [each.text.partition("for ")[2].partition(" (")[0] for each in place.reminders()]
        assert moments == ["2027-03-27 09:00", "2027-03-28 09:00", "2027-03-29 09:00"]


@pytest.mark.parametrize(
    ("when", "repeat", "reason"),
    [
        ("2020-01-01 9:00", "", "is past"),
        ("whenever", "", "write it like"),
        ("18:00", "now and then", "write it like"),
    ],
)
async def test_what_cannot_be_read_is_told_to_the_model_with_the_forms(
    tmp_path: Path, when: str, repeat: str, reason: str
) -> None:
    async with quay(tmp_path) as place:
        told = await place.calls("remind", text="tea", when=when, repeat=repeat)
        assert told.startswith("Error: ")
        assert reason in told


async def test_in_a_shared_place_only_what_was_set_there_is_listed_or_cancelled(tmp_path: Path) -> None:
    async with quay(tmp_path, rights=BOTH) as place:
        here = await place.remind("tea", "20:00")
        secret = await place.remind("the surprise for Ben", "21:00", place=ELSEWHERE)
        told = await place.calls("list_reminders")
        assert f"{here}: Monday 2026-11-23 20:00 in Europe/Paris: tea" in told
        assert "surprise" not in told
        assert not re.search(rf"(?<!\d){secret}: ", told)
        told = await place.calls("cancel_reminder", number=secret)
        assert f"there is no reminder {secret} here" in told
        assert "surprise" not in told
        assert await place.calls("cancel_reminder", number=secret + 1000) == told.replace(
            str(secret), str(secret + 1000)
        )
        alone = await place.calls("list_reminders", place=direct(ANA))
        assert "surprise" in alone
        assert "tea" in alone


async def test_whether_an_answer_offers_more_in_private_does_not_depend_on_what_there_is(tmp_path: Path) -> None:
    async with quay(tmp_path, rights=BOTH) as place:
        assert place.own(said("-")).more_alone
        await place.remind("tea", "20:00", place=ELSEWHERE)
        assert place.own(said("-")).more_alone
        assert not place.own(said("-", place=direct(ANA))).more_alone


async def test_nobody_sees_or_cancels_the_reminders_of_another(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        number = await place.remind("tea", "20:00")
        assert "none" in await place.calls("list_reminders", by=BEN)
        assert "there is no reminder" in await place.calls("cancel_reminder", by=BEN, number=number)
        assert await place.house.commands("reminders", by=BEN) == "You have no reminders."
        assert "no reminder of that number" in await place.house.commands(
            "reminder-cancel", by=BEN, number=str(number), moderator=True
        )
        await place.passes(3700)
        assert len(place.reminders()) == 1


async def test_who_cannot_read_there_any_more_is_told_in_private_that_something_was_due_and_not_what(
    tmp_path: Path,
) -> None:
    readers = {GENERAL.key: [ANA.key, BEN.key]}
    async with quay(tmp_path, rights=FakeRights(readers=readers)) as place:
        await place.remind("meet at the lighthouse", "in 20 minutes", "daily")
        readers[GENERAL.key] = [BEN.key]
        await place.passes(1203)
        assert place.reminders() == []
        assert place.told_privately() == []  # it may be a moment's mistake
        await place.passes(600)
        assert place.told_privately() == ["A reminder was due, but I could not show it where you had asked for it."]
        readers[GENERAL.key] = [ANA.key, BEN.key]
        await place.passes(3 * DAY)
        assert place.reminders() == []
        assert len(place.told_privately()) == 1
        assert await place.house.store.plans(kind="reminder", limit=9) == ()


async def test_rights_that_are_not_known_for_a_moment_cost_nobody_their_reminder(tmp_path: Path) -> None:
    readers: dict[str, list[str]] = {}
    async with quay(tmp_path, rights=FakeRights(readers=readers)) as place:
        await place.remind("tea", "in 20 minutes")
        await place.passes(1203)
        readers[GENERAL.key] = [ANA.key]
        await place.passes(60)
        assert len(place.reminders()) == 1


async def test_a_reminder_of_a_private_conversation_is_told_privately(tmp_path: Path) -> None:
    async with quay(tmp_path, rights=FakeRights(readers={})) as place:
        private = replace(said("between us"), only=ANA.key)
        await place.own(private).add("the surprise", when="in 20 minutes", repeat="", call="1")
        await place.own(said("-", place=direct(ANA))).add("the cake", when="in 20 minutes", repeat="", call="2")
        await place.passes(1300)
        assert sorted((each.conversation.key, each.text.partition("> ")[2]) for each in place.reminders()) == [
            (f"local:dm-{ANA.id}", "the cake"),
            (f"local:general/{ANA.key}", "the surprise"),
        ]


async def test_forget_me_takes_reminders_what_is_kept_of_them_and_the_zone(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        await place.house.commands("timezone", zone="Tokyo")
        await place.remind("the surprise", "in 20 minutes")
        await place.remind("the cake", "in 9 days")
        await place.passes(1300)
        (reminder,) = place.reminders()
        await place.house.presses("forget-me:yes")
        assert await place.house.store.plans(owner=ANA.key, limit=9) == ()
        assert await place.house.store.timezone(ANA.key) is None
        assert "is over" in await place.house.presses(reminder.actions[0].id)


async def test_a_person_has_so_many_reminders_and_a_place_has_so_many(tmp_path: Path) -> None:
    few = PARIS.model_copy(update={"reminders": Reminders(per_person=2, per_place=3)})
    async with quay(tmp_path, settings=few, rights=BOTH) as place:
        numbers = {await place.remind("one", "20:00"), await place.remind("two", "20:00")}
        assert len(numbers) == 2
        assert "as many reminders as one may have" in await place.calls("remind", text="three", when="20:00")
        await place.remind("his", "20:00", by=BEN)
        assert "in this place" in await place.calls("remind", by=BEN, text="his", when="20:00")
        await place.remind("his", "20:00", by=BEN, place=ELSEWHERE)


async def test_words_are_shown_as_they_are_and_only_links_of_whoever_asked_can_be_clicked(tmp_path: Path) -> None:
    text = "@everyone **pay** <@1> [here](https://evil.example/?q=secret)\n- https://bank.example/pay\n\n# loud"
    async with quay(tmp_path) as place:
        await place.remind(text, "in 20 minutes", words="remind me to pay at https://bank.example/pay")
        await place.passes(1300)
        (reminder,) = place.reminders()
        assert reminder.text.splitlines()[1:] == [
            "> @\u200beveryone \\*\\*pay\\*\\* \\<@\u200b1\\> \\[here\\]\\(https:\u200b//evil.example/?q=secret\\)",
            "> \\- <https://bank.example/pay>",
            "> \\# loud",
        ]


async def test_a_reminder_without_words_or_with_too_many_is_refused(tmp_path: Path) -> None:
    async with quay(tmp_path) as place:
        own = place.own(said("please"))
        for text in (" \n ", "x" * 501):
            with pytest.raises(ValueError, match="1 to 500"):
                await own.add(text, when="20:00", repeat="", call="")
