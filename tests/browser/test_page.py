"""People use the page in a real browser."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import FilePayload, expect
from playwright.async_api import Page as Tab
from pydantic import SecretStr

from bot.settings import Page
from bot.talk.event import Commanded, Deleted, Said
from bot.talk.message import Message
from tests.browser.conftest import ANSWER, Browser
from tests.platforms.local.doubles import House, Script, build, serving
from tests.platforms.local.test_markdown import HOSTILE

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
    await asyncio.wait_for(house.verbs.pressed.wait(), 10)
    released.set()
    await expect(tab.locator(".line.ours:not(.growing) .body")).to_contain_text("…")
    await expect(tab.locator(".line.ours .actions")).to_be_hidden()


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
    await expect(tab.locator("#argument-what")).to_be_focused()
    await keys.press("ArrowDown")
    await keys.press("Tab")
    await keys.type("30")
    await keys.press("Enter")
    await expect(tab.locator(".line.private")).to_contain_text("Done: keep what=always, days=30")
    await expect(tab.locator("#text")).to_be_focused()
    assert any(isinstance(event, Commanded) for event in house.verbs.heard)
    seen: set[str] = set()
    for _ in range(40):
        await keys.press("Shift+Tab")
        seen.add(await tab.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"theme", "me", "new-channel", "attach"} <= seen


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


async def test_lines_of_one_person_in_a_row_stand_under_one_name(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await open_channel(tab)
    await write(tab, "one")
    await expect(tab.locator(".line")).to_have_count(1)
    await write(tab, "two")
    await expect(tab.locator(".line.follows")).to_have_count(1)
    await expect(tab.locator(".line header >> visible=true")).to_have_count(1)
    await expect(tab.locator(".line").first).to_have_attribute("data-day", "Today")


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
    browser.problems.clear()


async def test_unsent_words_survive_a_reload(browser: Browser, house: House) -> None:
    tab = await browser.open(house.url)
    await tab.fill("#text", "not yet")
    await tab.reload()
    await expect(tab.locator("#text")).to_have_value("not yet")


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
    browser.problems.clear()
