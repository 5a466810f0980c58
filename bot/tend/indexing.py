"""Takes what was said into the search index, beside everything else and never in its way."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.errors import CalanqueError
from bot.ports import Clock, Counters
from bot.ports.history import SearchIndex

log = logging.getLogger(__name__)

BATCH = 50
"""Messages in one step. Whoever writes meanwhile waits for the end of one."""
PAUSE_SECONDS = 2.0
"""How often it is looked whether anything waits. What waits is found all the same, up to a number."""
SHARE = 2.0
"""Of its time, one part is work and so many are pauses, as long as more waits."""
TIDY_EVERY = timedelta(days=1)
"""How long at most the index remembers marks of what is gone, where the database does not see to it."""
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 600.0
"""Seconds after a failure, doubling."""


class Indexing:
    """Runs beside the answers."""

    def __init__(self, index: SearchIndex, *, clock: Clock, counters: Counters) -> None:
        self._index = index
        self._clock = clock
        self._counters = counters
        self._tidied = clock.now()

    async def run(self) -> None:
        """Until cancelled. Failures are told in the log and tried again with growing pauses."""
        failed = FIRST_PAUSE
        while True:
            began = self._clock.monotonic()
            try:
                more = await self._step()
            except Exception as error:
                self._counters.add("search_index_failures_total")
                known = isinstance(error, CalanqueError)
                told = error if known else type(error).__name__
                log.warning("the search index could not be brought up to date: %s", told, exc_info=not known)
                await self._clock.sleep(failed)
                failed = min(failed * 2, LONGEST_PAUSE)
                continue
            failed = FIRST_PAUSE
            took = self._clock.monotonic() - began
            await self._clock.sleep(took * SHARE if more else PAUSE_SECONDS)

    async def _step(self) -> bool:
        """Whether there is more to do."""
        indexed = await self._index.index_due(now=self._clock.now(), limit=BATCH)
        if indexed.messages:
            self._counters.add("messages_indexed_total", indexed.messages)
            self._counters.observe("message_indexed_seconds", indexed.waited)
            return indexed.messages == BATCH
        if self._clock.now() - self._tidied < TIDY_EVERY:
            return False
        if await self._index.tidy_index():
            return True
        self._tidied = self._clock.now()
        return False
