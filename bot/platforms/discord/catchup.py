"""Reads what was said, edited and deleted while we were not listening: after a start, and after a lost session.

Per channel everything that is newer than the mark is told like live messages, in order, through the same inbox; what
is kept of the last minutes is compared with what stands there now.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import discord

from bot.errors import CalanqueError
from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import TRANSIENT
from bot.platforms.discord.held import Held
from bot.platforms.discord.inbox import Inbox, told
from bot.platforms.discord.missed import Readable, Reading, may_read, to_read
from bot.platforms.discord.names import MemberNames
from bot.platforms.discord.read import NAME, place_of
from bot.platforms.discord.watermark import Facts, Watermark
from bot.ports import Clock, Counters
from bot.talk.event import CaughtUp, Deleted, Event, Left, Said
from bot.talk.message import Place
from bot.talk.record import Recent

PAGE = 100
"""Messages that Discord gives at once, at most (API reference, "Get Channel Messages")."""

PAGES = 50
"""Pages that are read of one channel from the mark on; then only what is young enough to be answered, as many again."""

AT_ONCE = 8
"""Channels that are read beside each other. How fast they are read is up to the limits that Discord tells."""

RECENT = 10_000
"""Kept messages, at most, that are compared with what stands on Discord now."""

LIVE = 10_000
"""The last live messages that are remembered, so as not to tell of them once more; it would change nothing."""

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before a channel that could not be read is tried again; the last one repeats."""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008

_log = logging.getLogger(__name__)

Tell = Callable[[discord.Message], None]
"""Takes a message that was missed, or that reads otherwise now."""


class Kept(Facts, Protocol):
    async def places(self, platform: str) -> tuple[Place, ...]: ...
    async def recent(self, platform: str, *, since: datetime, limit: int) -> tuple[Recent, ...]: ...


