"""Who may read what on Discord, by its own rules, as of now. What is not known is not allowed.

What servers, roles and channels there are is in discord.py's cache, which Discord keeps up to date; who has which
roles is asked (`members`). Where the asker alone reads the answer, their own rights count; elsewhere a place has to be
open to everyone who can read the answer as well (`containment`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection
from itertools import islice

import discord

from bot.platforms.discord.containment import Audience
from bot.platforms.discord.members import Members
from bot.platforms.discord.permissions import (
    MANAGE_GUILD,
    MANAGE_MESSAGES,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    SEND_POLLS,
    Member,
    base,
    can_read_thread,
    permissions,
)
from bot.platforms.discord.read import NAME, place_of
from bot.platforms.discord.rooms import (
    channel_at,
    hangs_on_membership,
    is_ours,
    key,
    number_of,
    readable,
    reads,
    rooms_of,
)
from bot.platforms.discord.servers import Servers
from bot.platforms.discord.surroundings import FOUND, Surroundings
from bot.platforms.discord.wire import Wire
from bot.ports import Clock
from bot.talk.message import Conversation, Person, Place, PlaceKind
from bot.talk.reach import NOWHERE, Reach

SHARED = 16
"""Servers, at most, whose places are put together for somebody who asks alone."""
ASKERS = 4096
"""People of whom it is remembered in which servers they asked."""
PRIVATE_THREADS = 20
"""Private threads of a server, the latest, of which it is asked whether somebody is in them."""
_NOBODY: tuple[None, frozenset[int]] = (None, frozenset())
ALONE = "alone"
"""The audience of what one person reads; it never grows."""


class DiscordRights(Surroundings):
    """Implements `bot.ports.rights.Rights`. `client`, `wire`: of the connection of now; None while there is none.

    `hears`: whether a shard is connected, so that what is known of its servers is what they are. `complete`: as in
    `Surroundings`.
    """

    def __init__(
        self,
        client: Callable[[], discord.Client | None],
        wire: Callable[[], Wire | None],
        clock: Clock,
        *,
        hears: Callable[[int], bool] = lambda _: True,
        complete: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(Servers(client, hears), Members(wire, clock), complete=complete)
        self._asked_in: OrderedDict[int, OrderedDict[int, None]] = OrderedDict()

    async def reach(self, asker: Person, conversation: Conversation) -> Reach:
        person, place = number_of(asker.key), conversation.place
        if person is None or not is_ours(place):
            return NOWHERE
        if place.kind is PlaceKind.DIRECT and not await self._writes_there(person, place):
            return NOWHERE
        if place.kind is PlaceKind.DIRECT or conversation.only is not None:
            return await self._alone(person, conversation)
        return await self._together(person, place)

    async def may_read(self, person: str, place: Place) -> bool:
        number = number_of(person)
        if place.kind is PlaceKind.DIRECT:
            return await self._writes_there(number, place)
        member = await self._member(number, place)
        before = self._servers.at(place)
        added = member is not None and before is not None and await self._added(member, place, before)
        guild = self._servers.at(place)
        return member is not None and guild is not None and reads(member, place, guild, added=added)

    async def moderates(self, person: str, place: Place) -> bool:
        """In direct messages whoever writes them."""
        if place.kind is PlaceKind.DIRECT:
            return await self.may_read(person, place)
        member = await self._member(number_of(person), place)
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if member is None or guild is None or channel is None:
            return False
        return bool(permissions(member, channel, guild) & (MANAGE_MESSAGES | MANAGE_GUILD))

    async def governs(self, person: str, place: Place) -> bool:
        """By roles alone: what a channel allows counts for that channel."""
        member = await self._member(number_of(person), place)
        guild = self._servers.at(place)
        if member is None or guild is None or member.timed_out:
            return False
        return bool(base(member, guild) & MANAGE_GUILD)

    async def may_poll(self, person: str, place: Place) -> bool:
        """Where they can read and write, and may send polls."""
        if place.kind is PlaceKind.DIRECT or not await self.may_read(person, place):
            return False
        member = await self._member(number_of(person), place)
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if member is None or guild is None or channel is None:
            return False
        threaded = int(place.id) not in guild.channels
        needed = SEND_POLLS | (SEND_MESSAGES_IN_THREADS if threaded else SEND_MESSAGES)
        return permissions(member, channel, guild) & needed == needed

    async def roles(self, person: str, place: Place) -> frozenset[str]:
        member = await self._member(number_of(person), place)
        guild = self._servers.at(place)
        if member is None or guild is None:
            return frozenset()
        return frozenset(str(role) for role in {*member.roles, guild.id} if role in guild.roles)

    def named(self, words: str, place: Place) -> Collection[Place]:
        guild = self._servers.known(place)
        wanted = words.strip().removeprefix("<#").removesuffix(">").lstrip("#").casefold()
        if guild is None or not wanted:
            return ()
        everywhere = (
            each for each in (*guild.channels, *guild.threads) if not isinstance(each, discord.CategoryChannel)
        )
        found = (each for each in everywhere if wanted in (str(each.id), each.name.casefold()))
        return [place_of(each) for each in islice(found, FOUND)]

    def link(self, place: Place, message: str) -> str:
        if place.guild is None and place.kind is not PlaceKind.DIRECT:
            return ""
        return f"https://discord.com/channels/{place.guild or '@me'}/{place.id}/{message}"

    def audience(self, conversation: Conversation) -> str:
        place = conversation.place
        if place.kind is PlaceKind.DIRECT or conversation.only is not None:
            return ALONE
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if guild is None or channel is None:
            return ""
        return hashlib.sha256(Audience(channel, self._servers.roles(guild)).fingerprint().encode()).hexdigest()[:16]

    async def _together(self, person: int, place: Place) -> Reach:
        """Where others read the answer, too."""
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if guild is None or channel is None:
            return NOWHERE
        self._remember(person, guild.id)
        member = await self._members.member(guild.id, person)
        if member is None:
            return NOWHERE
        named = await self._named(channel, guild, person)
        added = await self._added(member, place, guild)
        # Everything was asked; what the server is like may have changed meanwhile.
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        if guild is None or channel is None:
            return NOWHERE
        rooms = list(readable(member, guild, age_restricted=channel.age_restricted))
        alone = {key(each.id) for each in rooms}
        if not reads(member, place, guild, added=added):
            return Reach(alone=frozenset(alone))
        here = rooms_of(place, guild)
        audience = Audience(channel, self._servers.roles(guild), known=(member, *named))
        open_to_all = {key(each.id) for each in rooms if key(each.id) not in here and audience.may_read(each)}
        return Reach(here=here | open_to_all, alone=here | alone)

    async def _alone(self, person: int, conversation: Conversation) -> Reach:
        """All that the person may read, in the servers that they share with us."""
        place = conversation.place
        shared = self._shared(person, place)
        asked = dict(zip(shared, await asyncio.gather(*(self._asked(person, each) for each in shared)), strict=True))
        guild = self._servers.at(place)
        member = None if guild is None else asked.get(guild.id, _NOBODY)[0]
        added = member is not None and guild is not None and await self._added(member, place, guild)
        # Everything was asked; what the servers are like may have changed meanwhile.
        guild = self._servers.at(place)
        channel = None if guild is None else channel_at(place, guild)
        restricted = channel is not None and channel.age_restricted
        found = frozenset({place.key} if place.kind is PlaceKind.DIRECT else ())
        for server, (who, joined) in asked.items():
            found |= self._open_there(who, joined, server, restricted)
        if member is not None and guild is not None and reads(member, place, guild, added=added):
            found |= rooms_of(place, guild)
        mine = conversation.only in (None, f"{NAME}:{person}")
        return Reach(here=found if mine else frozenset(), alone=found)

    async def _asked(self, person: int, server: int) -> tuple[Member | None, frozenset[int]]:
        """Who somebody is in a server, and in which of its latest private threads they are."""
        member = await self._members.member(server, person)
        guild = self._servers.of(server)
        if member is None or guild is None:
            return _NOBODY
        some = sorted(
            (each.id for each in guild.threads.values() if hangs_on_membership(member, each, guild)), reverse=True
        )
        some = some[:PRIVATE_THREADS]
        added = await asyncio.gather(*(self._members.in_thread(each, person) for each in some))
        return member, frozenset(each for each, is_in in zip(some, added, strict=True) if is_in)

    def _open_there(
        self, member: Member | None, joined: Collection[int], server: int, restricted: bool
    ) -> frozenset[str]:
        """What somebody can read in a server as it is now."""
        guild = self._servers.of(server)
        if member is None or guild is None:
            return frozenset()
        rooms = {each.id for each in readable(member, guild, age_restricted=restricted)}
        private = (each for each in guild.threads.values() if each.private and each.parent in rooms)
        threads = {
            each.id
            for each in private
            if can_read_thread(member, each, guild, added=(member.id,) if each.id in joined else ())
        }
        return frozenset(map(key, rooms | threads))

    async def _member(self, person: int | None, place: Place) -> Member | None:
        """Who somebody is in the server of a place, where both are known."""
        guild = None if person is None else self._servers.at(place)
        return None if guild is None or person is None else await self._members.member(guild.id, person)

    def _shared(self, person: int, place: Place) -> list[int]:
        """Servers that the person may be in: where this is, where they asked before, and others as far as those are
        few."""
        all_of_them = self._servers.ids
        here = [] if place.guild is None else [int(place.guild)]
        asked_in = reversed(self._asked_in.get(person, ()))
        rest = all_of_them if len(all_of_them) <= SHARED else ()
        return list(islice(dict.fromkeys((*here, *asked_in, *rest)), SHARED))

    def _remember(self, person: int, guild: int) -> None:
        servers = self._asked_in.setdefault(person, OrderedDict())
        self._asked_in.move_to_end(person)
        servers[guild] = None
        servers.move_to_end(guild)
        while len(servers) > SHARED:
            servers.popitem(last=False)
        while len(self._asked_in) > ASKERS:
            self._asked_in.popitem(last=False)

    async def _writes_there(self, person: int | None, place: Place) -> bool:
        """Whether these are the person's direct messages."""
        return person is not None and is_ours(place) and await self._members.recipient(int(place.id)) == person
