"""The inbox: every message once, in the order in which it was recorded, with all that arrived at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from bot.storage import codec
from bot.storage.batches import batches
from bot.storage.columns import storable
from bot.storage.connection import guard_words
from bot.storage.places import DIALECTS, opted_out, save_places, unkept, unsaved, upsert
from bot.storage.tables import messages, uploads
from bot.storage.transcript import body_without
from bot.talk.message import Addressed, Message
from bot.talk.record import Incoming, Recorded

_RECORD = {
    dialect: upsert(dialect, messages)
    .on_conflict_do_nothing(index_elements=["platform", "id"])
    .returning(messages.c.seq, messages.c.platform, messages.c.id)
    for dialect in DIALECTS
}
_KNOWN = select(
    messages.c.platform,
    messages.c.id,
    messages.c.place,
    messages.c.author,
    messages.c.edited_at,
    messages.c.body,
    messages.c.pending,
).where(messages.c.platform == bindparam("of"), messages.c.id.in_(bindparam("ids", expanding=True)))
_ALIVE = select(messages.c.seq).where(
    messages.c.platform == bindparam("of"), messages.c.id == bindparam("question"), messages.c.body.is_not(None)
)
_FREE = (uploads.c.id == bindparam("file"), uploads.c.message.is_(None))
_TAKE_FILE = update(uploads).where(*_FREE).values(message=bindparam("seq"))
_DROP_FILE = uploads.delete().where(*_FREE)


def record_all(connection: Connection, incoming: Sequence[Incoming], *, now: datetime) -> list[Recorded]:
    said = [each.message for each in incoming]
    save_places(connection, unsaved(connection, {message.place.key: message.place for message in said}.values()))
    silent = opted_out(connection, set(_people(said)))
    barred = unkept(connection, [each.message.place for each in incoming if each.keep])
    incoming = [replace(each, keep=each.keep and each.message.place.key not in barred) for each in incoming]
    orphans = _orphans(connection, said)
    rows = [_row(each, silent, now, wordless=_key(each.message) in orphans) for each in incoming]
    made = connection.execute(_RECORD[connection.dialect.name], rows)
    fresh = {(row.platform, row.id): row.seq for row in made}
    # Of two with one id that arrive together, the first is the new one.
    seqs = [fresh.pop((row["platform"], row["id"]), None) for row in rows]
    _take_files(connection, said, rows, seqs)
    known = _known(connection, [message for message, seq in zip(said, seqs, strict=True) if seq is None])
    return [
        Recorded.NEW
        if seq is not None and _key(message) not in orphans
        else _seen_again(message, known.get(_key(message)))
        for message, seq in zip(said, seqs, strict=True)
    ]


def _people(said: Sequence[Message]) -> Iterator[str]:
    for message in said:
        yield message.author.key
        for quote in message.quotes:
            if quote.author_key is not None:
                yield quote.author_key


def _orphans(connection: Connection, said: Sequence[Message]) -> set[tuple[str, str]]:
    """Those that we made of a press, and whose question went meanwhile: its words go with it."""
    made = [message for message in said if message.made and message.reply_to is not None]
    if not made:
        return set()
    guard_words(connection, forgetting=False)
    return {
        _key(message)
        for message in made
        if connection.execute(_ALIVE, {"of": message.place.platform, "question": message.reply_to}).scalar() is None
    }


def _row(incoming: Incoming, silent: set[str], now: datetime, *, wordless: bool) -> dict[str, Any]:
    message = incoming.message
    addressed = message.addressed is not Addressed.NO and not wordless
    author = message.author.key
    kept = incoming.keep and author not in silent and not wordless
    # No turn would ever come to erase words that are neither kept nor for us.
    words = kept or addressed
    return {
        "platform": message.place.platform,
        "id": message.id,
        "place": message.place.key,
        "author": author if words else None,
        "addressed": message.addressed.value,
        "reply_to": message.reply_to if words else None,
        "sent_at": message.sent_at,
        "edited_at": message.edited_at,
        "recorded_at": now - incoming.age,
        "transient": not kept,
        "pending": addressed,
        "body": body_without(message, silent) if words else None,
        "only": message.only,
        "above": message.above,
    }


def _take_files(
    connection: Connection, said: Sequence[Message], rows: Sequence[dict[str, Any]], seqs: Sequence[int | None]
) -> None:
    taken: list[dict[str, Any]] = []
    dropped: list[dict[str, Any]] = []
    for message, row, seq in zip(said, rows, seqs, strict=True):
        if seq is not None:
            files = [{"file": one.id, "seq": seq} for one in message.attachments]
            (dropped if row["body"] is None else taken).extend(files)
    if taken:
        connection.execute(_TAKE_FILE, taken)
    if dropped:
        connection.execute(_DROP_FILE, [{"file": one["file"]} for one in dropped])


def _key(message: Message) -> tuple[str, str]:
    return message.place.platform, message.id


def _known(connection: Connection, again: Sequence[Message]) -> dict[tuple[str, str], RowMapping]:
    found: dict[tuple[str, str], RowMapping] = {}
    for platform in {message.place.platform for message in again}:
        for ids in batches({message.id for message in again if message.place.platform == platform}):
            rows = connection.execute(_KNOWN, {"of": platform, "ids": ids}).mappings()
            found |= {(platform, row["id"]): row for row in rows}
    return found


def _seen_again(message: Message, known: RowMapping | None) -> Recorded:
    """The first stays as it is, whatever comes under its id."""
    if known is None:
        return Recorded.KNOWN
    if known["place"] != message.place.key or known["author"] not in (None, message.author.key):
        return Recorded.FOREIGN
    if known["body"] is None:
        return Recorded.KNOWN
    was, now = known["edited_at"], message.edited_at
    if now is not None and (was is None or now > was):
        return Recorded.CHANGED
    if known["pending"]:
        return Recorded.OWED
    reworded = was == now and codec.words_of(known["body"]) != storable(message.text)
    return Recorded.REWORDED if reworded else Recorded.KNOWN
