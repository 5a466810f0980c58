"""Who may read what, on the loopback Discord: as its roles, overwrites, members and threads are at the moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from bot.platforms.discord import members
from bot.platforms.discord.read import place_of
from bot.talk.message import Conversation, Person, Place, PlaceKind
from bot.talk.reach import NOWHERE
from tests.discord_server import Channel, Guild, User
from tests.discord_server.permissions import Overwrite, Permission
from tests.platforms.discord.bench import Bench, bench
from tests.platforms.discord.conftest import Community

SEE = Permission.VIEW_CHANNEL
MEMBER = "GET /guilds/*/members/*"


@pytest.fixture
async def running(community: Community) -> AsyncGenerator[Bench]:
    async with bench(community.server) as joined:
        yield joined


def place(channel: Channel) -> Place:
    parent = None if channel.parent is None or not channel.is_thread else str(channel.parent.id)
    guild = None if channel.guild is None else str(channel.guild.id)
    kind = PlaceKind.THREAD if parent else PlaceKind.DIRECT if guild is None else PlaceKind.CHANNEL
    return Place(platform="discord", id=str(channel.id), kind=kind, guild=guild, parent=parent)


def person(user: User) -> Person:
    return Person(platform="discord", id=str(user.id), name=user.name)


def room(channel: Channel) -> str:
    return f"discord:{channel.id}"


def later(joined: Bench) -> None:
    """After what was asked of Discord counts no longer."""
    joined.clock.ahead += members.FRESH_SECONDS + 1


def cache(joined: Bench) -> Any:
    """discord.py's, to see what Discord has told by now."""
    return cast("Any", joined.platform)._client


async def known(joined: Bench, *channels: Channel) -> None:
    """Discord has told of these channels."""
    client = cache(joined)
    await joined.server.wait_for(lambda: all(client.get_channel(each.id) is not None for each in channels))


def hidden(guild: Guild, *for_whom: int) -> dict[int, Overwrite]:
    return {guild.id: Overwrite(deny=SEE), **{each: Overwrite(allow=SEE) for each in for_whom}}


async def test_an_answer_is_made_of_what_everyone_who_reads_it_may_read(community: Community, running: Bench) -> None:
    guild, ada = community.guild, community.ada
    staff = guild.add_role("staff")
    guild.set_roles(ada, staff)
    lounge = guild.add_text_channel("lounge")
    office = guild.add_text_channel("office", overwrites=hidden(guild, staff.id, community.server.bot.id))
    await known(running, lounge, office)
    rights = running.platform.rights
    reach = await rights.reach(person(ada), Conversation(place=place(community.channel)))
    assert {room(community.channel), room(lounge)} <= reach.here
    assert room(office) not in reach.here
    assert room(office) in reach.alone
    assert reach.more_alone
    among_staff = await rights.reach(person(ada), Conversation(place=place(office)))
    assert {room(office), room(lounge)} <= among_staff.here
    only = Conversation(place=place(community.channel), only=f"discord:{ada.id}")
    assert room(office) in (await rights.reach(person(ada), only)).here
    assert (await rights.reach(person(community.grace), only)).here == frozenset()


async def test_a_right_that_is_taken_away_between_two_questions_counts_no_more(
    community: Community, running: Bench
) -> None:
    guild, ada = community.guild, community.ada
    staff = guild.add_role("staff")
    guild.set_roles(ada, staff)
    office = guild.add_text_channel("office", overwrites=hidden(guild, staff.id, community.server.bot.id))
    await known(running, office)
    rights, talk = running.platform.rights, Conversation(place=place(office))
    assert room(office) in (await rights.reach(person(ada), talk)).here
    guild.set_roles(ada)
    later(running)
    assert await rights.reach(person(ada), talk) == (await rights.reach(person(community.grace), talk))
    assert room(office) not in (await rights.reach(person(ada), talk)).alone
    assert not await rights.may_read(f"discord:{ada.id}", place(office))


async def test_a_channel_that_is_hidden_counts_as_soon_as_discord_tells(community: Community, running: Bench) -> None:
    guild, ada = community.guild, community.ada
    lounge = guild.add_text_channel("lounge")
    await known(running, lounge)
    rights, talk = running.platform.rights, Conversation(place=place(community.channel))
    assert room(lounge) in (await rights.reach(person(ada), talk)).here
    before = rights.audience(Conversation(place=place(lounge)))
    lounge.overwrite(guild.everyone, deny=SEE)
    lounge.overwrite(ada, allow=SEE)
    client = cache(running)
    await running.server.wait_for(lambda: len(client.get_channel(lounge.id).overwrites) == 2)
    reach = await rights.reach(person(ada), talk)
    assert room(lounge) not in reach.here
    assert room(lounge) in reach.alone
    assert rights.audience(Conversation(place=place(lounge))) not in ("", before)


