"""What a support channel asks of Discord: threads, tags, roles, who reads what, who is typing; on the loopback."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from bot.talk.event import ThreadChanged, Typing
from tests.discord_server.permissions import Permission
from tests.platforms.discord.bench import Bench, bench
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_rights import cache, hidden, known, person, place


@pytest.fixture
async def running(community: Community) -> AsyncGenerator[Bench]:
    async with bench(community.server) as joined:
        yield joined


async def test_a_post_is_known_by_its_opener_and_its_tags_whatever_they_are_called(
    community: Community, running: Bench
) -> None:
    forum = community.guild.add_forum("help")
    solved = forum.add_tag("Solved")
    thread = forum.add_thread("It sinks", community.ada)
    ours = forum.add_thread("Ours", community.server.bot)
    await known(running, forum, thread, ours)
    threads = running.platform.threads
    now = threads.thread(place(thread))
    assert now is not None
    assert now.opened_at is not None
    assert (now.opener, now.tags, now.closed, now.forum) == (person(community.ada).key, frozenset(), False, True)
    own = threads.thread(place(ours))
    assert own is not None
    assert own.opener == ""
    assert threads.is_forum(place(forum))
    assert not threads.is_forum(place(community.channel))
    assert threads.tags(place(community.channel)) == {}
    thread.tag(solved)
    event = await running.ears.one(ThreadChanged)
    assert event.place.key == place(thread).key
    assert event.now.tags == {str(solved)}
    forum.rename_tag(solved, "Erledigt")
    await community.server.wait_for(lambda: threads.tags(place(forum)) == {str(solved): "Erledigt"})
    now = threads.thread(place(thread))
    assert now is not None
    assert now.tags == {str(solved)}


async def test_that_a_thread_was_archived_is_told_also_of_one_that_is_not_known(
    community: Community, running: Bench
) -> None:
    thread = community.channel.add_thread("old", community.ada)
    await known(running, thread)
    thread.archive(locked=True)
    event = await running.ears.one(ThreadChanged)
    assert event.now.closed
    assert running.platform.threads.thread(place(thread)) is None
    community.server.world.archive(thread, archived=False, locked=False)
    again = await running.ears.one(ThreadChanged, lambda event: not event.now.closed)
    assert (again.place.key, again.place.name) == (place(thread).key, "old")
    assert again.place.channel is not None
    assert again.place.channel.key == place(community.channel).key


async def test_who_is_typing_is_told_but_not_that_we_are(community: Community, running: Bench) -> None:
    await running.platform.typing(place(community.channel))
    await community.server.type(community.channel, community.ada)
    event = await running.ears.one(Typing)
    assert (event.place.key, event.person) == (place(community.channel).key, person(community.ada).key)


async def test_where_we_can_answer_depends_on_what_we_may_do_there(community: Community, running: Bench) -> None:
    guild, us = community.guild, community.server.bot
    forum, quiet = guild.add_forum("help"), guild.add_forum("quiet")
    quiet.overwrite(us, deny=Permission.SEND_MESSAGES_IN_THREADS)
    silent = guild.add_text_channel("silent")
    silent.overwrite(us, deny=Permission.SEND_MESSAGES)
    await known(running, forum, quiet, silent)
    threads = running.platform.threads
    await community.server.wait_for(lambda: threads.can_answer(place(silent)) is False)
    assert threads.can_answer(place(forum)) is True
    assert threads.can_write_in_threads(place(forum)) is True
    assert threads.can_write_in_threads(place(quiet)) is False
    assert threads.can_answer(place(community.channel)) is True
    silent.delete()
    await community.server.wait_for(lambda: cache(running).get_channel(silent.id) is None)
    assert threads.can_answer(place(silent)) is None
    assert threads.can_write_in_threads(place(silent)) is None


async def test_a_place_is_only_for_staff_where_no_other_role_and_nobody_by_name_reads_it(
    community: Community, running: Bench
) -> None:
    guild, us = community.guild, community.server.bot.id
    staff, guests = guild.add_role("staff"), guild.add_role("guests")
    bosses = guild.add_role("bosses", Permission.MANAGE_MESSAGES)
    office = guild.add_text_channel("office", overwrites=hidden(guild, staff.id, bosses.id, us))
    shared = guild.add_text_channel("shared", overwrites=hidden(guild, staff.id, guests.id, us))
    named = guild.add_text_channel("named", overwrites=hidden(guild, staff.id, us))
    named.overwrite(community.grace, allow=Permission.VIEW_CHANNEL)
    await known(running, office, shared, named)
    threads, here = running.platform.threads, place(community.channel)
    await community.server.wait_for(lambda: threads.others_read(place(named), here, [str(staff.id)]) is True)
    assert threads.roles(here).items() >= {(str(staff.id), "staff"), (str(guests.id), "guests")}
    assert str(guild.id) not in threads.roles(here), "everyone has it"
    assert threads.others_read(place(office), here, [str(staff.id)]) is False
    assert threads.others_read(place(office), here, []) is True
    assert threads.others_read(place(shared), here, [str(staff.id)]) is True
    assert threads.others_read(here, here, [str(staff.id)]) is True
    community.server.world.set_availability(guild, available=False)
    await community.server.wait_for(lambda: threads.others_read(place(office), here, []) is None)


async def test_without_the_message_content_intent_it_is_known_that_we_are_not_told(community: Community) -> None:
    async with bench(community.server, message_content=False) as joined:
        assert not joined.platform.threads.hears
