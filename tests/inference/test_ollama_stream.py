"""What goes to Ollama, and what its answers become."""

from __future__ import annotations

import asyncio
import base64
from contextlib import aclosing

import pytest

from bot.errors import EngineRefused
from bot.settings import ToolsPosition
from bot.talk.prompt import Prompt, StopReason, TextChunk
from bot.talk.turn import Call, Line, Question, Reply, Result, Results
from tests.inference.asking import HEAD, QUESTION, hear, prompt_of
from tests.inference.conftest import Connect, Counts, Pictures
from tests.inference.test_images import image, picture
from tests.inference.texts import TEXTS
from tests.ollama_server import Gate, OllamaServer, recorded
from tests.ollama_server import Reply as Says


async def test_an_answer_streams_and_ends_with_the_engines_own_counts(connect: Connect, server: OllamaServer) -> None:
    server.script("It is noon — à Marseille.")
    engine = connect()
    prompt = await prompt_of(engine, HEAD, QUESTION)
    text, calls, end = await hear(engine, prompt)
    assert (text, calls) == ("It is noon — à Marseille.", [])
    assert end.reason is StopReason.STOP
    assert end.prompt_tokens == prompt.tokens == server.generations[0].tokens
    assert end.reply_tokens
    assert end.prompt_seconds is not None
    assert end.reply_seconds is not None


async def test_the_prompt_goes_raw_and_untruncated_with_one_fixed_set_of_options(
    connect: Connect, server: OllamaServer
) -> None:
    engine = connect(window=4096, temperature=0.3, keep_alive="-1")
    await engine.probe()
    await hear(engine, await prompt_of(engine, HEAD, QUESTION), reply_tokens=77)
    body = server.generations[-1].body
    assert body["raw"] is True
    assert body["truncate"] is False
    assert body["keep_alive"] == -1
    assert body["options"] == {"num_ctx": 4096, "num_predict": 77, "temperature": 0.3}
    assert len(server.loads) == 1


async def test_no_reply_length_means_one_token_because_none_would_mean_no_limit(
    connect: Connect, server: OllamaServer
) -> None:
    server.script("One two three")
    engine = connect()
    _, _, end = await hear(engine, await prompt_of(engine, QUESTION), reply_tokens=0)
    assert end.reply_tokens == 1
    assert end.reason is StopReason.LENGTH


async def test_a_whole_tool_round_grows_the_prompt_at_its_end_only(connect: Connect, server: OllamaServer) -> None:
    server.script('Let me see.[TOOL_CALLS][{"name": "clock", "arguments": {"zone": "UTC"}}]', "Noon.")
    engine = connect()
    prompt = await prompt_of(engine, HEAD, QUESTION)
    text, calls, end = await hear(engine, prompt)
    assert text == "Let me see."
    assert [(call.name, call.arguments) for call in calls] == [("clock", '{"zone": "UTC"}')]
    results = Results(results=(Result(call_id=calls[0].id, name="clock", content="12:00"),))
    longer = prompt.followed_by(await engine.render(Reply(text=text, calls=tuple(calls))), await engine.render(results))
    text, calls, end = await hear(engine, longer)
    assert (text, calls) == ("Noon.", [])
    assert end.prompt_tokens == longer.tokens
    first, second = server.generations
    assert second.prompt.startswith(first.prompt)
    assert second.reused >= first.tokens + 10


async def test_parallel_calls_have_ids_of_their_own(connect: Connect, server: OllamaServer) -> None:
    server.script('[TOOL_CALLS][{"name": "a", "arguments": {}}, {"name": "b", "arguments": {}}]')
    engine = connect()
    _, calls, _ = await hear(engine, await prompt_of(engine, HEAD, QUESTION))
    assert [call.name for call in calls] == ["a", "b"]
    assert len({call.id for call in calls}) == 2


async def test_prose_that_looks_like_a_call_reaches_people(connect: Connect, server: OllamaServer) -> None:
    said = '[{"name": "clock", "arguments": {}}]'
    server.script(Says(text=said, literal=True))
    engine = connect()
    text, calls, _ = await hear(engine, await prompt_of(engine, HEAD, QUESTION))
    assert (text, calls) == (said, [])


async def test_tokens_without_text_are_reported_and_nothing_else(connect: Connect, server: OllamaServer) -> None:
    server.script("[TOOL_CALLS]")
    engine = connect()
    text, calls, end = await hear(engine, await prompt_of(engine, HEAD, QUESTION))
    assert (text, calls) == ("", [])
    assert end.reply_tokens


@pytest.mark.parametrize("name", ["63", "64"])
async def test_the_recorded_raw_call_is_a_call(name: str, connect: Connect, server: OllamaServer) -> None:
    server.script(recorded(name))
    engine = connect()
    text, calls, end = await hear(engine, await prompt_of(engine, HEAD, QUESTION))
    assert (text, [(call.name, call.arguments) for call in calls]) == ("", [("clock", "{}")])
    assert (end.prompt_tokens, end.reply_tokens) == (8, 13)


