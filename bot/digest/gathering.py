"""A digest at once, without the engine: people's own words of the last while, cut out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from bot.digest.extracts import extracts
from bot.ports.digests import DigestStore, Kept, Spoken
from bot.talk.digest import Digest, Made, Order
from bot.talk.message import Message

READ = 2000
"""Messages, at most. Where more was said the digest begins later, and says so."""
PAGE = 500
"""Messages read at once."""
HALVINGS = 24
"""Times that the period is cut in half to hold no more than that: from a month to seconds."""


async def gathered(store: DigestStore, order: Order) -> Digest:
    """Of the end of the period. Raises DatabaseUnusable."""
    order, spoken = await _bounded(store, order)
    read = [message async for message in _read(store, order, spoken)]
    read.sort(key=lambda message: message.sent_at)
    return Digest(
        points=await asyncio.to_thread(extracts, read, length=order.length),
        period=order.period,
        messages=len(read),
        people=len({message.author.key for message in read}),
        made=Made.EXTRACTS,
        language=order.language,
    )


async def _bounded(store: DigestStore, order: Order) -> tuple[Order, Sequence[Spoken]]:
    spoken = await store.spoken(order)
    for _ in range(HALVINGS):
        if sum(each.messages for each in spoken) <= READ:
            break
        period = order.period
        order = replace(order, period=replace(period, since=period.since + (period.until - period.since) / 2))
        spoken = await store.spoken(order)
    return order, spoken


async def _read(store: DigestStore, order: Order, spoken: Sequence[Spoken]) -> AsyncGenerator[Message]:
    left = READ
    for each in spoken:
        after: Kept | None = None
        while left > 0 and (page := await store.said(each.place, order.period, after=after, limit=min(PAGE, left))):
            left -= len(page)
            after = page[-1]
            for kept in page:
                yield kept.message
