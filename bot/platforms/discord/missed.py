"""Which channels may hold something that was missed, and in which order they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import discord

from bot.platforms.discord.client import Client
from bot.talk.message import Place, PlaceKind
from bot.talk.record import Recent

ASLEEP = 50
"""Threads that Discord does not list any more (archived) and that are looked at all the same: the newest known ones."""

Spoken = discord.TextChannel | discord.VoiceChannel | discord.StageChannel
Readable = Spoken | discord.Thread | discord.DMChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One channel to be read from the message after `after` on. What is newer than `until` may have been missed, unless
    it is `known`: then the edit that is kept of it is compared. `channel` None: Discord has to be asked
    for it first. A smaller `rank` is read sooner."""

    id: int
    place: Place | None
    channel: Readable | None
    until: int
    known: Mapping[int, datetime | None] = field(default_factory=dict[int, "datetime | None"])
    rank: tuple[int, int] = (0, 0)

    @property
    def after(self) -> int:
        return min([self.until, *(each - 1 for each in self.known)])


def to_read(
    client: Client, shard: int, *, until: int, places: Iterable[Place], recent: Iterable[Recent]
) -> list[Reading]:
    """For one shard, the most urgent first: direct messages; where we were talked to; then what was said last.

    Discord tells the last message of each channel and active thread of a server, but neither direct messages nor
    threads that are archived: these are known from what is kept.
    """
    count = client.shard_count or 1
    kept: dict[int, dict[int, datetime | None]] = {}
    where: dict[int, Place] = {}
    for each in recent:
        kept.setdefault(int(each.place.id), {})[int(each.message)] = each.edited_at
        where[int(each.place.id)] = each.place
    found: list[Reading] = []
    for guild in client.guilds:
        if guild.shard_id != shard:
            continue
        for channel in _channels(guild):
            known = kept.pop(channel.id, {})
            last = channel.last_message_id or 0
            if last > until or known:
                rank = (1 if known or _ours(channel, client) else 2, -last)
                found.append(Reading(id=channel.id, place=None, channel=channel, until=until, known=known, rank=rank))
    places = [place for place in places if _shard_of(place, count) == shard]
    if shard == 0:
        for place in places:
            if place.kind is PlaceKind.DIRECT:
                known = kept.pop(int(place.id), {})
                found.append(
                    Reading(
                        id=int(place.id),
                        place=place,
                        channel=None,
                        until=until,
                        known=known,
                        rank=(0, -max(known, default=0)),
                    )
                )
    listed = {each.id for each in found} | {thread.id for guild in client.guilds for thread in guild.threads}
    asleep = [place for place in places if place.kind is PlaceKind.THREAD and int(place.id) not in listed]
    asleep = sorted(asleep, key=lambda place: int(place.id), reverse=True)[:ASLEEP]
    for place in asleep:
        where.setdefault(int(place.id), place)
        kept.setdefault(int(place.id), {})
    for id_, known in kept.items():
        if _shard_of(where[id_], count) == shard:
            rank = (1 if known else 3, -id_)
            found.append(Reading(id=id_, place=where[id_], channel=None, until=until, known=known, rank=rank))
    return sorted(found, key=lambda each: each.rank)


def _channels(guild: discord.Guild) -> Sequence[Spoken | discord.Thread]:
    spoken = [each for each in guild.channels if isinstance(each, Spoken)]
    return [*spoken, *guild.threads]


def _ours(channel: Spoken | discord.Thread, client: Client) -> bool:
    return isinstance(channel, discord.Thread) and client.user is not None and channel.owner_id == client.user.id


def shard_of(reading: Reading, count: int) -> int:
    """Of so many shards the one that its server belongs to; direct messages are the first one's."""
    if reading.place is not None:
        return _shard_of(reading.place, count)
    guild = None if reading.channel is None else reading.channel.guild
    return 0 if guild is None else (guild.id >> 22) % count


def _shard_of(place: Place, count: int) -> int:
    return 0 if place.guild is None else (int(place.guild) >> 22) % count


def may_read(channel: Readable) -> bool:
    """Whether what Discord gives of its past is all there is: without the right it gives nothing, and no error."""
    if isinstance(channel, discord.DMChannel):
        return True
    try:
        rights = channel.permissions_for(channel.guild.me)
    except (discord.ClientException, AttributeError):  # a thread whose channel we do not see; a server in an outage
        return False
    return rights.view_channel and rights.read_message_history
