"""What is particular to OpenAI-compatible servers: their dialects, their complaints, their keys."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import BackendError, ContextOverflow, EngineBroke, EngineRefused, EngineUnreachable, ModelMissing
from bot.inference.openai_compatible import OpenAIInference
from bot.inference.openai_messages import harmless
from bot.inference.openai_wire import complaint, mid_stream
from bot.settings import EngineSettings
from bot.talk.finding import Finding, Level
from bot.talk.prompt import StopReason
from bot.talk.turn import Call, Reply
from tests.contracts.engines import HEAD, Bench, openai, question
from tests.ollama_server import OllamaServer, Recorded
from tests.ollama_server.sending import EVENTS

SETTINGS = EngineSettings(url="http://127.0.0.1:8000")
VLLM_OVERFLOW = (
    "This model's maximum context length is 4096 tokens. However, you requested 5100 tokens "
    "(5000 in the messages, 100 in the completion). Please reduce the length of the messages or completion."
)
LLAMA_OVERFLOW = {
    "code": 400,
    "message": "request (9004 tokens) exceeds the available context size (8192 tokens), try increasing it",
    "type": "exceed_context_size_error",
    "n_prompt_tokens": 9004,
    "n_ctx": 8192,
}


def _events(*lines: str) -> Recorded:
    return Recorded(status=200, content_type=EVENTS, lines=tuple(line for event in lines for line in (event, "")))


def _choice(reason: str | None = None, **delta: object) -> str:
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def _double(bench: Bench) -> OllamaServer:
    assert bench.double is not None
    return bench.double


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": LLAMA_OVERFLOW}, ContextOverflow),
        (400, {"object": "error", "message": VLLM_OVERFLOW, "type": "BadRequestError", "code": 400}, ContextOverflow),
        (401, {"error": "Unauthorized"}, EngineRefused),
        (404, {"error": {"message": "The model `m` does not exist.", "type": "NotFoundError"}}, ModelMissing),
        (404, {"detail": "Not Found"}, EngineRefused),
        (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, EngineUnreachable),
        (500, {"error": {"message": "boom"}}, EngineBroke),
        (400, {"error": {"message": "Field 'max_tokens': type must be number"}}, EngineRefused),
        (400, ["no", "object"], EngineRefused),
    ],
)
def test_each_complaint_becomes_the_error_of_whoever_can_mend_it(
    status: int, body: object, kind: type[BackendError]
) -> None:
    assert type(complaint(status, json.dumps(body).encode(), SETTINGS)) is kind


@pytest.mark.parametrize(
    ("body", "numbers"), [(LLAMA_OVERFLOW, (9004, 8192)), ({"message": VLLM_OVERFLOW}, (5000, 4096))]
)
def test_an_overflow_carries_the_numbers_of_the_server(body: object, numbers: tuple[int, int]) -> None:
    error = mid_stream(body)
    assert isinstance(error, ContextOverflow)
    assert (error.prompt_tokens, error.window) == numbers


@given(st.binary(max_size=200), st.sampled_from([400, 404, 418, 500, 503]))
def test_no_complaint_however_odd_is_beyond_reading(body: bytes, status: int) -> None:
    assert isinstance(complaint(status, body, SETTINGS), BackendError)


@given(st.text())
def test_no_text_holds_a_control_token_of_chatml_when_it_is_harmless(text: str) -> None:
    for token in ("<|im_start|>", "<|eot_id|>", "<start_of_turn>", "[INST]"):
        assert token not in harmless(text + token + text)


async def test_a_key_is_sent_and_a_wrong_one_is_named_by_its_setting() -> None:
    async with OllamaServer(api_key="open sesame", answer="Yes.") as server:
        async with openai(server.url, api_key=SecretStr("open sesame")) as right:
            assert (await right.ask(HEAD, question("hello"))).text == "Yes."
        async with openai(server.url, api_key=SecretStr("wrong")) as wrong:
            with pytest.raises(EngineRefused, match="ENGINE_API_KEY") as caught:
                await wrong.ask(HEAD, question("hello"))
            assert "sesame" not in str(caught.value)
            assert any(finding.level is Level.PROBLEM for finding in await _examine(wrong))


async def test_the_address_may_end_with_v1() -> None:
    async with OllamaServer(answer="Yes.") as server, openai(f"{server.url}/v1") as bench:
        assert (await bench.engine.probe()).window == 32_768
        assert (await bench.ask(HEAD, question("hello"))).text == "Yes."


async def test_comments_and_other_fields_of_the_stream_are_passed_over() -> None:
    async with openai() as bench:
        _double(bench).script(
            _events(": keep-alive", "event: message", _choice(content="Yes."), _choice("stop"), "data: [DONE]")
        )
        assert (await bench.ask(HEAD, question("hello"))).text == "Yes."


async def test_a_stream_without_usage_finishes_without_counts() -> None:
    async with openai() as bench:
        _double(bench).script(_events(_choice(content="Yes"), _choice("length"), "data: [DONE]"))
        finished = (await bench.ask(HEAD, question("hello"))).finished
        assert (finished.reason, finished.prompt_tokens, finished.reply_tokens) == (StopReason.LENGTH, None, None)


async def test_done_without_a_reason_to_finish_is_a_failure() -> None:
    async with openai() as bench:
        _double(bench).script(_events(_choice(content="Yes"), "data: [DONE]"))
        with pytest.raises(EngineBroke):
            await bench.ask(HEAD, question("hello"))


async def test_an_error_event_of_older_llama_servers_is_understood() -> None:
    async with openai() as bench:
        _double(bench).script(_events(_choice(content="Yes"), "error: " + json.dumps(LLAMA_OVERFLOW)))
        with pytest.raises(ContextOverflow):
            await bench.ask(HEAD, question("hello"))


async def test_calls_in_pieces_are_put_together_by_their_index() -> None:
    first = {"index": 1, "id": "b", "function": {"name": "two", "arguments": ""}}
    second = {"index": 0, "id": "a", "function": {"name": "one", "arguments": '{"x"'}}
    rest = [{"index": 0, "function": {"arguments": ":1}"}}, {"index": 1, "function": {"arguments": "{}"}}]
    async with openai() as bench:
        _double(bench).script(
            _events(_choice(tool_calls=[first]), _choice(tool_calls=[second]), _choice("tool_calls", tool_calls=rest))
        )
        answer = await bench.ask(HEAD, question("hello"))
    calls = [(chunk.call.id, chunk.call.name, chunk.call.arguments) for chunk in answer.calls]
    assert calls == [("a", "one", '{"x":1}'), ("b", "two", "{}")]


async def test_malformed_arguments_of_an_earlier_call_do_not_stop_the_next_request() -> None:
    reply = Reply(text="", calls=(Call(id="a", name="clock", arguments='{"zone": '),))
    async with openai() as bench:
        assert (await bench.ask(HEAD, question("hello"), reply, question("again"))).text
        body = _double(bench).generations[0].body
        assert '{\\"malformed\\"' in json.dumps(body)


async def test_the_doctor_finds_a_server_that_is_there_and_one_that_is_not() -> None:
    async with openai() as bench:
        topics = {finding.topic: finding.level for finding in await _examine(bench)}
        assert (topics["engine"], topics["model"], topics["window"]) == (Level.OK, Level.OK, Level.OK)
        _double(bench).remove("mistral-small3.1")
        assert {finding.topic for finding in await _examine(bench) if finding.level is Level.PROBLEM} == {"model"}
        await _double(bench).shut_door()
        assert {finding.topic for finding in await _examine(bench) if finding.level is Level.PROBLEM} == {"engine"}


async def _examine(bench: Bench) -> Sequence[Finding]:
    assert isinstance(bench.engine, OpenAIInference)
    return await bench.engine.examine()
