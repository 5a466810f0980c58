"""Pages of the web, as text."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool
from bot.talk.found import Found, Source

Address = Annotated[str, Field(min_length=1, max_length=2048, description="The page's whole address: https://…")]


@tool(Effect.LEAVES, seconds=20, beside=True, needs="web", outside=True, doing="doing-web-read")
async def web_read(context: CallContext, url: Address) -> Found:
    """Read a page of the web whose address you were given or found by searching: its title, its text and its links."""
    web = context.services.web
    if web is None:
        raise ValueError("pages of the web cannot be read here")
    page = await web.read(url)
    cut = "\n[the page is longer than what could be read]" if page.cut else ""
    text = page.text.strip() or "(the page has no text)"
    return Found(text=f"{page.title}\n{page.url}\n\n{text}{cut}", sources=(Source(title=page.title, url=page.url),))
