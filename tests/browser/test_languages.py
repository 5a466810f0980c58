"""The page speaks the language of the browser, and runs from right to left where that does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.talk.message import Message
from tests.browser.conftest import Browser
from tests.browser.steps import write
from tests.languages.catalogs import given, reading_from
from tests.platforms.local.doubles import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARABIC = {
    "page_channels": "القنوات",
    "page_direct": "مباشر",
    "page_send": "إرسال",
    "page_message_direct": "رسالة إلى {bot}",
    "page_hint_direct": "كل ما تكتبه هنا موجّه إلى {bot}.",
    "page_empty_direct_title": "مياه هادئة. ما الذي يشغل بالك؟",
    "page_empty_direct": "{bot} يستمع. أفلت صورة أو مستندًا هنا، أو اكتب / للأوامر.",
    "page_reply": "رد",
    "page_commands": "الأوامر",
    "page_run": "تنفيذ",
    "page_cancel": "إلغاء",
    "page_required": "مطلوب",
    "command_keep": "تقرير ما أحتفظ به من هذه القناة",
    "argument_when": "متى",
    "choice_always": "دائمًا",
}


async def test_an_arabic_browser_gets_arabic_from_right_to_left(browser: Browser, house: House, tmp_path: Path) -> None:
    given(tmp_path, "ar", **ARABIC)
    with reading_from(tmp_path):
        tab = await browser.open(house.url, locale="ar-EG")
        root = tab.locator("html")
        await expect(root).to_have_attribute("lang", "ar")
        await expect(root).to_have_attribute("dir", "rtl")
        await expect(tab.locator("#channels-title, .heading h2")).to_have_text("القنوات")
        await expect(tab.locator("#hint")).to_contain_text("كل ما تكتبه هنا")
        where = "element => innerWidth - element.getBoundingClientRect().right"
        text = (
            "element => { const range = document.createRange(); range.selectNodeContents(element);"
            " return innerWidth - range.getBoundingClientRect().right; }"
        )
        name = tab.locator("#channels .name").first
        assert await name.evaluate(text) - await name.evaluate(where) < 2
        side, main = await tab.locator("#sidebar").bounding_box(), await tab.locator("#main").bounding_box()
        assert side is not None
        assert main is not None
        assert main["x"] == 0
        assert side["x"] == main["width"]
        await write(tab, "مرحبا")
        await expect(tab.locator(".line.ours:not(.growing) table")).to_be_visible()
        assert not await tab.evaluate("document.documentElement.scrollWidth > innerWidth")
        box, send = await tab.locator("#text").bounding_box(), await tab.locator("#send").bounding_box()
        assert box is not None
        assert send is not None
        assert send["x"] < box["x"]
        await tab.fill("#text", "/keep")
        await expect(tab.locator("#palette")).to_contain_text("تقرير ما أحتفظ به")
        await tab.keyboard.press("Enter")
        await expect(tab.locator("#argument-when option[value=always]")).to_have_text("دائمًا")
        english = await browser.open(house.url)
        await expect(english.locator("html")).to_have_attribute("dir", "ltr")


async def test_a_line_that_begins_with_code_runs_as_its_words_do_and_an_empty_box_as_the_page_does(
    browser: Browser, house: House
) -> None:
    async def listed(_: Message) -> AsyncGenerator[str]:
        yield "- `clock`: متاحة\n- `roll`: متاحة"

    house.verbs.script = listed
    tab = await browser.open(house.url, locale="ar-EG")
    runs = "element => getComputedStyle(element).direction"
    assert await tab.locator("#text").evaluate(runs) == "rtl"
    await write(tab, "قائمة")
    lines = tab.locator(".line.ours:not(.growing) li")
    await expect(lines).to_have_count(2)
    for line in await lines.all():
        assert await line.evaluate(runs) == "rtl"
    assert await lines.locator("code").first.evaluate(runs) == "ltr"


async def test_on_a_phone_an_arabic_sidebar_comes_from_the_right(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    given(tmp_path, "ar", **ARABIC)
    with reading_from(tmp_path):
        phone = {"width": 360, "height": 640}
        tab = await browser.open(house.url, locale="ar", viewport=phone, has_touch=True, is_mobile=True)
        await expect(tab.locator("#sidebar")).to_be_hidden()
        assert not await tab.evaluate("document.documentElement.scrollWidth > innerWidth")
        await tab.click("#open-menu")
        await expect(tab.locator("#sidebar")).to_be_visible()
        await tab.wait_for_function("document.querySelector('#sidebar').getBoundingClientRect().right === innerWidth")
