"""Who wrote, as people of that server know them: Discord's list of messages has names of accounts, not of members."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

import discord

from bot.platforms.discord.failures import TRANSIENT

ASKED_AT_ONCE = 100
"""People of one request over the gateway (API reference, "Request Guild Members")."""

REQUESTS = 40
"""Requests of one session: it may send 120 payloads a minute, heartbeats included. Then accounts' names do."""

SECONDS = 5.0
"""Longest wait for an answer."""

_log = logging.getLogger(__name__)


class MemberNames:
    """For one connection."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], discord.Member | None] = {}
        self._asked = 0
        self._one = asyncio.Lock()

    def begins(self) -> None:
        """A new session: it may be asked as often again."""
        self._asked = 0

    async def fill_in(self, guild: discord.Guild, messages: Sequence[discord.Message]) -> None:
        """Make authors and mentioned people members of the server, as the gateway tells them."""
        async with self._one:
            await self._ask(guild, messages)
        for message in messages:
            author = self._known.get((guild.id, message.author.id))
            if author is not None:
                message.author = author
            message.mentions = [self._known.get((guild.id, each.id)) or each for each in message.mentions]

    async def _ask(self, guild: discord.Guild, messages: Iterable[discord.Message]) -> None:
        people = {
            person.id
            for message in messages
            for person in (*([] if message.webhook_id else [message.author]), *message.mentions)
        }
        unknown = sorted(each for each in people if (guild.id, each) not in self._known)
        for start in range(0, len(unknown), ASKED_AT_ONCE):
            if self._asked >= REQUESTS:
                return
            self._asked += 1
            wanted = unknown[start : start + ASKED_AT_ONCE]
            try:
                async with asyncio.timeout(SECONDS):
                    found = await guild.query_members(user_ids=wanted, limit=len(wanted), cache=False)
            except (discord.DiscordException, *TRANSIENT) as error:
                _log.info("The names of some members are not known: %s", type(error).__name__)
                return
            self._known.update({(guild.id, each): None for each in wanted})
            self._known.update({(guild.id, each.id): each for each in found})
