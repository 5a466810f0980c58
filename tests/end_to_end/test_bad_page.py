"""Bad input on the local page's API: a status, a sentence for whoever sent it, and the page goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import count

import pytest
import pytest_asyncio

from tests.documents.samples import png_claiming
from tests.end_to_end.asking import FINE, png
from tests.end_to_end.harness import WITHIN, Town, page_of, settings_for, town
from tests.end_to_end.page import Window, window
from tests.ollama_server import Mishap, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_ALONE: dict[str, dict[str, object]] = {"page": {"enabled": "on"}, "discord": {"token": None}}
MIB = 1024 * 1024
_NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[Town, str]]:
    """The program with its page, for all tests here."""
    async with town() as made:
        limits = {"attachment_mib": 1, "shutdown_seconds": 0}
        async with page_of(settings_for(made, tmp_path_factory.mktemp("page"), **PAGE_ALONE, limits=limits)) as url:
            yield made, url


@pytest.fixture
def place(page: tuple[Town, str]) -> Town:
    """An engine that has heard and been told nothing."""
    made, _ = page
    made.ollama.requests.clear()
    made.ollama.engine.steps.clear()
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def lea(page: tuple[Town, str]) -> AsyncGenerator[Window]:
    """Somebody's window; a new person for each test."""
    async with window(page[1], f"Léa {next(_NUMBERS)}") as opened:
        yield opened


async def next_question_works(place: Town, lea: Window) -> None:
    place.ollama.script(FINE)
    assert (await lea.answered("and otherwise?"))["text"] == FINE


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u2060\u200e"])
async def test_an_empty_message_is_refused_with_a_sentence(place: Town, lea: Window, text: str) -> None:
    assert await lea.say(text) == (
        422,
        {"error": {"key": "page-empty-message", "message": "Write something or add a file first."}},
    )
    await next_question_works(place, lea)


async def test_a_bare_mention_in_a_channel_is_answered(place: Town, lea: Window) -> None:
    place.ollama.script("Hello Léa!")
    assert (await lea.answered("@Calanque", channel="general"))["text"] == "Hello Léa!"
    assert f"{lea.person}: (without words)[/INST]" in place.ollama.generations[0].prompt
    await next_question_works(place, lea)


async def test_fifty_files_on_one_message_are_refused_with_the_limit(place: Town, lea: Window) -> None:
    uploads = tuple([str((await lea.upload(f"{number}.txt", b"x"))[1]["id"]) for number in range(50)])
    status, refused = await lea.say("all of these", attachments=uploads)
    assert (status, refused["error"]["message"]) == (422, "A message can carry 10 files at most.")
    place.ollama.script(FINE)
    assert (await lea.answered("the first ten", attachments=uploads[:10]))["text"] == FINE
    await next_question_works(place, lea)


async def test_a_file_declared_to_have_a_hundred_megabytes_is_refused_before_it_is_read(
    place: Town, lea: Window
) -> None:
    host = lea.url.removeprefix("http://")
    head = (
        f"POST /api/uploads?name=film.mkv HTTP/1.1\r\nHost: {host}\r\nOrigin: {lea.url}\r\n"
        f"Content-Type: video/x-matroska\r\nContent-Length: {100 * MIB}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(*host.split(":"))
    async with asyncio.timeout(WITHIN):
        writer.write(head.encode() + bytes(1000))
        assert b" 413 " in await reader.readuntil(b"\r\n")
        assert b"film.mkv is too large for me (limit: 1 MiB)." in await reader.readuntil(b"}}")
    writer.close()
    await next_question_works(place, lea)


async def test_a_stream_that_does_not_say_how_long_it_is_is_cut_off_at_the_limit(place: Town, lea: Window) -> None:
    async def body() -> AsyncGenerator[bytes]:
        for _ in range(20):
            yield bytes(MIB // 16)

    status, refused = await lea.upload("film.mkv", body())
    assert (status, refused["error"]["message"]) == (413, "film.mkv is too large for me (limit: 1 MiB).")
    await next_question_works(place, lea)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("cut.png", png(400, 300)[:-200], "I could not open cut.png."),
        ("bomb.png", png_claiming(60_000, 60_000), "bomb.png is too large for me (limit: 50 megapixels)."),
        ("page.png", b"<!doctype html><script>alert(1)</script>", "I could not open page.png."),
    ],
)
async def test_a_bad_file_is_named_above_the_answer(
    place: Town, lea: Window, name: str, data: bytes, told: str
) -> None:
    _, upload = await lea.upload(name, data)
    place.ollama.script(FINE)
    answer = await lea.answered("what is this?", attachments=(str(upload["id"]),))
    assert answer["lead"].startswith(told)
    assert answer["text"] == FINE
    await next_question_works(place, lea)


async def test_a_message_over_the_pages_own_limit_is_refused_and_a_long_one_is_answered(
    place: Town, lea: Window
) -> None:
    status, refused = await lea.say("x" * 32_001)
    assert (status, refused["error"]["message"]) == (422, "A message may have 32000 characters at most.")
    place.ollama.script(FINE)
    assert (await lea.answered("word " * 6000))["text"] == FINE
    await next_question_works(place, lea)


async def test_a_question_that_does_not_fit_the_window_is_told(place: Town, lea: Window) -> None:
    _, upload = await lea.upload("numbers.txt", b"7 " * 60_000)
    answer = await lea.answered("漢" * 30_000, attachments=(str(upload["id"]),))
    assert answer["text"] == "That is more than I can read at once. Please send a shorter part."
    await next_question_works(place, lea)


@pytest.mark.parametrize("mishap", [Mishap.ERROR, Mishap.END, Mishap.DROP, Mishap.GARBAGE])
async def test_a_failing_engine_is_asked_again_on_the_page_as_on_discord(
    place: Town, lea: Window, mishap: Mishap
) -> None:
    place.ollama.script(Reply(text="One two three four five", mishap=mishap, after=4), FINE)
    answer = await lea.answered("count")
    assert answer["text"] == FINE
    assert answer["actions"] == []
    await next_question_works(place, lea)
