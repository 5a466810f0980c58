"""What was said while nobody listened: after a start, and after a session that was lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.platforms.discord import reading
from bot.platforms.discord.watermark import FACT, FIRST_MARGIN, MARGIN
from bot.talk.event import CaughtUp, Said
from bot.talk.message import Addressed, Place, PlaceKind
from tests.platforms.discord.away import AWAY, back, lived, texts
from tests.platforms.discord.bench import Facts, bench
from tests.platforms.discord.conftest import Community


async def test_what_was_said_while_away_is_heard_once_in_order_with_its_age(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    await server.say(channel, community.ada, "before anybody listened")
    await lived(community, facts)
    for number in range(250):
        await server.say(channel, community.grace, f"line {number}")
    await server.say(channel, community.ada, "<@BOT> are you there?")
    community.clock.advance(AWAY)
    async with back(community, facts) as b:
        assert texts(b) == [*(f"line {number}" for number in range(250)), "are you there?"]
        asked = b.ears.all(Said)[-1]
        assert asked.message.addressed is Addressed.MENTION
        assert timedelta(seconds=AWAY - 2) <= asked.age <= timedelta(seconds=AWAY + 2)
        await server.say(channel, community.ada, "<@BOT> and now?")
        assert (await b.ears.one(Said, lambda event: event.message.text == "and now?")).age == timedelta()


async def test_at_the_very_first_start_nothing_is_read(community: Community) -> None:
    await community.server.say(community.channel, community.ada, "<@BOT> years ago")
    community.clock.advance(AWAY)
    async with back(community, Facts()) as b:
        assert texts(b) == []
        assert not community.server.requested("GET /channels/{channel_id}/messages")


async def test_another_application_has_missed_nothing_of_this_ones(community: Community) -> None:
    await community.server.say(community.channel, community.ada, "to somebody else")
    community.clock.advance(AWAY)
    async with back(community, Facts(kept={FACT: "12345 1"})) as b:
        assert texts(b) == []


async def test_channels_without_anything_new_are_not_asked_for(community: Community) -> None:
    facts = Facts()
    for number in range(5):
        await community.server.say(community.guild.add_text_channel(f"old-{number}"), community.ada, "old")
    community.clock.advance(AWAY)
    await lived(community, facts)
    await community.server.say(community.channel, community.ada, "new")
    async with back(community, facts) as b:
        assert texts(b) == ["new"]
        assert len(community.server.requested("GET /channels/{channel_id}/messages")) == 1


async def test_messages_read_later_look_exactly_like_live_ones(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    community.guild.members[community.ada.id].nick = "Countess"
    await lived(community, facts)
    mark = facts.kept[FACT]
    async with bench(server, facts=Facts()) as live:
        said = await server.say(channel, community.grace, "the tide")
        await server.say(channel, community.ada, f"<@BOT> and {community.grace.mention}?", reply_to=said)
        thread = channel.add_thread("eddies", owner=community.grace)
        await server.say(thread, community.ada, "a follow-up")
        await live.ears.said("a follow-up")
    facts.kept[FACT] = mark
    async with back(community, facts) as later:
        heard = {event.message.id: event.message for event in later.ears.all(Said)}
        assert heard == {event.message.id: event.message for event in live.ears.all(Said)}
        assert {message.author.name for message in heard.values()} == {"Countess", "Grace"}


async def test_direct_messages_of_known_places_come_first(community: Community) -> None:
    server, facts = community.server, Facts()
    direct = server.dm(community.ada)
    facts.known = (Place(platform="discord", id=str(direct.id), kind=PlaceKind.DIRECT),)
    await lived(community, facts)
    busy = community.guild.add_text_channel("busy")
    await server.say(direct, community.ada, "psst")
    await server.say(community.channel, community.ada, "chatter")
    await server.say(busy, community.grace, "newest chatter")
    async with back(community, facts) as b:
        (first, *_) = server.requested("GET /channels/{channel_id}/messages")[-3:]
        assert str(direct.id) in first.path
        assert set(texts(b)) == {"psst", "chatter", "newest chatter"}
        assert (await b.ears.said("psst")).addressed is Addressed.DIRECT


async def test_a_direct_message_of_somebody_unknown_brings_along_what_they_wrote_before(community: Community) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    direct = server.dm(community.ada)
    await server.say(direct, community.ada, "anybody there?")
    community.clock.advance(AWAY)
    async with back(community, facts) as b:
        assert texts(b) == []
        await server.say(direct, community.ada, "hello?")
        await b.ears.said("hello?")
        assert texts(b) == ["anybody there?", "hello?"]


async def test_a_thread_that_was_archived_meanwhile_is_read_where_it_is_known(community: Community) -> None:
    server, facts = community.server, Facts()
    thread = community.channel.add_thread("eddies", owner=server.bot)
    facts.known = (
        Place(
            platform="discord",
            id=str(thread.id),
            kind=PlaceKind.THREAD,
            guild=str(community.guild.id),
            parent=str(community.channel.id),
        ),
    )
    await lived(community, facts)
    await server.say(thread, community.ada, "and then?")
    thread.archive()
    async with back(community, facts) as b:
        assert (await b.ears.said("and then?")).addressed is Addressed.FOLLOW_UP


async def test_without_the_content_intent_only_what_is_for_us_is_read(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    await lived(community, facts)
    await server.say(channel, community.ada, "to everybody")
    await server.say(channel, community.ada, "<@BOT> to you")
    async with back(community, facts, content=False) as b:
        assert texts(b) == ["to you"]


async def test_a_live_message_waits_for_the_older_ones_of_its_channel_only(community: Community) -> None:
    server, channel, facts = community.server, community.channel, Facts()
    await lived(community, facts)
    await server.say(channel, community.ada, "missed")
    gate = server.hold_next("GET /channels/*/messages")
    async with bench(server, facts=facts) as b:
        await gate.until_reached()
        await server.say(channel, community.ada, "live")
        other = community.guild.add_text_channel("other")
        await server.say(other, community.ada, "elsewhere")
        await b.ears.said("elsewhere")
        assert texts(b) == ["elsewhere"]
        gate.release()
        await b.ears.one(CaughtUp)
        assert texts(b) == ["elsewhere", "missed", "live"]


async def test_a_channel_that_cannot_be_read_is_tried_again(community: Community) -> None:
    facts = Facts()
    await lived(community, facts)
    await community.server.say(community.channel, community.ada, "missed")
    community.server.fail_next("GET /channels/*/messages", status=503, times=3)
    async with back(community, facts) as b:
        assert texts(b) == ["missed"]
        assert b.counts.of["discord_catch_up_retries_total"] == 3


async def test_since_when_something_may_have_been_missed_is_told_when_all_is_read(community: Community) -> None:
    facts = Facts()
    community.clock.advance(2 * FIRST_MARGIN.total_seconds())
    began = community.clock.now()
    async with bench(community.server, facts=facts) as b:
        await b.ears.one(CaughtUp)
    community.clock.advance(AWAY)
    async with bench(community.server, facts=facts) as b:
        event = await b.ears.one(CaughtUp)
        assert event.since is not None
        assert timedelta() <= began - event.since <= MARGIN + FIRST_MARGIN
        community.server.gateway.drop()
        await b.server.wait_for(lambda: b.server.gateway.resumed)
        assert len(b.ears.all(CaughtUp)) == 1


async def test_a_server_in_an_outage_is_read_when_it_is_back(community: Community) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    await server.say(community.channel, community.ada, "<@BOT> before the outage")
    server.world.set_availability(community.guild, available=False)
    async with back(community, facts) as b:
        assert texts(b) == []
        server.world.set_availability(community.guild, available=True)
        assert (await b.ears.said("before the outage")).addressed is Addressed.MENTION


async def test_a_session_that_is_lost_right_after_it_began_is_caught_up_when_it_is_taken_up(
    community: Community,
) -> None:
    server, facts = community.server, Facts()
    await lived(community, facts)
    await server.say(community.channel, community.ada, "missed")
    async with bench(server, facts=facts, connected=False) as b:
        await server.wait_for(lambda: server.gateway.identified == 2)
        server.gateway.accepting = False
        server.gateway.drop()
        await server.wait_for(lambda: server.gateway.refused)
        server.gateway.accepting = True
        await b.ears.one(CaughtUp)
        assert texts(b) == ["missed"]


async def test_of_very_much_the_oldest_and_what_can_still_be_answered_is_read(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGES", 1)
    server, channel, facts = community.server, community.channel, Facts()
    await lived(community, facts)
    for number in range(150):
        await server.say(channel, community.ada, f"old {number}")
    community.clock.advance(7200)
    await server.say(channel, community.ada, "young")
    async with back(community, facts) as b:
        assert texts(b) == [*(f"old {number}" for number in range(100)), "young"]
        assert b.counts.of["discord_catch_up_skipped_total"] == 1
