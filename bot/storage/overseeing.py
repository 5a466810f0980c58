"""The part of the store that oversight keeps: each verb is one transaction over `storage/oversight.py`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from bot.ports import Clock
from bot.storage import oversight, support_counts
from bot.storage.connection import Connections
from bot.talk.delivery import Delivery
from bot.talk.message import Place
from bot.talk.oversight import Ballot, Count, Counted, Cursor, Flag, Reviewed, ReviewState, Which


class SqlOversight:
    """Implements `bot.ports.oversight.OversightStore`."""

    _db: Connections
    _clock: Clock

    async def mark_answer(self, turn: str, flag: Flag) -> bool:
        return await self._db.write(lambda c: oversight.mark(c, turn, flag))

    async def count_support(self, room: Place, what: Counted, *, language: str, at: datetime) -> None:
        await self._db.write(lambda c: support_counts.add(c, room, what, language=language, at=at))

    async def feedback(self, place: Place) -> bool | None:
        return await self._db.read(lambda c: oversight.feedback(c, place))

    async def save_feedback(self, place: Place, *, wanted: bool) -> None:
        await self._db.write(lambda c: oversight.save_feedback(c, place, wanted=wanted))

    async def reviewed(self, turn: str) -> Reviewed | None:
        return await self._db.read(lambda c: oversight.one(c, turn))

    async def reviews(
        self,
        which: Which,
        state: ReviewState,
        *,
        rooms: Collection[str],
        at: Cursor | None = None,
        newer: bool = False,
        limit: int,
    ) -> tuple[Reviewed, ...]:
        return await self._db.read(
            lambda c: oversight.listed(c, which, state, rooms=rooms, at=at, newer=newer, limit=limit)
        )

    async def review_rooms(
        self, state: ReviewState, *, platform: str, guild: str | None, limit: int
    ) -> tuple[Place, ...]:
        return await self._db.read(lambda c: oversight.rooms(c, state, platform=platform, guild=guild, limit=limit))

    async def vote(self, turn: str, person: str, *, up: bool) -> Ballot:
        now = self._clock.now()
        return await self._db.write(lambda c: oversight.cast(c, turn, person, up=up, reason=None, now=now))

    async def say_why(self, turn: str, person: str, reason: str) -> Ballot:
        now = self._clock.now()
        return await self._db.write(lambda c: oversight.cast(c, turn, person, up=False, reason=reason, now=now))

    async def settle_review(self, turn: str, state: ReviewState) -> bool:
        return await self._db.write(lambda c: oversight.settle(c, turn, state))

    async def save_correction(self, turn: str, delivery: Delivery, *, by: str) -> bool:
        now = self._clock.now()
        return await self._db.write(lambda c: oversight.save_correction(c, turn, delivery, by=by, at=now))

    async def support_counts(self, platform: str, guild: str | None, *, first: date, last: date) -> tuple[Count, ...]:
        return await self._db.read(lambda c: support_counts.counts(c, platform, guild, first=first, last=last))

    async def counted_guilds(self, *, first: date, last: date) -> Collection[tuple[str, str | None]]:
        return await self._db.read(lambda c: support_counts.guilds(c, first=first, last=last))
