"""Coming, staying and going: tokens, intents, outages, RESUME, and leaving without a trace."""

from __future__ import annotations

import asyncio
import logging

import pytest
from pydantic import SecretStr

from bot.errors import IntentRefused, OperatorError, SettingsError, TokenRefused
from bot.platforms.discord.client import Client
from bot.platforms.discord.inbox import Inbox
from bot.talk.event import Said
from tests.discord_server import ApplicationFlag, DiscordServer
from tests.platforms.discord.bench import bench
from tests.platforms.discord.conftest import Community


async def refusal(server: DiscordServer, token: SecretStr | None = None) -> OperatorError:
    async with bench(server, connected=False, token=token or SecretStr(server.token)) as b:
        async with asyncio.timeout(30):
            with pytest.raises(OperatorError) as caught:
                await b.running
    return caught.value


@pytest.mark.parametrize("token", ["wrong.token.here", "with\nnewline", "größer"])
async def test_a_wrong_token_is_refused_with_what_to_do_and_without_the_token(community: Community, token: str) -> None:
    error = await refusal(community.server, SecretStr(token))
    assert isinstance(error, TokenRefused)
    assert "DISCORD_TOKEN" in str(error)
    assert token not in str(error)


async def test_no_token_at_all_is_refused(community: Community) -> None:
    async with bench(community.server, connected=False, token=None) as b:
        with pytest.raises(TokenRefused):
            await b.running


async def test_an_intent_that_is_not_granted_is_refused_with_both_ways_out(community: Community) -> None:
    community.server.world.application_flags = ApplicationFlag(0)
    error = await refusal(community.server)
    assert isinstance(error, IntentRefused)
    assert "developer portal" in str(error)
    assert "DISCORD_MESSAGE_CONTENT=false" in str(error)


async def test_without_asking_for_the_intent_it_is_not_needed(community: Community) -> None:
    community.server.world.application_flags = ApplicationFlag(0)
    async with bench(community.server, message_content=False) as b:
        await community.server.say(community.channel, community.ada, "<@BOT> hello")
        await b.ears.said("hello")


@pytest.mark.parametrize(("code", "kind"), [(4004, TokenRefused), (4011, SettingsError), (4014, IntentRefused)])
async def test_a_refusal_in_mid_life_ends_the_run(community: Community, code: int, kind: type[OperatorError]) -> None:
    async with bench(community.server) as b:
        community.server.gateway.drop(code)
        async with asyncio.timeout(30):
            with pytest.raises(kind):
                await b.running


def _identify_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two sessions discord.py waits the five seconds that Discord asks for."""

    async def at_once(*_: object, **__: object) -> None:
        return

    monkeypatch.setattr(Client, "before_identify_hook", at_once)


async def test_what_was_said_during_a_lost_connection_is_heard_after_the_resume(community: Community) -> None:
    server, channel = community.server, community.channel
    async with bench(server) as b:
        await server.say(channel, community.ada, "before")
        await b.ears.said("before")
        server.gateway.drop()
        await server.say(channel, community.ada, "meanwhile")
        await b.ears.said("meanwhile")
        await server.say(channel, community.ada, "after")
        await b.ears.said("after")
        assert server.gateway.resumed == 1
        assert [event.message.text for event in b.ears.all(Said)] == ["before", "meanwhile", "after"]


async def test_a_session_that_cannot_be_resumed_is_begun_anew(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    _identify_at_once(monkeypatch)
    server = community.server
    async with bench(server) as b:
        server.gateway.resuming = False
        server.gateway.reconnect()
        await server.wait_for(lambda: server.gateway.identified == 2)
        await server.until_connected()
        await b.platform.ready.wait()
        await server.say(community.channel, community.ada, "there you are")
        await b.ears.said("there you are")


async def test_an_outage_at_the_start_is_waited_out(community: Community) -> None:
    server = community.server
    server.fail_next("GET /users/@me", status=503, times=3)
    async with bench(server, connected=False) as b:
        await server.until_connected()
        assert b.clock.slept[:3] == [1.0, 2.0, 5.0]
        assert b.counts.of["discord_connections_lost_total"] == 3


async def test_several_shards_share_the_work(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    _identify_at_once(monkeypatch)
    server = community.server
    server.gateway.shards = 2
    async with bench(server, connected=False, shards=2) as b:
        await server.until_connected(2)
        async with asyncio.timeout(30):
            await b.platform.ready.wait()
        await server.say(community.channel, community.ada, "<@BOT> hello")
        await server.say(server.dm(community.ada), community.ada, "psst")
        await b.ears.said("hello")
        await b.ears.said("psst")


async def test_the_number_of_shards_is_discords_advice_where_none_is_set(community: Community) -> None:
    async with bench(community.server, shards=None, gateway_url=None) as b:
        assert b.platform.ready.is_set()
        assert community.server.requested("GET /gateway/bot")


async def test_only_the_api_need_be_named_to_reach_another_gateway(community: Community) -> None:
    async with bench(community.server, gateway_url=None) as b:
        assert b.platform.ready.is_set()


async def test_leaving_closes_the_gateway_properly_and_leaves_no_task_behind(community: Community) -> None:
    async with bench(community.server) as b:
        assert b.platform.latency < 5
        ours = {task for task in asyncio.all_tasks() if "site-packages/discord" in repr(task) or "bot/" in repr(task)}
        assert ours
    assert b.running.cancelled()
    assert all(task.done() for task in ours)
    await community.server.wait_for(lambda: not community.server.gateway.live)
    assert not community.server.gateway.sessions, "closed with 1000, so that the session is over"
    assert not b.platform.ready.is_set()
    assert b.platform.latency == float("inf")


async def test_what_had_arrived_is_still_heard_when_leaving_even_when_cancelled_twice(community: Community) -> None:
    server = community.server
    async with bench(server) as b:
        b.ears.open.clear()
        await server.say(community.channel, community.ada, "last words")
        await asyncio.wait_for(b.ears.asked.wait(), 30)
        b.running.cancel()
        b.ears.open.set()
        await b.ears.said("last words")


async def test_a_slow_ear_does_not_stop_the_heartbeat(community: Community) -> None:
    server = community.server
    server.gateway.heartbeat_interval = 0.1
    async with bench(server) as b:
        b.ears.open.clear()
        for number in range(30):
            await server.say(community.channel, community.ada, f"line {number}")
        beats = sum(each.get("op") == 1 for each in server.gateway.received)
        await server.wait_for(lambda: sum(each.get("op") == 1 for each in server.gateway.received) > beats + 3)
        b.ears.open.set()
        await b.ears.said("line 29")
        assert [event.message.text for event in b.ears.all(Said)] == [f"line {number}" for number in range(30)]
        assert server.gateway.identified == 1


async def test_when_too_much_waits_the_gateway_is_read_later_and_nothing_is_lost(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = Inbox.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "limit", 5)
    server, texts = community.server, [f"line {number}" for number in range(20)]
    async with bench(server) as b:
        b.ears.open.clear()
        for text in texts:
            await server.say(community.channel, community.ada, text)
        await b.counts.until("discord_inbox_full_total")
        b.ears.open.set()
        await b.ears.said(texts[-1])
        assert [event.message.text for event in b.ears.all(Said)] == texts


async def test_neither_words_nor_tokens_reach_the_log(community: Community, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="discord")
    async with bench(community.server) as b:
        await community.server.say(community.channel, community.ada, "<@BOT> a secret of mine")
        await b.ears.said("a secret of mine")
    assert "a secret of mine" not in caplog.text
    assert community.server.token not in caplog.text
