"""A strict Discord on loopback, for tests and benchmarks: REST v10 and Gateway v10 on one port."""

from tests.discord_server.clock import ManualClock, SystemClock
from tests.discord_server.errors import ApiError, DriverError
from tests.discord_server.intents import ApplicationFlag, Intent
from tests.discord_server.permissions import DEFAULT, EVERYTHING, NOTHING, Overwrite, Permission
from tests.discord_server.pointing import pointed_at
from tests.discord_server.ratelimits import Rule
from tests.discord_server.server import ALL_FLAGS, DiscordServer
from tests.discord_server.things import Channel, ChannelType, Guild, Member, Message, MessageFlag, Role, Upload, User

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
    "ManualClock",
    "Member",
    "Message",
    "MessageFlag",
    "Overwrite",
    "Permission",
    "Role",
    "Rule",
    "SystemClock",
    "Upload",
    "User",
    "pointed_at",
]
