"""Run by Alembic, on the connection that the program hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from bot.storage.columns import Moment, Words
from bot.storage.tables import metadata


def _plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision must not change when our own column types do: it names the types beneath them."""
    if kind == "type" and isinstance(item, Words):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Moment):
        return "sa.BigInteger()"
    return False


connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Use `calanque migrate`, or `python -m migrations.new` to write a revision.")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=_plain,
    # SQLite cannot alter most things; Alembic then copies a table into a new one.
    render_as_batch=True,
    # SQLite can roll back DDL; the program begins the transaction itself, so a killed migration leaves nothing.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
