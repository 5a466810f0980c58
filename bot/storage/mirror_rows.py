"""What a copy of a message is as a row."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from bot.storage import codec
from bot.storage.places import place_columns, to_place
from bot.storage.tables import mirror_copies, places
from bot.talk.message import Place, PlaceKind
from bot.talk.mirror import Carried, Copy

COPIES = select(mirror_copies, *place_columns()).outerjoin(places, places.c.key == mirror_copies.c.target)


def copy_row(
    copy: Copy, words: Carried, *, author: str | None, sent_at: datetime, edited_at: datetime | None = None
) -> dict[str, Any]:
    """A new one, to be shown."""
    return {
        "link": copy.link,
        "platform": copy.source.platform,
        "message": copy.message,
        "source": copy.source.key,
        "target": copy.target.key,
        "guild": copy.target.guild,
        "delivery": copy.delivery,
        "author": author,
        "reply_to": copy.reply_to,
        "taken_at": copy.taken_at,
        "sent_at": sent_at,
        "edited_at": edited_at,
        "revision": 1,
        "saved": 0,
        "done": 0,
        "gone": False,
        "pending": True,
        "words": dump_words(words),
        "within": None if copy.within is None else copy.within.key,
    }


def to_copy(row: RowMapping) -> Copy:
    return Copy(
        seq=row["seq"],
        link=row["link"] or "",
        message=row["message"],
        source=place_at(row["source"], row["guild"], row["within"]),
        target=place_at(row["target"], row["guild"]) if row["place_id"] is None else to_place(row),
        taken_at=row["taken_at"],
        revision=row["revision"],
        saved=row["saved"],
        done=row["done"],
        gone=row["gone"],
        reply_to=row["reply_to"],
        words=None if row["words"] is None else _load_words(row["words"]),
        within=None if row["within"] is None else place_at(row["within"], row["guild"]),
    )


def place_at(key: str, guild: str | None, within: str | None = None) -> Place:
    """`within`: the key of the channel of which it is an open thread."""
    platform, _, place = key.partition(":")
    if within is None:
        return Place(platform=platform, id=place, guild=guild)
    parent = within.partition(":")[2]
    return Place(platform=platform, id=place, kind=PlaceKind.THREAD, guild=guild, parent=parent, open=True)


def dump_words(words: Carried) -> str:
    return codec.dump([words.name, words.text, list(words.files)])


def is_blank(words: str | None) -> bool:
    """Whether there is nothing of it to be shown."""
    return words is None or _load_words(words).empty


def _load_words(text: str) -> Carried:
    name, words, files = json.loads(text)
    return Carried(name=name, text=words, files=tuple(files))
