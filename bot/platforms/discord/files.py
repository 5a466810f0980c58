"""Streams the bytes of attachments. Signed addresses die within a day, so they are kept briefly and asked for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any

import aiohttp
import discord
import yarl

from bot.errors import AttachmentUnreadable, BackendError, PlaceGone, PlatformUnavailable
from bot.platforms.discord.sending import sent
from bot.platforms.discord.wire import Wire
from bot.ports import Clock
from bot.talk.message import Attachment

ADDRESSES = 2000
"""Signed addresses remembered at once."""

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps attachments; nothing else is ever asked for bytes."""

SLACK = 1024
"""Bytes that a file may have beyond its declared size before it is given up as mislabelled."""

BLOCK = 64 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=600, sock_connect=15, sock_read=30)
_MARGIN = 30.0
"""Seconds before its end from which an address is no longer used."""


class _Refused(Exception):
    """The address is no longer (or never was) good."""


class Files:
    """`extra_hosts`: further hosts that may be asked, for a proxy or a test server."""

    def __init__(self, clock: Clock, *, extra_hosts: Iterable[str] = ()) -> None:
        self._clock = clock
        self._extra = frozenset(extra_hosts)
        self._addresses: OrderedDict[str, str] = OrderedDict()

    def remember(self, message: discord.Message) -> None:
        """Keep the addresses of what a message carries; they came with it."""
        carried = [*message.attachments, *(each for shot in message.message_snapshots for each in shot.attachments)]
        for attachment in carried:
            self._keep(f"{message.channel.id}/{message.id}/{attachment.id}", attachment.url)

    async def stream(self, wire: Wire, session: aiohttp.ClientSession, attachment: Attachment) -> AsyncGenerator[bytes]:
        """The bytes in blocks. Raises AttachmentUnreadable if they are gone or lie, PlatformUnavailable for now."""
        known = self._addresses.get(attachment.source)
        if known is not None and not self._expired(known):
            try:
                async with aclosing(self._read(session, known, attachment)) as blocks:
                    async for block in blocks:
                        yield block
                return
            except _Refused:
                self._addresses.pop(attachment.source, None)
        fresh = await self._ask(wire, attachment)
        try:
            async with aclosing(self._read(session, fresh, attachment)) as blocks:
                async for block in blocks:
                    yield block
        except _Refused:
            raise _gone(attachment) from None

    async def _read(
        self, session: aiohttp.ClientSession, address: str, attachment: Attachment
    ) -> AsyncGenerator[bytes]:
        url = yarl.URL(address, encoded=True)
        if not self._allowed(url):
            raise AttachmentUnreadable("Discord named a host that is not its own for a file", name=attachment.name)
        left = attachment.size + SLACK
        try:
            # As it is: a compressed body could be small on the way and enormous in memory.
            async with session.get(
                url, allow_redirects=False, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}
            ) as answer:
                if answer.status in {401, 403, 404, 410}:
                    raise _Refused
                if answer.status != 200:
                    raise PlatformUnavailable(f"Discord answered {answer.status} for a file")
                async for block in answer.content.iter_chunked(BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise AttachmentUnreadable("a file is larger than it claims", name=attachment.name)
                    yield block
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise PlatformUnavailable(f"a file could not be fetched: {type(error).__name__}") from error

    async def _ask(self, wire: Wire, attachment: Attachment) -> str:
        """A fresh address, from the message that carries the file."""
        channel, _, rest = attachment.source.partition("/")
        message, _, attachment_id = rest.partition("/")
        if not (channel.isdecimal() and message.isdecimal() and attachment_id.isdecimal()):
            raise _gone(attachment)
        try:
            payload = await sent(wire.get_message(int(channel), int(message)), "a message with a file")
        except PlaceGone:
            raise _gone(attachment) from None
        for each in _carried(payload):
            if str(each.get("id")) == attachment_id:
                address = str(each["url"])
                self._keep(attachment.source, address)
                return address
        raise _gone(attachment)

    def _allowed(self, url: yarl.URL) -> bool:
        if url.host in self._extra:
            return url.scheme in {"http", "https"}
        return url.scheme == "https" and url.host in HOSTS

    def _expired(self, address: str) -> bool:
        """By the `ex` parameter: seconds since 1970, hexadecimal."""
        try:
            expires = int(yarl.URL(address).query.get("ex", ""), 16)
        except ValueError:
            return False
        return self._clock.now().timestamp() > expires - _MARGIN

    def _keep(self, source: str, address: str) -> None:
        self._addresses[source] = address
        self._addresses.move_to_end(source)
        while len(self._addresses) > ADDRESSES:
            self._addresses.popitem(last=False)


def _gone(attachment: Attachment) -> AttachmentUnreadable:
    return AttachmentUnreadable("a file is no longer on Discord", name=attachment.name)


def _carried(payload: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield from payload.get("attachments") or ()
    for snapshot in payload.get("message_snapshots") or ():
        yield from (snapshot.get("message") or {}).get("attachments") or ()


def unavailable() -> BackendError:
    return PlatformUnavailable("Discord is not connected")
