"""The tables of the first version.

Revision 0001, after nothing. There is no way back but the copy that is made before it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "images",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_images")),
    )
    op.create_index(op.f("ix_images_saved_at"), "images", ["saved_at"], unique=False)
    op.create_table(
        "people",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_people")),
    )
    op.create_table(
        "places",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("guild", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("keep", sa.Text(), server_default="mentioned", nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("announced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_platform_guild"), "places", ["platform", "guild"], unique=False)
    op.create_index(op.f("ix_places_platform_parent"), "places", ["platform", "parent"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("only", sa.Text(), nullable=True),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("next_seq", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("cut_before", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cut_cause", sa.Text(), nullable=True),
        sa.Column("covered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["place"], ["places.key"], name=op.f("fk_conversations_place"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("key", name=op.f("uq_conversations_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_conversations_only"), "conversations", ["only"], unique=False)
    op.create_index(op.f("ix_conversations_place"), "conversations", ["place"], unique=False)
    op.create_table(
        "messages",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("addressed", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("transient", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["place"], ["places.key"], name=op.f("fk_messages_place"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_messages")),
        sa.UniqueConstraint("platform", "id", name=op.f("uq_messages_platform_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_messages_author"), "messages", ["author"], unique=False)
    op.create_index(op.f("ix_messages_pending_sent_at"), "messages", ["pending", "sent_at"], unique=False)
    op.create_index(op.f("ix_messages_platform_reply_to"), "messages", ["platform", "reply_to"], unique=False)
    op.create_index(op.f("ix_messages_place_sent_at"), "messages", ["place", "sent_at"], unique=False)
    op.create_index(op.f("ix_messages_place_seq"), "messages", ["place", "seq"], unique=False)
    op.create_table(
        "turns",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("usage", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name=op.f("fk_turns_conversation"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["message"], ["messages.seq"], name=op.f("fk_turns_message"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
        sa.UniqueConstraint("message", "conversation", name=op.f("uq_turns_message_conversation")),
    )
    op.create_index(op.f("ix_turns_conversation"), "turns", ["conversation"], unique=False)
    op.create_index(op.f("ix_turns_state"), "turns", ["state"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.seq"], name=op.f("fk_uploads_message"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_message"), "uploads", ["message"], unique=False)
    op.create_index(op.f("ix_uploads_saved_at"), "uploads", ["saved_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("only", sa.Text(), nullable=True),
        sa.Column("turn", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("actions", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("transient", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["place"], ["places.key"], name=op.f("fk_deliveries_place"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], name=op.f("fk_deliveries_turn"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_only"), "deliveries", ["only"], unique=False)
    op.create_index(op.f("ix_deliveries_place_created_at"), "deliveries", ["place", "created_at"], unique=False)
    op.create_index(op.f("ix_deliveries_state"), "deliveries", ["state"], unique=False)
    op.create_index(op.f("ix_deliveries_turn"), "deliveries", ["turn"], unique=False)
    op.create_table(
        "pieces",
        sa.Column("conversation", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("images", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name=op.f("fk_pieces_conversation"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["turn"], ["turns.id"], name=op.f("fk_pieces_turn"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation", "seq", name=op.f("pk_pieces")),
    )
    op.create_index(op.f("ix_pieces_turn"), "pieces", ["turn"], unique=False)
    op.create_table(
        "piece_images",
        sa.Column("conversation", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation", "seq"],
            ["pieces.conversation", "pieces.seq"],
            name=op.f("fk_piece_images_conversation_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation", "seq", "digest", name=op.f("pk_piece_images")),
    )
    op.create_index(op.f("ix_piece_images_digest"), "piece_images", ["digest"], unique=False)
    op.create_table(
        "piece_sources",
        sa.Column("conversation", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation", "seq"],
            ["pieces.conversation", "pieces.seq"],
            name=op.f("fk_piece_sources_conversation_seq"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_piece_sources_author"), "piece_sources", ["author"], unique=False)
    op.create_index(op.f("ix_piece_sources_conversation_seq"), "piece_sources", ["conversation", "seq"], unique=False)
    op.create_index(op.f("ix_piece_sources_message"), "piece_sources", ["message"], unique=False)
    op.create_table(
        "shown",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name=op.f("fk_shown_delivery"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("place", "message", name=op.f("pk_shown")),
    )
    op.create_index(op.f("ix_shown_delivery"), "shown", ["delivery"], unique=False)
