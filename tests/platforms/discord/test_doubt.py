"""Where a send may have reached Discord without our knowing, the channel is read before anything is sent again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import PlatformUnavailable, ShownUnknown
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown
from bot.talk.event import CaughtUp
from tests.discord_server import Message, Permission
from tests.platforms.discord.bench import NOTHING, Bench, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.dock import dock
from tests.platforms.discord.test_deliveries import POST, place

POSTS = "POST /channels/*/messages"
READ = "GET /channels/{channel_id}/messages"
STOP = (Action(id="stop:1", label="Stop"),)


def later(b: Bench, community: Community, seconds: float = 600) -> None:
    """Time passes for Discord and for us: nobody knows the nonces any more."""
    community.clock.advance(seconds)
    b.clock.ahead += seconds


async def asked(community: Community) -> Message:
    return await community.server.say(community.channel, community.ada, "<@BOT> well?")


async def lost(b: Bench, wanted: Delivery, shown: Shown = NOTHING) -> Shown:
    """The delivery's next message arrives, and its answer does not."""
    b.server.fail_next(POSTS, status=None, after_commit=True)
    with pytest.raises(PlatformUnavailable) as caught:
        await b.platform.deliver(wanted, shown)
    assert isinstance(caught.value.shown, Shown)
    assert caught.value.shown.since is not None
    return caught.value.shown


@pytest.mark.parametrize("wait", [0.0, 600.0])
async def test_within_the_nonces_life_nothing_is_read_and_after_it_the_message_is_found(
    community: Community, wait: float
) -> None:
    server, channel = community.server, community.channel
    question = await asked(community)
    async with bench(server) as b:
        view = delivery(place(channel), "early", reply_to=str(question.id), final=False, actions=STOP)
        shown = await lost(b, view)
        later(b, community, wait)
        reads = len(server.requested(READ))
        shown = await b.platform.deliver(replace(view, text="late", final=True, actions=()), shown)
        (answer,) = channel.bot_messages
        assert (answer.content, answer.buttons) == ("late", [])
        assert (len(server.requested(READ)) > reads) is bool(wait)
        assert shown.since is None


