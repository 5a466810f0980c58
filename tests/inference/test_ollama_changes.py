"""A model that is another one than a moment ago, under the same name: what is found at the next look."""

from __future__ import annotations

import pytest

from bot.errors import ContextOverflow, EngineRefused
from bot.inference.ollama import OllamaInference
from bot.inference.tekken import Tekken
from bot.operate.clock import SystemClock
from bot.settings import EngineSettings
from bot.talk.turn import Line, Question
from tests.inference.asking import HEAD, QUESTION, hear, prompt_of
from tests.inference.conftest import Connect, Counts, Pictures
from tests.ollama_server import Model, OllamaServer

NAME = "mistral-small3.1"
LONG = Question(lines=(Line(text="word " * 5000),))


@pytest.mark.parametrize(
    "other",
    [
        Model(name=NAME, weights="q8_0"),
        Model(name=NAME, template="{{ .Prompt }}"),
        Model(name=NAME, parameters={"num_ctx": 4096, "temperature": 0.3}),
    ],
    ids=["quantized anew", "another template", "other parameters"],
)
async def test_a_model_that_was_exchanged_is_another_engine(
    connect: Connect, server: OllamaServer, other: Model
) -> None:
    adapter = connect()
    before = await adapter.probe()
    assert await adapter.probe() == before
    server.add(other)
    after = await adapter.probe()
    assert before.digest
    assert after != before
    assert after.digest != before.digest
    assert (after.model, after.window) == (before.model, before.window)


async def test_what_was_rendered_for_the_old_weights_is_still_good_for_the_new(
    connect: Connect, server: OllamaServer
) -> None:
    adapter = connect()
    prompt = await prompt_of(adapter, HEAD, QUESTION)
    server.add(Model(name=NAME, weights="q8_0", template="{{ .Prompt }}"))
    _, _, finished = await hear(adapter, prompt)
    assert finished.prompt_tokens == prompt.tokens


async def test_a_window_that_shrinks_is_an_overflow_with_its_numbers_and_then_another_engine(
    connect: Connect, server: OllamaServer
) -> None:
    adapter = connect(window=16384)
    before = await adapter.probe()
    prompt = await prompt_of(adapter, HEAD, LONG)
    await hear(adapter, prompt)
    server.add(Model(name=NAME, context_length=4096))
    with pytest.raises(ContextOverflow) as caught:
        await hear(adapter, prompt)
    assert (caught.value.prompt_tokens, caught.value.window) == (prompt.tokens, 4096)
    after = await adapter.probe()
    assert (before.window, after.window) == (16384, 4096)
    assert after != before


async def test_a_model_that_splits_text_in_another_way_is_no_longer_exact(
    connect: Connect, server: OllamaServer
) -> None:
    adapter = connect()
    assert (await adapter.probe()).exact
    server.add(Model(name=NAME, splitter="llama-bpe"))
    assert not (await adapter.probe()).exact


async def test_a_model_of_another_kind_under_the_same_name_is_refused(connect: Connect, server: OllamaServer) -> None:
    adapter = connect()
    await adapter.probe()
    server.add(Model(name=NAME, architecture="gemma3", splitter="gemma"))
    with pytest.raises(EngineRefused, match="gemma3"):
        await adapter.probe()


async def test_rates_do_not_make_another_engine(connect: Connect) -> None:
    adapter = connect()
    before = await adapter.probe()
    await adapter.examine()
    after = await adapter.probe()
    assert after.prefill_rate != before.prefill_rate
    assert after == before


async def test_a_daemon_that_counts_only_what_it_read_anew_is_not_believed(tekken: Tekken) -> None:
    async with OllamaServer(version="0.30.0") as old:
        settings = EngineSettings(url=old.url)
        async with OllamaInference(
            settings, images=Pictures(), counters=Counts(), clock=SystemClock(), tekken=tekken
        ) as adapter:
            await adapter.probe()
            _, _, finished = await hear(adapter, await prompt_of(adapter, HEAD, QUESTION))
    assert finished.prompt_tokens is None
    assert finished.reply_tokens
