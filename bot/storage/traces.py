"""Reads turns for an operator. Nothing is written, and the tables are taken as they are."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, select

from bot.errors import DatabaseUnusable
from bot.settings import Database as DatabaseSettings
from bot.storage import codec
from bot.storage.address import find
from bot.storage.approval_tables import requests
from bot.storage.connection import Connections
from bot.storage.tables import conversations, deliveries, messages, pieces, turns
from bot.talk.approval import RequestState
from bot.talk.trace import AskedFor, Trace

_TURNS = (
    select(
        turns.c.id,
        turns.c.state,
        turns.c.opened_at,
        turns.c.closed_at,
        turns.c.attempts,
        turns.c.usage,
        conversations.c.place,
        conversations.c.only,
        messages.c.id.label("message"),
        messages.c.author,
        deliveries.c.state.label("shown"),
    )
    .join(conversations, conversations.c.id == turns.c.conversation)
    .join(messages, messages.c.seq == turns.c.message)
    .outerjoin(deliveries, deliveries.c.turn == turns.c.id)
)


class Traces:
    """Turns of a database that another process may be writing meanwhile."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections

    async def of(self, turn: str) -> tuple[Trace, ...]:
        """The turns whose id begins so."""
        return await self._db.read(lambda c: _read(c, turn=turn, place="", limit=2))

    async def last(self, limit: int, *, place: str = "") -> tuple[Trace, ...]:
        """The latest, oldest first; of a place (as `Place.key`) alone, where one is given."""
        return await self._db.read(lambda c: _read(c, turn="", place=place, limit=limit))


@asynccontextmanager
async def open_traces(settings: DatabaseSettings, data_dir: Path) -> AsyncGenerator[Traces]:
    """Raises DatabaseUnusable, SettingsError."""
    address = find(settings, data_dir)
    if address.path is not None and not address.path.exists():
        raise DatabaseUnusable(f"{address.label} is not there yet; it is made at the first start")
    connections = Connections(address)
    try:
        yield Traces(connections)
    finally:
        await connections.close()


def _read(connection: Connection, *, turn: str, place: str, limit: int) -> tuple[Trace, ...]:
    wanted = _TURNS.order_by(turns.c.opened_at.desc(), turns.c.id.desc()).limit(limit)
    if turn:
        wanted = wanted.where(turns.c.id.startswith(turn, autoescape=True))
    if place:
        wanted = wanted.where(conversations.c.place == place)
    rows = list(connection.execute(wanted).mappings())
    return tuple(
        Trace(
            turn=row["id"],
            state=row["state"],
            message=row["message"],
            place=row["place"],
            asker=row["author"],
            only=row["only"],
            opened_at=row["opened_at"],
            closed_at=row["closed_at"],
            attempts=row["attempts"],
            usage=codec.load_usage(row["usage"]),
            shown=row["shown"] or "",
            asked=_asked(connection, row["id"]),
            parts=tuple(
                (codec.load_part(part), tokens)
                for part, tokens in connection.execute(
                    select(pieces.c.part, pieces.c.tokens).where(pieces.c.turn == row["id"]).order_by(pieces.c.seq)
                )
            ),
        )
        for row in reversed(rows)
    )


def _asked(connection: Connection, turn: str) -> tuple[AskedFor, ...]:
    kept = requests.c["tool", "server", "state", "begun", "decided_at", "decided_by"]
    rows = connection.execute(select(*kept).where(requests.c.turn == turn).order_by(requests.c.call, requests.c.id))
    return tuple(
        AskedFor(
            tool=row["tool"],
            server=row["server"],
            state=RequestState(row["state"]),
            begun=row["begun"],
            decided_at=row["decided_at"],
            decided_by=row["decided_by"],
        )
        for row in rows.mappings()
    )