async def test_what_shows_one_answer_is_never_taken_for_another_to_the_same_question(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await asked(community)
    async with bench(server) as b:
        one = delivery(place(channel), "one", reply_to=str(question.id))
        shown = await b.platform.deliver(one, NOTHING)
        b.facts.claims.update({each.id: one.id for each in shown.messages})
        later(b, community)
        await b.platform.deliver(replace(one, id="other", text="other"), Shown(since=b.clock.now()))
        assert [each.content for each in channel.bot_messages] == ["one", "other"]


async def test_what_is_just_being_sent_for_one_answer_is_never_taken_for_the_rest_of_another(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    server.limits.enabled = False
    first, second = await asked(community), await asked(community)
    async with bench(server) as b:
        left = delivery(place(channel), "One.", reply_to=str(first.id))
        shown = await b.platform.deliver(left, NOTHING)
    claims = {each.id: left.id for each in shown.messages}
    community.clock.advance(600)
    async with bench(server) as b:
        b.facts.claims.update(claims)
        view = delivery(place(channel), "word " * 300, reply_to=str(second.id), final=False, actions=STOP)
        view = replace(view, id="d2")
        growing = await b.platform.deliver(view, NOTHING)
        b.facts.claims.update({each.id: view.id for each in growing.messages})
        gate = server.hold_next(POSTS, after_commit=True)
        showing = asyncio.create_task(b.platform.deliver(replace(view, text="word " * 600), growing))
        await gate.until_reached()  # it stands there, and nobody knows
        await b.platform.deliver(left, replace(shown, since=b.clock.now() - timedelta(hours=1)))
        assert len(channel.bot_messages) == 3
        gate.release()
        growing = await showing
        final = replace(view, text="word " * 600 + "end", final=True, actions=())
        assert await b.platform.deliver(final, growing)
        assert channel.bot_messages[-1].content.endswith("end")
        assert len(channel.bot_messages) == 3


def reminder(community: Community, name: str, reply_to: str | None) -> Delivery:
    """Two of them begin alike, have buttons of the same kind, and may reply to the same message."""
    text = f"You wanted to be reminded, for 2026-11-28 09:09 (UTC):\n> {name}"
    buttons = (Action(id=f"remind-again:{name}:1", label="Again"), Action(id=f"remind-stop:{name}", label="Stop it"))
    return replace(delivery(place(community.channel), text, reply_to=reply_to, actions=buttons), id=name)


@pytest.mark.parametrize("replies", [True, False])
@pytest.mark.parametrize("sent", [("one",), ("one", "other"), ("other", "one")], ids=",".join)
async def test_of_several_that_may_have_been_sent_none_is_taken_for_another(
    community: Community, sent: tuple[str, ...], replies: bool
) -> None:
    server, channel = community.server, community.channel
    server.limits.enabled = False
    reply_to = str((await asked(community)).id) if replies else None
    async with bench(server) as b:
        begun = b.clock.now()
        for name in sent:  # and the process dies before it writes down which messages these are
            await b.platform.deliver(reminder(community, name, reply_to), NOTHING)
    community.clock.advance(600)
    async with bench(server) as b:
        names = ("other", "one", "third")
        await asyncio.gather(
            *(b.platform.deliver(reminder(community, name, reply_to), Shown(since=begun)) for name in names)
        )
    assert sorted(each.content.rpartition("> ")[2] for each in channel.bot_messages) == ["one", "other", "third"]
    assert len(server.requested(POST)) == 3


async def test_a_message_is_found_under_hundreds_of_others(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await asked(community)
    async with bench(server) as b:
        await b.ears.one(CaughtUp)
        wanted = delivery(place(channel), "here", reply_to=str(question.id))
        for _ in range(150):
            await server.say(channel, community.grace, "lunch?")
        shown = await lost(b, wanted)
        for _ in range(60):
            await server.say(channel, community.grace, "lunch?")
        later(b, community)
        before = len(server.requested(READ))
        shown = await b.platform.deliver(wanted, shown)
        assert [str(each.id) for each in channel.bot_messages] == [each.id for each in shown.messages]
        assert len(server.requested(READ)) == before + 2
        assert len(server.requested(POST)) == 1


async def test_what_is_no_reply_is_found_by_what_it_says_though_our_clock_was_an_hour_off(community: Community) -> None:
    channel = community.channel
    async with bench(community.server) as b:
        for hours in (-1, 1):
            wanted = replace(delivery(place(channel), f"From now on I keep what is said here. {hours}"), id=f"{hours}")
            shown = await lost(b, wanted)
            later(b, community)
            doubt = replace(shown, since=b.clock.now() + timedelta(hours=hours))
            async with bench(community.server) as restarted:
                await restarted.platform.deliver(wanted, doubt)
        assert len(channel.bot_messages) == 2


async def test_later_parts_are_found_too_and_what_was_never_sent_is_sent(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await asked(community)
    server.limits.enabled = False
    for arrived in range(4):
        wanted = delivery(place(channel), "word " * 1000, reply_to=str(question.id))
        wanted = replace(wanted, id=f"{arrived}")
        async with bench(server) as b:
            for _ in range(arrived):
                server.hold_next(POSTS).release()
            server.hold_next(POSTS)  # for ever
            delivering = asyncio.create_task(b.platform.deliver(wanted, NOTHING))
            if arrived == 3:
                await delivering
            await channel.until(lambda it, count=arrived: len(it.bot_messages) == count)
            delivering.cancel()
            await asyncio.wait([delivering])
            server.faults.gates.clear()
        later(b, community)
        async with bench(server) as b:
            shown = await b.platform.deliver(wanted, Shown(since=b.clock.now()))
            assert [str(each.id) for each in channel.bot_messages] == [each.id for each in shown.messages]
            assert len(shown.messages) == 3
        for message in list(channel.bot_messages):
            await server.delete(message)


async def test_where_the_history_may_not_be_read_it_stays_unknown_and_nothing_is_sent(community: Community) -> None:
    server, channel = community.server, community.channel
    question = await asked(community)
    channel.overwrite(community.guild.everyone, deny=Permission.READ_MESSAGE_HISTORY)
    async with bench(server) as b:
        wanted = delivery(place(channel), "here", reply_to=str(question.id))
        shown = await lost(b, wanted)
        shown = await b.platform.deliver(wanted, shown)  # its nonce is known yet
        assert len(channel.bot_messages) == 1
        wanted = replace(wanted, id="d2")
        shown = await lost(b, wanted)
        later(b, community)
        posts = len(server.requested(POST))
        for _ in range(2):
            with pytest.raises(ShownUnknown, match="Read Message History"):
                await b.platform.deliver(wanted, shown)
        assert len(server.requested(POST)) == posts


async def test_an_answer_that_was_begun_and_never_sent_is_sent_though_the_history_may_not_be_read(
    community: Community, tmp_path: Path
) -> None:
    community.channel.overwrite(community.guild.everyone, deny=Permission.READ_MESSAGE_HISTORY)
    async with dock(community, tmp_path) as here:
        opened = await here.store.open_turn(here.asked, at=here.clock.now())  # and that process died
        assert opened is not None
        notice = replace(delivery(here.asked.place, "I keep nothing."), id="notice")
        await here.store.save_delivery(notice, DeliveryState.READY, at=here.clock.now())
        community.clock.advance(600)
        here.clock.ahead += 600
        async with here.process() as again:
            await here.answers(again, (), "The sea is blue.")
            await here.all_shown()
        assert sorted(here.texts) == ["I keep nothing.", "The sea is blue."]


async def test_what_certainly_did_not_arrive_is_sent_whether_or_not_the_channel_can_be_read(
    community: Community,
) -> None:
    server, channel = community.server, community.channel
    channel.overwrite(community.guild.everyone, deny=Permission.READ_MESSAGE_HISTORY)
    async with bench(server) as b:
        wanted = delivery(place(channel), "here")
        server.fail_next(POSTS, status=429, body={"message": "slow down", "retry_after": 120.0, "global": False})
        with pytest.raises(PlatformUnavailable) as caught:
            await b.platform.deliver(wanted, NOTHING)
        assert caught.value.retry_after == 120.0
        assert caught.value.shown == NOTHING
        later(b, community)
        await b.platform.deliver(wanted, NOTHING)
        assert len(channel.bot_messages) == 1


async def test_an_unknown_delivery_is_closed_counted_said_once_and_kept_for_whoever_looks(
    community: Community, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    community.channel.overwrite(community.guild.everyone, deny=Permission.READ_MESSAGE_HISTORY)
    async with dock(community, tmp_path) as here:
        gate = here.hold(2, after_commit=True)  # the first is refused, for it is a reply
        async with here.process() as first:
            telling = first.does(here.answers(first, (), "The sea is blue."))
            await gate.until_reached()
            await first.crash()
            assert telling.cancelled()
        community.clock.advance(600)
        for closed in (1, 0):
            async with here.process() as again:
                await here.all_shown()
                assert again.counters.get("deliveries_total", outcome="unknown") == closed
        assert here.texts == ["The sea is blue."]
        (unknown,) = await here.store.unknown(limit=9)
        assert unknown.state is DeliveryState.UNKNOWN
        said = [each.getMessage() for each in caplog.records if unknown.delivery.id in each.getMessage()]
        assert len(said) == 1
        assert f"discord:{community.channel.id}" in said[0]
        assert "The sea" not in said[0]


async def test_the_clock_on_the_wall_decides_nothing(community: Community) -> None:
    """Whoever sets it back may not make us trust an old nonce, nor whoever sets it forth make us send twice."""
    server, channel = community.server, community.channel
    question = await asked(community)
    for number, (passed, wrong) in enumerate(((600, -7200), (0, 7200), (600, 7200)), start=1):
        async with bench(server) as b:
            wanted = replace(delivery(place(channel), "here", reply_to=str(question.id)), id=f"d{number}")
            shown = await lost(b, wanted)
            community.clock.advance(passed)
            b.clock.ahead += passed
            b.clock.wrong += wrong
            shown = await b.platform.deliver(wanted, shown)
            assert len(channel.bot_messages) == 1
            await server.delete(channel.bot_messages[0])
