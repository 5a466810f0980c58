"""Things as Discord writes them in JSON. A key that may be left out is left out, never null, where clients mind."""

from tests.discord_server.payloads.channels import archived_at, channel, thread_member, typing
from tests.discord_server.payloads.guilds import guild, guild_create
from tests.discord_server.payloads.messages import attachment, emoji, message, readable, snapshot
from tests.discord_server.payloads.people import application, member, role, user

__all__ = [
    "application",
    "archived_at",
    "attachment",
    "channel",
    "emoji",
    "guild",
    "guild_create",
    "member",
    "message",
    "readable",
    "role",
    "snapshot",
    "thread_member",
    "typing",
    "user",
]
