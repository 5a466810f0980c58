"""Pages of the web, as text that a model can read."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.errors import AttachmentTooLarge, AttachmentUnreadable, BadCall, DocumentWorkerDied
from bot.ports import Counters, Documents
from bot.ports.web import WebPage
from bot.talk.document import TextDocument
from bot.web.address import Refused
from bot.web.apart import Unreadable, readable_apart
from bot.web.charset import decoded
from bot.web.content import Kind, kind_of
from bot.web.fetching import Broken, Fetched, Fetcher


class Pages:
    """`chars`: of a page's text, at most. `documents` opens PDF; None: they are not read."""

    def __init__(self, fetcher: Fetcher, *, documents: Documents | None, chars: int, counters: Counters) -> None:
        self._fetcher = fetcher
        self._documents = documents
        self._chars = chars
        self._counters = counters

    async def read(self, url: str) -> WebPage:
        """Raises BadCall with the reason, for the model: an address that is not allowed, a page that cannot be read."""
        try:
            page = await self._read(url)
        except Refused as error:
            self._counters.add("web_pages_total", outcome="refused")
            raise BadCall(f"this address is not read: {error}") from error
        except Broken as error:
            self._counters.add("web_pages_total", outcome="failed")
            raise BadCall(f"the page could not be read: {error}") from error
        self._counters.add("web_pages_total", outcome="read")
        return page

    async def _read(self, url: str) -> WebPage:
        fetched = await self._fetcher.fetch(url)
        kind = kind_of(fetched.media, fetched.data)
        host = urlsplit(fetched.url).hostname or ""
        if kind is Kind.PDF:
            return await self._pdf(fetched, host)
        if kind is Kind.TEXT:
            source = decoded(fetched.data, fetched.media)
            cut = fetched.cut or len(source) > self._chars
            return WebPage(url=fetched.url, title=host, text=source[: self._chars], cut=cut, broken=fetched.broken)
        try:
            found = await readable_apart(fetched.data, media=fetched.media, url=fetched.url, most=self._chars)
        except Unreadable:
            raise Broken("it is built so that it takes too long to read") from None
        cut = fetched.cut or len(found.text) >= self._chars
        title = found.title or host
        return WebPage(url=fetched.url, title=title, text=found.text, cut=cut, broken=fetched.broken)

    async def _pdf(self, fetched: Fetched, host: str) -> WebPage:
        if self._documents is None or fetched.cut:
            raise Refused("this is a PDF, " + ("and too large" if fetched.cut else "and those cannot be read here"))
        name = urlsplit(fetched.url).path.rpartition("/")[2] or host
        try:
            document = await self._documents.read(name, "application/pdf", fetched.data)
        except (AttachmentTooLarge, AttachmentUnreadable, DocumentWorkerDied):
            raise Broken("this PDF cannot be opened") from None
        if not isinstance(document, TextDocument):
            raise Broken("this PDF holds no text")
        cut = document.cut or len(document.text) > self._chars
        return WebPage(url=fetched.url, title=name, text=document.text[: self._chars], cut=cut)
