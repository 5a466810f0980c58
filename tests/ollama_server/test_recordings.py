"""The double answers as the recorded daemon did."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.ollama_server import Model, OllamaServer, Reply, recorded
from tests.ollama_server.script import RECORDINGS

Json = Mapping[str, object]
VOLATILE = ("created_at", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration", "id")
CLOCK = '[TOOL_CALLS][{"name":"clock","arguments":{}}]'


def _recorded(number: str) -> Json:
    (path,) = RECORDINGS.glob(f"{number}-*.json")
    return cast("Json", json.loads(path.read_text(encoding="utf-8")))


def _stable(line: str) -> object:
    def strip(value: object) -> object:
        match value:
            case dict():
                items = cast("Mapping[str, object]", value)
                return {name: strip(part) for name, part in items.items() if name not in VOLATILE}
            case list():
                return [strip(part) for part in cast("list[object]", value)]
            case _:
                return value

    try:
        return strip(json.loads(line))
    except ValueError:
        return line


@pytest.fixture
async def server() -> AsyncGenerator[OllamaServer]:
    text = ("completion",)
    models = [
        *(Model(name=name) for name in ("tinymistral", "cq", "scripted")),
        Model(name="smol", capabilities=text),
    ]
    async with OllamaServer(models=models) as running:
        yield running


async def _play(server: OllamaServer, number: str) -> tuple[int, list[object]]:
    asked = cast("Json", _recorded(number)["request"])
    raw = asked.get("raw")
    content = str(raw) if raw is not None else json.dumps(asked["body"]) if "body" in asked else ""
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.request(str(asked["method"]), str(asked["path"]), content=content)
    return answer.status_code, [_stable(line) for line in answer.text.splitlines() if line]


def _expected(number: str) -> tuple[int, list[object]]:
    answer = cast("Json", _recorded(number)["response"])
    return cast("int", answer["status"]), [_stable(line) for line in cast("list[str]", answer["lines"])]


@pytest.mark.parametrize(
    "number", ["01", "02", "04", "05", "06", "09", "15", "16", "18", "19", "20", "21", "23", "39", "52"]
)
async def test_answers_without_generation_are_the_recorded_ones(server: OllamaServer, number: str) -> None:
    assert await _play(server, number) == _expected(number)


@pytest.mark.parametrize("number", ["28", "29", "30", "31", "32", "33", "34"])
async def test_the_library_template_renders_as_recorded_with_its_flaws(server: OllamaServer, number: str) -> None:
    assert await _play(server, number) == _expected(number)


@pytest.mark.parametrize("number", ["36", "37"])
async def test_a_derived_template_renders_as_recorded(server: OllamaServer, number: str) -> None:
    assert (await _play(server, "35"))[0] == 200
    assert await _play(server, number) == _expected(number)


@pytest.mark.parametrize("number", ["58", "59", "60", "61", "63", "64"])
async def test_a_scripted_call_looks_as_recorded(server: OllamaServer, number: str) -> None:
    server.script(CLOCK)
    assert await _play(server, number) == _expected(number)


async def test_the_step_after_a_tool_result_looks_as_recorded(server: OllamaServer) -> None:
    server.script("It is noon in Marseille.")
    assert await _play(server, "62") == _expected("62")


@pytest.mark.parametrize("number", ["48", "50", "51", "53", "22"])
async def test_prompt_counts_are_the_recorded_ones_with_bos_and_images(server: OllamaServer, number: str) -> None:
    server.script(Reply(text="one two three four"))
    _status, lines = await _play(server, number)
    _status, expected = _expected(number)
    last, wanted = cast("Json", lines[-1]), cast("Json", expected[-1])
    counts = ("prompt_eval_count", "eval_count", "done_reason")
    assert [last[name] for name in counts] == [wanted[name] for name in counts]


async def test_a_failed_pull_ends_as_recorded(server: OllamaServer) -> None:
    lines = _expected("38")[1]
    server.fail_pulls(str(cast("Json", lines[-1])["error"]))
    assert await _play(server, "38") == _expected("38")


async def test_a_recording_is_replayed_line_by_line(server: OllamaServer) -> None:
    server.script(recorded("46"))
    assert await _play(server, "46") == _expected("46")


async def test_an_oversized_prompt_is_cut_silently_unless_truncate_is_false(server: OllamaServer) -> None:
    persona = "You are a helpful bot in a chat channel."
    body = {
        "model": "tinymistral",
        "messages": [{"role": "system", "content": persona}, {"role": "user", "content": "word " * 6000}],
        "options": {"num_predict": 1, "num_ctx": 4096},
        "stream": False,
    }
    async with httpx.AsyncClient(base_url=server.url) as client:
        cut = await client.post("/api/chat", json=body)
        refused = await client.post("/api/chat", json=body | {"truncate": False})
    assert (cut.status_code, cut.json()["prompt_eval_count"]) == (200, 2051)  # recordings 26 and 27
    error = json.loads(refused.json()["error"])["error"]
    assert refused.status_code == 400
    assert (error["type"], error["n_prompt_tokens"], error["n_ctx"]) == ("exceed_context_size_error", 6016, 4096)


def test_every_recording_is_kept_small() -> None:
    assert sum(path.stat().st_size for path in Path(RECORDINGS).iterdir()) < 300_000
