"""How much people may have the program tell them of again and again."""

from __future__ import annotations

from pydantic import Field

from bot.settings.group import Group


class Digests(Group):
    """Scheduled digests."""

    per_server: int = Field(default=25, ge=0, le=1000, description="Scheduled digests of one server, at most.")
    subscribers: int = Field(default=200, ge=1, le=5000, description="People who are sent one digest, at most.")
