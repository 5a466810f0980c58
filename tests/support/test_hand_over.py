"""A person is called once, told what for, and nothing is promised in their name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.languages.phrases import Phrases
from bot.talk.event import Deleted
from bot.talk.policy import Consent, Keep, Policy
from tests.fakes import ANA, BEN
from tests.support.scene import FORUM, HELP, STAFF_ROOM, THREAD, asked, call, desk, everybody

CALLED = (call("needs_human", reason="the device does not start"),)
PROMISE = ("The team will refund you 50 euros within an hour.",)
SUMMARY = ("Ana wants to know why it does not start.",)


async def test_the_model_calls_a_person_and_people_read_our_sentence_and_not_its_own(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, SUMMARY) as one:
        question = await one.asks()
        assert "refund" not in " ".join(one.seen(question))
        assert one.answer(question).text.startswith("I have told the team")
        assert [each.label for each in one.answer(question).actions] == ["That solved it"]
        text = one.note.text
        for word in (
            "Ana needs a person",
            "/thread/",
            question.id,
            "Language: Esperanto",
            SUMMARY[0][:-1],
            "does not start",
        ):
            assert word in text
        assert [each.label for each in one.note.actions] == ["Seen", "Claim", "Solved"]


async def test_what_people_read_is_what_the_model_goes_on_from(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, SUMMARY, ("Yes.",)) as one:
        await one.asks()
        await one.asks("And now?")
        assert "refund" not in one.rig.asked()
        assert "I have told the team" in one.rig.asked()


async def test_the_model_may_call_ten_times_and_staff_are_told_once(tmp_path: Path) -> None:
    calls = tuple(call("needs_human", of=f"c{number}", reason=f"reason {number}") for number in range(4))
    async with desk(tmp_path, calls, calls, (*calls, "x"), PROMISE, SUMMARY) as one:
        await one.asks()
        assert len(one.standing) == 1
        await one.minutes(1)
        assert len(one.standing) == 1


async def test_a_second_question_of_the_thread_is_added_to_the_note(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, SUMMARY, CALLED, PROMISE) as one:
        await one.asks()
        second = await one.asks("It still does not start, and nobody comes.")
        assert second.id in one.note.text
        assert "needed still" in one.note.text


async def test_the_tool_refuses_where_there_is_no_support_channel(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, ("Then I do not know.",)) as one:
        await one.channels.drop_support_channel(HELP)
        question = await one.asks()
        assert one.answer(question).text == "Then I do not know."
        assert "no support channel" in one.rig.asked()
        assert not one.standing


@pytest.mark.parametrize("hindrance", ["none", "barred", "gone", "unreadable"])
async def test_where_staff_cannot_be_told_the_thread_says_so_once(tmp_path: Path, hindrance: str) -> None:
    rights = everybody()
    channel = replace(FORUM, notes=None) if hindrance == "none" else FORUM
    if hindrance == "barred":
        rights.barred = [STAFF_ROOM.id]
    elif hindrance == "gone":
        rights.gone = [STAFF_ROOM.id]
    elif hindrance == "unreadable":  # somebody reads the notes who may not read the thread
        rights.readers = {**rights.readers, STAFF_ROOM.room: ["local:stranger"]}
    async with desk(tmp_path, CALLED, PROMISE, channel=channel, rights=rights) as one:
        question = await one.asks()
        assert one.answer(question).text.startswith("This needs a person of the team.")
        await one.minutes(60)
        assert not one.standing
        assert not one.in_thread[1:]  # but for the announcement


async def test_staff_read_in_their_language_that_there_were_as_many_answers_as_there_may_be(tmp_path: Path) -> None:
    channel = replace(FORUM, staff_language="de", grounded=False)
    async with desk(tmp_path, SUMMARY, channel=channel) as one:
        await one.rig.helps.hand_over(asked("And now?", at=one), channel=channel)  # nothing is kept of it yet
        note = await one.platform.until(lambda each: each.conversation.place == STAFF_ROOM)
        german = Phrases("de")
        assert german.say("case-reason", reason=german.say("support-limit")) in note.text


async def test_a_hand_over_by_others_says_in_the_thread_what_nobody_could_be_told(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Hello.",), channel=replace(FORUM, grounded=False)) as one:
        question = await one.asks()
        await one.rig.helps.hand_over(question, channel=replace(FORUM, notes=None))
        one.channels.channels[HELP.key] = replace(FORUM, notes=None)
        await one.minutes(1)
        assert "This needs a person" in one.in_thread[-1].text


async def test_a_notes_room_that_is_away_is_told_when_it_is_back(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, SUMMARY) as one:
        one.rights.away = True
        await one.asks()
        await one.minutes(2)
        assert not one.standing
        one.rights.away = False
        await one.minutes(2)
        assert "needs a person" in one.note.text


async def test_a_summary_with_figures_that_nobody_said_is_not_shown(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, ("Ana paid 300 euros.",)) as one:
        await one.asks()
        assert "300" not in one.note.text
        assert "own words: Why does it not start?" in one.note.text


async def test_the_words_of_a_question_that_is_deleted_leave_the_note(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, ("Ana asks why it does not start.",)) as one:
        question = await one.asks()
        assert "does not start" in one.note.text
        await one.rig.hearing.hear(Deleted(place=THREAD, message_ids=(question.id,)))
        await one.minutes(1)
        assert "start" not in one.note.text
        assert "Ana" not in one.note.text
        assert "Nobody has taken this up yet" in one.note.text
        case = await one.rig.store.unsolved_case(THREAD)
        assert case is not None
        assert not case.reason


async def test_nothing_of_a_place_that_keeps_nothing_is_told_but_that_somebody_is_needed(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE, SUMMARY) as one:
        await one.rig.store.save_policy(HELP, Policy(keep=Keep.NEVER))
        await one.asks()
        assert "start" not in one.note.text
        assert "Somebody needs a person" in one.note.text
        case = await one.rig.store.unsolved_case(THREAD)
        assert case is not None
        assert not case.reason


async def test_what_was_answered_before_stands_in_the_note(tmp_path: Path) -> None:
    found = ("Turn it off and on again [1].",)
    async with desk(tmp_path, (call("search_knowledge"),), found, CALLED, PROMISE, SUMMARY) as one:
        await one.asks()
        await one.asks("I did. It still does not start.")
        assert "answered there 1 time" in one.note.text
        assert "Turn it off" in one.note.text
        assert "The manual" in one.note.text


async def test_after_a_crash_before_the_note_staff_are_told_once(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE) as one:
        one.rights.away = True
        await one.asks()
        platform, clock = one.platform, one.rig.clock
    async with desk(tmp_path, SUMMARY, platform=platform, clock=clock) as one:
        await one.minutes(2)
        assert len(one.standing) == 1
    async with desk(tmp_path, platform=platform, clock=clock) as one:
        await one.minutes(2)
        assert len(one.standing) == 1


async def test_nobody_is_pinged(tmp_path: Path) -> None:
    async with desk(tmp_path, (call("needs_human", reason="@everyone <@5> help"),), PROMISE, SUMMARY) as one:
        await one.asks("@everyone <@5> why?", by=BEN)
        assert "@everyone" not in one.note.text
        assert "<@5>" not in one.note.text
        assert one.note.reply_to is None


async def test_whose_words_are_not_kept_leaves_none_in_a_case(tmp_path: Path) -> None:
    async with desk(tmp_path, CALLED, PROMISE) as one:
        await one.rig.store.save_consent(ANA.key, Consent(opted_out=True))
        await one.asks()
        case = await one.rig.store.unsolved_case(THREAD)
        assert case is not None
        assert not case.reason
        assert "Ana" not in one.note.text
