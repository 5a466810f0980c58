"""What goes on for long: outages, channels that cannot be read, messages that are lost, shards that come one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import discord
import pytest

from bot.errors import DatabaseUnusable
from bot.platforms.discord import readers, starts
from bot.platforms.discord.catchup import EDITS_AGAIN
from bot.platforms.discord.reading import REACH
from bot.platforms.discord.watermark import FACT, QUIET_SECONDS
from bot.storage.expiry import TOMBSTONE
from bot.talk.event import CaughtUp, Edited, Event, Said
from bot.talk.message import Place, PlaceKind
from tests.discord_server import Channel
from tests.discord_server.session import Session
from tests.platforms.discord.away import AWAY, back, kept, lived, texts
from tests.platforms.discord.bench import WITHIN, Bench, Facts, bench
from tests.platforms.discord.conftest import Community


def marked(facts: Facts) -> int:
    return int(facts.kept[FACT].partition(" ")[2])


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():  # noqa: ASYNC110 (what is asked tells nobody)
            await asyncio.sleep(0.01)


async def mark_passes(b: Bench, facts: Facts, message: int) -> None:
    """Nobody writes any more: a mark that was just written down is written down again only after `QUIET_SECONDS`."""

    def passed() -> bool:
        b.clock.ahead += QUIET_SECONDS / 100
        return marked(facts) > message

    await until(passed)


def elsewhere(community: Community) -> Channel:
    """A channel of another server."""
    guild = community.server.add_guild("elsewhere")
    guild.add_member(community.grace)
    return guild.add_text_channel("there")


async def lives_on(b: Bench, community: Community, there: Channel, seconds: float = 600.0) -> None:
    community.clock.advance(seconds)
    b.clock.ahead += seconds
    await community.server.say(there, community.grace, "time passes")
    await b.ears.said("time passes")


async def test_the_mark_does_not_pass_a_server_in_an_outage(community: Community) -> None:
    server, facts, there = community.server, Facts(), elsewhere(community)
    await lived(community, facts)
    asked = await server.say(community.channel, community.ada, "<@BOT> before the outage")
    server.world.set_availability(community.guild, available=False)
    async with back(community, facts) as b:
        await lives_on(b, community, there)
        await asyncio.sleep(0.1)  # several moments at which the mark could move
        assert marked(facts) < asked.id
    server.world.set_availability(community.guild, available=True)
    async with back(community, facts) as b:
        assert "before the outage" in texts(b)


async def test_a_server_that_we_left_in_its_outage_holds_the_mark_no_more(community: Community) -> None:
    server, facts, there = community.server, Facts(), elsewhere(community)
    await lived(community, facts)
    asked = await server.say(community.channel, community.ada, "<@BOT> before the outage")
    server.world.set_availability(community.guild, available=False)
    async with back(community, facts) as b:
        await lives_on(b, community, there)
        assert marked(facts) < asked.id
        server.world.remove_member(community.guild, server.world.bot)
        await mark_passes(b, facts, asked.id)


async def test_a_direct_message_of_somebody_unknown_is_found_however_far_the_mark_is(community: Community) -> None:
    server, facts, there = community.server, Facts(), elsewhere(community)
    await lived(community, facts)
    direct = server.dm(community.ada)
    asked = await server.say(direct, community.ada, "anybody there?")
    async with back(community, facts) as b:
        await lives_on(b, community, there)
        await mark_passes(b, facts, asked.id)
        await server.say(direct, community.ada, "hello?")
        await b.ears.said("anybody there?")


async def test_a_direct_message_that_comes_before_our_places_are_known_brings_along_the_older_ones(
    community: Community,
) -> None:
    go = asyncio.Event()

    class Slow(Facts):
        async def places(self, platform: str) -> tuple[Place, ...]:
            await go.wait()
            return self.known

    server, facts = community.server, Facts()
    await lived(community, facts)
    direct = server.dm(community.ada)
    await server.say(direct, community.ada, "anybody there?")
    async with bench(server, facts=Slow(kept=facts.kept)) as b:
        await server.say(direct, community.ada, "hello?")
        go.set()
        await b.ears.said("anybody there?")


async def test_what_is_read_after_an_outage_is_told_of_as_caught_up_with(community: Community) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    await server.say(community.channel, community.ada, "<@BOT> before the outage")
    server.world.set_availability(community.guild, available=False)
    async with back(community, facts) as b:
        told = len(b.ears.all(CaughtUp))
        server.world.set_availability(community.guild, available=True)
        await b.ears.said("before the outage")
        await until(lambda: len(b.ears.all(CaughtUp)) > told)


async def test_what_is_read_from_somebody_unknown_is_told_of_as_caught_up_with(community: Community) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    direct = server.dm(community.ada)
    await server.say(direct, community.ada, "anybody there?")
    async with back(community, facts) as b:
        told = len(b.ears.all(CaughtUp))
        await server.say(direct, community.ada, "hello?")
        await b.ears.said("anybody there?")
        await until(lambda: len(b.ears.all(CaughtUp)) > told)


async def test_what_is_lost_while_nobody_is_connected_is_read_again(community: Community) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    async with back(community, facts) as b:
        lost: list[Event] = []

        def once(event: Event) -> Exception | None:
            if lost or not isinstance(event, Said) or event.message.text != "lost":
                return None
            lost.append(event)
            return DatabaseUnusable("locked")

        b.ears.fails = once
        b.ears.open.clear()
        await server.say(community.channel, community.ada, "stuck")
        await asyncio.wait_for(b.ears.asked.wait(), WITHIN)
        for text in ("lost", "behind it"):
            await server.say(community.channel, community.ada, text)
        await until(lambda: b.platform.unheard == 3)
        server.gateway.accepting = False
        server.gateway.drop()
        await until(lambda: not b.platform.ready.is_set())
        b.ears.open.set()
        await until(lambda: bool(lost))
        server.gateway.accepting = True
        await b.ears.said("lost")


async def test_pauses_grow_where_the_same_message_is_lost_again_and_again(community: Community) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    async with back(community, facts) as b:
        lost: list[Event] = []

        def six_times(event: Event) -> Exception | None:
            if not isinstance(event, Said) or len(lost) == 6:
                return None
            lost.append(event)
            return DatabaseUnusable("locked")

        b.ears.fails = six_times
        del b.clock.slept[:]
        await server.say(community.channel, community.ada, "lost")
        await b.ears.said("lost")
        pauses = [each for each in b.clock.slept if each in {1.0, 2.0, 15.0, 60.0}]  # 5 is the mark's own
        assert pauses == [1.0, 2.0, 15.0, 60.0, 60.0]


@pytest.mark.parametrize("times", [1, 1000])
async def test_an_edit_that_could_not_be_written_down_is_read_again_but_not_for_ever(
    community: Community, times: int
) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    async with back(community, facts) as b:
        asked = await server.say(community.channel, community.ada, "before")
        await b.ears.said("before")
        facts.recorded = kept(community, asked)
        failed: list[Event] = []

        def fails(event: Event) -> Exception | None:
            if not isinstance(event, Edited) or len(failed) == times:
                return None
            failed.append(event)
            return DatabaseUnusable("locked")

        b.ears.fails = fails
        told = len(b.ears.all(CaughtUp))
        community.clock.advance(2)
        await server.edit(asked, "after")
        if times == 1:
            assert (await b.ears.one(Edited)).message.text == "after"
        else:
            await until(lambda: len(failed) == EDITS_AGAIN + 1)
        await until(lambda: len(b.ears.all(CaughtUp)) > told)


async def test_a_channel_that_cannot_be_read_at_all_holds_up_the_others_for_a_while_only_and_is_read_next_time(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "TRIES", 4)
    monkeypatch.setattr(starts, "PAUSES", (0.05,))
    server, facts, there = community.server, Facts(), elsewhere(community)
    await lived(community, facts)
    asked = await server.say(community.channel, community.ada, "broken")
    await server.say(there, community.grace, "whole")
    server.fail_next(f"GET /channels/{community.channel.id}/messages", status=503, times=4)
    async with back(community, facts) as b:
        assert texts(b) == ["whole"]
        assert b.counts.of["discord_catch_up_skipped_total"] == 1
        await lives_on(b, community, there)
        await mark_passes(b, facts, asked.id)
        server.gateway.invalidate(resumable=False)
        await b.ears.said("broken")


async def test_nothing_is_read_that_may_have_been_forgotten_so_long_ago_that_the_store_does_not_know(
    community: Community,
) -> None:
    assert REACH < TOMBSTONE
    server, facts = community.server, Facts()
    await lived(community, facts)
    await server.say(community.channel, community.ada, "too old")
    community.clock.advance(timedelta(days=2).total_seconds())
    await server.say(community.channel, community.ada, "old")
    community.clock.advance((REACH - timedelta(days=1)).total_seconds())
    assert discord.utils.snowflake_time(marked(facts)) < community.clock.now() - TOMBSTONE
    async with back(community, facts) as b:
        assert texts(b) == ["old"]


async def test_with_several_shards_nobody_is_told_that_all_was_heard_before_the_last_one_has_read(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "PAUSES", (0.05,))
    server, facts = community.server, Facts()
    await lived(community, facts)
    direct = server.dm(community.ada)
    facts.known = (Place(platform="discord", id=str(direct.id), kind=PlaceKind.DIRECT),)
    await server.say(direct, community.ada, "missed on the first")
    community.clock.advance(AWAY)
    server.gateway.shards = 2
    greet, waiting = server.gateway.ready, list[Session]()

    def ready(session: Session, *, sharded: bool) -> None:
        if session.shard == 0:
            greet(session, sharded=sharded)
        else:
            waiting.append(session)

    monkeypatch.setattr(server.gateway, "ready", ready)
    async with bench(server, facts=facts, connected=False, shards=2) as b:
        await b.ears.said("missed on the first")
        await until(lambda: bool(waiting))
        await server.say(direct, community.ada, "live")
        await b.ears.said("live")
        await asyncio.sleep(0.1)  # nothing comes
        assert b.ears.all(CaughtUp) == []
        greet(waiting[0], sharded=True)
        await b.ears.one(CaughtUp)