async def test_a_recorded_answer_that_was_cut_at_its_length_says_so(connect: Connect, server: OllamaServer) -> None:
    server.script(recorded("49"))
    engine = connect()
    text, _, end = await hear(engine, await prompt_of(engine, QUESTION))
    assert text == "ichtlich" * 3
    assert end.reason is StopReason.LENGTH


async def test_pictures_go_as_numbered_tags_with_their_bytes_in_that_order(
    connect: Connect, server: OllamaServer, pictures: Pictures
) -> None:
    one, two = image(300, 200), image(56, 112)
    pictures.kept = {one.digest: picture(300, 200), two.digest: picture(56, 112)}
    engine = connect()
    asked = Question(lines=(Line(text="Ann: this", images=(two, one)), Line(text="or [img-7]", images=(two,))))
    prompt = await prompt_of(engine, HEAD, asked)
    _, _, end = await hear(engine, prompt)
    request = server.generations[0]
    assert request.prompt.endswith("[INST]Ann: this[img-0][img-1]\nor [\\img-7][img-2][/INST]")
    assert request.images == (picture(56, 112), picture(300, 200), picture(56, 112))
    sent = request.body["images"]
    assert isinstance(sent, list)
    assert base64.b64decode(sent[1]) == picture(300, 200)
    assert end.prompt_tokens == prompt.tokens


async def test_a_picture_that_is_no_longer_kept_stops_the_prompt_before_the_engine(
    connect: Connect, server: OllamaServer, counts: Counts
) -> None:
    engine = connect()
    prompt = await prompt_of(engine, HEAD, Question(lines=(Line(text="this", images=(image(300, 200),)),)))
    with pytest.raises(EngineRefused, match="no longer kept"):
        await hear(engine, prompt)
    assert not server.generations


async def test_pieces_of_another_format_are_refused(connect: Connect) -> None:
    piece = await connect(tools_position=ToolsPosition.LAST).render(QUESTION)
    with pytest.raises(EngineRefused, match="mistral-v7-tekken/3/first"):
        await hear(connect(), Prompt(pieces=(piece,)))


async def test_breaking_out_of_an_answer_frees_the_engine(connect: Connect, server: OllamaServer) -> None:
    gate = Gate()
    server.script(Says(text="One two three four five", gate=gate))
    engine = connect()
    await gate.let(2)
    async with aclosing(engine.stream(await prompt_of(engine, HEAD, QUESTION), reply_tokens=60)) as chunks:
        async for chunk in chunks:
            assert isinstance(chunk, TextChunk)
            break
    async with asyncio.timeout(30):
        await server.generations[0].disconnected.wait()


async def test_cancelling_whoever_waits_for_the_first_word_frees_the_engine(
    connect: Connect, server: OllamaServer
) -> None:
    gate = Gate()
    server.script(Says(text="Never said", gate=gate))
    engine = connect()
    waiting = asyncio.create_task(hear(engine, await prompt_of(engine, HEAD, QUESTION)))
    async with asyncio.timeout(30):
        await gate.reached.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await server.generations[0].disconnected.wait()


async def test_words_come_through_while_the_engine_is_still_speaking(connect: Connect, server: OllamaServer) -> None:
    gate = Gate()
    server.script(Says(text="One two three", gate=gate))
    engine = connect()
    async with aclosing(engine.stream(await prompt_of(engine, HEAD, QUESTION), reply_tokens=60)) as chunks:
        for expected in ("One", " two", " three"):
            await gate.let(1)
            assert await anext(chunks) == TextChunk(text=expected)
        await gate.open()
        assert [type(chunk).__name__ async for chunk in chunks] == ["Finished"]


@pytest.mark.parametrize("name", ["japanese", "emoji", "controls", "arabic", "stacked marks"])
async def test_characters_of_several_tokens_and_odd_ones_arrive_whole(
    name: str, connect: Connect, server: OllamaServer
) -> None:
    server.script(TEXTS[name])
    engine = connect()
    text, _, _ = await hear(engine, await prompt_of(engine, HEAD, QUESTION), reply_tokens=500)
    assert text == TEXTS[name]


async def test_a_long_text_is_rendered_off_the_loop_with_the_same_result(connect: Connect) -> None:
    engine = connect()
    short = await engine.render(Reply(text="word " * 10, calls=(Call(id="1", name="a", arguments="{}"),)))
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    beating = asyncio.create_task(beat())
    long = await engine.render(Reply(text="word " * 100_000, calls=(Call(id="1", name="a", arguments="{}"),)))
    beating.cancel()
    assert beats > 5
    assert long.text.startswith("word word")
    assert long.tokens > short.tokens + 99_000
