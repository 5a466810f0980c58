"""A server as discord.py's cache has it now, as values to reckon with.

Each look is at what the cache holds at that moment. The values of before are taken again where they are still the same:
the library makes a new list of a channel's overwrites whenever it is told of the channel.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import discord

from bot.platforms.discord.permissions import Channel, Guild, Kind, Member, Overwrite, Thread

KEPT = 64
"""Servers whose values are kept, at most; a large one takes about a mebibyte."""

_KINDS = {
    discord.ChannelType.voice: Kind.VOICE,
    discord.ChannelType.stage_voice: Kind.VOICE,
    discord.ChannelType.category: Kind.CATEGORY,
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A channel's value, and what it was made of."""

    value: Channel
    overwrites: list[Any]
    kind: discord.ChannelType
    age_restricted: bool

    def same(self, kind: discord.ChannelType, age_restricted: bool) -> bool:
        return self.kind is kind and self.age_restricted == age_restricted


@dataclass(frozen=True, slots=True)
class _Server:
    value: Guild
    seen: Mapping[int, _Seen]


class Snapshots:
    """The same object is given for a server in which nothing has changed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Server] = OrderedDict()

    def of(self, guild: discord.Guild, *, me: int) -> Guild | None:
        """`me`: our own id. None where Discord says that the server is not there, or has not told of it yet."""
        roles = {role.id: role.permissions.value for role in guild.roles}
        if guild.unavailable or guild.owner_id is None or guild.id not in roles:
            return None
        before = self._kept.get(guild.id)
        earlier = {} if before is None else before.seen
        seen = {each.id: _seen(each, earlier.get(each.id)) for each in guild.channels}
        mine = guild.self_role
        value = Guild(
            id=guild.id,
            owner=guild.owner_id,
            roles=roles,
            channels={number: each.value for number, each in seen.items()},
            threads={thread.id: thread_of(thread) for thread in guild.threads},
            me=me,
            my_role=0 if mine is None else mine.id,
        )
        if before is not None and before.value == value:
            value = before.value
        self._kept[guild.id] = _Server(value, seen)
        self._kept.move_to_end(guild.id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return value


def _seen(channel: discord.abc.GuildChannel, before: _Seen | None) -> _Seen:
    # The library's own list: `overwrites` makes an object of each, which takes a hundred times as long.
    overwrites = cast("list[Any]", cast("Any", channel)._overwrites)
    adult = bool(getattr(channel, "nsfw", False))
    if before is not None and before.overwrites is overwrites and before.same(channel.type, adult):
        return before
    value = Channel(
        id=channel.id,
        kind=_KINDS.get(channel.type, Kind.TEXT),
        overwrites=tuple(
            [Overwrite(id=each.id, allow=each.allow, deny=each.deny, member=each.is_member()) for each in overwrites]
        ),
        age_restricted=adult,
    )
    return _Seen(value, overwrites, channel.type, adult)


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
