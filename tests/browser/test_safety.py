"""Hostile text stays text, and nothing is lost when the program goes away."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import expect
from pydantic import SecretStr

from bot.settings import Page
from bot.talk.message import Message
from tests.browser.conftest import Browser
from tests.browser.steps import write
from tests.platforms.local.doubles import House, build, serving
from tests.platforms.local.test_markdown import HOSTILE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_hostile_markdown_is_inert(browser: Browser, house: House) -> None:
    async def hostile(_: Message) -> AsyncGenerator[str]:
        yield "\n\n".join(HOSTILE)

    house.verbs.script = hostile
    tab = await browser.open(house.url)
    await tab.evaluate("() => { window.alert = () => { document.title = 'hacked'; }; }")
    await write(tab, "Show me")
    body = tab.locator(".line.ours:not(.growing) .body")
    await expect(body).to_contain_text("alert(1)")
    await body.locator("*").first.hover()
    assert await body.locator("script, img, svg, iframe, form, style, [onerror], [onload], [onclick]").count() == 0
    assert await tab.title() == "Calanque"
    assert [url for url in browser.requests if not url.startswith((house.url, "data:", "blob:"))] == []
    browser.problems.clear()


async def test_what_people_write_is_only_ever_text(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    text = "<img src=x onerror=alert(1)> **not bold** שלום"
    await write(tab, text)
    plain = tab.locator(".line:not(.ours) .plain")
    await expect(plain).to_have_text(text)
    assert await plain.locator("*").count() == 0


async def test_after_a_restart_the_page_comes_back_by_itself_with_the_words_kept(browser: Browser) -> None:
    async with serving(build()) as before:
        tab = await browser.open(before.url)
        await write(tab, "Before the storm")
        await expect(tab.locator(".line.ours:not(.growing)")).to_be_visible()
        port = int(before.url.rsplit(":", maxsplit=1)[1])
        await tab.fill("#text", "half a thou")
    await expect(tab.locator("#lost")).to_be_visible()
    await tab.fill("#text", "half a thought")
    await tab.press("#text", "Enter")
    await expect(tab.locator(".toast")).to_contain_text("does not answer")
    await expect(tab.locator("#text")).to_have_value("half a thought")
    async with serving(build(Page(port=port), store=before.store)) as after:
        await expect(tab.locator("#lost")).to_be_hidden()
        await expect(tab.locator("#text")).to_have_value("half a thought")
        await tab.press("#text", "Enter")
        await expect(tab.locator(".line .plain")).to_have_text(["Before the storm", "half a thought"])
        await after.verbs.settle()
        await browser.close()
    browser.problems.clear()


async def test_unsent_words_survive_a_reload(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await tab.fill("#text", "not yet")
    await tab.reload()
    await expect(tab.locator("#text")).to_have_value("not yet")


async def test_the_gate_lets_in_with_the_password(browser: Browser) -> None:
    settings = Page(port=0, password=SecretStr("tramontane"))
    async with serving(build(settings)) as house:
        tab = await browser.window()
        await tab.goto(house.url)
        await tab.fill("#password", "wrong-one")
        await tab.press("#password", "Enter")
        await expect(tab.locator("#refusal")).to_have_text("That is not the password.")
        await tab.fill("#password", "tramontane")
        await tab.press("#password", "Enter")
        await expect(tab.locator("#text")).to_be_focused()
        await write(tab, "Hello inside")
        await expect(tab.locator(".line.ours:not(.growing)")).to_be_visible()
        await tab.click("#leave")
        await tab.wait_for_selector("#password")
        await browser.close()
    browser.problems.clear()
