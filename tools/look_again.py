"""Looking again at a picture, or at other pages of a document, that was posted earlier."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool
from bot.talk.found import Found

LATEST = 10

Name = Annotated[
    str, Field(max_length=200, description="The file's name or a part of it; empty: list the latest files here.")
]
Within = Annotated[str, Field(max_length=300, description="Id or link of the message that it was posted with.")]
Pages = Annotated[str, Field(max_length=20, description='Of a document, at most 20 at a time, like "3" or "12-15".')]


@tool(Effect.READS, needs="seen", across=True, outside=True, doing="doing-look-again")
async def look_again(context: CallContext, name: Name = "", message: Within = "", pages: Pages = "") -> Found:
    """Look again at a picture or a file that was posted earlier, or at other pages of it than you have read."""
    assert context.services.seen is not None
    if not name.strip() and not message.strip():
        return await context.services.seen.latest(limit=LATEST)
    return await context.services.seen.look(name.strip(), message=message, pages=pages)
