"""An embedding model that Ollama serves, by its `/api/embed`.

Source: docs/api.md of Ollama. It is a second model on the same card: Ollama may put the answers' model out for it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field
from pydantic_core import to_json

from bot.errors import BackendError, EngineBroke, ModelMissing
from bot.inference.engine_http import EngineHttp
from bot.inference.ollama_daemon import parsed
from bot.inference.ollama_wire import complaint
from bot.ports.embedding import MOST_TEXTS
from bot.settings import EngineSettings
from bot.settings.embedding import Embedding
from bot.talk.vectors import Embedder, Vector, quantized

EMBED_SECONDS = 120.0
"""For one request, loading the model included."""

MOST_CHARS = 8_000
"""Of one text; what follows is not looked at."""

PROBE = "a"


class _Embeddings(BaseModel):
    """`/api/embed`: a vector for each text, of length one."""

    embeddings: list[list[float]] = Field(default_factory=list[list[float]])


class _Tag(BaseModel):
    name: str = ""
    model: str = ""
    digest: str = ""


class _Tags(BaseModel):
    """`/api/tags`."""

    models: list[_Tag] = Field(default_factory=list[_Tag])


class OllamaEmbeds:
    """Implements `Embeds`. An async context manager. Raises BackendErrors."""

    def __init__(self, engine: EngineSettings, settings: Embedding) -> None:
        self._engine = engine
        self._settings = settings
        self._http = EngineHttp(
            engine, name="Ollama", complaint=lambda status, body: _complaint(status, body, settings.model)
        )
        self._turn = asyncio.Lock()
        self._known: tuple[str, Embedder] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def about(self) -> Embedder:
        """Another model under the same name is another one; so is the same with other words in front of its texts."""
        settings = self._settings
        names = {settings.model, f"{settings.model}:latest"}
        tags = parsed(_Tags, await self._http.ask("/api/tags")).models
        digest = next((tag.digest for tag in tags if names & {tag.name, tag.model}), None)
        if digest is None:
            raise ModelMissing(f"Ollama has no model {settings.model}; fetch it with `ollama pull {settings.model}`")
        if self._known is not None and self._known[0] == digest:
            return self._known[1]
        dimensions = len((await self._ask([PROBE]))[0].codes)
        said = "\0".join((settings.model, digest, settings.query_prefix, settings.passage_prefix, str(dimensions)))
        fingerprint = f"ollama/{hashlib.sha256(said.encode()).hexdigest()[:32]}"
        found = Embedder(name=settings.model, dimensions=dimensions, fingerprint=fingerprint)
        self._known = (digest, found)
        return found

    async def passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        assert len(texts) <= MOST_TEXTS
        return await self._ask([f"{self._settings.passage_prefix}{text}" for text in texts])

    async def query(self, text: str) -> Vector:
        return (await self._ask([f"{self._settings.query_prefix}{text}"]))[0]

    async def _ask(self, texts: Sequence[str]) -> list[Vector]:
        if not texts:
            return []
        body = {
            "model": self._settings.model,
            "input": [text[:MOST_CHARS].encode(errors="replace").decode() for text in texts],
            "truncate": True,  # the end of a text that is too long for the model is not looked at
        }
        async with self._turn:
            said = await self._http.ask("/api/embed", to_json(body), seconds=EMBED_SECONDS)
        found = parsed(_Embeddings, said).embeddings
        if len(found) != len(texts) or len({len(numbers) for numbers in found}) != 1:
            raise EngineBroke(f"Ollama gave {len(found)} vectors for {len(texts)} texts, or of several lengths")
        try:
            return [quantized(numbers) for numbers in found]
        except ValueError:
            raise EngineBroke("Ollama gave a vector that points nowhere") from None


def _complaint(status: int, body: bytes, model: str) -> BackendError:
    found = complaint(status, body, model)
    if isinstance(found, ModelMissing):
        return ModelMissing(f"Ollama has no model {model}; fetch it with `ollama pull {model}`")
    return found
