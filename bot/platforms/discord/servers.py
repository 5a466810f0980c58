"""The servers that we are in, as discord.py's cache has them now; none of those of which nobody tells us."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import discord

from bot.platforms.discord.containment import Roles
from bot.platforms.discord.permissions import Guild
from bot.platforms.discord.rooms import is_ours
from bot.platforms.discord.snapshot import KEPT, Snapshots
from bot.talk.message import Place


class Servers:
    """`client`: of the connection of now, None while there is none. `hears`: whether a shard is connected."""

    def __init__(self, client: Callable[[], discord.Client | None], hears: Callable[[int], bool]) -> None:
        self._client = client
        self._hears = hears
        self._snapshots = Snapshots()
        self._roles: OrderedDict[int, Roles] = OrderedDict()

    @property
    def ids(self) -> Sequence[int]:
        client = self._client()
        return [] if client is None else [guild.id for guild in client.guilds]

    def known(self, place: Place) -> discord.Guild | None:
        """The server of a place, whether it can be reckoned with or not."""
        client = self._client()
        if client is None or not is_ours(place) or place.guild is None:
            return None
        return client.get_guild(int(place.guild))

    def channel(self, place: Place) -> discord.abc.GuildChannel | None:
        """A channel of a server, no thread; also where the server cannot be reckoned with."""
        guild = self.known(place)
        return None if guild is None else guild.get_channel(int(place.id))

    @property
    def me(self) -> int:
        """Our own number; 0 while it is not known."""
        client = self._client()
        return 0 if client is None or client.user is None else client.user.id

    def at(self, place: Place) -> Guild | None:
        return None if not is_ours(place) or place.guild is None else self.of(int(place.guild))

    def of(self, server: int) -> Guild | None:
        client = self._client()
        guild = None if client is None else client.get_guild(server)
        if client is None or client.user is None or guild is None or not self._hears(guild.shard_id):
            return None
        return self._snapshots.of(guild, me=client.user.id)

    def holding(self, channel: int) -> int | None:
        """The server that a channel or thread is in; None where it is not known."""
        client = self._client()
        found = None if client is None else client.get_channel(channel)
        return None if found is None or isinstance(found, discord.abc.PrivateChannel) else found.guild.id

    def roles(self, guild: Guild) -> Roles:
        """Reckoned anew where anything in the server has changed."""
        known = self._roles.get(guild.id)
        if known is None or known.guild is not guild:
            known = self._roles[guild.id] = Roles(guild)
        self._roles.move_to_end(guild.id)
        while len(self._roles) > KEPT:
            self._roles.popitem(last=False)
        return known
