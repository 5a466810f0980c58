"""A strict Discord on loopback, for tests and benchmarks: REST v10 and Gateway v10 on one port, over real sockets.

discord.py runs against it unmodified, pointed there by `pointed_at(server)` or by anything that sets
`Route.BASE = server.api_url` and `DiscordWebSocket.DEFAULT_GATEWAY = URL(server.gateway_url)`:

    async with DiscordServer(clock=ManualClock()) as server:
        guild = server.add_guild()
        channel = guild.add_text_channel("general")
        ana = server.add_user("ana")
        guild.add_member(ana)
        with pointed_at(server):
            ...                                                    # start a bot with server.token
            await server.until_connected()
            asked = await server.say(channel, ana, "<@BOT> hi", attachments=[Upload(filename="a.png", data=png)])
            await channel.until(lambda it: it.bot_messages and not it.bot_messages[-1].buttons)
            answer = channel.bot_messages[-1]
            assert answer.texts[-1] == "hello" and answer.pinged == {ana.id} and answer.embeds_suppressed

**People** (`driver`, `people`): `say` (reply_to, ping, forward, attachments, embeds), `edit`, `delete`,
`bulk_delete`, `type`, `react`, `unreact`, `webhook_say`, `dm(user)`, `press(message, custom_id, user)`, `choose`,
`use_command(name, options, user=, channel=)`, `autocomplete`, `use_menu`, `submit(interaction, values)`. They obey
the rules of Discord: whatever could not happen there (no right to write, a button that is not there) raises
DriverError. Guilds and channels have their own verbs: `guild.add_role`, `set_role`, `set_roles`, `time_out`,
`remove_member`, `channel.overwrite`, `add_thread`, `archive`, `delete` …, each with its gateway events;
`server.world.set_availability` is an outage.

**Looking**: `server.requests` and `requested("POST /channels/{channel_id}/messages")` (every REST call, its time,
body and status); `channel.bot_messages`, `channel.typing`; of a message `history` and `texts` (every revision as
shown), `pinged` (ids of who was notified, by mention rules, `allowed_mentions`, rights and sight), `mentions`,
`buttons`, `embeds_suppressed`, `deleted`, `seen_by` (ephemeral); of an interaction `reply`, `thinking`, `seen`,
`modal`, `choices`; `server.gateway.sessions`, `live`, `identified`, `resumed`, `received`; `server.app_commands`.

**Waiting**: `await server.wait_for(condition)`, `await channel.until(predicate)`, `await
server.until_connected(shards)`.

**Faults**: `server.fail_next("POST /channels/*/messages", status=502, times=2, after_commit=True)` (status None cuts
the connection), `gate = server.hold_next("PATCH /channels/*/messages/*")` with `await gate.until_reached()` and
`gate.release()`; `server.gateway.drop(code)` or `drop()` without a word, `reconnect()` (op 7),
`invalidate(resumable=)` (op 9), `zombify()` (no heartbeat is acknowledged), `silence()` (half-open), and its
settings: `heartbeat_interval`, `resume_window`, `resuming`, `accepting`, `greeting`, `budget`, `identify_every`,
`shards`. `server.world.reset_token()`; `server.world.application_flags` says which intents the portal grants.

**Time**: what expires (attachment URLs after 24 h, interactions after 3 s and 15 min, nonces after 3 min, sessions
after `resume_window`) follows the injected clock. Rate limits follow real time, as the client sleeps them off in real
time: `DiscordServer(rate_limits=False)` or `server.limits.enabled = False` lifts them, `server.limits.rules` changes
them.

**As a process**: `python -m tests.discord_server --guilds 50` prints its URLs and token in one line of JSON and is
driven over HTTP under `/control/` (see `control`).
"""

from tests.discord_server.clock import ManualClock, SystemClock
from tests.discord_server.errors import ApiError, DriverError
from tests.discord_server.files import Upload
from tests.discord_server.intents import ApplicationFlag, Intent
from tests.discord_server.interactions import Interaction, Kind, Reply
from tests.discord_server.message import Message, MessageFlag
from tests.discord_server.permissions import DEFAULT, EVERYTHING, NOTHING, Overwrite, Permission
from tests.discord_server.pointing import pointed_at
from tests.discord_server.ratelimits import Rule
from tests.discord_server.server import ALL_FLAGS, DiscordServer
from tests.discord_server.things import Channel, ChannelType, Guild, Member, Role, User

__all__ = [
    "ALL_FLAGS",
    "DEFAULT",
    "EVERYTHING",
    "NOTHING",
    "ApiError",
    "ApplicationFlag",
    "Channel",
    "ChannelType",
    "DiscordServer",
    "DriverError",
    "Guild",
    "Intent",
    "Interaction",
    "Kind",
    "ManualClock",
    "Member",
    "Message",
    "MessageFlag",
    "Overwrite",
    "Permission",
    "Reply",
    "Role",
    "Rule",
    "SystemClock",
    "Upload",
    "User",
    "pointed_at",
]
