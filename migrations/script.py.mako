"""${message}

Revision ${up_revision}, after ${down_revision or "nothing"}. There is no way back but the copy that is made before it.
Write `sa.false()` and `sa.true()` for defaults: PostgreSQL does not take 0 and 1.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
