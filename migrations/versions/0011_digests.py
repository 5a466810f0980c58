"""Stages of digests, and what deliveries tell of.

Revision 0011, after 0010. There is no way back but the copy that is made before it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_stages",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("reads", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["place"], ["places.key"], name=op.f("fk_digest_stages_place"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("place", "asked", "first", "length", name=op.f("pk_digest_stages")),
    )
    with op.batch_alter_table("digest_stages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_stages_made_at"), ["made_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_digest_stages_place_asked_begins"), ["place", "asked", "begins"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_digest_stages_place_low"), ["place", "low"], unique=False)

    op.create_table(
        "delivery_sources",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["deliveries.id"], name=op.f("fk_delivery_sources_delivery"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery", "platform", "message", name=op.f("pk_delivery_sources")),
    )
    with op.batch_alter_table("delivery_sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_sources_platform_message"), ["platform", "message"], unique=False)

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("changed", sa.Boolean(), server_default=sa.false(), nullable=False))
