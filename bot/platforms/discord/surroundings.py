"""What can be read and written where nobody asks: by everyone who reads a place, and by ourselves. As of now."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from itertools import islice

import discord

from bot.platforms.discord.containment import Audience
from bot.platforms.discord.members import Members
from bot.platforms.discord.permissions import Channel, Guild, Member, can_read_history, can_read_thread
from bot.platforms.discord.read import place_of
from bot.platforms.discord.rooms import (
    channel_at,
    hangs_on_membership,
    is_ours,
    key,
    number_of,
    reads,
    rooms_of,
    thread_at,
)
from bot.platforms.discord.servers import Servers
from bot.platforms.discord.tags import lacks_tag
from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Conversation, Place, PlaceKind

NAMED = 8
"""People that a channel names by themselves and whose roles are asked for; the others are judged as if they could have
any."""
FOUND = 10
"""Places of one name, at most."""


class Surroundings:
    """A part of `DiscordRights`. `complete`: whether all that was said up to now has been heard."""

    def __init__(self, servers: Servers, members: Members, *, complete: Callable[[], bool]) -> None:
        self._servers = servers
        self._members = members
        self._complete = complete

    @property
    def heard(self) -> bool:
        return self._complete()

    async def open_to(self, rooms: Collection[str], conversation: Conversation) -> frozenset[str] | None:
        place = conversation.place
        wanted = {room: number for room in rooms if (number := number_of(room)) is not None}
        if not is_ours(place):
            return frozenset()
        if conversation.only is not None:
            return await self._open_to_one(number_of(conversation.only), wanted, place)
        if place.kind is PlaceKind.DIRECT:
            return await self._open_to_one(await self._members.recipient(int(place.id)), wanted, place)
        return await self._open_to_all(wanted, place)

    async def grounds(self, words: str, place: Place) -> Collection[Ground]:
        guild = self._servers.known(place)
        wanted = words.strip().removeprefix("<#").removesuffix(">").lstrip("#").casefold()
        if guild is None or not wanted:
            return ()
        found = (each for each in (*guild.channels, *guild.threads) if wanted in (str(each.id), each.name.casefold()))
        return [Ground(place=place_of(each), kind=_kind(each)) for each in islice(found, FOUND)]

    def within(self, ground: Ground) -> Collection[Place]:
        guild = self._servers.known(ground.place)
        if guild is None:
            return ()
        here = guild.get_channel_or_thread(int(ground.place.id))
        if isinstance(here, discord.CategoryChannel):
            return [place_of(each) for each in here.channels]
        if here is not None:
            return (place_of(here),)
        channel = ground.place.channel
        archived = channel is not None and guild.get_channel(int(channel.id)) is not None
        return (ground.place,) if archived else ()

    async def standing(self, place: Place, *, posts: bool = False) -> Standing:
        guild = self._servers.known(place)
        if guild is None or self._servers.at(place) is None:
            return Standing.UNKNOWN
        here = guild.get_channel_or_thread(int(place.id))
        parent = here.parent if isinstance(here, discord.Thread) else _parent(place, guild) if here is None else here
        if parent is None:
            return Standing.GONE
        if here is None and await self._members.is_there(int(place.id)) is False:
            return Standing.GONE  # an archived thread is in nobody's cache
        allowed = parent.permissions_for(guild.me)
        if isinstance(here, discord.ForumChannel) and posts:
            may = allowed.view_channel and allowed.send_messages and allowed.send_messages_in_threads
            return Standing.OPEN if may and not lacks_tag(here) else Standing.BARRED
        if isinstance(here, discord.ForumChannel | discord.CategoryChannel) or posts:
            return Standing.BARRED
        threaded = here is None or isinstance(here, discord.Thread)
        writes = allowed.send_messages_in_threads if threaded else allowed.send_messages
        locked = isinstance(here, discord.Thread) and here.locked and not allowed.manage_threads
        return Standing.OPEN if allowed.view_channel and writes and not locked else Standing.BARRED

    def alone(self, person: str, place: Place) -> Conversation:
        """Without a press or a command it goes as a direct message."""
        return Conversation(place=place, only=person)

    async def _open_to_all(self, rooms: dict[str, int], place: Place) -> frozenset[str] | None:
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if guild is None or channel is None:
            return None if guild is None else frozenset()
        named = await self._named(channel, guild, 0)
        # Everything was asked; what the server is like may have changed meanwhile.
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if guild is None or channel is None:
            return None if guild is None else frozenset()
        own = rooms_of(place, guild)
        audience = Audience(channel, self._servers.roles(guild), known=named)
        channels = {room: guild.channels.get(number) for room, number in rooms.items()}
        return frozenset(
            room for room, other in channels.items() if room in own or (other is not None and audience.may_read(other))
        )

    async def _open_to_one(self, person: int | None, rooms: dict[str, int], place: Place) -> frozenset[str] | None:
        """As what they ask for alone is made of; only the servers that hold these rooms are asked."""
        if person is None:
            return None if place.kind is PlaceKind.DIRECT else frozenset()
        if place.guild is not None and self._servers.at(place) is None:
            return None
        by_server: defaultdict[int, set[int]] = defaultdict(set)
        for number in rooms.values():
            server = self._servers.holding(number)
            if server is not None:
                by_server[server].add(number)
        if place.guild is not None:
            by_server[int(place.guild)].add(int(place.id))
        known = {server: await self._known_of(person, server, numbers) for server, numbers in by_server.items()}
        # Everything was asked; what the servers are like may have changed meanwhile.
        here = self._servers.at(place)
        if None in known.values() or (place.guild is not None and here is None):
            return None
        channel = None if here is None else channel_at(place, here)
        adults = channel is not None and channel.age_restricted
        found: set[str] = {place.key} if place.kind is PlaceKind.DIRECT else set()
        for server, asked in known.items():
            guild = self._servers.of(server)
            if guild is None or asked is None:
                return None
            member, joined = asked
            if member is not None:
                found |= _open_of(member, joined, guild, by_server[server], adults=adults)
                if guild is here and reads(member, place, guild, added=int(place.id) in joined):
                    found |= rooms_of(place, guild)
        return frozenset(rooms) & found

    async def _known_of(
        self, person: int, server: int, numbers: Iterable[int]
    ) -> tuple[Member | None, frozenset[int]] | None:
        """Who somebody is in a server, and in which of these private threads they are; None: not known now."""
        member = await self._members.member(server, person)
        guild = self._servers.of(server)
        if guild is None or (member is None and not self._members.answered(server, person)):
            return None
        joined: set[int] = set()
        for number in numbers if member is not None else ():
            thread = guild.threads.get(number)
            hangs = member is not None and thread is not None and hangs_on_membership(member, thread, guild)
            if hangs and await self._members.in_thread(number, person):
                joined.add(number)
        return member, frozenset(joined)

    async def _added(self, member: Member, place: Place, guild: Guild) -> bool:
        """Whether somebody is in the private thread that the place is; only asked where it matters."""
        thread = thread_at(place, guild)
        if thread is None or not hangs_on_membership(member, thread, guild):
            return False
        return await self._members.in_thread(thread.id, member.id)

    async def _named(self, channel: Channel, guild: Guild, asker: int) -> tuple[Member, ...]:
        """People that the channel names by themselves, as far as they can be asked for."""
        some = sorted(set(Audience(channel, self._servers.roles(guild)).named) - {asker})[:NAMED]
        found = await asyncio.gather(*(self._members.member(guild.id, each) for each in some))
        return tuple(each for each in found if each is not None)


def _open_of(
    member: Member, joined: Collection[int], guild: Guild, numbers: Iterable[int], *, adults: bool
) -> set[str]:
    """Of these places what somebody can read in the server as it is now."""
    found: set[str] = set()
    for number in numbers:
        other, thread = guild.channels.get(number), guild.threads.get(number)
        if other is not None and (adults or not other.age_restricted) and can_read_history(member, other, guild):
            found.add(key(number))
        elif thread is not None and thread.private:
            added = (member.id,) if number in joined else ()
            if can_read_thread(member, thread, guild, added=added):
                found.add(key(number))
    return found


def _kind(channel: discord.abc.GuildChannel | discord.Thread) -> GroundKind:
    if isinstance(channel, discord.Thread):
        return GroundKind.THREAD
    if isinstance(channel, discord.ForumChannel):
        return GroundKind.FORUM
    return GroundKind.CATEGORY if isinstance(channel, discord.CategoryChannel) else GroundKind.CHANNEL


def _parent(place: Place, guild: discord.Guild) -> discord.abc.GuildChannel | None:
    return None if place.channel is None else guild.get_channel(int(place.channel.id))
