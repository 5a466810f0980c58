"""The search index in tables of its own, alike on both databases, in place of what each had.

Revision 0012, after 0011. There is no way back but the copy that is made before it. The triggers on `messages` and
`places` stay as they are. Everything that is kept is due once more: it is taken into the index in the background, the
newest first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE = (
    """CREATE TRIGGER search_left AFTER DELETE ON search_words BEGIN
        INSERT INTO search_stale (room, message) SELECT old.room, old.message
        WHERE NOT EXISTS (SELECT 1 FROM search_stale WHERE room = old.room AND message = old.message);
    END""",
)
_POSTGRES = (
    # A page lies whole in its row: it is never smaller when compressed by much, and one trip is less than two.
    "ALTER TABLE search_postings ALTER COLUMN postings SET STORAGE EXTERNAL",
    "ALTER TABLE search_postings SET (toast_tuple_target = 8160)",
    """CREATE FUNCTION search_left() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO search_stale (room, message) SELECT room, message FROM went ORDER BY room, message
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_left AFTER DELETE ON search_words REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION search_left()""",
)


def upgrade() -> None:
    op.execute("DROP TABLE search_words")
    op.create_table(
        "search_words",
        sa.Column("message", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("room", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"], ["messages.seq"], name=op.f("fk_search_words_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_search_words")),
    )
    op.create_table(
        "search_segments",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("room", sa.BigInteger(), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_segments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_search_segments_room"), "search_segments", ["room"])
    op.create_table(
        "search_postings",
        sa.Column("key", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("postings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_search_postings")),
    )
    op.create_table(
        "search_stale",
        sa.Column("room", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("room", "message", name=op.f("pk_search_stale")),
        sqlite_with_rowid=False,
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
    op.execute("DELETE FROM search_due")
    op.execute(
        "INSERT INTO search_due (message) SELECT seq FROM messages "
        "WHERE body IS NOT NULL AND NOT transient ORDER BY seq"
    )
