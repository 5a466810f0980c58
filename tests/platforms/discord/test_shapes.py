"""How threads are changed on the loopback Discord, and what it tells of that."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import discord
import pytest

from bot.errors import PlaceGone, PlatformUnavailable
from bot.platforms.discord import archived
from bot.talk.event import CaughtUp, Said, ThreadChanged
from bot.talk.shape import Part, Tag
from tests.discord_server import Permission
from tests.platforms.discord.bench import Bench, bench
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_rights import cache, known, person, place


@pytest.fixture
async def running(community: Community) -> AsyncGenerator[Bench]:
    async with bench(community.server) as joined:
        yield joined


async def test_a_thread_of_ours_is_changed_without_any_right_but_not_locked(
    community: Community, running: Bench
) -> None:
    forum = community.guild.add_forum("help")
    solved, bug = forum.add_tag("Solved", emoji="✅", moderated=True), forum.add_tag("Bug")
    ours = forum.add_thread("Ours", community.server.bot)
    await known(running, forum, ours)
    shapes = running.platform.shapes
    assert shapes.tags(place(forum))[0] == Tag(id=str(solved), name="Solved", emoji="✅", moderated=True)
    assert shapes.may_shape(place(forum)) is False
    tags = frozenset({str(solved), str(bug)})
    wanted = {Part.TITLE: "Nia", Part.TAGS: tags, Part.LOCKED: True, Part.ARCHIVED: True}
    made = await shapes.reshape(place(ours), wanted)
    assert made == {Part.TITLE: "Nia", Part.TAGS: frozenset({str(bug)}), Part.ARCHIVED: True}
    assert (ours.name, ours.applied_tags, ours.archived, ours.locked) == ("Nia", {bug}, True, False)
    event = await running.ears.one(ThreadChanged)
    assert event.shape is not None
    assert (event.shape.title, event.shape.ours, event.shape.opener) == ("Nia", True, "")
    community.guild.set_role(community.guild.bot_role, community.guild.bot_role.permissions | Permission.MANAGE_THREADS)
    await community.server.wait_for(lambda: shapes.may_shape(place(forum)) is True)
    assert await shapes.reshape(place(ours), {Part.ARCHIVED: False, Part.LOCKED: True, Part.TAGS: tags})
    assert (ours.archived, ours.locked, ours.applied_tags) == (False, True, {solved, bug})


async def test_where_posts_need_a_tag_the_last_one_stays(community: Community, running: Bench) -> None:
    forum = community.guild.add_forum("help", requires_tag=True)
    solved, bug = forum.add_tag("Solved", moderated=True), forum.add_tag("Bug")
    ours = forum.add_thread("Ours", community.server.bot)
    ours.tag(bug)
    await known(running, forum, ours)
    await running.ears.one(ThreadChanged)
    shapes = running.platform.shapes
    for unfit in (frozenset[str](), frozenset({str(solved)})):
        made = await shapes.reshape(place(ours), {Part.TITLE: f"Nia {len(unfit)}", Part.TAGS: unfit})
        assert made == {Part.TITLE: f"Nia {len(unfit)}"}
    assert (ours.name, ours.applied_tags) == ("Nia 1", {bug})


async def test_a_thread_of_somebody_else_is_not_changed_without_the_right(community: Community, running: Bench) -> None:
    theirs = community.channel.add_thread("Theirs", community.ada)
    await known(running, theirs)
    shape = running.platform.shapes.shape(place(theirs))
    assert shape is not None
    assert (shape.title, shape.ours, shape.opener) == ("Theirs", False, person(community.ada).key)
    assert [each.id for each in running.platform.shapes.active(place(community.channel))] == [str(theirs.id)]
    with pytest.raises(PlaceGone) as raised:
        await running.platform.shapes.reshape(place(theirs), {Part.ARCHIVED: True})
    assert raised.value.barred
    assert not theirs.archived


async def test_a_third_title_in_ten_minutes_is_to_wait_and_the_rest_is_not(
    community: Community, running: Bench
) -> None:
    ours = community.channel.add_thread("Ours", community.server.bot)
    await known(running, ours)
    shapes = running.platform.shapes
    for title in ("one", "two"):
        await shapes.reshape(place(ours), {Part.TITLE: title})
    with pytest.raises(PlatformUnavailable) as raised:
        await shapes.reshape(place(ours), {Part.TITLE: "three"})
    assert (raised.value.retry_after or 0) > 500
    await shapes.reshape(place(ours), {Part.ARCHIVED: True})
    assert (ours.name, ours.archived) == ("two", True)


async def test_a_thread_that_was_archived_before_we_are_told_is_to_be_changed_again(
    community: Community, running: Bench
) -> None:
    ours = community.channel.add_thread("Ours", community.server.bot)
    await known(running, ours)
    ours.archived = True
    with pytest.raises(PlatformUnavailable):
        await running.platform.shapes.reshape(place(ours), {Part.TITLE: "one"})
    assert await running.platform.shapes.reshape(place(ours), {Part.ARCHIVED: True}) == {Part.ARCHIVED: True}
    await running.platform.shapes.reshape(place(ours), {Part.TITLE: "one", Part.ARCHIVED: False})
    assert (ours.name, ours.archived) == ("one", False)


async def test_a_private_thread_that_is_not_known_is_not_open(community: Community, running: Bench) -> None:
    secret = community.channel.add_thread("secret", community.ada, private=True, members=[community.server.bot])
    await known(running, secret)
    secret.archive()
    community.server.world.archive(secret, archived=True, locked=True)
    event = await running.ears.one(ThreadChanged, lambda event: event.shape is not None and event.shape.locked)
    assert not event.place.open


async def test_a_new_title_is_told_and_discords_note_of_it_is_nobodys_message(
    community: Community, running: Bench
) -> None:
    theirs = community.channel.add_thread("Theirs", community.ada)
    await known(running, theirs)
    theirs.rename("Ours", community.ada)
    event = await running.ears.one(ThreadChanged)
    assert event.shape is not None
    assert event.shape.title == "Ours"
    await community.server.say(theirs, community.ada, "hm")
    heard = await running.ears.one(Said)
    assert heard.message.text == "hm"
    assert len(running.ears.all(Said)) == 1


@pytest.mark.parametrize("page", [1, 100])
async def test_open_threads_that_were_archived_since_are_found_however_many_pages_that_takes(
    community: Community, running: Bench, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archived, "PAGE", page)
    clock, channel = community.clock, community.channel
    threads = [channel.add_thread(f"Leak {number}", community.ada) for number in range(4)]
    secret = channel.add_thread("Secret", community.ada, private=True, members=[community.server.bot])
    await known(running, *threads, secret)
    shapes = running.platform.shapes
    for each in threads[:2]:
        clock.advance(60)
        each.archive()
    clock.advance(60)
    since = clock.now()
    for each in (threads[2], secret):
        each.archive(locked=True)
        clock.advance(60)
    threads[0].rename("Mended", community.ada)
    threads[0].archive()
    found = {each.id: shape for each, shape in (await shapes.archived(place(channel), since=since)).items()}
    assert {ident: (each.title, each.locked, each.archived) for ident, each in found.items()} == {
        str(threads[0].id): ("Mended", False, True),
        str(threads[2].id): ("Leak 2", True, True),
    }


async def test_what_was_archived_in_an_outage_of_the_server_is_not_active_after_it(
    community: Community, running: Bench
) -> None:
    gone, left = (community.channel.add_thread(title, community.ada) for title in ("Mended", "Leak"))
    await known(running, gone, left)
    server, shapes, here = community.server, running.platform.shapes, place(community.channel)
    await running.ears.one(CaughtUp)
    server.world.set_availability(community.guild, available=False)
    gone.archive()
    server.world.set_availability(community.guild, available=True)
    await running.ears.one(CaughtUp, lambda _: len(running.ears.all(CaughtUp)) > 1)
    since = running.ears.all(CaughtUp)[-1].since
    assert [each.id for each in shapes.active(here)] == [str(left.id)]
    assert since is not None
    assert [each.id for each in await shapes.archived(here, since=since)] == [str(gone.id)]


async def test_of_archived_threads_no_more_than_some_pages_are_looked_through(
    community: Community, running: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archived, "PAGE", 1)
    since = community.clock.now()
    for number in range(archived.PAGES + 2):
        community.clock.advance(1)
        community.channel.add_thread(f"Leak {number}", community.ada).archive()
    await known(running, community.channel)
    found = await running.platform.shapes.archived(place(community.channel), since=since)
    assert len(found) == archived.PAGES


async def test_threads_of_a_channel_that_we_cannot_read_are_not_asked_for(community: Community, running: Bench) -> None:
    guild = community.guild
    community.channel.overwrite(guild.bot_role, deny=Permission.READ_MESSAGE_HISTORY)
    shapes, here = running.platform.shapes, place(community.channel)
    found = cache(running).get_channel(community.channel.id)
    assert isinstance(found, discord.TextChannel)
    await running.server.wait_for(lambda: not found.permissions_for(found.guild.me).read_message_history)
    community.server.fail_next("GET /channels/*/threads/archived/public", status=403, times=1)
    assert await shapes.archived(here, since=community.clock.now()) == {}
