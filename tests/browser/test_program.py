"""The whole program on its own page, in a real browser: the main job without Discord."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from tests.browser.conftest import Browser
from tests.browser.steps import open_channel, write
from tests.browser.test_page import FILES_SCRIPT
from tests.end_to_end.asking import answer_to, ask, png
from tests.end_to_end.harness import WITHIN, Town, page_of, settings_for, town, usages
from tests.end_to_end.page import window
from tests.ollama_server import Gate, Reply

pytestmark = pytest.mark.asyncio(loop_scope="session")
expect.set_options(timeout=WITHIN * 1000)

PAGE: dict[str, object] = {"enabled": "on"}
NO_DISCORD: dict[str, object] = {"token": None}


def answers(tab: Tab) -> Locator:
    """Finished answers, without the announcement of what is kept."""
    return tab.locator(".line.ours:not(.growing)", has_not_text="I keep what we say here")


@pytest_asyncio.fixture(loop_scope="session")
async def place() -> AsyncGenerator[Town]:
    async with town() as made:
        yield made


async def test_a_pasted_screenshot_gets_a_streamed_answer_that_is_still_there_after_a_reload(
    browser: Browser, place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text="The button is **red**, and it says `Save`.", gate=gate))
    async with page_of(settings_for(place, tmp_path, page=PAGE, discord=NO_DISCORD)) as url:
        tab = await browser.open(url)
        picture = base64.b64encode(png(1920, 1080)).decode()
        await tab.evaluate(FILES_SCRIPT, ["screen.png", "image/png", picture, "paste"])
        await expect(tab.locator("#files .thumb img")).to_have_count(1)
        await write(tab, "which button is it?")
        await gate.let(3)
        growing = tab.locator(".line.growing")
        await expect(growing.locator(".body")).to_contain_text("The button is")
        await expect(growing.locator(".actions button")).to_have_text("Stop")
        await gate.open()
        await expect(answers(tab).locator(".body")).to_have_text("The button is red, and it says Save.")
        await expect(answers(tab).locator(".badge")).to_have_count(0)
        await expect(tab.locator("#engine")).to_have_text("mistral-small3.1")
        await tab.reload()
        await expect(answers(tab).locator(".body strong")).to_have_text("red")
        await expect(tab.locator(".line:not(.ours) .plain")).to_have_text("which button is it?")
        await tab.wait_for_function("document.querySelector('.line .picture img').naturalWidth === 1920")
        await browser.close()  # an open window would find the door shut
    (generation,) = place.ollama.generations
    (seen,) = generation.images
    with Image.open(io.BytesIO(seen)) as scaled:
        assert scaled.width % 28 == scaled.height % 28 == 0
        assert scaled.width * scaled.height <= 802_816
    assert ": which button is it?" in generation.prompt
    assert [each["predicted"] for each in usages(tmp_path)] == [generation.tokens]


async def test_stop_ends_the_answer_and_the_conversation_goes_on_from_what_was_said(
    browser: Browser, place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text="Once upon a time there was a lighthouse", gate=gate), "It was white.")
    async with page_of(settings_for(place, tmp_path, page=PAGE, discord=NO_DISCORD)) as url:
        tab = await browser.open(url)
        await write(tab, "tell me a story")
        await gate.let(4)
        await expect(tab.locator(".line.growing .body")).to_have_text("Once upon a time")
        await tab.click(".line.growing .actions button")
        await expect(answers(tab).locator(".body")).to_contain_text("(stopped)")
        await place.ollama.generations[0].disconnected.wait()
        await write(tab, "and the lighthouse?")
        await expect(answers(tab).nth(1).locator(".body")).to_have_text("It was white.")
        await browser.close()  # an open window would find the door shut
    first, second = place.ollama.generations
    assert second.prompt.startswith(first.prompt + "Once upon a time</s>[INST]")


async def test_after_a_restart_the_open_page_shows_the_answer_that_was_interrupted(
    browser: Browser, place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text="Once upon a time", gate=gate), "Once upon a time, whole.")
    settings = settings_for(place, tmp_path, page=PAGE, discord=NO_DISCORD)
    async with page_of(settings) as url:
        port = int(url.rpartition(":")[2])
        tab = await browser.open(url)
        await write(tab, "tell me a story")
        await gate.let(3)
        await expect(tab.locator(".line.growing .body")).to_have_text("Once upon a")
    again = settings_for(place, tmp_path, page={**PAGE, "port": port}, discord=NO_DISCORD)
    async with page_of(again):
        await expect(answers(tab).locator(".body")).to_have_text("Once upon a time, whole.")
        await expect(answers(tab)).to_have_count(1)
        await browser.close()
    browser.problems.clear()  # the browser says that the socket was closed in between


async def test_somebody_who_was_away_is_caught_up_alone_and_sees_how_far_it_is(
    browser: Browser, place: Town, tmp_path: Path
) -> None:
    gate = Gate()
    place.ollama.script(Reply(text="decided [1] The race is on Friday at 18:00\nopen [2] Where do we meet?", gate=gate))
    async with page_of(settings_for(place, tmp_path, page=PAGE, discord=NO_DISCORD)) as url:
        there, away = await browser.open(url), await browser.open(url)
        await open_channel(there)
        await there.type("#text", "/keep")
        await there.keyboard.press("Enter")
        await there.select_option("#argument-when", "always")
        await there.keyboard.press("Enter")
        await expect(there.locator(".line.private .body")).to_contain_text("keep")
        for words in ("So the race is on Friday at 18:00, agreed", "Where do we meet?"):
            await write(there, words)
            await expect(there.locator(".line .plain").last).to_have_text(words)
        await away.click("#me")
        await away.keyboard.type("Léa")
        await away.keyboard.press("Enter")
        await open_channel(away)
        await away.type("#text", "/catch-up")
        await away.keyboard.press("Enter")
        await away.keyboard.press("Enter")
        told = away.locator(".line.private .body")
        await expect(told).to_contain_text("Reading what was said")
        await gate.open()
        await expect(told).to_contain_text("The race is on Friday at 18:00")
        await expect(told).to_contain_text("2 messages by one person")
        await expect(told).not_to_contain_text("Reading what was said")
        await expect(there.locator(".line", has_text="What you missed")).to_have_count(0)
        await expect(told).to_contain_text("Where do we meet?")
        await browser.close()  # an open window would find the door shut


async def test_without_an_ollama_the_labelled_demo_answers_until_there_is_one(
    browser: Browser, place: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lanes.engines.BAD_FOR_SECONDS", 0.0)  # a question right behind the start finds it
    await place.ollama.shut_door()
    settings = settings_for(
        place, tmp_path, page=PAGE, discord=NO_DISCORD, engine={"kind": "auto", "reply_tokens": 64, "window": 8192}
    )
    async with page_of(settings) as url:
        tab = await browser.open(url)
        await write(tab, "Hello! Who are you?")
        await expect(answers(tab).locator(".body")).to_have_text(re.compile(r"\w"))
        await expect(answers(tab).locator(".badge")).to_have_text("demo model: it knows little and is often wrong")
        await expect(tab.locator("#engine")).to_contain_text("demo")
        assert not place.ollama.generations
        await place.ollama.open_door()
        place.ollama.script("I am Calanque.")
        await write(tab, "And now?")
        await expect(answers(tab).nth(1).locator(".body")).to_have_text("I am Calanque.")
        await expect(answers(tab).nth(1).locator(".badge")).to_have_count(0)
        await expect(tab.locator("#engine")).to_have_text("mistral-small3.1")
        await browser.close()  # an open window would find the door shut
    assert "Hello! Who are you?" in place.ollama.generations[0].prompt


async def test_discord_and_the_page_are_served_at_once_and_know_nothing_of_each_other(
    place: Town, tmp_path: Path
) -> None:
    place.ollama.script("Hello Discord.", "Hello page.", "Discord again.")
    async with page_of(settings_for(place, tmp_path, page=PAGE)) as url, window(url, "Léa") as lea:
        await place.discord.until_connected(within=30)
        assert (await answer_to(await ask(place, "I am on Discord"))).texts[-1] == "Hello Discord."
        assert (await lea.answered("I am on the page"))["text"] == "Hello page."
        assert (await answer_to(await ask(place, "still there?"))).texts[-1] == "Discord again."
    on_discord, on_page, again = place.ollama.generations
    assert "Discord." not in on_page.prompt
    assert "on the page" not in again.prompt
    assert again.prompt.startswith(on_discord.prompt)
