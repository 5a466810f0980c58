"""The double keeps the promises that other tests build on."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.ollama_server import BUSY, Gate, Mishap, Model, OllamaServer, Reply, load

MODEL = "mistral-small3.1"


@pytest.fixture
async def server() -> AsyncGenerator[OllamaServer]:
    async with OllamaServer() as running:
        yield running


@pytest.fixture
async def client(server: OllamaServer) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as made:
        yield made


def _body(asked: str = "[INST]hello[/INST]", /, **more: object) -> Mapping[str, object]:
    return {"model": MODEL, "raw": True, "prompt": asked, "truncate": False} | more


async def test_a_gate_lets_tokens_through_one_by_one(server: OllamaServer, client: httpx.AsyncClient) -> None:
    gate = Gate()
    server.script(Reply(text="one two three", gate=gate))
    await gate.let(1)
    async with client.stream("POST", "/api/generate", json=_body()) as response:
        lines = response.aiter_lines()
        assert json.loads(await anext(lines))["response"] == "one"
        await gate.reached.wait()
        assert server.generations[0].said == 1
        await gate.open()
        rest = [json.loads(line) async for line in lines]
    assert rest[-1]["done"]
    assert rest[-1]["eval_count"] == 4  # three words and the end


async def test_one_slot_makes_the_second_request_wait(server: OllamaServer, client: httpx.AsyncClient) -> None:
    gate = Gate()
    server.script(Reply(text="first", gate=gate), "second")
    first = asyncio.create_task(client.post("/api/generate", json=_body(stream=False)))
    await gate.reached.wait()
    second = asyncio.create_task(client.post("/api/generate", json=_body(stream=False)))
    await server.asked(2)
    assert len(server.generations) == 1
    await gate.open()
    answers = [(await task).json()["response"] for task in (first, second)]
    assert answers == ["first", "second"]


async def test_a_client_that_leaves_is_noticed_and_frees_the_slot(
    server: OllamaServer, client: httpx.AsyncClient
) -> None:
    server.script(Reply(text="never", mishap=Mishap.STALL))
    task = asyncio.create_task(client.post("/api/generate", json=_body()))
    request = await server.asked(1)
    await request.streaming.wait()
    task.cancel()
    await request.disconnected.wait()
    assert (await client.post("/api/generate", json=_body(stream=False))).json()["done"]


async def test_only_a_change_of_load_options_loads_again(server: OllamaServer, client: httpx.AsyncClient) -> None:
    for options in ({"num_ctx": 8192}, {"num_ctx": 8192, "temperature": 0.5}, {"num_ctx": 4096}):
        await client.post("/api/generate", json=_body(options=options))
    assert [loaded.window for loaded in server.loads] == [8192, 4096]
    assert (await client.get("/api/ps")).json()["models"][0]["context_length"] == 4096


async def test_a_slow_load_holds_the_request(server: OllamaServer, client: httpx.AsyncClient) -> None:
    gate = server.hold_loading()
    task = asyncio.create_task(client.post("/api/generate", json=_body(stream=False)))
    await gate.reached.wait()
    assert not server.generations
    await gate.open()
    assert (await task).status_code == 200


async def test_the_reused_prefix_is_what_both_prompts_share(server: OllamaServer, client: httpx.AsyncClient) -> None:
    server.script("Bonjour.", "Ciao.", "Hola.")
    for prompt in ("[INST]a[/INST]", "[INST]a[/INST]Bonjour.</s>[INST]b[/INST]", "[INST]c[/INST]"):
        await client.post("/api/generate", json=_body(prompt))
    first, second, third = server.generations
    assert (first.reused, third.reused) == (0, 2)
    assert first.tokens < second.reused < second.tokens


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"truncat": False}, 400),
        ({"options": {"num_ctxx": 1}}, 400),
        ({"options": {"num_ctx": "many"}}, 500),
        ({"stream": "yes"}, 400),
        ({"keep_alive": "-1"}, 400),
        ({"keep_alive": "30m"}, 200),
        ({"keep_alive": -1}, 200),
        ({"system": "x"}, 400),
        ({"images": ["bm90IGFuIGltYWdl"]}, 400),
        ({"model": "nope"}, 404),
    ],
)
async def test_requests_are_read_strictly(client: httpx.AsyncClient, more: dict[str, object], status: int) -> None:
    answer = await client.post("/api/generate", json=_body(**more))
    assert answer.status_code == status
    assert ('"error"' in answer.text) == (status != 200)


async def test_a_shut_door_refuses_even_clients_that_were_connected(
    server: OllamaServer, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/")).text == "Ollama is running"
    await server.shut_door()
    with pytest.raises(httpx.ConnectError):
        await client.get("/")
    await server.open_door()
    assert (await client.get("/")).status_code == 200


async def test_busy_is_a_503_with_ollamas_words(server: OllamaServer, client: httpx.AsyncClient) -> None:
    server.script(BUSY)
    answer = await client.post("/api/generate", json=_body())
    assert answer.status_code == 503
    assert "maximum pending requests" in answer.json()["error"]


async def test_a_callable_answers_from_the_prompt() -> None:
    async with (
        OllamaServer(answer=lambda prompt: "pong" if "ping" in prompt else "what?") as server,
        httpx.AsyncClient(base_url=server.url) as client,
    ):
        answer = await client.post("/api/generate", json=_body("[INST]ping[/INST]", stream=False))
    assert answer.json()["response"] == "pong"


async def test_a_pull_shows_its_progress_and_brings_the_model(server: OllamaServer, client: httpx.AsyncClient) -> None:
    server.remove(MODEL)
    assert (await client.post("/api/show", json={"model": MODEL})).status_code == 404
    lines = (await client.post("/api/pull", json={"model": MODEL})).text.splitlines()
    assert json.loads(lines[-1]) == {"status": "success"}
    layers = [json.loads(line) for line in lines if "completed" in line]
    assert layers[-1]["completed"] == layers[-1]["total"] > layers[0]["completed"]
    assert (await client.post("/api/show", json={"model": MODEL})).json()["capabilities"]


async def test_embeddings_are_fixed_and_of_length_one(server: OllamaServer, client: httpx.AsyncClient) -> None:
    server.add(Model(name="e5", capabilities=("embedding",)))
    body = {"model": "e5", "input": ["a", "b", "a"]}
    one, two, three = (await client.post("/api/embed", json=body)).json()["embeddings"]
    assert one == three != two
    assert sum(value * value for value in one) == pytest.approx(1)


async def test_it_runs_as_a_process_with_a_script(tmp_path: Path) -> None:
    script = tmp_path / "steps.json"
    script.write_text(
        json.dumps(["one", {"text": "two", "mishap": "end", "after": 0}, {"status": 503, "error": "busy"}])
    )
    assert len(load(script)) == 3
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ollama_server", "--script", str(script), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.post("/api/generate", json=_body(stream=False))).json()["response"] == "one"
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
