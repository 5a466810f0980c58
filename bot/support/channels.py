"""The support channels that there are, in memory: every message asks for them, and few channels are any."""

from __future__ import annotations

from bot.ports.support import SupportChannels
from bot.talk.message import Place
from bot.talk.support import SupportChannel


class Channels:
    """`refresh` reads what other processes have changed: at start, and every minute. Nothing is known before."""

    def __init__(self, store: SupportChannels) -> None:
        self._store = store
        self._known: dict[str, SupportChannel] = {}

    def of(self, place: Place) -> SupportChannel | None:
        """Of this place, or, for a thread, of its channel or forum."""
        return self._known.get(place.key if place.channel is None else place.channel.key)

    async def refresh(self) -> None:
        """Raises DatabaseUnusable."""
        self._known = {each.place.key: each for each in await self._store.support_channels()}
