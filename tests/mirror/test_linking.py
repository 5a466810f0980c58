"""Channels are linked by who manages all of them, after they have seen who will read what; and a link ends when others
read than was confirmed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.talk.event import Left
from tests.fakes import ANA, BEN
from tests.hooks import Halt
from tests.mirror.scene import CYD, EN, FR, JA, STAFF, scene
from tests.settling import settle


async def test_a_link_is_confirmed_after_a_preview_and_people_in_both_channels_are_told(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        preview = await at.commands("mirror-link", channels="#help-en, #help-eo", languages="en, EO")
        assert "- #help-en (English)\n- #help-eo (Esperanto)" in preview.text
        assert "Whoever can read one of them can read the others anyway." in preview.text
        assert at.told(EN) == []
        assert (await at.presses(preview)).text.startswith("Done")
        assert "#help-eo" in at.told(EN)[0]
        assert "#help-en" in at.told(JA)[0]
        assert (await at.presses(preview)).text == "This is too old. Please use the command again."


async def test_the_preview_says_plainly_who_will_newly_read_what(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        preview = await at.commands("mirror-link", channels="#help-en #staff", languages="en ia")
        (line,) = [each for each in preview.text.splitlines() if "will read more" in each]
        assert "all who can read #help-en will read what is said in #staff" in line
        await at.presses(preview)
        await at.says("among us", STAFF)
        assert at.texts(EN) == ["**Ana**\namong us"]


@pytest.mark.parametrize(
    ("channels", "languages", "says"),
    [
        ("#help-en", "en", "Name from 2 to 6 channels."),
        ("#help-en #help-en", "en eo", "Name from 2 to 6 channels."),
        ("a b c d e f g", "en", "Name from 2 to 6 channels."),
        ("#help-en #nowhere", "en eo", "I find no channel #nowhere here that you can read and manage."),
        ("#help-en #help-eo", "en", "Give one language for each channel"),
        ("#help-en #help-eo", "en klingonisch!", "I do not know the language klingonisch"),
    ],
)
async def test_what_cannot_be_linked_is_said(tmp_path: Path, channels: str, languages: str, says: str) -> None:
    async with scene(tmp_path) as at:
        refused = await at.commands("mirror-link", channels=channels, languages=languages)
        assert says.replace("#", "") in refused.text.replace("\\", "").replace("#", "")
        assert refused.actions == ()


async def test_a_channel_that_somebody_cannot_read_is_not_there_for_them(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.rights.moderators = (ANA.key, BEN.key)
        there = await at.commands("mirror-link", by=BEN, channels="#help-en #staff", languages="en en")
        missing = await at.commands("mirror-link", by=BEN, channels="#help-en #nowhere", languages="en en")
        assert there.text.replace("staff", "nowhere") == missing.text


async def test_before_the_server_is_known_nobody_is_told_that_its_channels_are_not_there(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.rights.unknown, at.rights.moderators = True, ()
        refused = await at.commands("mirror-link", channels="#help-en #help-eo", languages="en eo")
        assert "Please try again" in refused.text
        assert "find no channel" not in refused.text


async def test_nobody_links_channels_that_they_do_not_manage(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        refused = await at.commands("mirror-link", by=BEN, channels="#help-en #help-eo", languages="en eo")
        assert "find no channel" in refused.text


async def test_only_who_proposed_it_confirms_and_only_while_they_may(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        preview = await at.commands("mirror-link", channels="#help-en #help-eo", languages="en eo")
        assert (await at.presses(preview, by=BEN)).text == "Only people who may manage this channel can do that."
        at.rights.moderators = ()
        assert "find no channel" in (await at.presses(preview)).text
        assert await at.rig.store.links() == ()


async def test_who_reads_more_since_the_preview_is_shown_before_anything_is_linked(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        preview = await at.commands("mirror-link", channels="#help-en #help-eo", languages="en eo")
        at.rights.readers = {**at.rights.readers, JA.key: (ANA.key, BEN.key)}
        again = await at.presses(preview)
        assert again.text.startswith("Who can read these channels has changed since.")
        assert "all who can read #help-en will read what is said in #help-eo" in again.text
        assert (await at.presses(again)).text.startswith("Done")


async def test_a_channel_is_in_one_link_at_a_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        refused = await at.commands("mirror-link", channels="#help-eo #help-ia", languages="eo ia")
        assert refused.text == "#help-eo is linked already. End that link first."


async def test_a_link_ends_in_all_its_channels_when_others_read_than_was_confirmed(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.rights.readers = {**at.rights.readers, EN.key: (ANA.key,)}  # from now on only Ana reads it
        await at.says("among us")
        assert at.texts(JA) == []
        for place in (EN, JA):
            assert at.told(place)[-1].startswith("Who can read this channel or those linked with it has changed.")
        assert await at.rig.store.links() == ()


async def test_what_was_confirmed_ends_with_any_change_of_who_reads(tmp_path: Path) -> None:
    async with scene(tmp_path, readers={STAFF.key: (ANA.key, CYD.key)}) as at:
        await at.links("#help-en #staff", "en ia")
        await at.says("confirmed", STAFF)
        assert len(at.texts(EN)) == 1
        at.rights.readers = {**at.rights.readers, STAFF.key: (ANA.key,)}
        await at.says("narrower", STAFF)
        assert len(at.texts(EN)) == 1
        assert await at.rig.store.links() == ()


async def test_while_it_is_not_known_who_reads_nothing_is_carried_over_and_nothing_is_lost(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.rights.away = True
        await at.says("Hello")
        assert at.texts(JA) == []
        at.rights.away = False
        await at.rig.passes(30)
        assert at.texts(JA) == ["**Ana**\neo:Hello"]


async def test_whoever_manages_one_of_the_channels_ends_the_link_and_what_waited_is_not_shown(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        first = await at.says("shown")
        at.rights.away = True
        await at.says("waits")
        at.rights.away = False
        assert (await at.commands("mirror-unlink", place=JA)).text.startswith("Done")
        assert at.told(EN)[-1].startswith("Ana has ended the link")
        await at.rig.passes(30)
        assert at.texts(JA) == ["**Ana**\neo:shown"]
        await at.edits(first, "changed")
        assert at.texts(JA) == ["**Ana**\neo:shown"]
        await at.deletes(first.id)
        assert at.texts(JA) == []
        assert (await at.commands("mirror-unlink", place=JA)).text == "This channel is not linked with others."


async def test_a_link_of_three_goes_on_without_a_channel_that_is_gone_and_one_of_two_ends(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links("#help-en #help-eo #help-ia", "en eo ia")
        await at.says("Bonjour", FR)
        await at.rig.hearing.hear(Left(platform="local", place=FR))
        await settle()
        assert at.texts(EN) == []
        await at.says("Hello")
        assert at.texts(JA) == ["**Ana**\neo:Hello"]
        await at.rig.hearing.hear(Left(platform="local", place=JA))
        assert at.told(EN)[-1] == "The channels that this one was linked with are gone. Nothing is carried over now."


async def test_a_channel_that_went_while_nobody_listened_leaves_its_link_with_the_next_message(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.rights.gone = (JA.id,)
        at.rights.readers = {EN.key: (ANA.key,)}
        await at.says("Hello")
        assert at.texts(JA) == []
        assert "gone" in at.told(EN)[-1]


async def test_a_moderator_is_shown_only_the_linked_channels_that_they_can_read(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links("#help-en #help-eo #staff", "en eo ia")
        assert (await at.commands("mirror-show")).text == (
            "This channel (English) is linked with: #help-eo (Esperanto), #staff (ia)"
        )
        shown = await at.commands("mirror-show", by=BEN)
        assert shown.text == "This channel (English) is linked with: #help-eo (Esperanto)"


async def test_a_link_that_ends_while_links_are_being_read_has_ended(tmp_path: Path) -> None:
    halt = Halt()
    async with scene(tmp_path, around=halt.around) as at:
        await at.links()
        halt.at.append("links ended")
        reading = asyncio.create_task(at.minute())
        await settle()
        assert not halt.at
        await at.commands("mirror-unlink")
        halt.may.set()
        await reading
        await at.says("secret")
        await at.rig.passes(5)
        assert at.stands(JA) == []
