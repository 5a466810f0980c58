"""What is asked of an Ollama besides answers: what it is, which model it has loaded and how, what its template does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from bot.errors import EngineBroke, EngineRefused
from bot.inference.engine_http import EngineHttp
from bot.inference.kv_room import BYTES, Kept, deduce, numbers_per_token, weight_bytes
from bot.inference.ollama_version import KEEPS_PROMPTS, at_least
from bot.inference.ollama_wire import Processes, Rendered, Running, Shown, Version
from bot.settings import EngineSettings, KvType
from bot.talk.prompt import Engine

_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An Ollama as it was found, our model loaded. `before`: the window that it was loaded with until then, if it was;
    `others`: further models in memory; `kept`: how its cache is kept, None where the model does not say how much."""

    version: str
    shown: Shown
    running: Running | None
    before: int | None
    others: tuple[Running, ...]
    kept: Kept | None

    @property
    def loaded(self) -> bool:
        """Whether looking made it load the model; what was cached is gone then."""
        return self.before is None or (self.running is not None and self.before != self.running.context_length)


class OllamaDaemon:
    """Questions over one connection's settings. Raises BackendErrors."""

    def __init__(self, http: EngineHttp, settings: EngineSettings) -> None:
        self._http = http
        self._settings = settings

    async def look(self) -> Look:
        """Loads the model if need be. Raises EngineRefused for a model of another kind."""
        settings = self._settings
        version, shown = await self.present()
        before, _ = await self._processes()
        await self._load()
        running, others = await self._processes()
        return Look(
            version=version,
            shown=shown,
            running=running,
            before=None if before is None else before.context_length,
            others=others,
            kept=_kept(shown, running, settings),
        )

    async def present(self) -> tuple[str, Shown]:
        """Its version, and the model as it is on its disk. Loads nothing; raises EngineRefused like `look`."""
        settings = self._settings
        version = parsed(Version, await self._http.ask("/api/version")).version
        shown = parsed(Shown, await self._http.ask("/api/show", json.dumps({"model": settings.model}).encode()))
        if not shown.spoken:
            raise EngineRefused(
                f"{settings.model} is a {shown.architecture or 'nameless'} model; this bot speaks the format of "
                "Mistral Small 3.1: set ENGINE_MODEL=mistral-small3.1, or serve other models by an OpenAI-compatible "
                "server and set ENGINE_KIND=openai"
            )
        return version, shown

    async def rendered(self, messages: Sequence[Mapping[str, object]], tools: Sequence[object]) -> str | None:
        """What the model's own template makes of a chat; None where the daemon does not tell."""
        body = {"model": self._settings.model, "messages": messages, "stream": False, "_debug_render_only": True}
        body |= {"tools": tools} if tools else {}
        # a daemon that does not know the word answers the chat
        body |= {key: common(self._settings, 1)[key] for key in ("keep_alive", "options", "truncate")}
        debug = parsed(Rendered, await self._http.ask("/api/chat", to_json(body))).debug
        return None if debug is None else debug.rendered_template

    async def _processes(self) -> tuple[Running | None, tuple[Running, ...]]:
        """Our model in memory, and what else is there."""
        names = {self._settings.model, f"{self._settings.model}:latest"}
        models = parsed(Processes, await self._http.ask("/api/ps")).models
        ours = [one for one in models if names & {one.name, one.model}]
        return (ours[0] if ours else None), tuple(one for one in models if one not in ours)

    async def _load(self) -> None:
        """An empty prompt loads the model with these options, at once if it is loaded with them already."""
        request = common(self._settings, self._settings.reply_tokens) | {"raw": True, "prompt": "", "stream": False}
        if request["keep_alive"] == 0:  # that would unload it
            request["keep_alive"] = 10
        await self._http.ask("/api/generate", json.dumps(request).encode(), seconds=self._settings.first_token_seconds)


def engine_of(look: Look, settings: EngineSettings) -> Engine:
    """What such an Ollama can do for us."""
    running, numbers = look.running, numbers_per_token(look.shown.model_info, look.shown.architecture)
    keeps_prompts = at_least(look.version, KEEPS_PROMPTS)
    return Engine(
        name="ollama",
        model=settings.model,
        window=(running.context_length if running is not None else None) or settings.window,
        vision="vision" in look.shown.capabilities,
        tools=True,  # by our own template, whatever the model's own can do
        version=look.version,
        resident=None if running is None else running.resident,
        exact=look.shown.splitter in ("tekken", ""),
        slots=settings.slots,
        kv_bytes=None if look.kept is None or numbers is None else numbers * BYTES[look.kept.type],
        host_cache_bytes=settings.host_cache_mib * 2**20 if keeps_prompts else 0,
        digest="" if running is None else running.digest,
    )


def common(settings: EngineSettings, reply_tokens: int) -> dict[str, object]:
    """What every request says alike: another window or keep_alive would load the model anew or drop it."""
    return {
        "model": settings.model,
        "truncate": False,
        "keep_alive": _keep_alive(settings.keep_alive),
        "options": {
            "num_ctx": settings.window,
            "num_predict": max(1, reply_tokens),  # 0 would mean no limit
            "temperature": settings.temperature,
        },
    }


def parsed(shape: type[_Answer], content: bytes) -> _Answer:
    """Raises EngineBroke, without quoting what people and the model said."""
    try:
        return shape.model_validate_json(content)
    except ValidationError:
        raise EngineBroke(f"Ollama sent {len(content)} bytes that cannot be read as {shape.__name__}") from None


def _kept(shown: Shown, running: Running | None, settings: EngineSettings) -> Kept | None:
    numbers = numbers_per_token(shown.model_info, shown.architecture)
    if numbers is None:
        return None
    if settings.kv_type is not KvType.AUTO:
        return Kept(type=settings.kv_type, sure=True)
    window = (running.context_length if running is not None else None) or settings.window
    return deduce(
        numbers,
        tokens=window * settings.slots,
        size=0 if running is None else running.size,
        weights=weight_bytes((tensor.name, tensor.type, tensor.shape) for tensor in shown.tensors),
    )


def _keep_alive(setting: str) -> str | int:
    """Seconds as a number, negative for ever; Ollama takes text only with a unit ("30m")."""
    try:
        return int(setting)
    except ValueError:
        return setting
