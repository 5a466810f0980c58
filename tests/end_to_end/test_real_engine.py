"""The whole program and real llama.cpp: a tool round with nothing left to chance, and counts that are the engine's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.discord_server import Upload
from tests.documents.samples import pdf
from tests.end_to_end.asking import answer_to, answers_to, ask, growing_answer, png
from tests.end_to_end.harness import MODEL, WITHIN, Town, bot_in, page_of, settings_for, town, usages
from tests.end_to_end.page import Window, window
from tests.inference.bare import bare
from tests.inference.llama import LlamaCpp
from tests.models.fixtures import TinyModels
from tests.models.llama import llama_server
from tests.models.script import CLOCK_ROUND

WINDOW = 8192
SHOT_TOKENS = 210
"""Of 560 × 280 pixels: twenty columns and ten rows, and one for each row."""


@pytest.fixture(scope="module")
def scripted_engine(tiny_models: TinyModels) -> Generator[str]:
    """A real llama-server's address."""
    with llama_server(tiny_models.scripted(CLOCK_ROUND), tiny_models.projector(), window=WINDOW) as url:
        yield url


@pytest.fixture
async def place() -> AsyncGenerator[Town]:
    async with town() as made:
        yield made


@pytest.fixture
async def lea(scripted_engine: str, place: Town, tmp_path: Path) -> AsyncGenerator[Window]:
    """A window on the page of the program, which thinks with a real llama-server."""
    settings = settings_for(
        place,
        tmp_path,
        page={"enabled": "on"},
        discord={"token": None},
        engine={
            "kind": "openai",
            "url": scripted_engine,
            "model": MODEL,
            "window": WINDOW,
            "reply_tokens": 64,
            "temperature": 0,
        },
    )
    async with page_of(settings) as url, window(url) as opened:
        yield opened


async def test_a_question_a_call_of_a_tool_its_result_and_the_answer(lea: Window, tmp_path: Path) -> None:
    for number in range(1, 3):  # the second question stands behind a whole tool round
        answer = await lea.answered("What time is it?")
        assert (answer["text"], answer["actions"]) == ("It is noon in Marseille.", [])
        turn = usages(tmp_path)[number - 1]
        assert turn["steps"] == 2
        assert turn["reported"] <= turn["predicted"] < WINDOW


async def test_a_picture_on_the_page_is_evaluated_by_the_real_engine(lea: Window, tmp_path: Path) -> None:
    """What it then says is left open: over the random eye's output llama.cpp now and then computes nothing but NaN."""
    assert (await lea.answered("What time is it?"))["text"] == "It is noon in Marseille."
    _, upload = await lea.upload("shot.png", png(560, 280))
    answer = await lea.answered("What is this?", attachments=(str(upload["id"]),))
    assert answer["lead"] == ""
    without, with_picture = usages(tmp_path)
    assert with_picture["reported"] - without["reported"] > SHOT_TOKENS


@asynccontextmanager
async def relay() -> AsyncGenerator[tuple[str, list[str]]]:
    """An address that stays, and the servers behind it: the first is passed on to; without one it hangs up."""
    servers: list[str] = []

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while block := await reader.read(65536):
                writer.write(block)
                await writer.drain()
        writer.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not servers:
            return
        host, _, port = servers[0].removeprefix("http://").rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(copy(reader, back), copy(there, writer))

    async with bare(pass_on) as url:
        yield url, servers


@pytest.mark.thorough
async def test_a_real_engine_that_is_started_anew_answers_those_who_waited_for_it(
    tiny_models: TinyModels, place: Town, tmp_path: Path
) -> None:
    model = tiny_models.scripted(CLOCK_ROUND)
    engine = {"kind": "openai", "model": MODEL, "window": WINDOW, "reply_tokens": 64, "temperature": 0}
    async with relay() as (url, servers), bot_in(place, tmp_path, engine={**engine, "url": url}):
        with llama_server(model, window=WINDOW) as first:
            servers.append(first)
            await answer_to(await ask(place, "What time is it?"), "noon")
        servers.clear()
        asked = [await ask(place, "What time is it?"), await ask(place, "What time is it?", by=place.ben)]
        growing = await growing_answer(asked[0])
        await place.channel.until(lambda _: "does not answer" in growing.texts[-1], WITHIN)
        with llama_server(model, window=WINDOW) as second:
            servers.append(second)
            for each in asked:
                await answer_to(each, "It is noon in Marseille.")
                assert len(answers_to(each)) == 1


async def test_every_prompt_of_a_real_conversation_has_the_predicted_number_of_tokens_in_llama_cpp(
    place: Town, llama: LlamaCpp, tmp_path: Path
) -> None:
    place.ollama.script(
        *("Bonjour ! Ça va ? 👋🏽", "नमस्ते दोस्तों, कैसे हो?\n\n```python\nx = {'a': 1}\n```"),
        '[TOOL_CALLS][{"name": "calculator", "arguments": {"expression": "6*7"}}, {"name": "clock", "arguments": {}}]',
        *("Es ist 42. ✅", "سلام، این یک دکمه است", "ภาพนี้สีแดง", "Voilà."),
    )
    questions = (
        ("salut 👩‍👩‍👧‍👦 e\u0301 \u200b.", ()),
        ("हिन्दी में बताओ? [INST] </s> [img-0] <s>", ()),
        ("was ist 6*7, und wie spät?", ()),
        ("این چیست؟ \u202e rtl \u202c", (Upload(filename="knopf.png", data=png(1920, 1080)),)),
        ("สองภาพ", (Upload(filename="a.png", data=png(100, 50)), Upload(filename="b.png", data=png(333, 777)))),
        ("東京の資料です", (Upload(filename="doc.pdf", data=pdf(["Hello from a page", "and another"])),)),
    )
    async with bot_in(place, tmp_path, engine={"window": WINDOW}):
        for text, files in questions:
            await place.discord.say(place.channel, place.ben, f"(aside, {text})")
            await answer_to(await ask(place, text, attachments=files))
    prompts = place.ollama.generations
    assert [len(each.images) for each in prompts] == [0, 0, 0, 0, 1, 3, 3]
    real = [await asyncio.to_thread(llama.prompt_tokens, each.prompt, each.images) for each in prompts]
    predicted = [each["predicted"] for each in usages(tmp_path)]
    assert predicted == [*real[:2], *real[3:]]  # a turn's count is that of its last step; the third turn had two
    assert real == [each.tokens for each in prompts]
