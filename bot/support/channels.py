"""The support channels that there are, in memory: every message asks for them, and few channels are any."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.ports.support import KnownChannels
from bot.talk.message import Place
from bot.talk.support import SupportChannel


class Channels:
    """Implements `KnownChannels`. `refresh` reads what other processes have changed: at start, and every minute.
    Nothing is known before."""

    def __init__(self, store: KnownChannels) -> None:
        self._store = store
        self._known: dict[str, SupportChannel] = {}
        self._reading = asyncio.Lock()

    def of(self, place: Place) -> SupportChannel | None:
        """Of this place, or, for a thread, of its channel or forum."""
        return self._known.get(place.key if place.channel is None else place.channel.key)

    def collections(self, place: Place) -> frozenset[str]:
        """Labels of the knowledge that is searched there; none: all of it."""
        channel = self.of(place)
        return frozenset() if channel is None else channel.knowledge

    async def support_channel(self, place: Place) -> SupportChannel | None:
        return self.of(place)

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        known = self._known.values()
        return [each for each in known if _is_in(each.place, platform, guild)]

    async def refresh(self) -> None:
        """Raises DatabaseUnusable."""
        async with self._reading:  # what was read before a change does not come after it
            self._known = {each.place.key: each for each in await self._store.support_channels()}


def _is_in(place: Place, platform: str | None, guild: str | None) -> bool:
    if platform is None:
        return True
    return place.platform == platform and (guild is None or place.guild == guild)
