"""Every way in which Ollama was seen to fail is the error that it means, and a sentence without anybody's words."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.errors import (
    BackendError,
    ContextOverflow,
    EngineBroke,
    EngineRefused,
    EngineStalled,
    EngineUnreachable,
    ModelMissing,
    SettingsError,
)
from bot.inference.engine_http import LINE_BYTES
from bot.talk.prompt import TextChunk
from bot.talk.turn import Line, Question
from tests.inference.asking import HEAD, QUESTION, hear, prompt_of
from tests.inference.bare import bare
from tests.inference.conftest import Connect, Counts, Pictures
from tests.inference.test_images import image, picture
from tests.ollama_server import BUSY, Gate, Mishap, Model, OllamaServer, Recorded, Refusal, Reply, recorded

NDJSON = "application/x-ndjson"
SECRET = "a word that nobody may find in a log"


def answer(*lines: str, status: int = 200) -> Recorded:
    return Recorded(status=status, content_type=NDJSON, lines=lines)


def nested(code: int, message: str, **more: object) -> str:
    """llama-server's error as Ollama passes it on."""
    return json.dumps({"error": {"code": code, "message": message, **more}})


@pytest.mark.parametrize(
    ("step", "error", "says"),
    [
        pytest.param(recorded("15"), ModelMissing, "calanque pull", id="unknown model"),
        pytest.param(recorded("18"), EngineRefused, "num_ctx", id="bad option"),
        pytest.param(recorded("16"), EngineRefused, "unexpected EOF", id="bad JSON"),
        pytest.param(recorded("21"), EngineRefused, "does not support multimodal", id="picture on a text model"),
        pytest.param(recorded("23"), EngineRefused, "Failed to load image", id="corrupt picture"),
        pytest.param(recorded("52"), EngineRefused, "Failed to tokenize", id="untagged picture"),
        pytest.param(recorded("46"), EngineBroke, "unexpected EOF", id="runner killed in mid-stream"),
        pytest.param(recorded("57"), EngineBroke, "without saying", id="equal tokens end the stream"),
        pytest.param(BUSY, EngineUnreachable, "503", id="queue full while loading"),
        pytest.param(Refusal(status=401, error="unauthorized"), EngineRefused, "ENGINE_API_KEY", id="no key"),
        pytest.param(Refusal(status=500, error="llama runner process has terminated"), EngineBroke, "runner", id="500"),
        pytest.param(
            Refusal(status=500, error="model requires more system memory (15 GiB) than is available (8 GiB)"),
            EngineRefused,
            "15 GiB",
            id="too little memory",
        ),
        pytest.param(answer("<html>nginx</html>", status=404), EngineRefused, "ENGINE_URL", id="not Ollama at all"),
        pytest.param(answer("<html>hello</html>"), EngineBroke, "cannot be read", id="a page instead of a stream"),
        pytest.param(answer('{"response":"a","done":false}', "{"), EngineBroke, "cannot be read", id="half a line"),
        pytest.param(answer('{"response":7,"done":false}'), EngineBroke, "cannot be read", id="wrong type"),
        pytest.param(answer("[]"), EngineBroke, "cannot be read", id="wrong shape"),
        pytest.param(answer(), EngineBroke, "without saying", id="nothing"),
        pytest.param(answer("x" * (LINE_BYTES + 100_000)), EngineBroke, "bytes", id="an endless line"),
        pytest.param(Reply(text="a b c d", mishap=Mishap.ERROR, after=2), EngineBroke, "while", id="error line"),
        pytest.param(Reply(text="a b c d", mishap=Mishap.END, after=2), EngineBroke, "without saying", id="no done"),
        pytest.param(Reply(text="a b c d", mishap=Mishap.DROP, after=2), EngineBroke, "connection", id="dropped"),
        pytest.param(Reply(text="a b c d", mishap=Mishap.GARBAGE, after=2), EngineBroke, "read", id="garbage"),
    ],
)
async def test_a_failure_is_the_error_that_it_means(
    step: Recorded | Reply | Refusal,
    error: type[BackendError],
    says: str,
    connect: Connect,
    server: OllamaServer,
    counts: Counts,
) -> None:
    server.script(step)
    engine = connect()
    prompt = await prompt_of(engine, HEAD, Question(lines=(Line(text=SECRET),)))
    with pytest.raises(BackendError, match=says) as caught:
        await hear(engine, prompt)
    assert type(caught.value) is error
    assert SECRET not in str(caught.value)
    assert [name for name, _ in counts.seen].count("engine_failures_total") == 1


async def test_what_was_said_before_a_failure_arrives(connect: Connect, server: OllamaServer) -> None:
    server.script(Reply(text="One two three", mishap=Mishap.ERROR, after=2))
    engine = connect()
    chunks = engine.stream(await prompt_of(engine, QUESTION), reply_tokens=60)
    assert [await anext(chunks), await anext(chunks)] == [TextChunk(text="One"), TextChunk(text=" two")]
    with pytest.raises(EngineBroke):
        await anext(chunks)


