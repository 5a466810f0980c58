"""Summaries, corrections, turns answered anew, and what a channel takes up of what it overhears.

Revision 0002, after 0001. There is no way back but the copy that is made before it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("places") as batch:
        batch.add_column(sa.Column("ambient", sa.Text(), nullable=True))
        batch.add_column(sa.Column("ambient_tokens", sa.Integer(), nullable=True))
    # Only columns: the table is not copied, and SQLite goes on counting where it was.
    with op.batch_alter_table("conversations") as batch:
        batch.add_column(sa.Column("past_revision", sa.BigInteger(), server_default="0", nullable=False))
        batch.add_column(sa.Column("summary", sa.Text(), nullable=True))
        batch.add_column(sa.Column("summary_piece", sa.Text(), nullable=True))
        batch.add_column(sa.Column("summary_first", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("summary_last", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("summary_by_model", sa.Boolean(), nullable=True))
    with op.batch_alter_table("turns") as batch:
        batch.add_column(sa.Column("round", sa.Integer(), server_default="0", nullable=False))
        batch.drop_constraint("uq_turns_message_conversation", type_="unique")
        batch.create_unique_constraint("uq_turns_message_conversation_round", ["message", "conversation", "round"])
        batch.create_index("ix_turns_closed_at", ["closed_at"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("conversation", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name=op.f("fk_corrections_conversation"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["message"], ["messages.seq"], name=op.f("fk_corrections_message"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation", "message", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_message"), "corrections", ["message"], unique=False)
