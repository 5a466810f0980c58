"""Which messages of ours on a platform show a delivery, and how far it came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Connection, and_, bindparam, case, func, null, select, update

from bot.storage import delivery_codec
from bot.storage.batches import batches
from bot.storage.outbox_ready import OVER
from bot.storage.places import DIALECTS, upsert
from bot.storage.tables import deliveries, shown
from bot.talk.delivery import DeliveryState, Shown
from bot.talk.message import Place

_d = deliveries.c
WORDLESS: dict[str, Any] = {"text": "", "lead": "", "actions": None, "poll": None, "told": None, "opens": None}


def _indexed(dialect: str) -> Any:
    new = upsert(dialect, shown)
    return new.on_conflict_do_update(index_elements=["place", "message"], set_={"delivery": new.excluded.delivery})


# Made once: building a statement costs more than running it.
_WHICH = _d.id == bindparam("which")
_IS_OVER, _WAS_SENT = bindparam("over", type_=Boolean()), bindparam("was_sent", type_=Boolean())
_MOMENT = bindparam("moment", type_=_d.sent_at.type)
_ERASES = and_(_IS_OVER, _d.transient)
_HELD = select(_d.place, _d.shown, _d.changed).where(_WHICH).with_for_update()
_NOTED = update(deliveries).where(_WHICH).values(shown=bindparam("now"))
_BECAME = (
    update(deliveries)
    .where(_WHICH)
    .values(
        shown=bindparam("now"),
        state=bindparam("became"),
        changed=case((bindparam("resent", type_=Boolean()), False), else_=_d.changed),
        sent_at=case((_WAS_SENT, func.coalesce(_d.sent_at, _MOMENT)), else_=_d.sent_at),
        handle=case((_IS_OVER, null()), else_=_d.handle),
        **{
            name: case((_ERASES, null() if value is None else value), else_=_d[name])
            for name, value in WORDLESS.items()
        },
    )
)
_ERASED = (
    update(deliveries)
    .where(_WHICH, _d.transient.is_(True), _d.state.in_([state.value for state in OVER]))
    .values(**WORDLESS)
)
_INDEXED = {dialect: _indexed(dialect) for dialect in DIALECTS}


def save_shown(
    connection: Connection, delivery_id: str, now: Shown, state: DeliveryState | None, *, at: datetime
) -> bool:
    """Whether it is to be shown once more."""
    row = connection.execute(_HELD, {"which": delivery_id}).first()
    if row is None:
        return False
    changed = bool(row.changed) and state is DeliveryState.SENT
    if changed:  # while it was being sent
        state = DeliveryState.READY
    before = delivery_codec.load_shown(row.shown)
    values: dict[str, Any] = {"which": delivery_id, "now": delivery_codec.dump_shown(_with_gone(now, before))}
    if state is None:
        connection.execute(_NOTED, values)
    else:
        sent = changed or state is DeliveryState.SENT
        values |= {"became": state.value, "resent": changed, "was_sent": sent, "moment": at, "over": state in OVER}
        connection.execute(_BECAME, values)
    _index_shown(connection, delivery_id, row.place, {one.id for one in before.messages}, now)
    return changed


def _with_gone(now: Shown, before: Shown) -> Shown:
    """Whoever saves may not have heard yet that somebody deleted a message."""
    gone = {one.id for one in before.messages if one.gone}
    if not gone:
        return now
    return replace(now, messages=tuple(replace(one, gone=one.gone or one.id in gone) for one in now.messages))


def mark_gone(connection: Connection, place: Place, ids: Collection[str]) -> None:
    """Those of these messages that are ours were deleted by somebody. Our own deletions do no harm here."""
    for batch in batches(ids):
        rows = connection.execute(
            select(deliveries.c.id, deliveries.c.shown)
            .join(shown, shown.c.delivery == deliveries.c.id)
            .where(shown.c.place == place.key, shown.c.message.in_(batch))
            .with_for_update(of=deliveries)
        )
        for delivery_id, text in {row.id: row.shown for row in rows}.items():
            now = delivery_codec.load_shown(text)
            marked = tuple(replace(one, gone=one.gone or one.id in batch) for one in now.messages)
            values = {"shown": delivery_codec.dump_shown(replace(now, messages=marked))}
            connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


def claimed(connection: Connection, place: Place | None, ids: Collection[str]) -> Mapping[str, str]:
    """Of these messages those that show a delivery, with its id. `place` None: wherever they stand."""
    found: dict[str, str] = {}
    for batch in batches(ids):
        here = [] if place is None else [shown.c.place == place.key]
        rows = connection.execute(select(shown.c.message, shown.c.delivery).where(shown.c.message.in_(batch), *here))
        found.update({row.message: row.delivery for row in rows})
    return found


def _index_shown(connection: Connection, delivery_id: str, place: str, before: set[str], now: Shown) -> None:
    after = {one.id for one in now.messages}
    gone = before - after
    if gone:
        connection.execute(shown.delete().where(shown.c.delivery == delivery_id, shown.c.message.in_(sorted(gone))))
    for message in sorted(after - before):
        row = {"place": place, "message": message, "delivery": delivery_id}
        connection.execute(_INDEXED[connection.dialect.name], row)


def erase_if_over(connection: Connection, delivery_id: str) -> None:
    connection.execute(_ERASED, {"which": delivery_id})