async def test_nothing_is_allowed_while_discord_does_not_say_who_somebody_is(
    community: Community, running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "ASK_SECONDS", 0.2)  # the library tries a failure of Discord again
    ada, talk = person(community.ada), Conversation(place=place(community.channel))
    rights = running.platform.rights
    for status in (500, 403, 404):
        running.server.fail_next(MEMBER, status=status, times=1000)
        assert await rights.reach(ada, talk) == NOWHERE
        assert not await rights.may_read(ada.key, talk.place)
        assert not await rights.moderates(ada.key, talk.place)
        running.server.faults.faults.clear()
        later(running)
    assert (await rights.reach(ada, talk)).here, "it works again"


async def test_an_answer_that_hangs_is_not_waited_for_for_long(
    community: Community, running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "ASK_SECONDS", 0.05)
    gate = running.server.hold_next(MEMBER)
    assert (
        await running.platform.rights.reach(person(community.ada), Conversation(place=place(community.channel)))
        == NOWHERE
    )
    gate.released.set()


async def test_somebody_who_is_not_in_the_server_may_read_nothing_there(community: Community, running: Bench) -> None:
    mallory = community.server.add_user("Mallory")
    talk = Conversation(place=place(community.channel))
    assert await running.platform.rights.reach(person(mallory), talk) == NOWHERE


async def test_a_server_in_an_outage_allows_nothing_and_has_an_unknown_audience(
    community: Community, running: Bench
) -> None:
    rights, talk = running.platform.rights, Conversation(place=place(community.channel))
    assert rights.audience(talk)
    community.server.world.set_availability(community.guild, available=False)
    client = cache(running)
    await running.server.wait_for(lambda: (found := client.get_guild(community.guild.id)) is None or found.unavailable)
    assert await rights.reach(person(community.ada), talk) == NOWHERE
    assert rights.audience(talk) == ""


async def test_a_direct_message_reads_all_that_the_person_may_in_the_servers_that_they_share(
    community: Community, running: Bench
) -> None:
    ada, server = community.ada, community.server
    other, foreign = server.add_guild("island"), server.add_guild("reef")
    other.add_member(ada)
    beach, reef = other.add_text_channel("beach"), foreign.add_text_channel("deep")
    await known(running, beach, reef)
    direct = place(server.dm(ada))
    reach = await running.platform.rights.reach(person(ada), Conversation(place=direct))
    assert {direct.room, room(community.channel), room(beach)} <= reach.here
    assert room(reef) not in reach.alone
    elsewhere = await running.platform.rights.reach(person(ada), Conversation(place=place(community.channel)))
    assert room(beach) not in elsewhere.here


async def test_direct_messages_are_read_and_run_by_who_writes_them(community: Community, running: Bench) -> None:
    ada, grace, server = community.ada, community.grace, community.server
    direct = server.dm(ada)
    await server.say(direct, ada, "hello")
    await running.ears.said("hello")
    rights, where = running.platform.rights, place(direct)
    for may in (rights.may_read, rights.moderates):
        assert await may(f"discord:{ada.id}", where)
        assert not await may(f"discord:{grace.id}", where)
    assert where.room in (await rights.reach(person(ada), Conversation(place=where))).here
    assert await rights.reach(person(grace), Conversation(place=where)) == NOWHERE


async def test_a_private_thread_is_for_who_is_in_it(community: Community, running: Bench) -> None:
    ada, grace, quay = community.ada, community.grace, community.channel
    thread = quay.add_thread("secret", community.server.bot, private=True, members=[ada])
    client = cache(running)
    guild = client.get_guild(community.guild.id)
    await running.server.wait_for(lambda: guild.get_thread(thread.id) is not None)
    rights = running.platform.rights
    inside = await rights.reach(person(ada), Conversation(place=place(thread)))
    assert {room(thread), room(quay)} <= inside.here
    assert room(thread) not in (await rights.reach(person(ada), Conversation(place=place(quay)))).here
    private = await rights.reach(person(ada), Conversation(place=place(quay), only=f"discord:{ada.id}"))
    assert room(thread) in private.here
    outside = await rights.reach(person(grace), Conversation(place=place(thread)))
    assert outside.here == frozenset()
    direct = Conversation(place=place(community.server.dm(grace)))
    assert room(thread) not in (await rights.reach(person(grace), direct)).here
    community.server.world.set_thread_member(thread, ada, joined=False)
    later(running)
    assert not await rights.may_read(f"discord:{ada.id}", place(thread))


