"""What Discord refuses, counts and times: the reasons to have this server."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord
import pytest

from tests.discord_server import Channel, DiscordServer, Guild, ManualClock, Permission, Rule, User
from tests.discord_server.tests.conftest import Bot, Running

SEND = "POST /channels/{channel_id}/messages"


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    return server.add_guild()


@pytest.fixture
def ana(server: DiscordServer, guild: Guild) -> User:
    ana = server.add_user("ana")
    guild.add_member(ana)
    return ana


@pytest.fixture
def channel(guild: Guild, ana: User) -> Channel:
    return guild.add_text_channel("general")


def there(bot: Bot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def ask(server: DiscordServer, method: str, path: str, json: object = None) -> tuple[int, int]:
    """Status and Discord's code of a bare request."""
    headers = {"Authorization": f"Bot {server.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, server.api_url + path, json=json, headers=headers) as answer,
    ):
        body = await answer.json() if answer.status != 204 else {}
        return answer.status, body.get("code", 0) if isinstance(body, dict) else 0


async def test_a_bot_without_sight_has_no_access_and_without_the_right_no_permission(
    server: DiscordServer, running: Running, channel: Channel
) -> None:
    async with running() as bot:
        channel.overwrite(server.bot, deny=Permission.SEND_MESSAGES)
        with pytest.raises(discord.Forbidden, match="50013"):
            await there(bot, channel).send("hello")
        channel.overwrite(server.bot, deny=Permission.VIEW_CHANNEL)
        with pytest.raises(discord.Forbidden, match="50001"):
            await there(bot, channel).send("hello")
        channel.overwrite(server.bot, deny=Permission.ATTACH_FILES | Permission.READ_MESSAGE_HISTORY)
        with pytest.raises(discord.Forbidden, match="50013"):
            await there(bot, channel).send(file=discord.File(__file__))
        assert [m async for m in there(bot, channel).history()] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"content": "x" * 2000}, 200, 0),
        ({"content": "x" * 2001}, 400, 50035),
        ({"content": " \n"}, 400, 50006),
        ({"content": "x", "nonce": "n" * 26}, 400, 50035),
        ({"embeds": [{"description": "x" * 4097}]}, 400, 50035),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 4000}]}, 400, 50035),
        ({"content": "x", "message_reference": {"message_id": "1"}}, 400, 50035),
        ({"content": "x", "message_reference": {"message_id": "1", "fail_if_not_exists": False}}, 200, 0),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 400, 50035),
        ({"content": "x", "components": [{"type": 1, "components": []}]}, 400, 50035),
        (
            {"content": "x", "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "a"}]}]},
            400,
            50035,
        ),
        ({"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "y"}]}, 400, 50035),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "y" * 4000}]}, 200, 0),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "y" * 4001}]}, 400, 50035),
    ],
)
async def test_the_form_of_a_message_is_checked(
    server: DiscordServer, channel: Channel, body: object, status: int, code: int
) -> None:
    assert await ask(server, "POST", f"/channels/{channel.id}/messages", body) == (status, code)


async def test_unknown_things_have_their_codes(server: DiscordServer, channel: Channel, ana: User) -> None:
    said = await server.say(channel, ana, "hers")
    assert await ask(server, "GET", "/channels/1") == (404, 10003)
    assert await ask(server, "GET", f"/channels/{channel.id}/messages/1") == (404, 10008)
    assert await ask(server, "PATCH", f"/channels/{channel.id}/messages/{said.id}", {"content": "mine"}) == (403, 50005)
    assert await ask(server, "DELETE", f"/channels/{channel.id}/messages/{said.id}") == (403, 50013)
    assert await ask(server, "PUT", f"/channels/{channel.id}/messages/{said.id}/reactions/abc/@me") == (404, 10014)
    assert await ask(server, "GET", "/no/such/route") == (404, 0)


async def test_a_token_that_was_reset_is_unauthorized(server: DiscordServer) -> None:
    headers = {"Authorization": f"Bot {server.token}"}
    server.world.reset_token()
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{server.api_url}/users/@me") as answer:
        assert answer.status == 401
        assert answer.headers["Content-Type"] == "application/json"


async def test_a_nonce_finds_its_message_for_some_minutes_and_for_its_author_everywhere(
    server: DiscordServer, running: Running, guild: Guild, channel: Channel, clock: ManualClock
) -> None:
    other = guild.add_text_channel("other")
    async with running() as bot:
        first = await there(bot, channel).send("once", nonce="n-1")
        assert (await there(bot, channel).send("twice", nonce="n-1")).id == first.id
        assert (await there(bot, other).send("elsewhere", nonce="n-1")).id == first.id
        clock.advance(181)
        assert (await there(bot, channel).send("later", nonce="n-1")).id != first.id
        assert [message.content for message in channel.bot_messages] == ["once", "later"]


async def test_who_is_pinged_follows_allowed_mentions_rights_and_sight(
    server: DiscordServer, running: Running, guild: Guild, channel: Channel, ana: User
) -> None:
    server.limits.enabled = False
    bo = server.add_user("bo")
    sailors = guild.add_role("sailors", mentionable=True)
    officers = guild.add_role("officers")
    guild.add_member(bo, sailors, officers)
    everyone = f"@everyone {ana.mention} {sailors.mention} {officers.mention}"
    async with running() as bot:
        await there(bot, channel).send(everyone)
        guild.set_role(guild.everyone, guild.everyone.permissions & ~Permission.MENTION_EVERYONE)
        await there(bot, channel).send(everyone)
        await there(bot, channel).send(everyone, allowed_mentions=discord.AllowedMentions.none())
        await there(bot, channel).send(everyone, allowed_mentions=discord.AllowedMentions(users=[ana], roles=False))
        await there(bot, channel).send(f"`{ana.mention}` and ```\n@everyone\n```")
        said = await server.say(channel, ana, "a question")
        await server.wait_for(lambda: bot.heard[-1].id == said.id)
        question = bot.heard[-1]
        await question.reply("loud")
        await question.reply("quiet", mention_author=False)
        await question.reply("only her", allowed_mentions=discord.AllowedMentions(replied_user=True, everyone=False))
    shown = channel.bot_messages
    assert [server.names(each.pinged) for each in shown] == [
        {"ana", "bo", "operator"},
        {"ana", "bo"},
        set(),
        {"ana"},
        set(),
        {"ana"},
        set(),
        {"ana"},
    ]
    assert not shown[1].mentions.everyone
    assert [role.name for role in shown[1].mentions.roles] == ["sailors"]
    assert shown[2].history[0].allowed_mentions == {"parse": []}


async def test_a_full_bucket_is_waited_out_by_the_client_and_never_refused(
    server: DiscordServer, running: Running, channel: Channel
) -> None:
    server.limits.rules["POST", "/channels/{channel_id}/messages"] = Rule(2, 0.15)
    async with running() as bot:
        for number in range(5):
            await there(bot, channel).send(str(number))
    times = [each.monotonic for each in server.requested(SEND)]
    assert times[4] - times[0] >= 0.25
    assert server.limits.refused == 0


async def test_a_refused_request_is_repeated_after_the_wait_it_names(
    server: DiscordServer, running: Running, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "discord.http")
    server.limits.rules["POST", "/channels/{channel_id}/messages"] = Rule(1, 0.1)
    async with running() as bot, asyncio.TaskGroup() as tasks:
        server.fail_next("POST /channels/*/messages", status=429, retry_after=0.05)
        for number in range(3):
            tasks.create_task(there(bot, channel).send(str(number)))
    assert sorted(each.content for each in channel.bot_messages) == ["0", "1", "2"]
    assert server.requested(SEND)[0].status == 429


async def test_more_than_fifty_requests_a_second_are_refused_altogether(server: DiscordServer) -> None:
    server.limits.global_limit = 3
    answers = [await ask(server, "GET", "/users/@me") for _ in range(5)]
    assert [status for status, _ in answers] == [200, 200, 200, 429, 429]


async def test_too_many_invalid_requests_are_a_ban(server: DiscordServer) -> None:
    server.limits.invalid_limit = 2
    async with aiohttp.ClientSession() as session:
        for expected in (401, 401, 429):
            async with session.get(f"{server.api_url}/users/@me") as answer:
                assert answer.status == expected
        assert "Via" not in answer.headers


async def test_a_lost_answer_leaves_a_message_that_the_nonce_finds_again(
    server: DiscordServer, running: Running, channel: Channel
) -> None:
    async with running() as bot:
        server.fail_next("POST /channels/*/messages", status=503, after_commit=True)
        with pytest.raises(discord.DiscordServerError):
            await there(bot, channel).send("once", nonce="n-2")
        await there(bot, channel).send("once", nonce="n-2")
        assert [message.content for message in channel.bot_messages] == ["once"]


async def test_a_held_request_waits_at_its_gate(server: DiscordServer, running: Running, channel: Channel) -> None:
    async with running() as bot:
        gate = server.hold_next("POST /channels/*/messages")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(there(bot, channel).send("late"))
            await gate.until_reached()
            assert not channel.messages
            gate.release()
        assert channel.bot_messages[0].content == "late"


async def test_a_cut_connection_is_an_error_without_an_answer(
    server: DiscordServer, running: Running, channel: Channel
) -> None:
    async with running() as bot:
        server.fail_next("POST /channels/*/messages", status=None)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await there(bot, channel).send("lost")
        assert not channel.messages


async def test_old_messages_take_few_edits(
    server: DiscordServer, running: Running, channel: Channel, clock: ManualClock
) -> None:
    async with running() as bot:
        sent = await there(bot, channel).send("young")
        clock.advance(3601)
        path = f"/channels/{channel.id}/messages/{sent.id}"
        answers = [await ask(server, "PATCH", path, {"content": str(number)}) for number in range(4)]
        assert answers == [(200, 0), (200, 0), (200, 0), (429, 30046)]


async def test_a_condition_that_never_holds_says_what_was_there_instead(
    server: DiscordServer, channel: Channel, ana: User
) -> None:
    await server.say(channel, ana, "hello")
    with pytest.raises(TimeoutError, match="hello"):
        await channel.until(lambda it: it.bot_messages, within=0.05)
