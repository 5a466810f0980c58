"""The ground everything stands on: the clock, ids, people, what was said to have happened, and who may do what."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from tests.discord_server.cdn import Cdn
from tests.discord_server.changes import Changes
from tests.discord_server.clock import Clock, Snowflakes, made_at
from tests.discord_server.intents import ApplicationFlag
from tests.discord_server.message import Message
from tests.discord_server.permissions import EVERYTHING, IN_A_DM, NOTHING, Permission, base, implied, in_channel
from tests.discord_server.things import Channel, ChannelType, Guild, Json, Member, User

if TYPE_CHECKING:
    from tests.discord_server.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, before anybody asks who may hear of it."""

    name: str
    data: Json
    guild_id: int | None = None
    channel: Channel | None = None
    """Delivered only to who sees it."""
    message: Message | None = None
    """A message whose content a session may lack the intent for."""
    about: User | None = None
    """A member event about this user; the bot always hears of itself."""


class Ground:
    """State, and the questions about it."""

    def __init__(self, clock: Clock, flags: ApplicationFlag, *, bot_name: str = "Calanque") -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.cdn = Cdn(clock)
        self.changes = Changes()
        self.listeners: list[Callable[[Event], None]] = []
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.application_flags = flags
        self.application_id = self.ids.next()
        self.bot = self.add_user(bot_name, bot=True)
        self.owner = self.add_user("operator")
        self.reset_token()

    def reset_token(self) -> None:
        """The old token is worth nothing from now on."""
        self.token = f"{self.bot.id}.{secrets.token_hex(4)}.{secrets.token_hex(12)}"

    def emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)
        self.changes.announce()

    def born(self, snowflake: int) -> datetime:
        return made_at(snowflake)

    # people
    def add_user(self, name: str, *, bot: bool = False, nitro: bool = False, accepts_dms: bool = True) -> User:
        user = User(
            id=self.ids.next(),
            name=name,
            global_name=None if bot else name,
            bot=bot,
            nitro=nitro,
            accepts_dms=accepts_dms,
        )
        self.users[user.id] = user
        return user

    def dm(self, user: User) -> Channel:
        """The direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(world=cast("World", self), id=self.ids.next(), type=ChannelType.DM, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def permissions(self, user: User, channel: Channel) -> Permission:
        """What someone may do in a channel, as Discord computes it."""
        guild = channel.guild
        if guild is None:
            return IN_A_DM if user in (self.bot, channel.recipient) else NOTHING
        member = guild.members.get(user.id)
        if member is None:
            return NOTHING
        total, timed_out = self._base(guild, member)
        if total == EVERYTHING:
            return total
        place = channel.parent if channel.is_thread and channel.parent is not None else channel
        here = in_channel(total, place.overwrites, everyone=guild.id, roles=member.roles, member=user.id)
        here = implied(here, thread=channel.is_thread, timed_out=timed_out)
        if channel.type is ChannelType.PRIVATE_THREAD and Permission.MANAGE_THREADS not in here:
            return here if user.id in channel.thread_members else NOTHING
        return here

    def guild_permissions(self, user: User, guild: Guild) -> Permission:
        """What someone may do in a guild at large."""
        member = guild.members.get(user.id)
        return NOTHING if member is None else self._base(guild, member)[0]

    def _base(self, guild: Guild, member: Member) -> tuple[Permission, bool]:
        until = member.timed_out_until
        timed_out = until is not None and until > self.clock.now()
        roles = [guild.everyone.permissions, *(guild.roles[role].permissions for role in member.roles)]
        return base(roles, owner=guild.owner is member.user, timed_out=timed_out), timed_out

    def sees(self, user: User, channel: Channel) -> bool:
        return Permission.VIEW_CHANNEL in self.permissions(user, channel)
