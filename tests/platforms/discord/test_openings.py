"""Threads and posts that a delivery begins are begun once, also where the program dies in the midst of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.message import Conversation, Place, PlaceKind
from tests.discord_server import Channel
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.dock import Dock, dock, first_of

TO_FORUM = "POST /channels/*/threads"
TO_THREAD = "POST /channels/*/messages/*/threads"
LEAD = "[original](<https://discord.com/channels/9/2/5>)"


def of(channel: Channel) -> Place:
    return Place(platform="discord", id=str(channel.id), guild=str(channel.guild_id))


def copy(place: Place, text: str = "**Ada**\nhello") -> Delivery:
    return Delivery(
        id="mirror-discord-5-1",
        conversation=Conversation(place=place),
        text=text,
        lead=LEAD,
        quiet=True,
        opens="A leak",
    )


async def ready(at: Dock, delivery: Delivery) -> None:
    await at.store.save_delivery(delivery, DeliveryState.READY, at=at.clock.now())


def threads(parent: Channel) -> list[Channel]:
    assert parent.guild is not None
    return [each for each in parent.guild.channels.values() if each.parent is parent]


@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_post_that_may_have_been_made_before_a_crash_is_there_once(
    community: Community, tmp_path: Path, after_commit: bool
) -> None:
    forum = community.guild.add_forum("help")
    async with dock(community, tmp_path) as at:
        delivery = copy(of(forum))
        async with at.process() as process:
            await ready(at, delivery)
            gate = community.server.hold_next(TO_FORUM, after_commit=after_commit)
            await first_of(gate.until_reached(), process.deliver.finish(delivery, Shown()))
            await process.crash()
        gate.release()
        async with at.process():
            await at.all_shown()
        (post,) = threads(forum)
        assert post.name == "A leak"
        assert [each.content for each in post.bot_messages] == [f"-# {LEAD}\n**Ada**\nhello"]
        shown = await at.store.shown_by(of(forum), str(post.id))
        assert shown is not None
        assert shown.delivery.id == delivery.id


async def test_what_is_longer_than_a_message_goes_on_in_the_post_and_an_edit_and_a_deletion_find_it(
    community: Community, tmp_path: Path
) -> None:
    forum = community.guild.add_forum("help")
    async with dock(community, tmp_path) as at, at.process() as process:
        long = copy(of(forum), "**Ada**\n" + "word " * 700)
        await ready(at, long)
        await process.deliver.finish(long, Shown())
        (post,) = threads(forum)
        assert len(post.bot_messages) == 2
        (outgoing,) = [await at.store.shown_by(of(forum), str(post.id))]
        assert outgoing is not None
        short = copy(of(forum))
        await ready(at, short)
        await process.deliver.finish(short, outgoing.shown)
        assert [each.content for each in post.bot_messages if not each.deleted] == [f"-# {LEAD}\n**Ada**\nhello"]
        assert threads(forum) == [post]


@pytest.mark.parametrize("what", [TO_THREAD, "POST /channels/*/messages"])
@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_thread_is_begun_with_the_message_of_its_id_and_what_is_said_in_it_stands_there_once(
    community: Community, tmp_path: Path, what: str, after_commit: bool
) -> None:
    async with dock(community, tmp_path) as at:
        begins = await community.server.say(community.channel, community.ada, "it leaks")
        parent = of(community.channel)
        place = Place(
            platform="discord",
            id=str(begins.id),
            kind=PlaceKind.THREAD,
            guild=parent.guild,
            parent=parent.id,
            name="A leak",
            open=True,
        )
        delivery = copy(place)
        async with at.process() as process:
            await ready(at, delivery)
            gate = community.server.hold_next(what, after_commit=after_commit)
            await first_of(gate.until_reached(), process.deliver.finish(delivery, Shown()))
            await process.crash()
        gate.release()
        async with at.process():
            await at.all_shown()
        (thread,) = threads(community.channel)
        assert (thread.id, thread.name) == (begins.id, "A leak")
        assert [each.content for each in thread.bot_messages] == [f"-# {LEAD}\n**Ada**\nhello"]


async def test_a_post_in_a_forum_that_requires_a_tag_has_those_that_are_there_else_the_first_that_all_may_use(
    community: Community, tmp_path: Path
) -> None:
    forum = community.guild.add_forum("help", requires_tag=True)
    forum.add_tag("Solved", moderated=True)
    bug, mac = forum.add_tag("Bug"), forum.add_tag("Mac")
    async with dock(community, tmp_path) as at, at.process() as process:
        wanted = replace(copy(of(forum)), tags=(str(mac), "404"))
        any_one = replace(copy(of(forum), "**Ada**\nand"), id="digest")
        none_there = replace(copy(of(forum)), id="mirror-discord-6-1", tags=("404",))
        for each in (wanted, any_one, none_there):
            await ready(at, each)
            await process.deliver.finish(each, Shown())
        assert [each.applied_tags for each in threads(forum)] == [{mac}, {bug}]
        assert process.counters.get("deliveries_total", outcome="barred") == 1
