"""What stands in one linked channel for a message of another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from bot.storage import delivery_codec
from bot.storage.mirror_rows import COPIES, to_copy
from bot.storage.tables import deliveries, mirror_copies, shown
from bot.talk.message import Place
from bot.talk.mirror import Copy

_c = mirror_copies.c

# Made once: building a statement costs more than running it.
_SAME = COPIES.where(_c.platform == bindparam("of"), _c.message == bindparam("original"), _c.target == bindparam("at"))
_HERE = bindparam("keys", expanding=True)
_SHOWN = select(shown.c.delivery).where(shown.c.place.in_(_HERE), shown.c.message == bindparam("answered"))
_COPY_SHOWN = select(_c.message, _c.source, _c.within).where(_c.delivery.in_(_SHOWN))
_UNDER_WAY = select(_c.seq).where(_c.pending, _c.target.in_(_HERE), _c.saved > _c.done, _c.gone.is_(False)).limit(1)
_KNOWN = (
    select(_c.seq)
    .where(_c.platform == bindparam("of"), _c.message == bindparam("answered"), _c.source.in_(_HERE))
    .limit(1)
)
_EARLIER_UNDER_WAY = _UNDER_WAY.where(_c.seq < bindparam("copy"))
_COPY_OF = (
    select(deliveries.c.shown)
    .join(mirror_copies, _c.delivery == deliveries.c.id)
    .where(_c.platform == bindparam("of"), _c.message == bindparam("original"), _c.target == bindparam("at"))
)


def held(connection: Connection, copy: Copy) -> Copy | None:
    """The copy of the same message in the same target as it is kept."""
    named = {"of": copy.source.platform, "original": copy.message, "at": copy.target.key}
    row = connection.execute(_SAME, named).mappings().first()
    return None if row is None else to_copy(row)


def copy_shown(connection: Connection, keys: Collection[str], message: str) -> Row[*tuple[Any, ...]] | None:
    """The message (`message`, `source`, `within`) of which one of ours in one of these places is a copy."""
    return connection.execute(_COPY_SHOWN, {"keys": list(keys), "answered": message}).first()


def is_copy(connection: Connection, place: Place, message: str) -> bool:
    """A message that shows nothing yet can only be what is being sent: it stands there before we are told its id."""
    keys = sorted({place.key, (place.channel or place).key})
    if connection.execute(_SHOWN, {"keys": keys, "answered": message}).first() is None:
        return connection.execute(_UNDER_WAY, {"keys": keys}).first() is not None
    return copy_shown(connection, keys, message) is not None


def is_answered_unknown(connection: Connection, copy: Copy) -> bool:
    """Whether it replies to what may be a copy that was begun to be sent before, and shows nothing yet."""
    if copy.reply_to is None:
        return False
    named = {"of": copy.source.platform, "answered": copy.reply_to, "copy": copy.seq}
    named |= {"keys": sorted({copy.source.key, copy.channel.key})}
    if connection.execute(_EARLIER_UNDER_WAY, named).first() is None:
        return False
    return all(connection.execute(each, named).first() is None for each in (_SHOWN, _KNOWN))


def counterpart_of(connection: Connection, platform: str, message: str, target: str) -> str | None:
    """The message of ours that stands in the target for this one."""
    text = connection.execute(_COPY_OF, {"of": platform, "original": message, "at": target}).scalar()
    standing = delivery_codec.load_shown(text).messages if text else ()
    return next((each.id for each in standing if not each.gone), None)


def answered(connection: Connection, copy: Copy) -> str | None:
    """The message in the target that stands for the one which is replied to; None where there is none."""
    if copy.reply_to is None:
        return None
    original = copy_shown(connection, {copy.source.key, copy.channel.key}, copy.reply_to)
    if original is None:
        return counterpart_of(connection, copy.source.platform, copy.reply_to, copy.target.key)
    if copy.target.key in (original.source, original.within):
        return str(original.message)
    return counterpart_of(connection, copy.source.platform, original.message, copy.target.key)
