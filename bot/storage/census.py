"""Which documents the knowledge has, in a few numbers."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from bot.storage.knowledge_tables import knowledge


class Census(NamedTuple):
    """The highest number of a document, how many there are, and the sum of their numbers. Words and readers of a number
    never change, and no new document has an old one: what was read of these is right while this is the same."""

    last: int
    documents: int
    total: int


# Made once: building a statement costs more than running it.
_CENSUS = select(func.max(knowledge.c.id), func.count(), func.sum(knowledge.c.id))


def census(connection: Connection) -> Census:
    return Census(*(int(each or 0) for each in connection.execute(_CENSUS).one()))
