"""Which of the ways of counting is taken behind a server, and what happens when it changes or fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

import pytest

from bot.inference import openai_compatible
from bot.inference.openai_compatible import OpenAIInference
from bot.inference.openai_messages import FORMAT
from bot.talk.finding import Finding, Level
from bot.talk.prompt import Prompt
from bot.talk.turn import Call, Reply, Result, Results, Summary
from tests.contracts.engines import HEAD, WINDOW, Bench, collect, openai, question
from tests.fakes import FakeClock
from tests.ollama_server import Model, OllamaServer

NAME = "mistral-small3.1"
CALL = Call(id="call00001", name="clock", arguments="{}")
ROUND = (
    HEAD,
    Summary(text="They spoke of the tide."),
    question("What time is it, نेपाली में?"),
    Reply(text="I look.", calls=(CALL, CALL)),
    Results(results=(Result(call_id=CALL.id, name="clock", content="12:00 ⛵"),) * 2),
)


@pytest.fixture
async def lending() -> AsyncGenerator[OllamaServer]:
    async with OllamaServer(answer="Yes.", window=WINDOW, tokenizes=True) as server:
        yield server


async def said(bench: Bench) -> Mapping[str, Finding]:
    assert isinstance(bench.engine, OpenAIInference)
    return {finding.topic: finding for finding in await bench.engine.examine()}


def asked(server: OllamaServer) -> int:
    return sum(request.path == "/tokenize" for request in server.requests)


async def test_a_lent_tokenizer_counts_nearly_what_the_server_counts(lending: OllamaServer) -> None:
    async with openai(lending.url) as bench:
        await bench.engine.probe()
        prompt = await bench.prompt(*ROUND)
        await bench.ask(*ROUND)
        actual = lending.generations[-1].tokens
        assert actual <= prompt.tokens <= actual + 6 * 8 + 16
        found = await said(bench)
    assert "own tokenizer" in found["counting"].found
    assert found["counts"].level is found["pictures"].level is Level.OK


async def test_a_server_that_lends_none_is_estimated_and_says_what_that_costs() -> None:
    async with openai() as bench:
        await bench.engine.probe()
        prompt = await bench.prompt(*ROUND)
        assert {piece.template for piece in prompt.pieces} == {FORMAT}
        finding = (await said(bench))["counting"]
    assert finding.level is Level.WARNING
    assert "estimated" in finding.found
    assert "/tokenize" in finding.mend


async def test_a_piece_costs_one_request_and_the_same_again_none(lending: OllamaServer) -> None:
    async with openai(lending.url) as bench:
        await bench.engine.probe()
        before = asked(lending)
        await bench.engine.render(question("hello"))
        await bench.engine.render(question("hello"))
        assert asked(lending) == before + 1
        await bench.engine.probe()
        assert asked(lending) == before + 1


async def test_a_tokenizer_that_fails_in_the_middle_leaves_an_estimate_that_is_as_good_a_piece(
    lending: OllamaServer,
) -> None:
    async with openai(lending.url) as bench:
        engine = bench.engine
        await engine.probe()
        counted = await engine.render(question("hello"))
        await lending.shut_door()
        estimated = await engine.render(question("another hello"))
        await lending.open_door()
        assert estimated.template == counted.template
        assert estimated.tokens > counted.tokens
        assert bench.counters.total("token_counts_estimated_total") == 1
        finished = (await collect(engine, Prompt(pieces=(estimated,)))).finished
        assert finished.prompt_tokens is not None
        assert finished.prompt_tokens <= estimated.tokens


async def test_after_a_failure_the_tokenizer_is_left_alone_for_a_while(lending: OllamaServer) -> None:
    clock = FakeClock()
    async with openai(lending.url, clock=clock) as bench:
        await bench.engine.probe()
        await lending.shut_door()
        await bench.engine.render(question("one"))
        await lending.open_door()
        before = asked(lending)
        await bench.engine.render(question("two"))
        assert asked(lending) == before
        await clock.advance(openai_compatible.ESTIMATING_SECONDS)
        await bench.engine.render(question("three"))
        assert asked(lending) == before + 1


async def test_a_model_that_splits_in_another_way_makes_other_pieces(lending: OllamaServer) -> None:
    async with openai(lending.url) as bench:
        before = await bench.engine.probe()
        old = await bench.engine.render(question("hello"))
        lending.add(Model(name=NAME, weights="another", splitter="llama-bpe"))
        after = await bench.engine.probe()
        new = await bench.engine.render(question("hello"))
    assert before.digest != after.digest
    assert before != after
    assert new.template != old.template
    assert new.template.startswith(FORMAT)


async def test_the_same_tokenizer_in_another_quantization_keeps_the_pieces(lending: OllamaServer) -> None:
    async with openai(lending.url) as bench:
        before = await bench.engine.probe()
        old = await bench.engine.render(question("hello"))
        lending.add(Model(name=NAME, weights="q8_0"))
        after = await bench.engine.probe()
        assert before.digest != after.digest
        assert (await bench.engine.render(question("hello"))).template == old.template


async def test_a_window_that_shrinks_is_found_at_the_next_look(lending: OllamaServer) -> None:
    async with openai(lending.url) as bench:
        before = await bench.engine.probe()
        lending.add(Model(name=NAME, context_length=2048))
        after = await bench.engine.probe()
    assert (before.window, after.window) == (WINDOW, 2048)
    assert before.digest == after.digest


async def test_pieces_counted_in_different_ways_make_one_prompt(lending: OllamaServer) -> None:
    async with openai(lending.url) as bench:
        unknown = await bench.engine.render(HEAD)
        await bench.engine.probe()
        counted = await bench.engine.render(question("hello"))
        assert unknown.template != counted.template
        assert (await collect(bench.engine, Prompt(pieces=(unknown, counted)))).text == "Yes."
