"""Search through a SearXNG of the operator's own, or of one that they trust."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from bot.errors import BadCall
from bot.ports import Counters
from bot.ports.web import WebHit
from bot.talk.finding import Finding, Level
from bot.web.address import Refused, parse
from bot.web.fetching import Broken, Fetcher

RESULTS = 20
WORDS_BYTES = 1500
"""Of what is looked for, as it stands in an address."""

TITLE_CHARS, EXCERPT_CHARS, URL_CHARS = 200, 500, 1000
SAFE = 1  # SearXNG: 0 off, 1 moderate, 2 strict
JSON = "application/json"
ENABLE = "add `json` to `search: formats:` in SearXNG's settings.yml and restart it"


class SearxNG:
    """`url`: where it is; `safe`: how much is held back, 0 to 2."""

    def __init__(self, fetcher: Fetcher, *, url: str, safe: int = SAFE, counters: Counters) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._safe = safe
        self._counters = counters

    async def search(self, words: str, *, limit: int, language: str = "") -> tuple[WebHit, ...]:
        """Raises BadCall with the reason, for the model."""
        if len(quote(words)) > WORDS_BYTES:
            raise BadCall("search for fewer words")
        try:
            found = await self._ask(words, language)
        except (Refused, Broken) as error:
            self._counters.add("web_searches_total", outcome="failed")
            raise BadCall("the search does not work at the moment; answer without it, or say so") from error
        self._counters.add("web_searches_total", outcome="found" if found else "nothing")
        return found[: min(limit, RESULTS)]

    async def examine(self) -> Sequence[Finding]:
        """What is found of it, and what to do: as the doctor wants it."""
        try:
            found = await self._ask("calanque", "")
        except (Refused, Broken) as error:
            mend = ENABLE if "403" in str(error) else "See whether SearXNG runs and WEB_SEARXNG_URL is right."
            return (Finding(level=Level.PROBLEM, topic="search", found=f"SearXNG: {error}", mend=mend),)
        if not found:
            mend = "See SearXNG's log: its engines may have been refused or rate limited."
            return (Finding(level=Level.WARNING, topic="search", found="SearXNG answers but finds nothing", mend=mend),)
        return (Finding(level=Level.OK, topic="search", found=f"SearXNG answers at {parse(self._url).place}"),)

    async def _ask(self, words: str, language: str) -> tuple[WebHit, ...]:
        asked = {"q": words, "format": "json", "safesearch": str(self._safe)}
        if language:
            asked["language"] = language
        try:
            answer = await self._fetcher.fetch(f"{self._url}/search?{urlencode(asked)}", accept=JSON)
        except Broken as error:
            raise Broken(f"{error}: {ENABLE}" if "403" in str(error) else str(error)) from error
        return hits(answer.data)


def hits(answer: bytes) -> tuple[WebHit, ...]:
    """What SearXNG found, each address once and in its order. Raises Broken for what is no answer of its."""
    try:
        told = json.loads(answer)
        results = told["results"]
        rows = [each for each in results if isinstance(each, dict)]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Broken("the answer is not SearXNG's JSON") from None
    found: dict[str, WebHit] = {}
    for row in rows:
        url, title, excerpt = (row.get(name) for name in ("url", "title", "content"))
        if not isinstance(url, str) or len(url) > URL_CHARS:
            continue
        try:
            url = parse(url).url
        except Refused:
            continue
        found.setdefault(
            url,
            WebHit(url=url, title=_words(title, TITLE_CHARS) or url, excerpt=_words(excerpt, EXCERPT_CHARS)),
        )
        if len(found) == RESULTS:
            break
    return tuple(found.values())


def _words(given: object, chars: int) -> str:
    return " ".join(given[: 4 * chars].split())[:chars] if isinstance(given, str) else ""
