"""Threads that are opened for questions, on the loopback: once for a message, and only where we may."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.opening import NAME_UNITS, named
from bot.ports.threads import MessageGone
from bot.talk.event import Said
from tests.discord_server.permissions import Permission
from tests.platforms.discord.bench import Bench, bench
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_rights import known, person, place


@pytest.fixture
async def running(community: Community) -> AsyncGenerator[Bench]:
    async with bench(community.server) as joined:
        yield joined


async def test_a_message_has_one_thread_with_its_id_however_often_it_is_asked_for(
    community: Community, running: Bench
) -> None:
    threads = running.platform.threads
    shown = await community.server.say(community.channel, community.ada, "it sinks")
    message = (await running.ears.one(Said, lambda event: event.message.text == "it sinks")).message
    assert threads.can_open(message.place) is True
    opened = await threads.open(message, name="It sinks")
    assert opened is not None
    assert (opened.id, opened.parent, opened.room) == (message.id, message.place.id, message.place.key)
    again = await threads.open(message, name="Another name")
    assert again == replace(opened, name="Another name")
    assert shown.thread is not None
    assert (shown.thread.name, shown.thread.auto_archive_minutes) == ("It sinks", 4320)
    assert len([each for each in community.guild.channels.values() if each.is_thread]) == 1


async def test_where_we_may_not_open_threads_that_is_known_and_refused(community: Community, running: Bench) -> None:
    closed = community.guild.add_text_channel("closed")
    closed.overwrite(community.server.bot, deny=Permission.CREATE_PUBLIC_THREADS)
    forum = community.guild.add_forum("forum")
    await known(running, closed, forum)
    threads = running.platform.threads
    await community.server.wait_for(lambda: threads.can_open(place(closed)) is False)
    assert threads.can_open(place(forum)) is False
    await community.server.say(closed, community.ada, "it sinks")
    message = (await running.ears.one(Said, lambda event: event.message.text == "it sinks")).message
    assert await threads.open(message, name="It sinks") is None


@pytest.mark.parametrize("open_already", [False, True])
async def test_a_message_that_is_gone_has_no_thread_also_where_one_was_opened_from_it(
    community: Community, running: Bench, *, open_already: bool
) -> None:
    threads = running.platform.threads
    shown = await community.server.say(community.channel, community.ada, "it sinks")
    message = (await running.ears.one(Said, lambda event: event.message.text == "it sinks")).message
    if open_already:
        assert await threads.open(message, name="It sinks") is not None
    await community.server.delete(shown)
    with pytest.raises(MessageGone):
        await threads.open(message, name="It sinks")


async def test_the_tags_of_a_thread_are_known_also_where_it_is_archived_and_those_of_no_thread_are_not(
    community: Community, running: Bench
) -> None:
    forum = community.guild.add_forum("forum")
    mac = forum.add_tag("mac")
    await known(running, forum)
    post = forum.add_thread("it sinks", community.ada)
    post.tag(mac)
    threads, thread = running.platform.threads, place(post)
    await community.server.wait_for(lambda: threads.thread(thread) is not None)
    assert set(await threads.tags_of(thread) or ()) == {str(mac)}
    post.archive()
    await community.server.wait_for(lambda: threads.thread(thread) is None)
    assert set(await threads.tags_of(thread) or ()) == {str(mac)}
    post.delete()
    assert await threads.tags_of(thread) is None


async def test_whom_a_message_names_is_told_with_it_but_not_that_it_names_us(
    community: Community, running: Bench
) -> None:
    grace, us = community.grace.id, community.server.bot.id
    await community.server.say(community.channel, community.ada, f"<@{grace}> and <@{us}> look")
    event = await running.ears.one(Said, lambda event: "look" in event.message.text)
    assert event.message.named == {person(community.grace).key}


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.strip()))
def test_a_name_fits_whatever_it_is_made_of_and_says_that_it_was_cut(words: str) -> None:
    name = named(words)
    assert len(name.encode("utf-16-le", "surrogatepass")) // 2 <= NAME_UNITS
    assert name == words or (name.endswith("…") and words.startswith(name[:-1]))


def test_a_name_is_cut_between_words_and_never_within_what_people_see_as_one_character() -> None:
    assert named("word " * 40) == "word " * 19 + "word…"
    assert named("字" * 200) == "字" * 99 + "…"
    family = "👨\u200d👩\u200d👧"
    assert named(family * 40).removesuffix("…") == family * 12
