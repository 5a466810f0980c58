"""How much people may have the program keep for them to be reminded of."""

from __future__ import annotations

from pydantic import Field

from bot.settings.group import Group


class Reminders(Group):
    """Reminders."""

    per_person: int = Field(default=25, ge=1, le=1000, description="Reminders that one person may have at a time.")
    per_place: int = Field(
        default=200, ge=1, le=10_000, description="Reminders of all people that may wait in one place."
    )
