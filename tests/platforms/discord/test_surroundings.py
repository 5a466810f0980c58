"""What can be told and written where nobody asks, on the loopback Discord."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from bot.platforms.discord import members
from bot.platforms.discord.read import place_of
from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Conversation, Place, PlaceKind
from tests.discord_server.permissions import Overwrite, Permission
from tests.platforms.discord.bench import Bench, bench
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_rights import MEMBER, cache, hidden, known, later, place, room


@pytest.fixture
async def running(community: Community) -> AsyncGenerator[Bench]:
    async with bench(community.server) as joined:
        yield joined


async def test_what_is_told_in_a_channel_is_what_everyone_there_may_read(community: Community, running: Bench) -> None:
    guild, us = community.guild, community.server.bot.id
    staff = guild.add_role("staff")
    lounge = guild.add_text_channel("lounge")
    office = guild.add_text_channel("office", overwrites=hidden(guild, staff.id, us))
    named = guild.add_text_channel("named", overwrites=hidden(guild, staff.id, us, community.ada.id))
    await known(running, lounge, office, named)
    rights = running.platform.rights
    rooms = [room(each) for each in (community.channel, lounge, office)] + ["discord:1", "local:general"]
    in_public = await rights.open_to(rooms, Conversation(place=place(community.channel)))
    assert in_public == {room(community.channel), room(lounge)}
    assert await rights.open_to(rooms, Conversation(place=place(office))) == set(rooms[:3])
    # Ada has been let in by name, and has no role that opens the office.
    assert await rights.open_to(rooms, Conversation(place=place(named))) == {room(community.channel), room(lounge)}
    guild.set_roles(community.ada, staff)
    later(running)
    assert await rights.open_to(rooms, Conversation(place=place(named))) == set(rooms[:3])
    gone = Place(platform="discord", id="5", guild=str(guild.id))
    assert await rights.open_to(rooms, Conversation(place=gone)) == frozenset()
    assert await rights.open_to(rooms, Conversation(place=Place(platform="local", id="general"))) == frozenset()


async def test_what_is_told_to_one_person_is_what_they_may_read(community: Community, running: Bench) -> None:
    guild, ada, us = community.guild, community.ada, community.server.bot.id
    staff = guild.add_role("staff")
    office = guild.add_text_channel("office", overwrites=hidden(guild, staff.id, us))
    thread = community.channel.add_thread("secret", community.server.bot, private=True, members=[ada])
    await known(running, office, thread)
    rights = running.platform.rights
    rooms = [room(each) for each in (community.channel, office, thread)]

    async def open_to(who: int) -> frozenset[str] | None:
        return await rights.open_to(rooms, rights.alone(f"discord:{who}", place(community.channel)))

    assert await open_to(ada.id) == {room(community.channel), room(thread)}
    assert await open_to(community.grace.id) == {room(community.channel)}
    assert await open_to(12345) == frozenset(), "nobody in this server"
    guild.set_roles(ada, staff)
    later(running)
    assert await open_to(ada.id) == set(rooms)
    direct = Conversation(place=place(community.server.dm(ada)))
    assert await rights.open_to([*rooms, direct.place.key], direct) == {*rooms, direct.place.key}


async def test_what_cannot_be_found_out_now_is_not_said_to_be_closed(
    community: Community, running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "ASK_SECONDS", 0.2)
    rights, rooms = running.platform.rights, [room(community.channel)]
    alone = rights.alone(f"discord:{community.ada.id}", place(community.channel))
    running.server.fail_next(MEMBER, status=500, times=1000)
    assert await rights.open_to(rooms, alone) is None
    running.server.faults.faults.clear()
    assert await rights.open_to(rooms, alone) == set(rooms)
    community.server.world.set_availability(community.guild, available=False)
    client = cache(running)
    await running.server.wait_for(lambda: (found := client.get_guild(community.guild.id)) is None or found.unavailable)
    for talk in (alone, Conversation(place=place(community.channel))):
        assert await rights.open_to(rooms, talk) is None
    assert await rights.standing(place(community.channel)) is Standing.UNKNOWN


async def test_categories_forums_and_threads_are_found_and_stand_for_their_channels_of_now(
    community: Community, running: Bench
) -> None:
    guild, here = community.guild, place(community.channel)
    category = guild.add_category("Harbour")
    pier = guild.add_text_channel("pier", category=category)
    forum = guild.add_forum("plans", category=category)
    await known(running, category, pier, forum)
    rights = running.platform.rights
    (found,) = await rights.grounds("harbour", here)
    assert (found.kind, found.place.name) == (GroundKind.CATEGORY, "Harbour")
    assert {each.id for each in rights.within(found)} == {str(pier.id), str(forum.id)}
    crane = guild.add_text_channel("crane", category=category)
    pier.delete()
    await known(running, crane)
    await running.server.wait_for(lambda: cache(running).get_channel(pier.id) is None)
    assert {each.id for each in rights.within(found)} == {str(forum.id), str(crane.id)}
    (of_forum,) = await rights.grounds(f"<#{forum.id}>", here)
    assert of_forum.kind is GroundKind.FORUM
    assert [each.key for each in rights.within(of_forum)] == [room(forum)]
    assert list(rights.within(Ground(place=place(pier)))) == []
    assert list(await rights.grounds("pier", here)) == []
    assert list(await rights.grounds("  ", here)) == []


async def test_a_forum_of_a_thousand_threads_is_one_room(community: Community, running: Bench) -> None:
    forum = community.guild.add_forum("plans")
    threads = [forum.add_thread(f"plan {number}", community.ada) for number in range(1000)]
    await known(running, forum, threads[-1])
    rights = running.platform.rights
    (found,) = await rights.grounds("plans", place(community.channel))
    rooms = {each.room for each in rights.within(found)}
    assert rooms == {room(forum)}
    seen = place_of(cache(running).get_channel(threads[-1].id))
    assert seen.room == room(forum)
    assert await rights.open_to(rooms, Conversation(place=place(community.channel))) == rooms


async def test_an_archived_open_thread_is_still_there_and_a_deleted_one_is_not(
    community: Community, running: Bench
) -> None:
    rights, quay = running.platform.rights, community.channel
    thread = quay.add_thread("boats", community.grace)
    await known(running, thread)
    kept = Place(
        platform="discord",
        id=str(thread.id),
        kind=PlaceKind.THREAD,
        guild=str(community.guild.id),
        parent=str(quay.id),
        open=True,
    )
    assert await rights.standing(kept) is Standing.OPEN
    thread.archive()
    await running.server.wait_for(lambda: cache(running).get_channel(thread.id) is None)
    assert [each.key for each in rights.within(Ground(place=kept, kind=GroundKind.THREAD))] == [kept.key]
    assert await rights.standing(kept) is Standing.OPEN
    thread.delete()
    later(running)
    assert await rights.standing(kept) is Standing.GONE


async def test_where_we_may_not_write_is_barred_and_what_is_deleted_is_gone(
    community: Community, running: Bench
) -> None:
    guild, us = community.guild, community.server.bot.id
    silent = guild.add_text_channel("silent", overwrites={us: Overwrite(deny=Permission.SEND_MESSAGES)})
    forum = guild.add_forum("plans")
    await known(running, silent, forum)
    rights = running.platform.rights
    assert await rights.standing(place(community.channel)) is Standing.OPEN
    assert await rights.standing(place(silent)) is Standing.BARRED
    assert await rights.standing(place(forum)) is Standing.BARRED
    assert await rights.standing(place(forum), posts=True) is Standing.OPEN
    assert await rights.standing(place(community.channel), posts=True) is Standing.BARRED
    forum.overwrite(community.server.bot, deny=Permission.SEND_MESSAGES)
    await running.server.wait_for(lambda: bool(cache(running).get_channel(forum.id).overwrites))
    assert await rights.standing(place(forum), posts=True) is Standing.BARRED
    silent.delete()
    await running.server.wait_for(lambda: cache(running).get_channel(silent.id) is None)
    assert await rights.standing(place(silent)) is Standing.GONE


async def test_it_is_known_whether_everything_that_was_said_has_been_heard(running: Bench) -> None:
    await running.server.wait_for(lambda: running.platform.rights.heard)


async def test_posts_that_need_a_tag_can_be_made_where_there_is_one_that_we_may_use(
    community: Community, running: Bench
) -> None:
    guild, forum = community.guild, community.guild.add_forum("help", requires_tag=True)
    await known(running, forum)
    rights, here, shapes = running.platform.rights, place(forum), running.platform.shapes

    async def posts() -> bool:
        return await rights.standing(here, posts=True) is Standing.OPEN and not shapes.lacks_tag(here)

    assert not await posts()
    forum.add_tag("Solved", moderated=True)
    guild.set_role(guild.bot_role, guild.bot_role.permissions | Permission.MANAGE_THREADS)
    await running.server.wait_for(lambda: not shapes.lacks_tag(here))
    assert await posts()
    guild.set_role(guild.bot_role, guild.bot_role.permissions & ~Permission.MANAGE_THREADS)
    await running.server.wait_for(lambda: shapes.lacks_tag(here))
    assert not await posts()
    forum.add_tag("Bug")
    await running.server.wait_for(lambda: not shapes.lacks_tag(here))
    assert await posts()
