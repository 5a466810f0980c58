"""What OpenAI-compatible servers send, and what their complaints mean."""

from __future__ import annotations

import json
import re
from typing import cast

from pydantic import BaseModel, Field

from bot.errors import BackendError, ContextOverflow, EngineBroke, EngineRefused, EngineUnreachable, ModelMissing
from bot.settings import EngineSettings

_ABOUT_CHARS = 160
_WINDOW = re.compile(r"(?:maximum context length is|max_model_len[^0-9]{0,20}|context size \()\s*([0-9]+)")
_COUNTED = re.compile(r"([0-9]+) (?:in the messages|input tokens|tokens\))|request has ([0-9]+)")
_OVERFLOW = ("context length", "context_length", "exceed_context_size", "context size", "max_model_len")


class FunctionDelta(BaseModel):
    name: str | None = None
    arguments: str | None = None


class CallDelta(BaseModel):
    index: int = Field(default=0, ge=0, lt=1024)
    id: str | None = None
    function: FunctionDelta = Field(default_factory=FunctionDelta)


class Delta(BaseModel):
    content: str | None = None
    tool_calls: list[CallDelta] | None = None


class Choice(BaseModel):
    delta: Delta = Field(default_factory=Delta)
    finish_reason: str | None = None


class Details(BaseModel):
    cached_tokens: int | None = None


class Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: Details | None = None


class Timings(BaseModel):
    prompt_ms: float | None = None
    predicted_ms: float | None = None


class Event(BaseModel):
    """One event of a stream. `timings` are llama-server's own; `error` ends a stream under HTTP 200."""

    choices: list[Choice] = Field(default_factory=list[Choice])
    usage: Usage | None = None
    timings: Timings | None = None
    error: object = None


class Meta(BaseModel):
    """What llama-server tells of a model's file: the window in use, the one it was made for, its shape and size."""

    n_ctx: int | None = None
    n_ctx_train: int | None = None
    n_vocab: int | None = None
    n_embd: int | None = None
    n_params: int | None = None
    size: int | None = None


class Architecture(BaseModel):
    input_modalities: list[str] = Field(default_factory=list[str])


class Served(BaseModel):
    """A model as listed: `root` and `max_model_len` are vLLM's, `meta` and `architecture` are llama-server's."""

    id: str
    root: str | None = None
    owned_by: str = ""
    max_model_len: int | None = None
    meta: Meta | None = None
    architecture: Architecture | None = None


class ModelList(BaseModel):
    data: list[Served] = Field(default_factory=list[Served])


class Sampling(BaseModel):
    temperature: float | None = None


class Generation(BaseModel):
    """What requests get that do not say."""

    n_ctx: int | None = None
    params: Sampling = Field(default_factory=Sampling)


class Props(BaseModel):
    """`/props` of llama-server; its `n_ctx` is that of one slot, which is what a prompt must fit."""

    default_generation_settings: Generation = Field(default_factory=Generation)
    build_info: str = ""
    total_slots: int | None = None
    chat_template: str = ""


def complaint(status: int, said: bytes, settings: EngineSettings) -> BackendError:
    """The error that an HTTP status and body stand for."""
    fields = _fields(said)
    about = _about(fields)
    kind = f"{fields.get('type', '')} {fields.get('code', '')} {fields.get('message', '')}".lower()
    overflow = any(sign in kind for sign in _OVERFLOW)
    match status:
        case 401 | 403:
            return EngineRefused(f"the server at {settings.url} refuses the key ({status}): set ENGINE_API_KEY")
        case 400 | 413 | 422 | 500 if overflow:
            return _overflow(fields)
        case 404 if "model" in kind:
            error: type[BackendError] = ModelMissing
            what = f"{settings.url} does not serve {settings.model}: set ENGINE_MODEL to one that it lists"
        case 404:
            error = EngineRefused
            what = f"no OpenAI-compatible API at {settings.url}: set ENGINE_URL to the address before /v1"
        case 429 | 502 | 503 | 504:
            error, what = EngineUnreachable, f"the server at {settings.url} takes no requests now ({status}{about})"
        case _ if status >= 500:
            error, what = EngineBroke, f"the server failed ({status}{about})"
        case _:
            error, what = EngineRefused, f"the server rejected the request ({status}{about})"
    return error(what)


def mid_stream(error: object) -> BackendError:
    """The error of an event that says so under HTTP 200."""
    fields: dict[str, object] = {"message": str(error)}
    if isinstance(error, dict):
        fields = cast("dict[str, object]", error)
    if any(sign in str(fields).lower() for sign in _OVERFLOW):
        return _overflow(fields)
    return EngineBroke(f"the server failed in mid-answer ({str(fields.get('type') or 'error')[:40]}{_about(fields)})")


def _fields(said: bytes) -> dict[str, object]:
    try:
        value = json.loads(said)
    except ValueError:
        return {}
    match value:
        case {"error": dict(inner)}:
            return cast("dict[str, object]", inner)
        case {"error": str(message)}:
            return {"message": message}
        case dict():
            return cast("dict[str, object]", value)
        case _:
            return {}


def _about(fields: dict[str, object]) -> str:
    """The beginning of the server's own words, up to where it may quote what people wrote."""
    words = re.split(r"[{\[\n'\"`]|input", str(fields.get("message") or ""), maxsplit=1)[0].strip()
    return f": {words[:_ABOUT_CHARS]}" if words else ""


def _overflow(fields: dict[str, object]) -> ContextOverflow:
    message = str(fields.get("message") or "")
    counted, window = _COUNTED.search(message), _WINDOW.search(message)
    tokens = fields.get("n_prompt_tokens") or (next(filter(None, counted.groups())) if counted else 0)
    size = fields.get("n_ctx") or (window[1] if window else 0)
    return ContextOverflow(
        f"the prompt of {tokens or 'too many'} tokens does not fit the window of {size or 'unknown'}",
        prompt_tokens=int(str(tokens)),
        window=int(str(size)),
    )
