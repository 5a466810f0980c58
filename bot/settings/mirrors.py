"""How much is carried over between linked channels."""

from __future__ import annotations

from pydantic import Field

from bot.settings.group import Group


class MirrorSettings(Group):
    """Channels side by side."""

    links: int = Field(default=10, ge=0, le=100, description="Groups of linked channels in one server, at most.")
    per_minute: int = Field(
        default=30, ge=1, le=600, description="Messages carried over into one channel in a minute, at most."
    )
    backlog: int = Field(
        default=500,
        ge=10,
        le=10_000,
        description="Copies that wait to be carried over into one channel, at most; later messages are left out there.",
    )
    wait_minutes: int = Field(
        default=10,
        ge=1,
        le=240,
        description="How long a message waits for its translation, at most; then it is carried over as it is.",
    )
    chars: int = Field(
        default=4000, ge=200, le=20_000, description="Longer messages are carried over without translation."
    )