@pytest.mark.parametrize("mid_stream", [False, True])
async def test_an_overflow_tells_both_numbers(mid_stream: bool, connect: Connect, server: OllamaServer) -> None:
    said = nested(
        400,
        "request (6004 tokens) exceeds the available context size (4096 tokens), try increasing it",
        type="exceed_context_size_error",
        n_prompt_tokens=6004,
        n_ctx=4096,
    )
    server.script(answer(json.dumps({"error": said})) if mid_stream else Refusal(status=400, error=said))
    engine = connect()
    with pytest.raises(ContextOverflow) as caught:
        await hear(engine, await prompt_of(engine, QUESTION))
    assert (caught.value.prompt_tokens, caught.value.window) == (6004, 4096)


async def test_a_prompt_over_the_window_overflows_with_our_own_count(connect: Connect) -> None:
    engine = connect(window=2048, reply_tokens=512)
    prompt = await prompt_of(engine, HEAD, Question(lines=(Line(text="word " * 3000),)))
    with pytest.raises(ContextOverflow) as caught:
        await hear(engine, prompt)
    assert caught.value.prompt_tokens == prompt.tokens
    assert caught.value.window == 2048


async def test_an_overflow_without_numbers_is_still_one(connect: Connect, server: OllamaServer) -> None:
    server.script(Refusal(status=400, error="the input length exceeds the context length"))
    engine = connect()
    with pytest.raises(ContextOverflow) as caught:
        await hear(engine, await prompt_of(engine, QUESTION))
    assert (caught.value.prompt_tokens, caught.value.window) == (0, 0)


async def test_a_refused_connection_is_unreachable_and_names_the_address(
    connect: Connect, server: OllamaServer
) -> None:
    await server.shut_door()
    engine = connect()
    with pytest.raises(EngineUnreachable, match=server.url):
        await hear(engine, await prompt_of(engine, QUESTION))
    await server.open_door()
    assert (await hear(engine, await prompt_of(engine, QUESTION)))[0]


async def test_a_name_that_does_not_exist_is_unreachable(connect: Connect) -> None:
    engine = connect(url="http://nowhere.invalid:11434")
    with pytest.raises(EngineUnreachable):
        await hear(engine, await prompt_of(engine, QUESTION))


def test_an_address_that_is_none_is_the_operators_to_mend(connect: Connect) -> None:
    with pytest.raises(SettingsError, match="ENGINE_URL"):
        connect(url="http://ollama:eleven")


async def test_no_first_word_in_time_is_a_stall(connect: Connect, server: OllamaServer) -> None:
    server.script(Reply(text="Late", gate=Gate()))
    engine = connect(first_token_seconds=0.2)
    with pytest.raises(EngineStalled):
        await hear(engine, await prompt_of(engine, QUESTION))


async def test_silence_in_mid_answer_is_a_stall_and_frees_the_engine(connect: Connect, server: OllamaServer) -> None:
    server.script(Reply(text="One two three", mishap=Mishap.STALL, after=2))
    engine = connect(stall_seconds=0.2)
    with pytest.raises(EngineStalled):
        await hear(engine, await prompt_of(engine, QUESTION))
    async with asyncio.timeout(30):
        await server.generations[0].disconnected.wait()


async def test_a_picture_for_a_model_without_eyes_is_refused(
    connect: Connect, server: OllamaServer, pictures: Pictures
) -> None:
    server.add(Model(name="mistral-small3.1", capabilities=("completion", "tools")))
    shown = image(56, 112)
    pictures.kept[shown.digest] = picture(56, 112)
    engine = connect()
    with pytest.raises(EngineRefused, match="multimodal"):
        await hear(engine, await prompt_of(engine, Question(lines=(Line(text="this", images=(shown,)),))))


async def test_a_key_is_sent_where_one_is_set(connect: Connect) -> None:
    async with OllamaServer(api_key="open sesame") as guarded:
        engine = connect(url=guarded.url, api_key="open sesame")
        assert (await hear(engine, await prompt_of(engine, QUESTION)))[0]


async def test_a_server_that_hangs_up_without_a_word_broke(connect: Connect) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with bare(hang_up) as url:
        engine = connect(url=url)
        with pytest.raises(EngineBroke):
            await hear(engine, await prompt_of(engine, QUESTION))


async def test_lines_are_cut_at_line_feeds_only_however_the_bytes_arrive(connect: Connect) -> None:
    said = json.dumps({"response": "a\u0085b\u2028c", "done": False}, ensure_ascii=False).encode()
    done = b'{"response":"","done":true,"done_reason":"stop","eval_count":4}'

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for byte in said + b"\r\n\n" + done:
            writer.write(bytes([byte]))
            await writer.drain()
        writer.close()

    async with bare(drip) as url:
        engine = connect(url=url)
        text, _, end = await hear(engine, await prompt_of(engine, QUESTION))
    assert text == "a\u0085b\u2028c"
    assert end.reply_tokens == 4
    assert end.prompt_tokens is None
