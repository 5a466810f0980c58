"""What was said in one place, message by message, or in stages that were made of it before."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from itertools import islice

from bot.digest.stretches import LONG_PAUSE
from bot.ports.digests import DigestStore, Kept, Stage, reads
from bot.talk.digest import Period
from bot.talk.message import Place

PAGE = 500
"""Messages that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reused:
    """A stage, and its messages as they read now, which is how they read when it was made."""

    stage: Stage
    kept: tuple[Kept, ...]


class Passages:
    """Of one place in a period. `asked`: as in `Stage`; "" for no stages."""

    def __init__(self, store: DigestStore, place: Place, period: Period, *, asked: str) -> None:
        self._store = store
        self._place = place
        self._period = period
        self._asked = asked
        self._ahead: deque[Kept] = deque()
        self._last: Kept | None = None
        self._ended = False

    async def read(self) -> AsyncGenerator[Reused | Kept]:
        """In the order of time. Raises DatabaseUnusable."""
        known: defaultdict[int, list[Stage]] = defaultdict(list)
        if self._asked:
            for stage in await self._store.stages(self._place, self._asked, self._period):
                known[stage.first].append(stage)
        while await self._fill(1):
            reused = await self._reused(known.get(self._ahead[0].seq, ()))
            if reused is None:
                yield self._ahead.popleft()
            else:
                yield reused

    async def _fill(self, number: int) -> bool:
        """Whether so many are there."""
        while len(self._ahead) < number and not self._ended:
            page = await self._store.said(self._place, self._period, after=self._last, limit=PAGE)
            self._ended = len(page) < PAGE
            if page:
                self._ahead.extend(page)
                self._last = page[-1]
        return len(self._ahead) >= number

    async def _reused(self, stages: Iterable[Stage]) -> Reused | None:
        for stage in stages:
            more = await self._fill(stage.length + 1)
            if len(self._ahead) < stage.length:
                continue
            kept = tuple(islice(self._ahead, stage.length))
            if reads(each.mark for each in kept) != stage.reads:
                continue
            if not stage.closed and more and not self._is_over(kept[-1], self._ahead[stage.length]):
                continue
            for _ in kept:
                self._ahead.popleft()
            return Reused(stage=stage, kept=kept)
        return None

    @staticmethod
    def _is_over(last: Kept, following: Kept) -> bool:
        """Whether the talk that a stage ends with was over when more was said."""
        return following.message.sent_at - last.message.sent_at >= LONG_PAUSE
