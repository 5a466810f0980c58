"""What a delivery is as a row, and many of them at once, as a run of a plan leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.storage import codec, delivery_codec
from bot.storage.places import insert, save_place
from bot.storage.tables import deliveries
from bot.storage.withdrawing import as_of_now, note_sources
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.digest import Told

OVER = frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.BARRED, DeliveryState.UNKNOWN})


CONTENT = ("state", "text", "reply_to", "handle", "actions", "lead", "final", "poll", "told", "quiet", "opens", "tags")
"""Columns that change with each revision."""


def content(delivery: Delivery, state: DeliveryState) -> dict[str, Any]:
    return {
        "state": state.value,
        "text": delivery.text,
        "reply_to": delivery.reply_to,
        # A platform's token is of no use once the text stands there.
        "handle": None if state in OVER else delivery.handle,
        "actions": delivery_codec.dump_actions(delivery.actions),
        "lead": delivery.lead,
        "final": delivery.final,
        "poll": delivery_codec.dump_poll(delivery.poll),
        "told": delivery_codec.dump_told(delivery.told),
        "quiet": delivery.quiet,
        "opens": delivery.opens or None,
        "tags": None if delivery.tags is None else codec.dump(delivery.tags),
    }


def save_ready(connection: Connection, some: Sequence[Delivery], *, at: datetime) -> None:
    """New ones, READY, that may be thousands of one text: what they tell of is looked at once for each text."""
    told: dict[tuple[str, tuple[Told, ...]], Delivery] = {}
    rows: list[dict[str, Any]] = []
    kept: list[Delivery] = []
    for place in {each.conversation.place.key: each.conversation.place for each in some}.values():
        save_place(connection, place)
    for each in some:
        place = each.conversation.place
        key = (place.platform, each.told)
        if each.told and key not in told:
            told[key] = as_of_now(connection, each)
        now = replace(each, told=told[key].told, text=told[key].text) if each.told else each
        kept.append(now)
        columns = content(now, DeliveryState.READY)
        rows.append({"id": each.id, "place": place.key, "only": each.conversation.only, "created_at": at, **columns})
    if rows:
        new = insert(connection, deliveries)
        changed = {name: new.excluded[name] for name in rows[0] if name not in ("id", "place", "only", "created_at")}
        connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=changed), rows)
    note_sources(connection, kept)
