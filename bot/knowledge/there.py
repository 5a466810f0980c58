"""Where there is any knowledge to search, for whoever has to know it at once."""

from __future__ import annotations

from bot.ports.knowledge import KnowledgeStore
from bot.talk.message import Conversation


class There:
    """As last looked; nowhere before that. Tells of guilds, not of who may read what: a search decides that anew."""

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store
        self._guilds: frozenset[str | None] = frozenset()

    async def refresh(self) -> None:
        """Raises DatabaseUnusable."""
        self._guilds = await self._store.known_guilds()

    def offered(self, conversation: Conversation) -> bool:
        """Whether somebody may find something there. Who reads alone may read what is of any guild."""
        place = conversation.place
        if conversation.alone or None in self._guilds:
            return bool(self._guilds)
        return place.guild is not None and f"{place.platform}:{place.guild}" in self._guilds
