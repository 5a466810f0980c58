"""Catches up with what was said, edited and deleted while we were not listening: after a start or a lost session.

Per channel everything that is newer than the mark is told like live messages, in order, through the same inbox; what
is kept of the last minutes is compared with what stands there now. Until that is done the mark does not move.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

import discord

from bot.errors import CalanqueError
from bot.platforms.discord.client import Client
from bot.platforms.discord.held import Held
from bot.platforms.discord.inbox import Inbox, told
from bot.platforms.discord.missed import Reading, to_read
from bot.platforms.discord.read import NAME
from bot.platforms.discord.readers import Readers, pause
from bot.platforms.discord.reading import Past
from bot.platforms.discord.times import made_at
from bot.platforms.discord.watermark import Facts, Watermark
from bot.ports import Clock, Counters
from bot.talk.event import CaughtUp, Edited, Said
from bot.talk.message import Place
from bot.talk.record import Recent

RECENT = 10_000
"""Kept messages, at most, that are compared with what stands on Discord now."""

EDITS_AGAIN = 5
"""So often what was edited and not written down is read again; then it stays as it was."""

_log = logging.getLogger(__name__)


class Kept(Facts, Protocol):
    async def places(self, platform: str) -> tuple[Place, ...]: ...
    async def recent(self, platform: str, *, since: datetime, limit: int) -> tuple[Recent, ...]: ...


class CatchUp:
    """For one connection. `within`: how old a message may be whose edits and deletions still count; `begin` owns
    the tasks that read."""

    client: Client

    def __init__(
        self,
        inbox: Inbox,
        held: Held,
        mark: Watermark,
        past: Past,
        *,
        kept: Kept,
        within: timedelta,
        begin: Callable[[Coroutine[Any, Any, None]], None],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._inbox = inbox
        self._held = held
        self._mark = mark
        self._past = past
        self._readers = Readers(past, held, clock=clock, counters=counters)
        self._kept = kept
        self._within = within
        self._begin = begin
        self._clock = clock
        self._counters = counters
        self._connected: set[int] = set()
        self._arriving: set[int] = set()
        self._known: set[int] = set()
        self._rounds: dict[int, int] = {}
        self._behind: set[int] = set()
        self._absent: dict[int, int] = {}
        self._directs: set[int] | None = None
        self._strangers: set[int] = set()
        self._repairing = False
        self._repairs = 0
        self._repaired = 0
        self._untold = False
        self._since: int | None = None
        held.wanted = self._wanted
        inbox.lost = self._lost

    # what the gateway tells
    def arrives(self, shard: int) -> None:
        """A new session: what came before it was missed."""
        self._connected.add(shard)
        self._arriving.add(shard)
        self._known.discard(shard)
        self._behind.add(shard)
        self._past.begins()
        self._next_round(shard)

    def arrived(self, shard: int) -> None:
        """Its servers are known now; unless it has lost its connection meanwhile, and is told of the others later."""
        if shard in self._arriving:
            self._known.add(shard)
            self._start(shard)

    def resumed(self, shard: int) -> None:
        """Everything since was told."""
        self._connected.add(shard)
        self._start(shard)
        if self._untold:
            self._begin(self._heard())

    def leaves(self, shard: int) -> None:
        self._connected.discard(shard)

    def unavailable(self, guild: discord.Guild) -> None:
        """An outage of one server: what is missed there is read when it is over. Its open threads are told anew then,
        and discord.py 2.7.1 would keep those that were archived meanwhile."""
        guild._clear_threads()  # pyright: ignore[reportPrivateUsage]
        self._absent.setdefault(guild.id, self._mark.until)

    def available(self, guild: discord.Guild) -> None:
        until = self._absent.get(guild.id)
        if until is not None:
            self._begin(self._returned(guild, until))

    def left(self, guild: discord.Guild) -> None:
        """We are no member any more: nothing of it will be read."""
        self._absent.pop(guild.id, None)

    def live(self, message: discord.Message) -> None:
        """The gateway tells of it; where it stands something may have been missed."""
        channel = message.channel.id
        self._past.live(message.id)
        if not isinstance(message.channel, discord.DMChannel):
            return
        if self._directs is None:
            self._strangers.add(channel)
            return
        if channel not in self._directs and not self._readers.reads(channel):
            # Discord does not tell of direct messages whose place we did not know.
            self._directs.add(channel)
            self._begin(self._met(self._readers.opened(self._stranger(channel))))

    def _stranger(self, channel: int) -> Reading:
        place = Place(platform=NAME, id=str(channel))
        return Reading(id=channel, place=place, channel=None, until=self._mark.since)

    @property
    def complete(self) -> bool:
        """Whether all shards are connected and nothing that was missed is still to be read."""
        missing = self._behind or self._readers.any_open or self._absent
        return self._all_connected and not (missing or self._inbox.crowded)

    @property
    def _all_connected(self) -> bool:
        return len(self._connected) == (self.client.shard_count or 0)

    # holding back
    def _wanted(self, channel: int, guild: int | None) -> bool:
        if self._readers.reads(channel):
            self._readers.hurry(channel)
            return True
        shard = 0 if guild is None else (guild >> 22) % (self.client.shard_count or 1)
        return shard in self._arriving

    # catching up
    def _start(self, shard: int) -> None:
        if shard in self._known and shard in self._connected:
            self._known.discard(shard)
            self._begin(self._catch_up(shard, self._rounds[shard]))

    def _next_round(self, shard: int) -> int:
        """What an earlier round has not begun to read is read by this one."""
        self._readers.drop(shard)
        self._rounds[shard] = self._rounds.get(shard, 0) + 1
        return self._rounds[shard]

    async def _catch_up(self, shard: int, round_: int) -> None:
        until = self._mark.until
        self._missed(until)
        readings = await self._planned(shard, until)
        if round_ != self._rounds[shard]:
            return  # another session has begun meanwhile, and with it another round
        for guild in self.client.guilds:
            if guild.unavailable and guild.shard_id == shard:
                self._absent.setdefault(guild.id, until)
        if shard == 0 and self._directs is not None:
            strange = self._strangers - self._directs
            self._directs |= strange
            self._strangers.clear()
            readings = [*map(self._stranger, strange), *readings]
        readings = self._readers.again(readings, shard, self.client.shard_count or 1)
        queue = self._readers.enqueue(readings, shard=shard)
        self._arriving.discard(shard)
        self._held.sift()
        await self._readers.emptied(queue)
        await self._inbox.heard(self._inbox.taken)
        if round_ == self._rounds[shard] and not self._repairing:
            self._behind.discard(shard)
            if not self._behind:
                self._repairs = self._repaired = 0
            self._counters.add("discord_catch_ups_total")
        self._caught_up()

    async def _returned(self, guild: discord.Guild, until: int) -> None:
        self._missed(until)
        readings = [each for each in await self._planned(guild.shard_id, until) if _is_in(each, guild)]
        queue = self._readers.enqueue(readings)
        if not guild.unavailable:
            self._absent.pop(guild.id, None)
        await self._readers.emptied(queue)
        await self._heard()

    async def _met(self, reading: Reading) -> None:
        await self._readers.insist(reading)
        await self._heard()

    async def _heard(self) -> None:
        await self._inbox.heard(self._inbox.taken)
        self._caught_up()

    def _caught_up(self) -> None:
        """Tell so, unless some shard has not been read, or is away and still to tell what it missed."""
        self._untold = not self._all_connected
        if not (self._behind or self._untold):
            since, self._since = self._since, None
            self._inbox.put(0, told(CaughtUp(platform=NAME, since=made_at(str(since)) if since else None)))

    def _missed(self, until: int) -> None:
        """What is newer may not have been told."""
        self._since = until if self._since is None else min(until, self._since)

    async def _planned(self, shard: int, until: int) -> list[Reading]:
        """Waits for a store that fails."""
        failures = 0
        while True:
            try:
                places = await self._kept.places(NAME)
                recent: Iterable[Recent] = ()
                now = self._mark.time.now()
                if now is not None:
                    recent = await self._kept.recent(NAME, since=now - self._within, limit=RECENT)
            except CalanqueError as error:
                _log.warning("What may have been missed could not be found out: %s", error)
                failures += 1
                await self._clock.sleep(pause(failures))
                continue
            if shard == 0:
                self._directs = {int(each.id) for each in places if each.guild is None}
            return to_read(self.client, shard, until=until, places=places, recent=recent)

    # what could not be written down
    def _lost(self, event: Said | Edited) -> None:
        """Read it again as soon as the store can be written."""
        if isinstance(event, Edited) and self._repaired >= EDITS_AGAIN:
            return
        self._past.unheard(int(event.message.id))
        self._mark.hold()
        self._behind.update(range(self.client.shard_count or 1))
        if not self._repairing:
            self._repairing = True
            self._begin(self._repair())

    async def _repair(self) -> None:
        while True:
            self._repairs += 1  # until all is read: the pauses grow, too, where the same is lost again
            await self._clock.sleep(pause(self._repairs))
            try:
                await self._mark.save()
                break
            except CalanqueError:
                continue
        self._repairing = False
        self._repaired += 1
        for shard in sorted(self._behind - self._arriving):
            self._begin(self._catch_up(shard, self._next_round(shard)))


def _is_in(reading: Reading, guild: discord.Guild) -> bool:
    if reading.channel is not None:
        return reading.channel.guild is not None and reading.channel.guild.id == guild.id
    return reading.place is not None and reading.place.guild == str(guild.id)