class CatchUp:
    """For one connection. `said` and `edited` take messages as the gateway's do; `within`: how old a question may be
    that is still answered, and how old a message whose edits and deletions still count. `content`: what people say to
    others is wanted, too; Discord's lists may give it although the gateway does not."""

    client: Client

    def __init__(
        self,
        inbox: Inbox,
        held: Held,
        mark: Watermark,
        *,
        kept: Kept,
        said: Tell,
        edited: Tell,
        within: timedelta,
        content: bool,
        begin: Callable[[Any], None],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._inbox = inbox
        self._held = held
        self._mark = mark
        self._kept = kept
        self._said = said
        self._edited = edited
        self._within = within
        self._content = content
        self._begin = begin
        self._clock = clock
        self._counters = counters
        self._connected: set[int] = set()
        self._arriving: set[int] = set()
        self._rounds: dict[int, int] = {}
        self._behind: set[int] = set()
        self._queues: dict[int, deque[Reading]] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._open: dict[int, int] = {}
        self._directs: set[int] | None = None
        self._live: dict[int, None] = {}
        self._apologised: set[str] = set()
        self._repairing = False
        self._members = MemberNames()
        held.wanted = self._wanted
        inbox.lost = self._lost

    # what the gateway tells
    def arrives(self, shard: int) -> None:
        """A new session: what came before it was missed."""
        self._connected.add(shard)
        self._arriving.add(shard)
        self._behind.add(shard)
        self._next_round(shard)

    def arrived(self, shard: int) -> None:
        """Its servers are known now."""
        if shard in self._arriving:
            self._begin(self._catch_up(shard, self._rounds[shard]))

    def resumed(self, shard: int) -> None:
        """Everything since was told."""
        self._connected.add(shard)

    def leaves(self, shard: int) -> None:
        self._connected.discard(shard)

    @property
    def complete(self) -> bool:
        """Whether all shards are connected and nothing that was missed is still to be read."""
        return len(self._connected) == (self.client.shard_count or 0) and not self._behind and not self._open

    @property
    def behind(self) -> bool:
        """Whether something that was missed may still have to be read."""
        return bool(self._behind)

    # holding back
    def _wanted(self, channel: int, guild: int | None) -> bool:
        if channel in self._open:
            self._hurry(channel)
            return True
        count = self.client.shard_count or 1
        if guild is not None:
            return (guild >> 22) % count in self._arriving
        return 0 in self._arriving

    def _hurry(self, channel: int) -> None:
        for queue in self._queues.values():
            for reading in queue:
                if reading.id == channel:
                    queue.remove(reading)
                    queue.appendleft(reading)
                    return

    def live(self, message: discord.Message) -> None:
        """The gateway tells of it; where it stands something may have been missed."""
        if isinstance(message.channel, discord.DMChannel):
            self._meets(message.channel.id)
        self._live[message.id] = None
        if len(self._live) > LIVE:
            del self._live[next(iter(self._live))]

    def _meets(self, channel: int) -> None:
        """Discord does not tell of direct messages whose place we did not know."""
        if self._directs is None or channel in self._directs or channel in self._open:
            return
        self._directs.add(channel)
        place = Place(platform=NAME, id=str(channel))
        reading = Reading(id=channel, place=place, channel=self._direct(channel), until=self._mark.until)
        self._open[channel] = self._open.get(channel, 0) + 1
        self._begin(self._insist(reading))

    # catching up
    async def _catch_up(self, shard: int, round_: int) -> None:
        readings = await self._planned(shard)
        if round_ != self._rounds[shard]:
            return  # another session has begun meanwhile, and with it another round
        queue = self._queues[shard] = deque(readings)
        for reading in readings:
            self._open[reading.id] = self._open.get(reading.id, 0) + 1
        self._arriving.discard(shard)
        self._held.sift()
        if readings:
            _log.info("Shard %d: %d channels may hold something that was missed", shard, len(readings))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(readings))):
                group.create_task(self._work(queue))
        await self._inbox.heard(self._inbox.taken)
        if round_ == self._rounds[shard] and not self._repairing:
            self._behind.discard(shard)
            self._counters.add("discord_catch_ups_total")
        if not self._behind:
            self._put(0, CaughtUp(platform=NAME))

    async def _planned(self, shard: int) -> list[Reading]:
        """Waits for a store that fails."""
        failures = 0
        while True:
            try:
                places = await self._kept.places(NAME)
                now = self._mark.time.now()
                recent: tuple[Recent, ...] = ()
                if now is not None:
                    recent = await self._kept.recent(NAME, since=now - self._within, limit=RECENT)
            except CalanqueError as error:
                _log.warning("What may have been missed could not be found out: %s", error)
                await self._clock.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                continue
            if shard == 0:
                self._directs = {int(each.id) for each in places if each.guild is None}
            return to_read(self.client, shard, until=self._mark.until, places=places, recent=recent)

    def _next_round(self, shard: int) -> int:
        """What an earlier round has not begun to read is read by this one."""
        queue = self._queues.pop(shard, deque[Reading]())
        while queue:
            self._close(queue.popleft())
        self._rounds[shard] = self._rounds.get(shard, 0) + 1
        return self._rounds[shard]

    async def _work(self, queue: deque[Reading]) -> None:
        while queue:
            async with self._free:
                if queue:
                    await self._insist(queue.popleft())

    async def _insist(self, reading: Reading) -> None:
        """Until it is read, or it is clear that it cannot be."""
        failures = 0
        try:
            while not await self._tried(reading):
                self._counters.add("discord_catch_up_retries_total")
                await self._clock.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
        finally:
            self._close(reading)

    def _close(self, reading: Reading) -> None:
        left = self._open.pop(reading.id, 1) - 1
        if left:
            self._open[reading.id] = left
        else:
            self._held.let_go(reading.id)

    async def _tried(self, reading: Reading) -> bool:
        try:
            await self._read(reading)
        except (discord.Forbidden, discord.NotFound) as error:
            gone = error.code == UNKNOWN_CHANNEL
            self._skipped("gone" if gone else "forbidden")
            if gone and reading.place is not None:
                self._put(reading.id, Left(platform=NAME, place=reading.place))
        except discord.HTTPException as error:
            if error.status in {401, 429} or error.status >= 500:
                return False
            self._skipped("refused")
            _log.warning("What was said in a channel could not be read: Discord answered %d", error.status)
        except TRANSIENT:
            return False
        except Exception:  # must not end the connection, and would again
            self._skipped("broken")
            _log.exception("What was said in a channel was not understood")
        return True

    async def _read(self, reading: Reading) -> None:
        channel = reading.channel or await self._found(reading)
        if channel is None:
            self._skipped("gone")
            return
        if not may_read(channel):
            self._skipped("forbidden")
            return
        seen: set[int] = set()
        after, limit = reading.after, PAGES
        young = self._young()
        while True:
            page = await self._page(channel, after)
            for message in page:
                seen.add(message.id)
                await self._take(message, reading)
            if len(page) < PAGE:
                break
            after = page[-1].id
            limit -= 1
            if not limit:
                self._skipped("pages")
                if after >= young:
                    _log.warning("More than %d messages were missed in a channel; the rest is left out", PAGES * PAGE)
                    return
                _log.warning("More than %d messages were missed in a channel; some are left out", PAGES * PAGE)
                after, limit, young = young, PAGES, after
        await self._compared(channel, sorted(set(reading.known) - seen))

    def _young(self) -> int:
        now = self._mark.time.now()
        return 0 if now is None else discord.utils.time_snowflake(now - self._within)

    async def _page(self, channel: Readable, after: int) -> list[discord.Message]:
        """Oldest first."""
        await self._inbox.calm()
        state: Any = self.client._connection  # pyright: ignore[reportPrivateUsage] # as `channel.history` does
        data = await self.client.http.logs_from(channel.id, PAGE, after=after)
        messages: list[discord.Message] = [state.create_message(channel=channel, data=each) for each in reversed(data)]
        if messages:
            self._mark.time.tells(messages[-1].created_at)
        if not isinstance(channel, discord.DMChannel):
            await self._members.fill_in(channel.guild, messages)
        return messages

    async def _take(self, message: discord.Message, reading: Reading) -> None:
        if message.id in self._live or not (self._content or _for_us(message, self.client)):
            return
        if message.id > reading.until:
            self._counters.add("discord_missed_messages_total")
            self._said(message)
        elif message.id in reading.known and message.edited_at is not None:
            kept = reading.known[message.id]
            if kept is None or message.edited_at > kept:
                self._edited(message)

    async def _compared(self, channel: Readable, gone: list[int]) -> None:
        """What is kept and was not found is deleted, where Discord says so of the first of it, too."""
        if not gone:
            return
        try:
            await self.client.http.get_message(channel.id, gone[0])
        except discord.NotFound as error:
            if error.code == UNKNOWN_MESSAGE:
                place = place_of(channel)
                self._put(channel.id, Deleted(place=place, message_ids=tuple(map(str, gone))))
        except discord.Forbidden:
            self._skipped("forbidden")

    async def _found(self, reading: Reading) -> Readable | None:
        """A place that Discord does not list."""
        place = reading.place
        if place is None or place.guild is None:
            return self._direct(reading.id)
        guild = self.client.get_guild(int(place.guild))
        if guild is None:
            return None
        known = guild.get_channel_or_thread(reading.id)
        if isinstance(known, Readable):
            return known
        data: Any = await self.client.http.get_channel(reading.id)
        state: Any = self.client._connection  # pyright: ignore[reportPrivateUsage]
        return discord.Thread(guild=guild, state=state, data=data) if "thread_metadata" in data else None

    def _direct(self, channel: int) -> discord.DMChannel:
        state: Any = self.client._connection  # pyright: ignore[reportPrivateUsage] # as for a message of the gateway
        return discord.DMChannel._from_message(state, channel)  # pyright: ignore[reportPrivateUsage]

    # what could not be written down
    def was_refused(self, message: str) -> bool:
        """Whether it could not be written down before, and whoever asked has been told so: no answer follows."""
        return message in self._apologised

    def _lost(self, said: Said) -> None:
        """Read it again as soon as the store can be written."""
        self._live.pop(int(said.message.id), None)
        if len(self._apologised) < LIVE:
            self._apologised.add(said.message.id)
        self._mark.hold()
        self._behind.update(self._connected)
        if not self._repairing:
            self._repairing = True
            self._begin(self._repair())

    async def _repair(self) -> None:
        failures = 0
        while True:
            await self._clock.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1
            try:
                await self._mark.save()
                break
            except CalanqueError:
                continue
        self._repairing = False
        for shard in sorted(self._behind - self._arriving):
            self._begin(self._catch_up(shard, self._next_round(shard)))

    def _skipped(self, why: str) -> None:
        self._counters.add("discord_catch_up_skipped_total", why=why)

    def _put(self, key: int, event: Event) -> None:
        self._inbox.put(key, told(event))


def _for_us(message: discord.Message, client: Client) -> bool:
    """What the gateway tells with its content without the intent (API reference, "Message Content Intent")."""
    me = client.user.id if client.user else 0
    return message.guild is None or any(each.id == me for each in message.mentions)
