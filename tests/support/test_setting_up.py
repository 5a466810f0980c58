"""A support channel is set up by a command that shows first what it will do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.languages.phrases import Phrases
from bot.support.commands import commands
from bot.talk.event import Tick
from bot.talk.support import Answers, SupportChannel
from tests.fakes import ANA, BEN, START, direct
from tests.hooks import Halt
from tests.settling import settle
from tests.support.desk import CARA, DAN, FORUM, HELP, MADE, NOTES, POST, Desk, desk, shown

EVERYTHING = {
    "channel": "forum",
    "staff": "@helpers",
    "notes": "#notes",
    "languages": "eo, ja",
    "tone": "calm and <@1> `short`",
    "when": "questions",
    "grounded": "no",
    "solved-tags": "solved",
    "person-tags": "needs a person",
    "staff-language": "fr",
    "limits": "5, 9",
    "escalate": "30",
}


async def nothing_yet(at: Desk) -> None:
    await at.rig.store.drop_support_channel(FORUM)
    await at.rig.support.channels.refresh()


async def test_everything_that_is_said_is_told_back_in_words_and_counts_when_it_is_saved(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await nothing_yet(at)
        preview = await shown(at, EVERYTHING)
        assert preview.conversation.only == DAN.key
        assert preview.text.splitlines() == [
            "**Support in #forum**",
            "- I answer the first message of each new post, then only its author and whoever mentions me.",
            "- I may also answer from what the model knows by itself, which can be wrong.",
            "- Languages: Esperanto (eo), Japanese (ja). Where I cannot tell which is spoken, I use the first.",
            "- Tone: calm and 1 short",
            "- Staff are Helpers and whoever manages the channel. When one of them answers, I am silent.",
            "- Staff are told in #notes of what is left to them (language: French), and again after 30 minutes if "
            "nobody has claimed it.",
            "- I am silent in posts with these tags: Needs a person, Solved.",
            "- Answers at most: 5 in one thread, 9 to one person in a day.",
            "",
            "Nothing is changed yet. Shall I save this?",
        ]
        assert [each.label for each in preview.actions] == ["Save", "Cancel"]
        assert await at.rig.store.support_channel(FORUM) is None
        assert await at.rig.presses(preview.actions[0].id, by=DAN) == "It is saved and counts from now on."
        assert await at.rig.store.support_channel(FORUM) == MADE
        await at.opens(POST)
        await at.asks("does it float?")
        assert at.texts == ["Yes."]
        again = await at.rig.presses(preview.actions[0].id, by=DAN)
        assert again == "This can no longer be saved. Please use `/support` again."


async def test_what_is_not_said_stays_as_it_is_and_none_takes_away(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.sets_up(MADE)
        preview = await shown(at, place=POST, staff="none", notes="none", when="mentioned", tone="none")
        await at.rig.presses(preview.actions[0].id, by=DAN)
        changed = replace(MADE, staff=frozenset(), notes=None, tone="", answers=Answers.MENTIONED)
        assert await at.rig.store.support_channel(FORUM) == changed
        preview = await shown(at, {"solved-tags": "none", "person-tags": "none"}, place=POST)
        assert "Of what is left to staff, only the thread itself says so." in preview.text
        assert "I answer only when I am mentioned." in preview.text
        assert "tags" not in preview.text


async def test_languages_are_named_by_code_in_english_or_as_the_moderator_calls_them(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.sets_up(MADE)
        dan = replace(DAN, locale="de")
        preview = await shown(at, by=dan, place=POST, languages="Japanisch, Brazilian Portuguese\nen FR,zh-tw")
        await at.rig.presses(preview.actions[0].id, by=dan)
        saved = await at.rig.store.support_channel(FORUM)
        assert saved is not None
        assert saved.languages == ("ja", "pt-BR", "en", "fr", "zh-TW")


async def test_of_two_set_ups_at_once_the_second_is_told_that_the_first_was_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.rights.moderators = [DAN.key, CARA.key]
        ours, theirs = (
            await shown(at, channel="forum", tone="dry"),
            await shown(at, by=CARA, channel="forum", tone="wet"),
        )
        assert await at.rig.presses(theirs.actions[0].id, by=DAN) == (
            "This can no longer be saved. Please use `/support` again."
        ), "only who was shown it can save it"
        await at.rig.presses(ours.actions[0].id, by=DAN)
        told = await at.rig.presses(theirs.actions[0].id, by=CARA)
        assert told.startswith("Somebody else has changed this set-up meanwhile")
        saved = await at.rig.store.support_channel(FORUM)
        assert saved is not None
        assert saved.tone == "dry"


async def test_who_manages_the_place_no_longer_when_they_press_saves_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await nothing_yet(at)
        preview = await shown(at, channel="forum")
        at.rights.moderators = []
        told = await at.rig.presses(preview.actions[0].id, by=DAN)
        assert told == "Only people who may manage this channel can do that."
        assert await at.rig.store.support_channel(FORUM) is None


async def test_cancelling_changes_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await nothing_yet(at)
        preview = await shown(at, channel="forum")
        assert await at.rig.presses(preview.actions[1].id, by=DAN) == "Nothing was changed."
        assert "no longer" in await at.rig.presses(preview.actions[0].id, by=DAN)
        assert await at.rig.store.support_channel(FORUM) is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"channel": "attic"}, "I know no channel or forum called attic that you can read."),
        ({"staff": "Captains"}, "I know no single role called Captains. Use a mention."),
        ({"staff": "<@&12345>"}, "Name one to 10 roles."),
        ({"languages": "german?"}, "Name one to 40 languages by their codes, e.g. en, de or pt-BR."),
        ({"languages": "en, jp"}, "Name one to 40 languages by their codes, e.g. en, de or pt-BR."),
        ({"notes": "forum"}, "Staff cannot be told in a forum. Please name a channel."),
        ({"staff-language": " "}, "Name one to 40 languages by their codes, e.g. en, de or pt-BR."),
        ({"tone": "x" * 301}, "Please describe the tone in 300 characters at most."),
        ({"when": "always"}, "That is none of the choices."),
        ({"solved-tags": "done"}, "This channel has no tags."),
        ({"channel": "forum", "solved-tags": "done"}, "I know no tag called done there."),
        ({"limits": "0, 5"}, "Name two numbers from 1 to 1000, e.g. 20, 40."),
        ({"limits": "many"}, "Name two numbers from 1 to 1000, e.g. 20, 40."),
        ({"escalate": "99999999"}, "Name a number of minutes from 1 to 10080."),
    ],
)
async def test_what_cannot_be_had_is_said(tmp_path: Path, said: dict[str, str], told: str) -> None:
    async with desk(tmp_path) as at:
        at.rights.forums = [FORUM.id]
        assert (await shown(at, said)).text == told


async def test_nobody_learns_of_a_channel_that_they_cannot_read(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.rights.moderators = [DAN.key, BEN.key]
        await at.sets_up(replace(MADE, place=HELP, solved_tags=frozenset(), person_tags=frozenset()))
        at.rights.barred = [NOTES.id]
        at.threads.leaks = True
        shown_to_ben = await at.rig.commands("support-show", by=BEN, place=HELP, moderator=True)
        assert "notes" not in shown_to_ben
        assert "⚠" not in shown_to_ben
        assert "#notes" in await at.rig.commands("support-show", by=DAN, place=HELP, moderator=True)
        preview = await shown(at, by=BEN, tone="dry")
        at.rights.moderators = [BEN.key]
        assert await at.rig.presses(preview.actions[0].id, by=BEN, place=HELP) == "It is saved and counts from now on."
        saved = await at.rig.store.support_channel(HELP)
        assert saved is not None
        assert (saved.notes, saved.tone) == (NOTES, "dry")
        told = (await shown(at, by=BEN, notes="notes")).text
        assert told == (await shown(at, by=BEN, notes="attic")).text.replace("attic", "notes")


async def test_showing_and_ending_are_for_who_manages_the_channel_that_is_named(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        refused = "Only people who may manage this channel can do that."
        for name in ("support", "support-show", "support-off"):
            # Elsewhere they may manage the place that they are in.
            assert await at.rig.commands(name, by=ANA, place=HELP, moderator=True, channel="forum") == refused
        assert await at.rig.commands("support-show", by=DAN, place=HELP) == "There is no support set up here."
        ended = await at.rig.commands("support-off", by=DAN, place=POST)
        assert ended == "The support here has ended. I answer again only when I am mentioned."
        assert await at.rig.commands("support-off", by=DAN, place=POST) == "There is no support set up here."
        await at.opens(POST)
        await at.asks("does it float?")
        assert at.texts == []
        at.rights.unknown = True
        assert "cannot find out just now" in await at.rig.commands("support-show", by=DAN, place=HELP)
        assert "direct messages" in await at.rig.commands("support", by=DAN, place=direct(DAN))


async def test_where_there_are_no_roles_staff_are_who_manages_the_channel(tmp_path: Path) -> None:
    async with desk(tmp_path, channel=SupportChannel(place=HELP), threaded=False) as at:
        assert "Staff are those who manage the channel." in (await shown(at)).text
        assert (await shown(at, staff="Helpers")).text == (
            "There are no roles here. Those who manage the channel are staff."
        )


async def test_a_set_up_that_another_process_saved_counts_within_a_minute(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await nothing_yet(at)
        await at.rig.store.save_support_channel(MADE)
        await at.rig.hearing.hear(Tick(name="minute", at=START))
        await at.opens(POST)
        await at.asks("does it float?")
        assert at.texts == ["Yes."]


def test_the_commands_fit_into_what_discord_takes() -> None:
    for command in commands(Phrases()):
        assert len(command.description) <= 100
        assert all(len(each.description) <= 100 for each in command.arguments)


async def test_a_channel_that_is_ended_while_the_channels_are_being_read_has_ended(tmp_path: Path) -> None:
    halt = Halt()
    async with desk(tmp_path, channel=MADE, around=halt.around) as at:
        halt.at.append("support_channels ended")
        reading = asyncio.ensure_future(at.rig.minute())
        await settle()
        assert not halt.at
        ending = asyncio.create_task(at.rig.commands("support-off", by=DAN, place=FORUM, moderator=True))
        await settle()
        halt.may.set()
        await asyncio.gather(reading, ending)
        assert at.rig.support.channels.of(POST) is None
