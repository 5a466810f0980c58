"""What the model may call, and what people are asked about."""

from __future__ import annotations

from pydantic import Field

from bot.settings.group import Group


class Tools(Group):
    """What the model may call. Moderators decide the rest by channel, server and role."""

    off: str = Field(default="", description="Tools that are never offered, by name, separated by commas.")
    approval_minutes: int = Field(
        default=30, ge=1, le=10_080, description="Minutes that a call waits for somebody to allow it."
    )

    @property
    def never(self) -> frozenset[str]:
        return frozenset(filter(None, (name.strip() for name in self.off.split(","))))
