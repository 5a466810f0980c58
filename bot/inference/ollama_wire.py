"""The parts of Ollama's answers that we read, and what its refusals mean.

Source: docs/api.md of Ollama, and answers recorded from Ollama 0.32. Fields that a version does not send stay None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel, Field

from bot.errors import BackendError, ContextOverflow, EngineBroke, EngineRefused, EngineUnreachable, ModelMissing

SAID_CHARS = 200
"""How much of an engine's own error text goes into ours."""


class Word(BaseModel):
    """A line of `/api/generate`; the last one is `done` and carries the counts. Durations are in nanoseconds."""

    response: str = ""
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    prompt_eval_cached_count: int | None = None
    prompt_eval_duration: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None
    error: str | None = None


class Version(BaseModel):
    version: str


class Details(BaseModel):
    family: str = ""


class Tensor(BaseModel):
    name: str = ""
    type: str = ""
    shape: list[int] = Field(default_factory=list[int])


class Shown(BaseModel):
    """`/api/show`. `parameters`: the model's own settings, a name and a value a line."""

    details: Details = Field(default_factory=Details)
    model_info: dict[str, object] = Field(default_factory=dict[str, object])
    capabilities: list[str] = Field(default_factory=list[str])
    parameters: str = ""
    tensors: list[Tensor] = Field(default_factory=list[Tensor])

    @property
    def architecture(self) -> str:
        return str(self.model_info.get("general.architecture") or self.details.family)

    @property
    def splitter(self) -> str:
        """The name of the tokenizer's pre-tokenizer; empty where the engine does not say."""
        return str(self.model_info.get("tokenizer.ggml.pre") or "")

    @property
    def trained_window(self) -> int | None:
        """The longest window that the model can have, in tokens."""
        length = self.model_info.get(f"{self.architecture}.context_length")
        return length if isinstance(length, int) else None

    def parameter(self, name: str) -> str | None:
        """One of the model's own settings, as it is written there."""
        pairs = (line.split(maxsplit=1) for line in self.parameters.splitlines())
        return next((pair[1] for pair in pairs if len(pair) == 2 and pair[0] == name), None)

    @property
    def spoken(self) -> bool:
        """Whether the model reads our format: Mistral 3, or a conversion that llama.cpp calls llama, with Tekken."""
        return self.architecture == "mistral3" or (self.architecture == "llama" and self.splitter == "tekken")


class Running(BaseModel):
    """A model in memory. Sizes are in bytes; `context_length` is its window in tokens. `digest` is that of its
    manifest, which names weights, template and parameters."""

    name: str = ""
    model: str = ""
    digest: str = ""
    size: int = 0
    size_vram: int = 0
    context_length: int | None = None

    @property
    def resident(self) -> float | None:
        return min(1.0, self.size_vram / self.size) if self.size > 0 else None


class Processes(BaseModel):
    """`/api/ps`."""

    models: list[Running] = Field(default_factory=list[Running])


class Debug(BaseModel):
    rendered_template: str = ""


class Rendered(BaseModel):
    """A chat that was asked to be rendered only; `debug` is None where the daemon does not know how."""

    debug: Debug | None = Field(default=None, alias="_debug_info")


class _Complaint(BaseModel):
    error: str


_OVERFLOW = re.compile(r"exceed_context_size|exceeds the available context|exceeds? (?:the )?context length")
_REFUSED_500 = re.compile(r"^option |requires more system memory|does not support|invalid option")


def complaint(status: int, body: bytes, model: str) -> BackendError:
    """What an answer other than 200 means."""
    try:
        said = _Complaint.model_validate_json(body).error
    except ValueError:
        said = ""
    reason = _cut(_inner(said).get("message") or said)
    match status:
        case 404 if said:
            return ModelMissing(f"Ollama has no model {model}; fetch it with `calanque pull`")
        case 502 | 503 | 504:
            return EngineUnreachable(f"Ollama is too busy or restarting (HTTP {status}: {reason})")
        case 401 | 403:
            return EngineRefused(f"Ollama's address asks for a key (HTTP {status}); set ENGINE_API_KEY")
        case _ if _OVERFLOW.search(said):
            return _overflow(said)
        case _ if status >= 500 and said and not _REFUSED_500.search(said):
            return EngineBroke(f"Ollama failed (HTTP {status}): {reason}")
        case _:
            mend = "" if said else "without Ollama's kind of message: is ENGINE_URL the address of Ollama?"
            return EngineRefused(f"Ollama refused the request (HTTP {status}): {reason}{mend}")


def mid_stream(said: str) -> BackendError:
    """What an error line under HTTP 200 means."""
    if _OVERFLOW.search(said):
        return _overflow(said)
    return EngineBroke(f"Ollama failed while it was answering: {_cut(said)}")


def _overflow(said: str) -> ContextOverflow:
    numbers = _inner(said)
    tokens, window = (numbers.get(key) for key in ("n_prompt_tokens", "n_ctx"))
    return ContextOverflow(
        "the prompt has more tokens than the engine's window",
        prompt_tokens=tokens if isinstance(tokens, int) else 0,
        window=window if isinstance(window, int) else 0,
    )


def _inner(said: str) -> Mapping[str, object]:
    """llama-server's own error, which Ollama passes on as JSON inside its text."""
    try:
        outer = cast("object", json.loads(said))
    except ValueError:
        return {}
    inner = cast("Mapping[str, object]", outer).get("error") if isinstance(outer, Mapping) else None
    return cast("Mapping[str, object]", inner) if isinstance(inner, Mapping) else {}


def _cut(said: object) -> str:
    return " ".join(str(said).split())[:SAID_CHARS]
