"""The judge: discord.py's own `permissions_for`, over every person of a world, and who is in its private threads."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import discord

from benchmarks.audience_worlds import CATEGORY, ME, World
from bot.platforms.discord.permissions import (
    CONNECT,
    MANAGE_MESSAGES,
    MANAGE_THREADS,
    READ_MESSAGE_HISTORY,
    VIEW_CHANNEL,
    permissions,
)
from bot.platforms.discord.snapshot import guild_of, member_of

COMPARED = VIEW_CHANNEL | READ_MESSAGE_HISTORY | MANAGE_THREADS | MANAGE_MESSAGES


class Case:
    """One question in a world, as that is now. `place`: where it was asked; `alone`: the asker alone reads the answer."""

    def __init__(self, made: World, guild: discord.Guild, state: Any, *, asker: int, place: int, alone: bool) -> None:
        self.made = made
        self.state = state
        self.asker = asker
        self.members = copy.deepcopy(made.members)
        self._guild = guild
        self._place = place
        self._alone = alone
        self._people = {each: _member(made, guild, state, each) for each in made.members}
        self._readers = {asker} if alone else self.readers()

    def again(self) -> Case:
        return Case(self.made, self._guild, self.state, asker=self.asker, place=self._place, alone=self._alone)

    def rooms(self) -> list[int]:
        """Other places than the one that was asked in."""
        own = {self._place, self._parent(self._place)}
        everywhere = [each.id for each in self._guild.channels if not isinstance(each, discord.CategoryChannel)]
        private = [each.id for each in self._guild.threads if each.is_private()]
        return [each for each in (*everywhere, *private) if each not in own]

    def readers(self) -> set[int]:
        """Who can read what is said there from now on; we are not among them."""
        return {person for person in self._people if person != ME and self._sees(person)}

    def may_be_told(self, room: int) -> bool:
        """Whether the asker and everyone who can read the answer can read a place."""
        if not self.asker_reads(room):
            return False
        if room in (self._place, self._parent(self._place)):
            return True
        return all(self.reads(person, room) for person in self._readers)

    def asker_reads(self, room: int) -> bool:
        return self.reads(self.asker, room) and (self._adult(self._place) or not self._adult(room))

    def reads(self, person: int, room: int) -> bool:
        """Whether somebody can read what was said in a place."""
        channel: Any = self._guild.get_channel_or_thread(room)
        if channel is None or channel.type.value == CATEGORY:
            return False
        may = channel.permissions_for(self._people[person])
        if not (may.view_channel and may.read_message_history):
            return False
        if isinstance(channel, discord.Thread) and channel.is_private():
            return may.manage_threads or person in self.made.added[room]
        return may.connect if isinstance(channel, (discord.VoiceChannel, discord.StageChannel)) else True

    def reads_everything(self, person: int) -> bool:
        return self._people[person].guild_permissions.administrator

    def _sees(self, person: int) -> bool:
        channel: Any = self._guild.get_channel_or_thread(self._place)
        if channel is None:
            return False
        may = channel.permissions_for(self._people[person])
        if isinstance(channel, discord.Thread) and channel.is_private():
            return may.view_channel and (may.manage_threads or person in self.made.added[self._place])
        return may.view_channel

    def _parent(self, room: int) -> int:
        """Of an open thread, whose readers are its channel's."""
        found = self._guild.get_thread(room)
        return room if found is None or found.is_private() else found.parent_id

    def _adult(self, room: int) -> bool:
        found: Any = self._guild.get_channel_or_thread(room)
        return bool(found is not None and found.is_nsfw())


def agrees(made: World, guild: discord.Guild, state: Any, random: Random) -> bool:
    """Whether our permissions of somebody somewhere are the judge's."""
    person = random.choice(list(made.members))
    rooms: list[Any] = [*guild.channels, *guild.threads]
    if not rooms:
        return True
    room = random.choice(rooms)
    theirs = room.permissions_for(_member(made, guild, state, person)).value
    ours_of = guild_of(guild, me=ME)
    assert ours_of is not None
    parent = room.parent_id if isinstance(room, discord.Thread) else room.id
    ours = permissions(member_of(made.members[person]), ours_of.channels[parent], ours_of)
    compared = COMPARED
    if isinstance(room, (discord.VoiceChannel, discord.StageChannel)):
        compared |= CONNECT
    if isinstance(room, discord.CategoryChannel) and not theirs & VIEW_CHANNEL:
        compared = VIEW_CHANNEL  # it does not take away there what follows from not seeing
    return ours & compared == theirs & compared


def _member(made: World, guild: discord.Guild, state: Any, person: int) -> discord.Member:
    payload: Any = made.members[person]
    return discord.Member(data=payload, guild=guild, state=state)
