"""People talk on the page in a real browser."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import FilePayload, expect

from bot.talk.event import Commanded, Deleted, Said
from bot.talk.message import Message
from tests.browser.conftest import ANSWER, Browser
from tests.browser.steps import held, open_channel, write
from tests.platforms.local.doubles import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
FILES_SCRIPT = """([name, type, base64, kind]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const flow = { bubbles: true, cancelable: true };
  const paste = () => [new ClipboardEvent("paste", { clipboardData: transfer, ...flow })];
  const steps = ["dragenter", "dragover", "drop"];
  const drop = () => steps.map((step) => new DragEvent(step, { dataTransfer: transfer, ...flow }));
  for (const event of kind === "paste" ? paste() : drop()) document.querySelector("#text").dispatchEvent(event);
}"""


async def test_a_newcomer_types_and_gets_a_streamed_answer(browser: Browser, house: House) -> None:
    released = asyncio.Event()
    house.verbs.script = held(released)
    tab = await browser.open(house.url)
    await expect(tab.locator("#text")).to_be_focused()
    await tab.keyboard.type("What is a calanque?")
    await tab.keyboard.press("Enter")
    await expect(tab.locator(".line.growing .body")).to_have_text("The beginning")
    await expect(tab.locator("#text")).to_have_value("")
    released.set()
    await expect(tab.locator(".line.ours:not(.growing) .body")).to_have_text("The beginning and the end")
    await expect(tab.locator(".line.ours .badge")).to_have_text("demo model that knows little")
    await expect(tab.locator("#announcer")).to_contain_text("Calanque: The beginning and the end")
    await expect(tab.locator("#engine")).to_have_text("SmolLM2-135Mdemo")


async def test_markdown_is_shown_with_code_tables_and_honest_links(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await write(tab, "Tell me")
    answer = tab.locator(".line.ours:not(.growing)")
    await expect(answer.locator("table td")).to_have_text(["En-Vau", "12 m"])
    await expect(answer.locator("strong")).to_have_text("limestone")
    link = answer.locator("a")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(answer.locator(".host")).to_have_text("(park.example)")
    await answer.locator(".code .copy").click()
    await expect(answer.locator(".code .copy")).to_have_text("Copied")
    assert "def tide" in await tab.evaluate("navigator.clipboard.readText()")
    await tab.reload()
    await expect(tab.locator(".line.ours table td")).to_have_text(["En-Vau", "12 m"])
    assert house.store.kept
    assert ANSWER.startswith("A *calanque*")


@pytest.mark.parametrize("event", ["paste", "drop"])
async def test_a_pasted_or_dropped_picture_is_shown_small_and_sent(browser: Browser, house: House, event: str) -> None:
    tab = await browser.open(house.url)
    for name in ("one.png", "two.png"):
        await tab.evaluate(FILES_SCRIPT, [name, "image/png", base64.b64encode(PIXEL).decode(), event])
    await expect(tab.locator("#files .thumb img")).to_have_count(2)
    await tab.get_by_label("Remove one.png").click()
    await expect(tab.locator("#files .thumb img")).to_have_attribute("alt", "two.png")
    await write(tab, "What is this?")
    picture = tab.locator(".line .picture img")
    await expect(picture).to_have_attribute("alt", "two.png")
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await expect(tab.locator("#files")).to_be_hidden()
    said = next(event for event in house.verbs.heard if isinstance(event, Said))
    assert [one.name for one in said.message.attachments] == ["two.png"]
    assert next(iter(house.store.uploads.values())).data == PIXEL


async def test_a_picked_file_that_is_no_picture_becomes_a_link_to_save_it(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    fake = FilePayload(name="fake.png", mimeType="image/png", buffer=b"<html><script>document.title='x'</script>")
    await tab.set_input_files("#picker", files=[fake])
    await tab.press("#text", "Enter")
    await expect(tab.locator(".line a.file b")).to_have_text("fake.png")
    assert await tab.title() == "Calanque"


@pytest.mark.parametrize("how", ["button", "escape"])
async def test_stop_stops(browser: Browser, house: House, how: str) -> None:
    released = asyncio.Event()
    house.verbs.script = held(released, after=" never seen whole")
    tab = await browser.open(house.url)
    await write(tab, "Go on for ever")
    await expect(tab.locator(".line.growing .actions button")).to_have_text("Stop")
    if how == "button":
        await tab.click(".line.growing .actions button")
    else:
        await tab.press("#text", "Escape")
    await asyncio.wait_for(house.verbs.pressed.wait(), 30)
    released.set()
    await expect(tab.locator(".line.ours:not(.growing) .body")).to_contain_text("…")
    await expect(tab.locator(".line.ours .actions")).to_be_hidden()


async def test_what_stands_in_the_menu_of_a_message_is_used_with_it_and_not_written(
    browser: Browser, house: House
) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "the anchor holds")
    line = tab.locator(".line").first
    await line.hover()
    await line.get_by_role("button", name="More").click()
    entry = line.get_by_role("menuitem", name="Catch me up from here")
    await expect(entry).to_be_focused()
    await tab.keyboard.press("Escape")
    await expect(entry).to_be_hidden()
    await line.get_by_role("button", name="More").click()
    await entry.click()
    await expect(entry).to_be_hidden()
    await expect(tab.locator(".line.private .body")).to_contain_text("catch-up-from")
    used = next(event for event in house.verbs.heard if isinstance(event, Commanded))
    said = next(event for event in house.verbs.heard if isinstance(event, Said))
    assert (used.name, used.arguments) == ("catch-up-from", {"message": said.message.id})
    await tab.fill("#text", "")
    await tab.type("#text", "/catch")
    await expect(tab.locator("#palette")).to_contain_text("No command begins like that.")


async def test_an_own_message_is_edited_replied_to_and_deleted(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "frist")
    line = tab.locator(".line").first
    await line.hover()
    await line.get_by_label("Edit").click()
    await tab.fill("#text", "first")
    await tab.press("#text", "Enter")
    await expect(line.locator(".plain")).to_have_text("first")
    await expect(line.locator(".marks")).to_have_text("edited")
    await line.get_by_label("Reply").click()
    await write(tab, "@Calanque is that right?")
    reply = tab.locator(".line:not(.ours)").nth(1)
    await expect(reply.locator(".quoted")).to_contain_text("first")
    await expect(reply.locator(".mention")).to_have_text("@Calanque")
    await expect(tab.locator(".line.ours:not(.growing)")).to_be_visible()
    await line.hover()
    await line.get_by_label("Delete").click()
    await line.get_by_label("Press again to delete").click()
    await expect(tab.locator(".line:not(.ours) .plain")).to_have_text(["@Calanque is that right?"])
    assert any(isinstance(event, Deleted) for event in house.verbs.heard)


async def test_what_a_command_deleted_goes_from_the_screen_and_its_answer_stays(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "Remember me")
    await expect(tab.locator(".line .plain")).to_have_text("Remember me")
    await write(tab, "/forget-me")
    await expect(tab.locator(".line")).to_have_count(1)
    await expect(tab.locator(".line.private .body")).to_have_text("Done: forget-me")


async def test_several_people_speak_from_one_browser(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "Hello from a guest")
    await tab.click("#me")
    await tab.keyboard.type("Léa Fabre")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("#me b")).to_have_text("Léa Fabre")
    await expect(tab.locator(".line .name").first).to_have_text("Guest")
    await write(tab, "And from Léa")
    await expect(tab.locator(".line .name")).to_have_text(["Guest", "Léa Fabre"])
    await expect(tab.locator(".line").first.get_by_label("Edit")).to_have_count(0)
    await tab.click("#me")
    await tab.get_by_title("Speak as Guest").click()
    await expect(tab.locator("#me b")).to_have_text("Guest")
    await expect(tab.locator(".line").first.get_by_label("Edit")).to_have_count(1)


async def test_a_channel_is_made_and_news_elsewhere_are_marked(browser: Browser, house: House) -> None:
    one, other = await browser.open(house.url), await browser.open(house.url)
    await one.click("#new-channel")
    await one.keyboard.type("Regatta")
    await one.keyboard.press("Enter")
    await expect(one.locator("#place")).to_have_text("# Regatta")
    await expect(other.locator("#channels [data-place=regatta]")).to_be_visible()
    await one.click("#me")
    await one.keyboard.type("Jules")
    await one.keyboard.press("Enter")
    await expect(one.locator("#me b")).to_have_text("Jules")
    await expect(one.locator("#place")).to_have_text("# Regatta")
    await write(one, "Who sails?")
    await expect(other.locator("#channels [data-place=regatta] .news")).to_be_visible()


async def test_earlier_messages_are_read_when_asked_for(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    script = """async () => {
      for (let number = 0; number < 70; number += 1)
        await fetch("/api/channels/general/messages", { method: "POST", headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ person: "Ana", text: `message ${number}` }) });
    }"""
    await tab.evaluate(script)
    await tab.reload()
    await expect(tab.locator(".line .plain").last).to_have_text("message 69")
    assert await tab.locator(".line").count() == 50
    await tab.locator("#older").focus()
    await expect(tab.locator(".line")).to_have_count(70)
    await expect(tab.locator(".line .plain").first).to_have_text("message 0")
    await expect(tab.locator("#older")).to_be_hidden()


async def test_a_link_to_a_message_goes_to_its_place_and_moments_are_the_reader_s(
    browser: Browser, house: House
) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "the harbour closes at noon")
    line = tab.locator(".line", has_text="the harbour closes at noon")
    message = (await line.get_attribute("id") or "").removeprefix("line-")

    async def script(_: Message) -> AsyncGenerator[str]:
        yield f"- closed <t:1795420830:f> [↗](</#general/{message}>)"

    house.verbs.script = script
    await tab.click("#direct [data-place]")
    await write(tab, "what did I miss?")
    answer = tab.locator(".line.ours:not(.growing)")
    await expect(answer.locator("time").last).not_to_contain_text("UTC")
    await answer.get_by_role("link", name="↗").click()
    await expect(tab.locator("#place")).to_have_text("# general")
    await expect(line).to_be_in_viewport()
