"""Reads one channel's past and tells of it: what was missed, what reads otherwise now, and what is gone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord

from bot.platforms.discord.client import Client
from bot.platforms.discord.failures import TRANSIENT
from bot.platforms.discord.inbox import Inbox, told
from bot.platforms.discord.missed import Readable, Reading, may_read
from bot.platforms.discord.names import MemberNames
from bot.platforms.discord.read import NAME, place_of
from bot.platforms.discord.times import DiscordTime
from bot.ports import Clock, Counters
from bot.talk.event import Deleted, Event, Left

PAGE = 100
"""Messages that Discord gives at once, at most (API reference, "Get Channel Messages")."""

PAGES = 50
"""Pages that are read of one channel from the mark on; then only what is young enough to be answered, as many again."""

REACH = timedelta(days=7)
"""Nothing older is read: it may have been forgotten, and the store remembers the ids of what is gone for 8 days."""

A_SECOND = 30
"""Requests a second, at most: Discord allows 50 in all, which no header tells, and answers shall have their share."""

LIVE = 10_000
"""The last live messages that are remembered, so as not to tell of them once more; it would change nothing."""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008

_log = logging.getLogger(__name__)

Tell = Callable[[discord.Message], None]
"""Takes a message that was missed, or that reads otherwise now."""


class Past:
    """For one connection. `said` and `edited` take messages as the gateway's do; `within`: how old a question may be
    that is still answered. `content`: what people say to others is wanted, too; Discord's lists may give it although
    the gateway does not."""

    client: Client

    def __init__(
        self,
        inbox: Inbox,
        time: DiscordTime,
        *,
        said: Tell,
        edited: Tell,
        within: timedelta,
        content: bool,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._inbox = inbox
        self._time = time
        self._said = said
        self._edited = edited
        self._within = within
        self._content = content
        self._clock = clock
        self._counters = counters
        self._live: dict[int, None] = {}
        self._members = MemberNames()
        self._next = 0.0

    def begins(self) -> None:
        """A new session on the gateway."""
        self._members.begins()

    def live(self, message: int) -> None:
        """The gateway tells of this message."""
        self._live[message] = None
        if len(self._live) > LIVE:
            del self._live[next(iter(self._live))]

    def unheard(self, message: int) -> None:
        """It was not written down after all."""
        self._live.pop(message, None)

    async def tried(self, reading: Reading) -> bool:
        """Whether it is read, or it is clear that it cannot be. False: later, perhaps."""
        try:
            await self._read(replace(reading, until=max(reading.until, self._since(REACH))))
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
        if channel is None or not may_read(channel):
            self._skipped("gone" if channel is None else "forbidden")
            return
        seen: set[int] = set()
        after, limit, young = reading.after, PAGES, self._since(self._within)
        whole_from = after
        while True:
            page = await self._page(channel, after)
            for message in page:
                seen.add(message.id)
                self._take(message, reading)
            if len(page) < PAGE:
                break
            after = page[-1].id
            limit -= 1
            if not limit:
                self._skipped("pages")
                _log.warning("More than %d messages were missed in a channel; some are left out", PAGES * PAGE)
                if after >= young:
                    return
                after, limit, young = young, PAGES, after
                whole_from = after
        await self._compared(channel, sorted(each for each in reading.known if each > whole_from and each not in seen))

    def _since(self, ago: timedelta) -> int:
        now = self._time.now()
        return 0 if now is None else discord.utils.time_snowflake(now - ago)

    async def _page(self, channel: Readable, after: int) -> list[discord.Message]:
        """Oldest first."""
        await self._inbox.calm()
        await self._turn()
        state: Any = self.client._connection  # pyright: ignore[reportPrivateUsage] # as `channel.history` does
        data = await self.client.http.logs_from(channel.id, PAGE, after=after)
        messages: list[discord.Message] = [state.create_message(channel=channel, data=each) for each in reversed(data)]
        if messages:
            self._time.tells(messages[-1].created_at)
        if not isinstance(channel, discord.DMChannel):
            await self._members.fill_in(channel.guild, messages)
        return messages

    async def _turn(self) -> None:
        """Wait until one more request may be made."""
        now = self._clock.monotonic()
        at = self._next = max(now, self._next + 1 / A_SECOND)
        if at > now:
            await self._clock.sleep(at - now)

    def _take(self, message: discord.Message, reading: Reading) -> None:
        if message.id in self._live or not (self._content or _for_us(message, self.client)):
            return
        if message.id in reading.known:
            kept, edited = reading.known[message.id], message.edited_at
            if edited is not None and (kept is None or edited > kept):
                self._edited(message)
        elif message.id > reading.until:
            self._counters.add("discord_missed_messages_total")
            self._said(message)

    async def _compared(self, channel: Readable, gone: list[int]) -> None:
        """What is kept and was not found is deleted, where Discord says so of the first of it, too."""
        if not gone:
            return
        await self._turn()
        try:
            await self.client.http.get_message(channel.id, gone[0])
        except discord.NotFound as error:
            if error.code == UNKNOWN_MESSAGE:
                self._put(channel.id, Deleted(place=place_of(channel), message_ids=tuple(map(str, gone))))

    async def _found(self, reading: Reading) -> Readable | None:
        """A place that Discord does not list."""
        place = reading.place
        if place is None or place.guild is None:
            return self.direct(reading.id)
        guild = self.client.get_guild(int(place.guild))
        if guild is None:
            return None
        known = guild.get_channel_or_thread(reading.id)
        if isinstance(known, Readable):
            return known
        await self._turn()
        data: Any = await self.client.http.get_channel(reading.id)
        state: Any = self.client._connection  # pyright: ignore[reportPrivateUsage]
        return discord.Thread(guild=guild, state=state, data=data) if "thread_metadata" in data else None

    def direct(self, channel: int) -> discord.DMChannel:
        state: Any = self.client._connection  # pyright: ignore[reportPrivateUsage] # as for a message of the gateway
        return discord.DMChannel._from_message(state, channel)  # pyright: ignore[reportPrivateUsage]

    def _skipped(self, why: str) -> None:
        self._counters.add("discord_catch_up_skipped_total", why=why)

    def _put(self, key: int, event: Event) -> None:
        self._inbox.put(key, told(event))


def _for_us(message: discord.Message, client: Client) -> bool:
    """What the gateway tells with its content without the intent (API reference, "Message Content Intent")."""
    me = client.user.id if client.user else 0
    return message.guild is None or any(each.id == me for each in message.mentions)
