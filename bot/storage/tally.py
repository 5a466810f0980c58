"""How much waits: questions without an answer, deliveries that are not over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, func, select, true

from bot.storage.tables import deliveries, messages, places
from bot.talk.delivery import DeliveryState
from bot.talk.record import Backlog

_OVER: Final = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.BARRED)
_UNFINISHED: Final = tuple(state for state in DeliveryState if state not in _OVER)


def tally(connection: Connection, platforms: Collection[str]) -> Backlog:
    """Both counts walk an index over what waits, and over nothing else."""
    named = sorted(platforms)
    counted = connection.execute(
        select(deliveries.c.state, func.count())
        .join(places, places.c.key == deliveries.c.place)
        .where(deliveries.c.state.in_([state.value for state in _UNFINISHED]), places.c.platform.in_(named))
        .group_by(deliveries.c.state)
    )
    waiting = {DeliveryState(row[0]): int(row[1]) for row in counted}
    asked = connection.execute(
        select(func.count(), func.min(messages.c.sent_at)).where(
            messages.c.pending == true(), messages.c.platform.in_(named)
        )
    ).one()
    return Backlog(
        deliveries={state: waiting.get(state, 0) for state in _UNFINISHED}, questions=int(asked[0]), oldest=asked[1]
    )
