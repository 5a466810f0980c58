"""A Chromium for the session, and a fresh window on a fresh page for every test."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Launched
from playwright.async_api import BrowserContext, async_playwright
from playwright.async_api import Page as Tab

from bot.talk.message import Message
from tests.browser import chromium
from tests.platforms.local.doubles import House, build, serving

WAIT_MS = 30_000


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Skips where there is no Chromium and says why; in CI that is a failure."""
    try:
        return chromium.find()
    except chromium.NoChromium as reason:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"CI must run the browser tests: {reason}")
        pytest.skip(f"browser tests: {reason}")


class Browser:
    """Opens windows and watches that none of them runs into an error."""

    def __init__(self, launched: Launched) -> None:
        self._launched = launched
        self._contexts: list[BrowserContext] = []
        self.problems: list[str] = []
        self.requests: list[str] = []

    async def open(self, url: str, **options: Any) -> Tab:
        """A window of its own on the page, when it is ready."""
        tab = await self.window(**options)
        await tab.goto(url)
        await tab.wait_for_selector("#channels [data-place]", state="attached")
        await tab.wait_for_selector(".line, #empty:not([hidden])")
        return tab

    async def close(self) -> None:
        while self._contexts:
            await self._contexts.pop().close()

    async def window(self, **options: Any) -> Tab:
        options.setdefault("viewport", {"width": 1100, "height": 760})
        options.setdefault("locale", "en-GB")
        context = await self._launched.new_context(reduced_motion="reduce", **options)
        self._contexts.append(context)
        tab = await context.new_page()
        tab.set_default_timeout(WAIT_MS)
        tab.on("pageerror", lambda error: self.problems.append(str(error)))
        tab.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        tab.on("request", lambda request: self.requests.append(request.url))
        return tab


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def launched(chromium_path: str) -> AsyncIterator[Launched]:
    """One Chromium for all tests: starting it takes longer than most of them."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium_path, args=list(chromium.ARGUMENTS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(launched: Launched) -> AsyncIterator[Browser]:
    watched = Browser(launched)
    yield watched
    await watched.close()
    assert watched.problems == []


ANSWER = (
    "A *calanque* is a narrow inlet with steep walls, cut into **limestone**.\n\n"
    "- calm even when the mistral blows\n- deep close to the shore\n\n"
    "```python\ndef tide(hour: float) -> float:\n    return sin(hour / 12.4)\n```\n\n"
    "| Cove | Depth |\n|:-|-:|\n| En-Vau | 12 m |\n\nMore at [the park](https://park.example/calanques)."
)


async def scripted(_: Message) -> AsyncGenerator[str]:
    """The answer above, a word at a time."""
    words = ANSWER.split(" ")
    for count in range(1, len(words) + 1):
        yield " ".join(words[:count])


@pytest_asyncio.fixture(loop_scope="session")
async def house(browser: Browser) -> AsyncIterator[House]:
    """A served page. Its windows close before it does: an open one would find the door shut, which is no fault."""
    made = build(status=lambda: {"engine": "embedded", "model": "SmolLM2-135M", "demo": True, "ready": True})
    made.verbs.script = scripted
    made.verbs.lead = "demo model that knows little"
    async with serving(made) as served:
        yield served
        await browser.close()
