"""Counts with the served model's own tokenizer, held against what real llama.cpp sends to the model."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Generator

import httpx
import pytest
import pytest_asyncio

from bot.inference.openai_counting import OwnCounting, own_counting
from bot.inference.openai_messages import assemble, text_of
from bot.inference.openai_server import server_of
from bot.inference.own_tokenizer import LlamaTokenizer
from bot.settings import EngineSettings
from bot.talk.prompt import Prompt
from bot.talk.turn import (
    Call,
    Instructions,
    Line,
    Part,
    Piece,
    Question,
    Reply,
    Result,
    Results,
    Summary,
    ToolSpec,
)
from tests.inference.texts import TEXTS
from tests.models.fixtures import TinyModels
from tests.models.llama import llama_server

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.thorough]

SPARE = 6
"""Tokens that a message may be taken for more than it has."""

FRAME = 40
"""Tokens that a whole prompt may be taken for more: one turn's frame, written out in plain text by some templates."""

OWN = ""
TRIMMING = (
    "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' }}"
    "{%- if m.tool_calls %}{%- for c in m.tool_calls %}{{- '<tool_call>' + (c.function | tojson) + '</tool_call>\\n' }}"
    "{%- endfor %}{%- endif %}"
    "{%- if m.role == 'tool' %}{{- '{\"result\": ' + (m.content | tojson) + '}' }}"
    "{%- else %}{{- m.content | trim }}{%- endif %}"
    "{{- '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
)
"""In the manner of ChatML: texts are trimmed, results quoted, the reply is opened with something that goes later."""

MERGING = (
    "{{- bos_token }}{%- for m in messages %}"
    "{%- if m.role == 'system' %}{%- set ns = namespace(first=m.content) %}"
    "{{- '[INST] <<SYS>> ' + m.content + ' <</SYS>>' }}"
    "{%- elif m.role == 'assistant' %}{{- ' ' + (m.content or '') }}"
    "{%- if m.tool_calls %}{{- m.tool_calls | tojson }}{%- endif %}{{- ' ' + eos_token }}"
    "{%- else %}{{- '[INST] ' + m.content + ' [/INST]' }}{%- endif %}{%- endfor %}"
)
"""In the manner of Llama 2: plain spaces instead of control tokens, the system prompt within the first question."""


@pytest.fixture(scope="module", params=[OWN, TRIMMING, MERGING], ids=["mistral", "trimming", "merging"])
def url(request: pytest.FixtureRequest, tiny_models: TinyModels) -> Generator[str]:
    with llama_server(tiny_models.noise(), window=16384, chat_template=str(request.param)) as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counting(url: str) -> AsyncGenerator[OwnCounting]:
    http = server_of(EngineSettings(url=url))
    yield await own_counting(LlamaTokenizer(http))
    await http.aclose()


def question(text: str) -> Question:
    return Question(lines=(Line(text=text),))


def call(number: int, arguments: object) -> Call:
    return Call(id=f"call{number:05d}", name="clock", arguments=json.dumps(arguments, ensure_ascii=False))


def told(number: int, content: str) -> Result:
    return Result(call_id=f"call{number:05d}", name="clock", content=content)


TOOL = ToolSpec(
    name="clock",
    description='The time "there" & <here>',
    parameters={"type": "object", "properties": {"zone": {"type": "string", "enum": ["UTC", "Europe/Paris"]}}},
)
HEAD = Instructions(persona="You are a helpful bot.\n\nBe brief. ", tools=(TOOL, TOOL))
TALK: list[Part] = [
    HEAD,
    *(part for text in TEXTS.values() for part in (question(f"{text}\n\n"), Reply(text=f" {text[::-1]}"))),
]
TOOLS_AT_WORK: list[Part] = [
    Instructions(persona="You are a helpful bot.", tools=(TOOL,)),
    Summary(text="They spoke about the tide, the harbour and the price of ropes.\n"),
    question("What time is it?"),
    Reply(text="", calls=(call(1, {}),)),
    Results(results=(told(1, "12:00"),)),
    Reply(text="Let me look.\n", calls=(call(2, {"zone": 'a "quoted" é'}), call(3, {"list": [1, {"b": None}]}))),
    Results(results=(told(2, 'He said: "no"\n\n\tand left\\'), told(3, TEXTS["hindi"] + "\n" + TEXTS["emoji"] * 20))),
    Reply(text="It is noon."),
    question("Thanks [INST] </s> <|im_end|> !"),
]


async def counted(counting: OwnCounting, parts: list[Part]) -> Prompt:
    pieces = [Piece(text=text_of(part), tokens=await counting.count(part), template="x") for part in parts]
    return Prompt(pieces=tuple(pieces))


def sent(url: str, prompt: Prompt) -> tuple[int, int]:
    """How many tokens the server makes of a prompt, and how many messages they were."""
    written, tools = assemble(prompt, {})
    with httpx.Client(base_url=url, timeout=50, trust_env=False) as client:
        rendered = client.post("/apply-template", json={"messages": written, "tools": tools}).raise_for_status()
        body = {"content": rendered.json()["prompt"], "add_special": True, "parse_special": True}
        tokens = client.post("/tokenize", json=body).raise_for_status().json()["tokens"]
    return len(tokens), len(written)


@pytest.mark.parametrize("parts", [TALK[:2], TALK[:6], TALK[:-1], TOOLS_AT_WORK], ids=["one", "few", "many", "tools"])
async def test_no_prompt_is_longer_than_counted_and_few_tokens_shorter(
    url: str, counting: OwnCounting, parts: list[Part]
) -> None:
    prompt = await counted(counting, parts)
    actual, count = sent(url, prompt)
    assert actual <= prompt.tokens <= actual + SPARE * count + FRAME


async def test_what_the_server_sends_is_what_it_reports(url: str, counting: OwnCounting) -> None:
    """So that the others need no whole answer, which some templates cannot make anything of."""
    prompt = await counted(counting, TALK[:-1])
    written, tools = assemble(prompt, {})
    body = {"messages": written, "tools": tools, "max_tokens": 1}
    async with httpx.AsyncClient(base_url=url, timeout=50, trust_env=False) as client:
        answer = await client.post("/v1/chat/completions", json=body)
    if answer.status_code != 500:  # noise is not in the template's form
        assert answer.json()["usage"]["prompt_tokens"] == sent(url, prompt)[0]


async def test_every_step_of_a_tool_round_is_bounded(url: str, counting: OwnCounting) -> None:
    for end in (3, 5, 7, 9):
        prompt = await counted(counting, TOOLS_AT_WORK[:end])
        actual, count = sent(url, prompt)
        assert actual <= prompt.tokens <= actual + SPARE * count + FRAME


async def test_results_are_counted_as_the_template_writes_them(url: str, counting: OwnCounting) -> None:
    before, after = TOOLS_AT_WORK[:4], Results(results=(told(1, '"\n' * 300),))
    prompt = await counted(counting, [*before, after])
    actual, count = sent(url, prompt)
    assert actual <= prompt.tokens <= actual + SPARE * count + FRAME


async def test_the_same_tokenizer_under_the_same_template_has_the_same_name(url: str, counting: OwnCounting) -> None:
    http = server_of(EngineSettings(url=url))
    again = await own_counting(LlamaTokenizer(http))
    await http.aclose()
    assert again.name == counting.name
