"""Ollama's embedding models, over HTTP as it answers."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import EngineBroke, ModelMissing
from bot.inference.ollama_embedding import OllamaEmbeds
from bot.settings import Embedding, EmbeddingKind, EngineSettings

FOUND = {"models": [{"name": "bge-m3:latest", "model": "bge-m3:latest", "digest": "d1"}]}


class Daemon:
    """Answers with a direction for each text; `short`: with one too few."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.tags: object = FOUND
        self.short = False

    @asynccontextmanager
    async def serves(self, **settings: str) -> AsyncGenerator[OllamaEmbeds]:
        app = web.Application()
        app.router.add_get("/api/tags", self._tags)
        app.router.add_post("/api/embed", self._embed)
        async with TestServer(app) as server:
            engine = EngineSettings(url=str(server.make_url("")).rstrip("/"))
            own = Embedding(kind=EmbeddingKind.OLLAMA, model="bge-m3", **settings)  # pyright: ignore[reportArgumentType]
            async with OllamaEmbeds(engine, own) as embeds:
                yield embeds

    async def _tags(self, _: web.Request) -> web.Response:
        return web.json_response(self.tags)

    async def _embed(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.asked.append(body)
        vectors = [[3.0, 0.0, -4.0] for _ in body["input"]]
        return web.json_response({"embeddings": vectors[1:] if self.short else vectors})


async def test_texts_become_vectors_of_length_one_with_what_the_model_wants_in_front() -> None:
    daemon = Daemon()
    async with daemon.serves(query_prefix="query: ", passage_prefix="passage: ") as embeds:
        about = await embeds.about()
        one, two = await embeds.passages(["a", "b"])
        await embeds.query("c")
    assert (about.name, about.dimensions) == ("bge-m3", 3)
    assert one == two
    assert one.scale * 127 == pytest.approx(0.8)
    assert [each["input"] for each in daemon.asked[1:]] == [["passage: a", "passage: b"], ["query: c"]]


async def test_another_model_under_the_same_name_makes_other_vectors() -> None:
    daemon = Daemon()
    async with daemon.serves() as embeds:
        before = await embeds.about()
        daemon.tags = {"models": [{"name": "bge-m3:latest", "digest": "d2"}]}
        assert (await embeds.about()).fingerprint != before.fingerprint


async def test_a_missing_model_and_a_short_answer_are_told_as_such() -> None:
    daemon = Daemon()
    async with daemon.serves() as embeds:
        daemon.short = True
        with pytest.raises(EngineBroke):
            await embeds.passages(["a", "b"])
        daemon.tags = {"models": []}
        with pytest.raises(ModelMissing, match="ollama pull bge-m3"):
            await embeds.about()


def test_ollama_without_the_name_of_a_model_is_refused() -> None:
    with pytest.raises(ValueError, match="EMBEDDING_MODEL"):
        Embedding(kind=EmbeddingKind.OLLAMA)
