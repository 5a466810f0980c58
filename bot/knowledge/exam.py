"""What the doctor finds of the community's files and pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.sources import Sources
from bot.talk.finding import Finding, Level

MOST_TOLD = 20
"""Of what is wrong, so much is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeExam:
    sources: Sources

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
        return (Finding(level=Level.OK, topic="knowledge", found=found), *wrong)
