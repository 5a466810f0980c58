"""Looks whether a tag says that what a person was called for is solved.

Changes of a thread are told to us as they happen, so this is for those that were made while we were away.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports.support import SupportStore, TakesUp
from bot.ports.threads import Threads
from bot.support.judging import is_solved
from bot.talk.message import PlaceKind
from bot.talk.support import Case, SupportChannel


class Marks:
    """`threads` by platform; `cases` is told of what is solved."""

    def __init__(self, store: SupportStore, *, threads: Mapping[str, Threads], cases: TakesUp) -> None:
        self._store = store
        self._threads = threads
        self._cases = cases

    async def solved(self, case: Case, channel: SupportChannel) -> bool:
        """Whether it is solved, which is noted then. Raises DatabaseUnusable."""
        threads = self._threads.get(case.place.platform)
        if threads is None or not channel.solved_tags or case.place.kind is not PlaceKind.THREAD:
            return False
        talk, tags = await self._store.talk(case.place), await threads.tags_of(case.place)
        if talk is None or tags is None or not is_solved(frozenset(tags), channel, talk):
            return False
        await self._cases.settled(talk)
        return True
