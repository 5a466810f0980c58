"""Ollama's own endpoints, as recorded from version 0.32.15."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import cast

from aiohttp import web

from tests.ollama_server import wire
from tests.ollama_server.calls import ChatShape, Held
from tests.ollama_server.engine import Broke, Engine, Request, Totals, derive
from tests.ollama_server.model import TENSORS, Model
from tests.ollama_server.script import Mishap, Reply
from tests.ollama_server.sending import Sender, compact
from tests.ollama_server.templates import Chat, collate, render
from tests.ollama_server.wire import Json, Rejected

VERSION = "0.32.15"
KILLED = "an error was encountered while running the model: unexpected EOF"
_DIMENSIONS = 8
_TOTAL = 15_000_000_000


class Native:
    """Handlers for `/` and `/api/…`. Each takes the request as recorded and how to send the answer."""

    def __init__(self, engine: Engine, *, version: str = VERSION) -> None:
        self.engine = engine
        self._version = version
        self.pull_error = ""
        """Set: every pull fails with this error after "pulling manifest"."""

    async def generate(self, request: Request, send: Sender) -> web.StreamResponse:
        body = request.body
        model = self.engine.find(body.get("model"))
        if body.get("raw") and (body.get("system") or body.get("template") or body.get("context")):
            raise Rejected(400, "raw mode does not support template, system, or context")
        if not body.get("prompt"):
            return await self._load_only(model, request, send, {"response": ""})
        prompt = str(body["prompt"])
        if not body.get("raw"):
            chat = Chat(messages=collate([wire.message({"role": "user", "content": prompt})]))
            prompt = render(model.template, chat)
        return await self._generation(model, request, send, prompt, body.get("images"), lambda text: {"response": text})

    async def chat(self, request: Request, send: Sender) -> web.StreamResponse:
        body = request.body
        model = self.engine.find(body.get("model"))
        entries = cast("list[object]", body.get("messages") or [])
        tools = tuple(cast("list[Json]", body.get("tools") or []))
        if body.get("think") and "thinking" not in model.capabilities:
            raise Rejected(400, f'"{body["model"]}" does not support thinking')
        if tools and "tools" not in model.capabilities:
            raise Rejected(400, f"registry.invalid/library/{model.full_name} does not support tools")
        if not entries:
            return await self._load_only(model, request, send, {"message": {"role": "assistant", "content": ""}})
        chat = Chat(messages=collate([wire.message(entry) for entry in entries]), tools=tools)
        prompt = render(model.template, chat)
        images = [image for entry in entries for image in cast("list[object]", cast("Json", entry).get("images") or [])]
        if body.get("_debug_render_only"):
            debug: dict[str, object] = {"rendered_template": prompt}
            if images:
                debug["image_count"] = len(images)
            line = self._line(request, message={"role": "", "content": ""}, done=False, _debug_info=debug)
            return await send.whole(200, line)
        shape = ChatShape(tools)
        return await self._generation(model, request, send, prompt, images, shape)

    async def embed(self, request: Request, send: Sender) -> web.StreamResponse:
        model = self.engine.find(request.body.get("model"))
        if "embedding" not in model.capabilities:
            raise Rejected(501, "This server does not support embeddings. Start it with `--embeddings`")
        given = request.body.get("input")
        texts = [str(text) for text in cast("list[object]", given)] if isinstance(given, list) else [str(given)]
        line = {"model": request.body["model"], "embeddings": [_vector(text) for text in texts]}
        counts = {"total_duration": 1_000_000, "load_duration": 1_000_000, "prompt_eval_count": len(texts)}
        return await send.whole(200, line | counts)

    async def show(self, request: Request, send: Sender) -> web.StreamResponse:
        name = request.body.get("model") or request.body.get("name")
        try:
            model = self.engine.find(name)
        except Rejected:
            full = str(name) if ":" in str(name) else f"{name}:latest"
            raise Rejected(404, f"model '{full}' not found") from None
        parameters = "\n".join(f"{key:<30} {value}" for key, value in model.parameters.items())
        return await send.whole(
            200,
            {
                "modelfile": f"FROM {model.full_name}\nTEMPLATE {json.dumps(model.template)}\n",
                "parameters": parameters,
                "template": model.template,
                "details": _details(),
                "model_info": model.info,
                "tensors": TENSORS,
                "capabilities": list(model.capabilities),
                "modified_at": _now(),
            },
        )

    async def tags(self, _request: Request, send: Sender) -> web.StreamResponse:
        models = [
            _names(model)
            | {"modified_at": _now(), "size": _TOTAL, "digest": model.digest, "details": _details()}
            | {"capabilities": list(model.capabilities)}
            for model in self.engine.models.values()
        ]
        return await send.whole(200, {"models": models})

    async def ps(self, _request: Request, send: Sender) -> web.StreamResponse:
        loaded = self.engine.loaded
        if loaded is None or loaded.model not in self.engine.models:
            return await send.whole(200, {"models": []})
        model = self.engine.models[loaded.model]
        size = model.loaded_bytes(loaded.window * self.engine.slots)
        entry = _names(model) | {
            "size": size,
            "digest": loaded.digest,
            "details": _details(),
            "expires_at": datetime.fromtimestamp(loaded.until, UTC).isoformat(),
            "size_vram": int(size * model.on_gpu),
            "context_length": loaded.window,
        }
        return await send.whole(200, {"models": [entry]})

    async def version(self, _request: Request, send: Sender) -> web.StreamResponse:
        return await send.whole(200, {"version": self._version})

    async def create(self, request: Request, send: Sender) -> web.StreamResponse:
        source = self.engine.find(request.body.get("from"))
        model = derive(source, str(request.body["model"]), request.body)
        self.engine.models[model.full_name] = model
        if request.body.get("stream") is False:
            return await send.whole(200, {"status": "success"})
        done = [f"using existing layer sha256:{source.digest}", f"creating new layer sha256:{model.digest}"]
        return await send.lines([compact({"status": status}) for status in [*done, "writing manifest", "success"]])

    async def delete(self, request: Request, send: Sender) -> web.StreamResponse:
        model = self.engine.find(request.body.get("model") or request.body.get("name"))
        del self.engine.models[model.full_name]
        return await send.empty()

    async def pull(self, request: Request, send: Sender) -> web.StreamResponse:
        model = Model(name=str(request.body.get("model") or request.body.get("name")))
        if self.pull_error:
            return await send.lines([compact({"status": "pulling manifest"}), compact({"error": self.pull_error})])
        statuses: list[Mapping[str, object]] = [{"status": "pulling manifest"}]
        for quarter in range(5):
            layer = {"status": f"pulling {model.digest[:12]}", "digest": f"sha256:{model.digest}", "total": _TOTAL}
            statuses.append(layer | ({"completed": _TOTAL * quarter // 4} if quarter else {}))
        ends = ("verifying sha256 digest", "writing manifest", "success")
        statuses += [{"status": status} for status in ends]
        self.engine.models[model.full_name] = model
        return await send.lines([compact(status) for status in statuses])

    async def _load_only(self, model: Model, request: Request, send: Sender, empty: Json) -> web.StreamResponse:
        if wire.keep_alive(request.body) == 0:
            self.engine.unload()
            return await send.whole(200, self._line(request, **empty, done=True, done_reason="unload"))
        await self.engine.load(model, request.body)
        return await send.whole(200, self._line(request, **empty, done=True, done_reason="load"))

    async def _generation(
        self,
        model: Model,
        request: Request,
        send: Sender,
        prompt: str,
        images: object,
        shape: Callable[[str], Mapping[str, object]],
    ) -> web.StreamResponse:
        wire.options(request.body)
        pictures = wire.pictures(images, vision="vision" in model.capabilities)
        loaded = await self.engine.load(model, request.body)
        async with self.engine.slot():
            step = self.engine.next_step(request, prompt)
            if not isinstance(step, Reply):
                return await send.step(step)
            tokens = self.engine.accept(request, prompt, pictures, loaded.window)
            totals = Totals()
            lines = self._lines(request, step, tokens, loaded.window, totals, shape)
            if request.body.get("stream") is not False:
                async with aclosing(lines):
                    return await send.stream(lines, request)
            return await self._whole(lines, send, shape, request)

    async def _lines(
        self,
        request: Request,
        reply: Reply,
        tokens: Sequence[int],
        window: int,
        totals: Totals,
        shape: Callable[[str], Mapping[str, object]],
    ) -> AsyncGenerator[str]:
        held = Held(shape, reply)
        async with aclosing(self.engine.say(request, reply, tokens, window, totals)) as words:
            try:
                async for word in words:
                    for visible in held.take(word):
                        yield compact(self._line(request, **visible, done=False))
            except Broke as broke:
                if broke.mishap is Mishap.ERROR:
                    yield compact({"error": KILLED})
                    return
                if broke.mishap is Mishap.GARBAGE:
                    yield '{"model": "not quite JS'
                    return
                raise
        for visible in held.rest():
            yield compact(self._line(request, **visible, done=False))
        yield compact(self._line(request, **shape(""), done=True, done_reason=totals.reason, **_counts(totals)))

    async def _whole(
        self, lines: AsyncGenerator[str], send: Sender, shape: Callable[[str], Mapping[str, object]], request: Request
    ) -> web.StreamResponse:
        text, calls, last = "", list[object](), dict[str, object]()
        async with aclosing(lines):
            async for line in lines:
                last = json.loads(line)
                message = cast("Json", last.get("message") or last)
                text += str(message.get("response") or message.get("content") or "")
                calls += cast("list[object]", message.get("tool_calls") or [])
        if "error" in last:
            return await send.whole(500, last)
        last |= shape(text)
        if calls:
            cast("dict[str, object]", last["message"])["tool_calls"] = calls
        request.streaming.set()
        return await send.whole(200, last)

    def _line(self, request: Request, **fields: object) -> Mapping[str, object]:
        return {"model": request.body.get("model"), "created_at": _now(), **fields}


def _counts(totals: Totals) -> Mapping[str, int]:
    return {
        "total_duration": totals.load_ns + totals.prompt_ns + totals.reply_ns,
        "load_duration": totals.load_ns,
        "prompt_eval_count": totals.prompt_tokens,
        "prompt_eval_duration": totals.prompt_ns,
        "eval_count": totals.reply_tokens,
        "eval_duration": totals.reply_ns,
    }


def _names(model: Model) -> dict[str, object]:
    return {"name": model.full_name, "model": model.full_name}


def _details() -> dict[str, object]:
    details = {"parent_model": "", "format": "gguf", "family": "mistral3", "parameter_size": "24.0B"}
    return {**details, "families": ["mistral3"], "quantization_level": "Q4_K_M"}


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _vector(text: str) -> list[float]:
    """A fixed direction for each text, of length 1."""
    raw = [byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[:_DIMENSIONS]]
    length = math.sqrt(sum(value * value for value in raw))
    return [value / length for value in raw]
