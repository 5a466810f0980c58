"""The notes to staff as they stand in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, exists, or_, select, update

from bot.storage import delivery_codec, outbox, plans
from bot.storage.tables import deliveries, shown
from bot.storage.withdrawing import note_sources
from bot.talk.delivery import Action, DeliveryState
from bot.talk.digest import Told, text_of
from bot.talk.message import Place
from bot.talk.record import Outgoing
from bot.talk.support import note_of, told_again


def may_stand(connection: Connection, place: Place) -> bool:
    """Whether one may stand there of which we have not been told in which message it does."""
    tells = or_(*(deliveries.c.id.startswith(each, autoescape=True) for each in (note_of(""), told_again(""))))
    begun = (deliveries.c.state == DeliveryState.READY.value, deliveries.c.shown.is_not(None))
    known = exists().where(shown.c.delivery == deliveries.c.id)
    which = exists().where(deliveries.c.place == place.key, tells, *begun, ~known)
    return bool(connection.execute(select(which)).scalar())


def note_now(connection: Connection, case_id: str) -> Outgoing | None:
    """Where there is one, and something of it is left. One that is being made is made anew."""
    plans.carry_out_anew(connection, note_of(case_id))
    which = (deliveries.c.id == note_of(case_id), deliveries.c.text != "")
    row = connection.execute(outbox.outgoing().where(*which).with_for_update(of=deliveries)).mappings().first()
    return None if row is None else outbox.to_outgoing(row)


def shown_anew(
    connection: Connection,
    note: Outgoing,
    *,
    told: tuple[Told, ...],
    actions: tuple[Action, ...] | None = None,
) -> Sequence[Outgoing]:
    """READY again, in the messages in which it stands; none where whoever is sending it shows it once more then.
    `actions` None: as they were."""
    kept = note.delivery.actions if actions is None else actions
    sending = note.state is DeliveryState.READY
    changed = replace(note.delivery, told=told, text=text_of(told), actions=kept)
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == note.delivery.id)
        .values(
            told=delivery_codec.dump_told(told),
            text=changed.text,
            actions=delivery_codec.dump_actions(kept),
            state=DeliveryState.READY.value,
            changed=sending,
        )
    )
    note_sources(connection, [changed])
    return () if sending else (replace(note, delivery=changed, state=DeliveryState.READY),)
