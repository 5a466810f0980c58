"""Small things to remember, by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.storage.places import insert
from bot.storage.tables import facts


def load(connection: Connection, name: str) -> str | None:
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def save(connection: Connection, name: str, value: str) -> None:
    new: Any = insert(connection, facts).values(name=name, value=value)
    connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value}))
