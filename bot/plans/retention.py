"""The first planned thing: every night what is older than the rules of its place goes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, time

from bot.ports import Clock, Counters, Store
from bot.talk.delivery import Delivery
from bot.talk.plan import Plan, Run, first_due
from bot.talk.recurrence import OnDays

log = logging.getLogger(__name__)

RETENTION = "retention"
RETENTION_AT = time(4, 30)


def retention_plan(timezone: str, *, now: datetime) -> Plan:
    """Every day in the community's own time."""
    nightly = OnDays(at=RETENTION_AT)
    due = first_due(nightly, timezone, now=now)
    return Plan(id=RETENTION, kind=RETENTION, recurrence=nightly, due=due, timezone=timezone)


class Retention:
    """`days`: how long what was kept stays where its place has no rule of its own."""

    def __init__(self, store: Store, *, days: int, clock: Clock, counters: Counters) -> None:
        self._store = store
        self._days = days
        self._clock = clock
        self._counters = counters

    async def run(self, run: Run) -> Sequence[Delivery]:
        """What a missed night should have deleted goes with this one. Raises DatabaseUnusable."""
        gone = await self._store.expire(now=self._clock.now(), default_days=self._days)
        if gone.turns:
            # Whole turns leave no piece to be rendered again, so that nobody else would count the break.
            self._counters.add("prefix_breaks_total", cause="deletion")
        log.info("retention: %d messages, %d turns, %d images deleted", gone.messages, gone.turns, gone.images)
        return ()
