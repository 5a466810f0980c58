"""Has the model make points of messages, as many as fit into its window, and takes those that these support."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.digest import asking, extracts, reading
from bot.digest.inquiry import Inquiry, Tired, TooLong
from bot.digest.lines import numbered
from bot.digest.reading import Read
from bot.digest.stretches import LEAST_ROOM
from bot.ports import Counters
from bot.talk.digest import Length, Order, Point
from bot.talk.message import Message

MOST_ROOM = 24_000
"""Tokens of one stretch, at most: of more a model overlooks the most."""
BYTES_PER_TOKEN = 2.5
"""A first guess, before anything is counted."""
MARGIN = 1.04
"""What is guessed is so much more than what was counted last."""
SAMPLE = 200
"""Messages that are counted before anything is guessed of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smaller:
    """It does not fit. `room`: tokens that would, as they are guessed now."""

    room: int


class Pointing:
    """Of one digest. `room`: tokens of the lines of one request; `tokens_per_byte`: as far as is known; `asked`: as in
    `Stage`, "" while nothing can be asked."""

    def __init__(self, inquiry: Inquiry, order: Order, *, counters: Counters) -> None:
        self._inquiry = inquiry
        self._order = order
        self._counters = counters
        self._counted = False
        self.room = MOST_ROOM
        self.tokens_per_byte = 1 / BYTES_PER_TOKEN
        self.asked = ""

    async def look(self) -> None:
        """How much fits, and by which name stages are kept."""
        try:
            seat = await self._inquiry.seat()
        except Tired:
            return
        head, request = await self._inquiry.head(seat), self._request(())
        self.room = min(MOST_ROOM, self._inquiry.room(seat, head) - await self._inquiry.tokens(seat, request))
        told = (asking.instructions(), request, head.template, seat.engine.model, seat.engine.digest)
        self.asked = hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()

    async def measure(self, messages: Sequence[Message]) -> None:
        """What the engine makes of such words; once."""
        if not self._counted:
            await self._measure(await asyncio.to_thread(self._request, messages[:SAMPLE]))

    async def measure_points(self, points: Sequence[Point]) -> None:
        """The same of points, where all of them were made before."""
        if not self._counted:
            await self._measure(asking.merging(points[:SAMPLE], most=1))

    async def _measure(self, text: str) -> None:
        if not self.asked:
            return
        try:
            seat = await self._inquiry.seat()
        except Tired:
            return
        self._count(text, await self._inquiry.tokens(seat, text))

    async def of(self, messages: Sequence[Message]) -> tuple[Point, ...] | Smaller | None:
        """None where the model does not make any, for whatever reason; none at all is an answer, too."""
        if not self.asked or self.room < LEAST_ROOM:
            return None
        text = await asyncio.to_thread(self._request, messages)
        reply = await self._reply(text)
        if isinstance(reply, TooLong):
            self._count(text, reply.tokens)
            smaller = Smaller(room=max(LEAST_ROOM, self.room * reply.most // (reply.tokens + 1)))
            if reply.always:
                self.room = smaller.room
            return smaller
        if reply is None:
            return None
        read = await asyncio.to_thread(lambda: reading.points(reply, numbered(messages)))
        self._dropped(read)
        if read.points:
            return read.points
        if not _says_nothing(reply):
            return None
        # What was posted is named, also where the model finds nothing to say of it.
        return await asyncio.to_thread(extracts.extracts, [each for each in messages if each.attachments])

    async def joined(self, points: Sequence[Point], *, most: int) -> tuple[Point, ...]:
        """Fewer points that say the same; () where the model does not make any."""
        order = self._order
        reply = await self._reply(asking.merging(points, most=most, language=order.language, focus=order.focus))
        if not isinstance(reply, str):
            return ()
        read = await asyncio.to_thread(reading.merged, reply, points)
        self._dropped(read)
        return read.points

    def tokens(self, text: str) -> int:
        """About, and rather more."""
        return int(len(text.encode("utf-8", "surrogatepass")) * self.tokens_per_byte) + 1

    async def _reply(self, text: str) -> str | TooLong | None:
        try:
            return await self._inquiry.ask(text)
        except Tired:
            return None

    def _request(self, messages: Sequence[Message]) -> str:
        order = self._order
        return asking.request(
            numbered(messages), language=order.language, length=of_stretch(order.length), focus=order.focus
        )

    def _count(self, text: str, tokens: int) -> None:
        self._counted = True
        self.tokens_per_byte = min(1.0, MARGIN * tokens / max(1, len(text.encode("utf-8", "surrogatepass"))))

    def _dropped(self, read: Read) -> None:
        for cause, number in read.dropped.items():
            self._counters.add("digest_points_dropped_total", number, cause=cause.value)


def _says_nothing(reply: str) -> bool:
    """As it was asked to, on a line of its own."""
    return any(line.strip(" .*-`\"'").casefold() == asking.NOTHING for line in reply.splitlines())


def of_stretch(length: Length) -> Length:
    """Short digests ask for the same as others, so that they share what was made."""
    return Length.LONG if length is Length.LONG else Length.NORMAL
