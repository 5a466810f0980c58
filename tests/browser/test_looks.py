"""The page can be read and used by everybody: colours, phones, directions, keys."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import expect

from bot.talk.event import Commanded
from bot.talk.message import Message
from tests.browser.conftest import Browser
from tests.browser.steps import open_channel, write
from tests.platforms.local.doubles import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_right_to_left_text_runs_right_to_left(browser: Browser, house: House) -> None:
    async def hebrew(_: Message) -> AsyncGenerator[str]:
        yield "שלום עולם\n\nand then English"

    house.verbs.script = hebrew
    tab = await browser.open(house.url)
    await write(tab, "مرحبا بالعالم")
    await expect(tab.locator(".line.ours:not(.growing) p")).to_have_count(2)
    direction = "element => getComputedStyle(element).direction"
    assert await tab.locator(".line:not(.ours) .plain").evaluate(direction) == "rtl"
    boxes = """element => [...element.querySelectorAll("p")].map((p) => {
      const range = document.createRange(); range.selectNodeContents(p);
      const text = range.getBoundingClientRect(), box = p.getBoundingClientRect();
      return [text.left - box.left > 40, text.left - box.left < 2];
    })"""
    assert await tab.locator(".line.ours .body").evaluate(boxes) == [[True, False], [False, True]]


async def test_dark_and_light_follow_the_system_and_the_toggle(browser: Browser, house: House) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = await browser.open(house.url, color_scheme="dark")
    assert await dark.evaluate(ground) == "rgb(16, 25, 30)"
    await dark.click("#theme")
    assert await dark.evaluate(ground) == "rgb(252, 250, 246)"
    await dark.reload()
    assert await dark.evaluate(ground) == "rgb(252, 250, 246)"
    light = await browser.open(house.url, color_scheme="light")
    assert await light.evaluate(ground) == "rgb(252, 250, 246)"


async def test_on_a_phone_the_sidebar_waits_behind_a_button(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    await expect(tab.locator("#sidebar")).to_be_hidden()
    await write(tab, "x" * 200)
    await expect(tab.locator(".line.ours:not(.growing) table")).to_be_visible()
    wider = (
        "document.documentElement.scrollWidth > innerWidth || document.querySelector('#log').scrollWidth > innerWidth"
    )
    assert not await tab.evaluate(wider)
    sizes = (
        "[...document.querySelectorAll('input, textarea')].map((field) => parseFloat(getComputedStyle(field).fontSize))"
    )
    assert min(await tab.evaluate(sizes)) >= 16
    await tab.click("#open-menu")
    await expect(tab.locator("#sidebar")).to_be_visible()
    await tab.click("#channels [data-place=general]")
    await expect(tab.locator("#sidebar")).to_be_hidden()
    await expect(tab.locator("#hint")).to_contain_text("Mention @Calanque")


async def test_everything_can_be_done_with_the_keyboard(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    keys = tab.keyboard
    await keys.type("first line")
    await keys.press("Shift+Enter")
    await keys.type("second line")
    await keys.press("Enter")
    await expect(tab.locator(".line:not(.ours) .plain")).to_have_text("first line\nsecond line")
    await expect(tab.locator(".line.ours:not(.growing)")).to_be_visible()
    await keys.press("ArrowUp")
    await expect(tab.locator("#context")).to_contain_text("Editing")
    await keys.press("Escape")
    await expect(tab.locator("#context")).to_be_hidden()
    await expect(tab.locator("#text")).to_be_focused()
    await keys.type("/ke")
    await expect(tab.locator("[role=option]")).to_have_count(1)
    await keys.press("Enter")
    await expect(tab.locator("#argument-when")).to_be_focused()
    await keys.press("ArrowDown")
    await keys.press("Tab")
    await keys.type("30")
    await keys.press("Enter")
    await expect(tab.locator(".line.private")).to_contain_text("Done: keep when=always, days=30")
    await expect(tab.locator("#text")).to_be_focused()
    assert any(isinstance(event, Commanded) for event in house.verbs.heard)
    seen: set[str] = set()
    for _ in range(40):
        await keys.press("Shift+Tab")
        seen.add(await tab.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"theme", "me", "new-channel", "attach"} <= seen


async def test_lines_of_one_person_in_a_row_stand_under_one_name(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "one")
    await expect(tab.locator(".line")).to_have_count(1)
    await write(tab, "two")
    await expect(tab.locator(".line.follows")).to_have_count(1)
    await expect(tab.locator(".line header >> visible=true")).to_have_count(1)
    await expect(tab.locator(".line").first).to_have_attribute("data-day", "Today")
