"""The part of the store that forgets. Its transactions may take long, and are shared with nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.ports import Clock
from bot.storage import expiry, forgetting, places
from bot.storage.added import forget_said_of
from bot.storage.blobs import drop_stale
from bot.storage.cases import drop_old_cases, forget_words_of
from bot.storage.connection import Connections
from bot.storage.ledgers import Ledgers
from bot.storage.migrate import drop_old_copies
from bot.storage.oversight import forget_person
from bot.storage.stages import drop_old_stages, forget_stages_of
from bot.storage.support import drop_old_set_ups
from bot.storage.support_talks import drop_old_talks
from bot.storage.tongues import drop_old_spoken, forget_spoken
from bot.storage.unmirroring import drop_old
from bot.storage.unmirroring import withdraw_of_person as withdraw_copies_of
from bot.storage.unplanning import drop_old_runs
from bot.storage.withdrawing import withdraw_of_person
from bot.talk.message import Place
from bot.talk.policy import Consent, Forgotten

EXPIRE_BATCH = 200
"""Messages that one transaction of `expire` forgets: nobody waits long behind it."""


def _nobody(_: Collection[str]) -> None:
    """Nobody shows anything yet."""


class Erasing:
    """The store's verbs that take words away for good."""

    _db: Connections
    _clock: Clock
    _ledgers: Ledgers
    _on_edited: Callable[[Collection[str]], None] = staticmethod(_nobody)

    def on_edited(self, call: Callable[[Collection[str]], None]) -> None:
        self._on_edited = call

    async def delete_messages(self, place: Place, ids: Collection[str]) -> Forgotten:
        now = self._clock.now()
        return await self._forgotten(lambda c: forgetting.delete_messages(c, place, ids, now=now))

    async def forget(self, person: str) -> Forgotten:
        now = self._clock.now()
        return await self._forgotten(lambda c: forgetting.forget(c, person, now=now))

    async def forget_place(self, place: Place, *, rules: bool = False) -> Forgotten:
        now = self._clock.now()
        return await self._forgotten(lambda c: forgetting.forget_place(c, place, rules=rules, now=now))

    async def forget_guild(self, platform: str, guild: str) -> Forgotten:
        now = self._clock.now()
        return await self._forgotten(lambda c: forgetting.forget_guild(c, platform, guild, now=now))

    async def save_consent(self, person: str, consent: Consent) -> None:
        now = self._clock.now()

        def work(connection: Connection) -> Forgotten:
            places.save_consent(connection, person, consent)
            if not consent.opted_out:
                return Forgotten()
            forget_stages_of(connection, person)
            forget_spoken(connection, person)
            forget_words_of(connection, person)
            withdraw_copies_of(connection, person)
            forget_person(connection, person)
            forget_said_of(connection, person)
            return Forgotten(edited=frozenset(withdraw_of_person(connection, person, now=now)))

        self._edited(await self._db.write(work))

    async def expire(self, *, now: datetime, default_days: int) -> Forgotten:
        """In transactions of bounded size, unlike all others: a month may expire at once, and people are waiting.

        Copies of before migrations go, too, when they are older than `default_days`.
        """
        cutoffs = await self._db.read(lambda c: expiry.retention(c, now=now, default_days=default_days))
        total = Forgotten()
        for place, before in cutoffs:
            while ids := await self._db.read(_expired(place, before)):
                total = _sum(total, await self._forgotten(_expire(place, ids, now)))

        def tidy(connection: Connection) -> int:
            expiry.expire_deliveries(connection, cutoffs)
            expiry.drop_tombstones(connection, now=now)
            drop_old_runs(connection, now=now)
            drop_old(connection, now=now)
            drop_old_stages(connection, now=now)
            drop_old_spoken(connection, before=now - timedelta(days=default_days))
            drop_old_cases(connection, now=now)
            drop_old_set_ups(connection, now=now)
            drop_old_talks(connection, now=now)
            return drop_stale(connection, now=now)

        total = _sum(total, Forgotten(images=await self._db.write(tidy, alone=True)))
        before = now - timedelta(days=default_days)
        await asyncio.to_thread(lambda: drop_old_copies(self._db.address, before=before))
        return total

    async def _forgotten(self, work: Callable[[Connection], Forgotten]) -> Forgotten:
        try:
            # It may take long.
            return self._edited(await self._db.write(work, alone=True))
        finally:
            self._ledgers.clear()

    def _edited(self, gone: Forgotten) -> Forgotten:
        if gone.edited:
            self._on_edited(gone.edited)
        return gone


def _expired(place: str, before: datetime) -> Callable[[Connection], list[str]]:
    return lambda c: expiry.expired(c, place, before=before, limit=EXPIRE_BATCH)


def _expire(place: str, ids: Sequence[str], now: datetime) -> Callable[[Connection], Forgotten]:
    return lambda c: forgetting.expire(c, place, ids, now=now)


def _sum(one: Forgotten, other: Forgotten) -> Forgotten:
    return Forgotten(
        messages=one.messages + other.messages,
        turns=one.turns + other.turns,
        images=one.images + other.images,
        edited=one.edited | other.edited,
    )
