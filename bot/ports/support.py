"""Support channels: what the verbs of support keep, and what others ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.talk.message import Place
from bot.talk.support import SupportChannel


class SupportChannels(Protocol):
    """How channels are set up. Every method is one transaction. Raises DatabaseUnusable."""

    async def support_channel(self, place: Place) -> SupportChannel | None:
        """Of this place, or, for a thread, of its channel or forum."""
        ...

    async def support_channels(self, platform: str, guild: str | None) -> Sequence[SupportChannel]:
        """Of a guild; on a platform without guilds, all."""
        ...

    async def save_support_channel(self, channel: SupportChannel) -> None: ...

    async def drop_support_channel(self, place: Place) -> bool:
        """Whether there was one."""
        ...