async def test_an_open_thread_is_read_with_its_channel(community: Community, running: Bench) -> None:
    quay = community.channel
    thread = quay.add_thread("boats", community.grace)
    client = cache(running)
    guild = client.get_guild(community.guild.id)
    await running.server.wait_for(lambda: guild.get_thread(thread.id) is not None)
    seen = place_of(guild.get_thread(thread.id))
    assert seen.open
    assert seen.room == room(quay)
    reach = await running.platform.rights.reach(person(community.ada), Conversation(place=seen))
    assert reach.covers(seen)
    assert reach.covers(place(quay))


async def test_roles_moderators_names_and_links_are_those_of_discord(community: Community, running: Bench) -> None:
    guild, ada, quay = community.guild, community.ada, community.channel
    keeper = guild.add_role("keeper", Permission.MANAGE_MESSAGES)
    guild.set_roles(ada, keeper)
    await known(running, quay)
    rights, where = running.platform.rights, place(quay)
    assert await rights.roles(f"discord:{ada.id}", where) == {str(keeper.id), str(guild.id)}
    assert await rights.roles(f"discord:{community.grace.id}", where) == {str(guild.id)}
    assert await rights.moderates(f"discord:{ada.id}", where)
    assert not await rights.moderates(f"discord:{community.grace.id}", where)
    for words in ("#quay", "Quay", f"<#{quay.id}>", str(quay.id)):
        assert [each.id for each in rights.named(words, where)] == [str(quay.id)]
    assert list(rights.named("#nowhere", where)) == []
    assert rights.link(where, "7") == f"https://discord.com/channels/{guild.id}/{quay.id}/7"
    direct = place(community.server.dm(ada))
    assert rights.link(direct, "7") == f"https://discord.com/channels/@me/{direct.id}/7"


async def test_who_manages_one_channel_does_not_manage_the_server(community: Community, running: Bench) -> None:
    guild, ada, grace = community.guild, community.ada, community.grace
    community.channel.overwrite(ada, allow=Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES)
    guild.set_roles(grace, guild.add_role("captain", Permission.MANAGE_GUILD))
    await known(running, community.channel)
    rights, where = running.platform.rights, place(community.channel)
    assert await rights.moderates(f"discord:{ada.id}", where)
    assert not await rights.governs(f"discord:{ada.id}", where)
    assert await rights.governs(f"discord:{grace.id}", where)
    assert not await rights.governs("local:ana", where)


async def test_what_is_no_place_or_person_of_discord_may_read_nothing(community: Community, running: Bench) -> None:
    rights, talk = running.platform.rights, Conversation(place=place(community.channel))
    stranger = Person(platform="local", id="ana", name="Ana")
    assert await rights.reach(stranger, talk) == NOWHERE
    odd = Place(platform="discord", id="quay", guild="harbour")
    assert await rights.reach(person(community.ada), Conversation(place=odd)) == NOWHERE
    assert not await rights.may_read(f"discord:{community.ada.id}", odd)
    assert rights.audience(Conversation(place=odd)) == ""


async def test_a_poll_is_only_for_whom_the_place_lets_send_one(community: Community, running: Bench) -> None:
    guild, ada, grace = community.guild, community.ada, community.grace
    quiet = {ada.id: Overwrite(deny=Permission.SEND_POLLS), grace.id: Overwrite(deny=Permission.SEND_MESSAGES)}
    square, stage = guild.add_text_channel("square"), guild.add_text_channel("stage", overwrites=quiet)
    closed = guild.add_text_channel("closed", overwrites=hidden(guild, community.server.bot.id))
    await known(running, square, stage, closed)
    rights = running.platform.rights
    for user in (ada, grace):
        assert await rights.may_poll(f"discord:{user.id}", place(square))
        assert not await rights.may_poll(f"discord:{user.id}", place(stage))
        assert not await rights.may_poll(f"discord:{user.id}", place(closed))
    assert not await rights.may_poll("discord:1", place(square))
    assert not await rights.may_poll(f"discord:{ada.id}", Place(platform="discord", id="5", kind=PlaceKind.DIRECT))
