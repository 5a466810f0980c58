"""What the doctor finds of the community's files and pages, and of finding them by what they mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.errors import BackendError
from bot.knowledge.sources import Sources
from bot.ports import Clock
from bot.ports.embedding import Embeds
from bot.talk.finding import Finding, Level

TRIED = "Where may boats moor, and who says so? " * 16
"""Of a usual passage's length."""

TRIES = 4
MOST_TOLD = 20
"""Of what is wrong, so much is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeExam:
    """`embeds`: None where knowledge is found by its words alone."""

    sources: Sources
    clock: Clock
    embeds: Callable[[], AbstractAsyncContextManager[Embeds] | None] = lambda: None

    async def examine(self) -> Sequence[Finding]:
        laid = await asyncio.to_thread(self.sources.laid)
        files, pages = len(laid.folder.files), len(laid.listing.pages)
        limited = sum(file.readers.guild is not None for file in laid.folder.files)
        found = f"{files} files ({limited} of them not for everyone) and {pages} pages"
        mend = "Mend it in KNOWLEDGE_DIR or KNOWLEDGE_PAGES; docs/knowledge.md says how. It is noticed by itself."
        wrong = [
            Finding(level=Level.WARNING, topic="knowledge", found=f"{each.at}: {each.found}", mend=mend)
            for each in laid.problems[:MOST_TOLD]
        ]
        return (Finding(level=Level.OK, topic="knowledge", found=found), *wrong, await self._meaning())

    async def _meaning(self) -> Finding:
        made = self.embeds()
        if made is None:
            mend = "EMBEDDING_KIND (docs/settings.md) says what finds it by meaning and across languages"
            return Finding(level=Level.OK, topic="knowledge", found="it is found by its words alone", mend=mend)
        try:
            async with made as embeds:
                about = await embeds.about()
                await embeds.passages([TRIED])
                began = self.clock.monotonic()
                await embeds.passages([TRIED] * TRIES)
                rate = TRIES / max(1e-3, self.clock.monotonic() - began)
        except BackendError as error:
            mend = "it is found by its words alone until then; EMBEDDING_KIND=off says that this is meant"
            return Finding(level=Level.WARNING, topic="knowledge", found=f"no embeddings: {error}", mend=mend)
        found = f"{about.name} finds it by what it means; it takes in {rate:.1f} passages a second"
        return Finding(level=Level.OK, topic="knowledge", found=found)
