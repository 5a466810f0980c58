"""The search index, and the triggers that keep it from holding what is gone.

Revision 0005, after 0004. There is no way back but the copy that is made before it. Everything that is kept is due: it
is taken into the index in the background, the newest first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, tokenize='ascii', detail=none, columnsize=0)",
    """CREATE TRIGGER search_said AFTER INSERT ON messages WHEN new.body IS NOT NULL AND NOT new.transient BEGIN
        INSERT INTO search_due (message) VALUES (new.seq);
    END""",
    """CREATE TRIGGER search_changed AFTER UPDATE OF body, transient, place, sent_at ON messages
    WHEN old.body IS NOT new.body OR old.transient IS NOT new.transient
        OR old.place IS NOT new.place OR old.sent_at IS NOT new.sent_at BEGIN
        DELETE FROM search_words WHERE rowid = old.seq;
        DELETE FROM search_due WHERE message = old.seq;
        INSERT INTO search_due (message) SELECT new.seq WHERE new.body IS NOT NULL AND NOT new.transient;
    END""",
    """CREATE TRIGGER search_gone AFTER DELETE ON messages BEGIN
        DELETE FROM search_words WHERE rowid = old.seq;
    END""",
    """CREATE TRIGGER search_moved AFTER UPDATE OF open, parent ON places
    WHEN old.open IS NOT new.open OR old.parent IS NOT new.parent BEGIN
        DELETE FROM search_words WHERE rowid IN (SELECT seq FROM messages WHERE place = new.key);
        DELETE FROM search_due WHERE message IN (SELECT seq FROM messages WHERE place = new.key);
        INSERT INTO search_due (message) SELECT seq FROM messages WHERE place = new.key
            AND body IS NOT NULL AND NOT transient;
    END""",
)

_POSTGRES = (
    """CREATE TABLE search_words (
        message bigint PRIMARY KEY REFERENCES messages (seq) ON DELETE CASCADE,
        words bigint[] NOT NULL
    )""",
    "CREATE INDEX ix_search_words_words ON search_words USING gin (words) WITH (fastupdate = off)",
    """CREATE FUNCTION search_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO search_due (message) SELECT seq FROM fresh WHERE body IS NOT NULL AND NOT transient ORDER BY seq;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_said AFTER INSERT ON messages REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_said()""",
    """CREATE FUNCTION search_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM search_due WHERE message = old.seq;
        DELETE FROM search_words WHERE message = old.seq;
        INSERT INTO search_due (message) SELECT new.seq WHERE new.body IS NOT NULL AND NOT new.transient;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_changed AFTER UPDATE OF body, transient, place, sent_at ON messages FOR EACH ROW
    WHEN (old.body IS DISTINCT FROM new.body OR old.transient IS DISTINCT FROM new.transient
        OR old.place IS DISTINCT FROM new.place OR old.sent_at IS DISTINCT FROM new.sent_at)
    EXECUTE FUNCTION search_changed()""",
    """CREATE FUNCTION search_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM search_due WHERE message IN (SELECT seq FROM messages WHERE place = new.key);
        DELETE FROM search_words WHERE message IN (SELECT seq FROM messages WHERE place = new.key);
        INSERT INTO search_due (message) SELECT seq FROM messages WHERE place = new.key
            AND body IS NOT NULL AND NOT transient ORDER BY seq;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_moved AFTER UPDATE OF open, parent ON places FOR EACH ROW
    WHEN (old.open IS DISTINCT FROM new.open OR old.parent IS DISTINCT FROM new.parent)
    EXECUTE FUNCTION search_moved()""",
)


def upgrade() -> None:
    op.create_table(
        "search_due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.seq"], name=op.f("fk_search_due_message"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_due")),
        sa.UniqueConstraint("message", name=op.f("uq_search_due_message")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_days",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_search_days")),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
    op.execute(
        "INSERT INTO search_due (message) SELECT seq FROM messages "
        "WHERE body IS NOT NULL AND NOT transient ORDER BY seq"
    )
