"""Embedding on the card that answers come from: passages are idle work, a question's own words go at once.

A question is embedded within the turn that asks, which has the engine: nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.lanes.idle import GaveWay
from bot.lanes.lanes import Lanes
from bot.ports.embedding import Embeds
from bot.talk.vectors import Embedder, Vector

AT_ONCE = 2
"""Passages in one piece of idle work: so few are made again where somebody comes meanwhile."""


class IdleEmbeds:
    """Implements `Embeds` over one that shares the card of these lanes."""

    def __init__(self, embeds: Embeds, lanes: Lanes) -> None:
        self._embeds = embeds
        self._lanes = lanes

    async def about(self) -> Embedder:
        return await self._embeds.about()

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Waits, for however long, until nobody asks anything."""
        made: list[Vector] = []
        while len(made) < len(texts):
            some = texts[len(made) : len(made) + AT_ONCE]
            try:
                made += await self._lanes.idly(partial(self._embeds.passages, some))
            except GaveWay:
                continue
        return made

    async def query(self, text: str) -> Vector:
        return await self._embeds.query(text)
