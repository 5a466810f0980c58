"""Searching the community's own files and pages, so that answers about it rest on what it has written."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from bot.ports.knowledge import Passage
from bot.ports.tool import CallContext, Effect, tool
from bot.talk.found import Found

PASSAGES = 6

_NUMBERED = re.compile(r"^(\s*)\[(\d+)\]", re.MULTILINE)
"""A line that would pass for the head of another passage."""

Words = Annotated[
    str,
    Field(max_length=500, description="A few words that the text should hold, in the language it is likely to have."),
]


@tool(Effect.READS, seconds=10, beside=True, needs="knowledge", across=True, outside=True, doing="doing-knowledge")
async def search_knowledge(context: CallContext, words: Words) -> Found:
    """Search this community's own documents and pages: rules, guides, answers to common questions. Use it before you
    answer anything about the community or what it is for. Cite what you use as [n]; what is not found here, you do not
    know from here.
    """
    assert context.services.knowledge is not None
    found = await context.services.knowledge.search(words, limit=PASSAGES)
    if not found.passages:
        return Found(text="nothing was found; other words may find more", privately=found.privately)
    told = "\n\n".join(_told(number, passage) for number, passage in enumerate(found.passages, 1))
    return Found(
        text=f"Passages, best first; cite those you use as [n], and say so where they contradict each other:\n\n{told}",
        sources=tuple(passage.source for passage in found.passages),
        privately=found.privately,
        of=tuple(dict.fromkeys(whose for passage in found.passages for whose in passage.of)),
    )


def _told(number: int, passage: Passage) -> str:
    # A document often begins with its own title as a heading.
    told_by_heading = passage.where.split(" › ", maxsplit=1)[0] == passage.title
    head = [*([] if told_by_heading else [passage.title]), *([passage.where] if passage.where else [])]
    changed = "; it may have changed since" if passage.stale else ""
    as_of = f" (as fetched on {passage.as_of:%Y-%m-%d}{changed})" if passage.as_of is not None else ""
    return f"[{number}] {', '.join(head)}{as_of}\n{_NUMBERED.sub(_unnumbered, passage.text)}"


def _unnumbered(found: re.Match[str]) -> str:
    return f"{found[1]}({found[2]})"
