"""What people do in the browser, as the tests say it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from playwright.async_api import Page as Tab
from playwright.async_api import expect

from bot.talk.message import Message
from tests.platforms.local.doubles import Script


async def write(tab: Tab, text: str) -> None:
    await tab.fill("#text", text)
    await tab.press("#text", "Enter")


async def open_channel(tab: Tab) -> None:
    await tab.click("#channels [data-place=general]")
    await expect(tab.locator("#place")).to_have_text("# general")


def held(released: asyncio.Event, before: str = "The beginning", after: str = " and the end") -> Script:
    """A script that goes on only when it is released."""

    async def script(_: Message) -> AsyncGenerator[str]:
        yield before
        await released.wait()
        yield before + after

    return script
