"""The time zone of a person, and polls in the outbox.

Revision 0007, after 0006. There is no way back but the copy that is made before it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("poll", sa.Text(), nullable=True))
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("timezone", sa.Text(), nullable=True))
