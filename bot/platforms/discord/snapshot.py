"""A server as discord.py's cache has it now, as values to reckon with.

Nothing is kept between two looks: what was changed a moment ago counts. Of 500 channels and 250 roles it takes a few
milliseconds.
"""

from __future__ import annotations

from typing import Any, cast

import discord

from bot.platforms.discord.permissions import Channel, Guild, Kind, Member, Overwrite, Thread

_KINDS = {
    discord.ChannelType.voice: Kind.VOICE,
    discord.ChannelType.stage_voice: Kind.VOICE,
    discord.ChannelType.category: Kind.CATEGORY,
}


def guild_of(guild: discord.Guild, *, me: int) -> Guild | None:
    """`me`: our own id. None where Discord says that it is not there, or has not told of it yet."""
    if guild.unavailable or guild.owner_id is None or guild.default_role is None:  # pyright: ignore[reportUnnecessaryComparison] # it lies
        return None
    mine = guild.self_role
    return Guild(
        id=guild.id,
        owner=guild.owner_id,
        roles={role.id: role.permissions.value for role in guild.roles},
        channels={channel.id: channel_of(channel) for channel in guild.channels},
        threads={thread.id: thread_of(thread) for thread in guild.threads},
        me=me,
        my_role=0 if mine is None else mine.id,
    )


def channel_of(channel: discord.abc.GuildChannel) -> Channel:
    # The library's own list: `overwrites` makes an object of each, which takes a hundred times as long.
    overwrites = cast("list[Any]", cast("Any", channel)._overwrites)
    return Channel(
        id=channel.id,
        kind=_KINDS.get(channel.type, Kind.TEXT),
        overwrites=tuple(
            [Overwrite(id=each.id, allow=each.allow, deny=each.deny, member=each.is_member()) for each in overwrites]
        ),
        age_restricted=bool(getattr(channel, "nsfw", False)),
    )


def thread_of(thread: discord.Thread) -> Thread:
    return Thread(id=thread.id, parent=thread.parent_id, private=thread.is_private())


def member_of(payload: Any) -> Member:
    """From what Discord's API says of a member. Raises KeyError, TypeError and ValueError for what is none."""
    until = payload.get("communication_disabled_until")
    return Member(
        id=int(payload["user"]["id"]),
        roles=frozenset(int(role) for role in payload["roles"]),
        timed_out=bool(until) and discord.utils.parse_time(until) > discord.utils.utcnow(),
    )
