"""What was edited and deleted while nobody listened, and what could not be read or written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import DatabaseUnusable
from bot.platforms.discord import reading
from bot.talk.event import CaughtUp, Deleted, Edited, Event, Left, Said
from bot.talk.message import Addressed, Place
from bot.talk.record import Recent
from tests.discord_server import Permission
from tests.platforms.discord.away import AWAY, back, kept, lived, texts
from tests.platforms.discord.bench import Facts, bench
from tests.platforms.discord.conftest import Community


async def test_what_may_not_be_read_is_left_out_and_no_deletion(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    facts.recorded = kept(community, await server.say(channel, community.ada, "kept"))
    await lived(community, facts)
    await server.say(channel, community.ada, "<@BOT> hello?")
    channel.overwrite(community.guild.everyone, deny=Permission.READ_MESSAGE_HISTORY)
    async with back(community, facts) as b:
        assert not b.ears.all(Deleted)
        assert texts(b) == []
        assert b.counts.of["discord_catch_up_skipped_total"] == 1


async def test_edits_and_deletions_of_what_is_kept_are_found(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    same, edited, deleted, told = [
        await server.say(channel, community.ada, text) for text in ("same", "teh tide", "a secret", "teh moon")
    ]
    facts.recorded = kept(community, same, edited, deleted, told)
    await lived(community, facts)
    await server.edit(edited, "the tide")
    await server.edit(told, "the moon")
    assert told.edited_at is not None
    facts.recorded = (*facts.recorded[:3], replace(facts.recorded[3], edited_at=told.edited_at))
    await server.delete(deleted)
    async with back(community, facts) as b:
        assert [event.message.text for event in b.ears.all(Edited)] == ["the tide"]
        assert [event.message_ids for event in b.ears.all(Deleted)] == [(str(deleted.id),)]
        assert texts(b) == []


async def test_what_is_kept_already_is_not_told_again_and_its_edit_is_an_edit(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    await lived(community, facts)
    heard, changed = [await server.say(channel, community.ada, text) for text in ("heard", "teh tide")]
    facts.recorded = kept(community, heard, changed)
    await server.edit(changed, "the tide")
    await server.say(channel, community.ada, "missed")
    async with back(community, facts) as b:
        assert texts(b) == ["missed"]
        assert [event.message.text for event in b.ears.all(Edited)] == ["the tide"]


async def test_nothing_counts_as_deleted_that_was_not_looked_for(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGES", 1)
    server, channel, facts = community.server, community.channel, Facts()
    gone = await server.say(channel, community.ada, "gone")
    await lived(community, facts)
    for number in range(150):
        await server.say(channel, community.ada, f"line {number}")
    left_out = await server.say(channel, community.ada, "left out")
    facts.recorded = kept(community, gone, left_out)
    await server.delete(gone)
    community.clock.advance(7200)
    async with back(community, facts) as b:
        assert b.counts.of["discord_catch_up_skipped_total"] == 1
        assert not b.ears.all(Deleted)


async def test_a_place_that_was_deleted_meanwhile_is_left(community: Community) -> None:
    server, facts = community.server, Facts()
    gone = community.guild.add_text_channel("gone")
    message = await server.say(gone, community.ada, "kept")
    place = Place(platform="discord", id=str(gone.id), guild=str(community.guild.id))
    facts.recorded = (Recent(place=place, message=str(message.id)),)
    await lived(community, facts)
    gone.delete()
    async with back(community, facts) as b:
        assert [event.place for event in b.ears.all(Left)] == [place]


async def test_what_could_not_be_written_down_is_read_again_and_told_again_as_what_it_is(
    community: Community,
) -> None:
    server, facts = community.server, Facts()
    async with bench(server, facts=facts) as b:
        await b.ears.one(CaughtUp)
        community.clock.advance(AWAY)
        refused: list[Event] = []

        def full_once(event: Event) -> Exception | None:
            if refused or not isinstance(event, Said):
                return None
            refused.append(event)
            return DatabaseUnusable("the disk is full")

        b.ears.fails = full_once
        await server.say(community.channel, community.ada, "<@BOT> hello?")
        assert (await b.ears.said("hello?")).addressed is Addressed.MENTION
        assert len(refused) == 1
