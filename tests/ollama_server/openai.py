"""The OpenAI-compatible endpoints, as llama-server and vLLM speak them: chat completions, streamed, and the models."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import cast

from aiohttp import web

from tests.ollama_server import wire
from tests.ollama_server.counting import tokenize
from tests.ollama_server.engine import TOOL_CALLS, Broke, Engine, Request, Totals
from tests.ollama_server.script import Mishap, Reply
from tests.ollama_server.sending import EVENTS, Sender, compact
from tests.ollama_server.templates import Chat, ChatMessage, render
from tests.ollama_server.wire import Json, Rejected

FIELDS = frozenset(
    {"model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options"}
    | {"max_tokens", "temperature", "stop", "seed"}
)


def wrap(status: int, error: str) -> Mapping[str, object]:
    """An error as OpenAI's API gives it; llama.cpp's own errors, which Ollama passes on inside a text, come through."""
    if error.startswith("{"):
        return json.loads(error)
    return {"error": {"message": error, "type": "invalid_request_error", "code": status}}


class OpenAI:
    """Handlers for `/v1/…`, on the same engine, script and mishaps as the native ones."""

    def __init__(self, engine: Engine, *, window: int) -> None:
        self.engine = engine
        self.window = window

    async def models(self, _request: Request, send: Sender) -> web.StreamResponse:
        """With `max_model_len`, as vLLM has it."""
        data = [
            {"id": model.name, "object": "model", "owned_by": "double", "root": model.weights}
            | {"max_model_len": min(self.window, model.context_length)}
            for model in self.engine.models.values()
        ]
        return await send.whole(200, {"object": "list", "data": data})

    async def tokenize(self, request: Request, send: Sender) -> web.StreamResponse:
        """vLLM's: of a text, or of a chat under the template. A model with another splitter has other tokens."""
        body = request.body
        model = self.engine.find(body.get("model"))
        if "messages" in body:
            messages = tuple(_message(entry, []) for entry in cast("list[Json]", body["messages"]))
            tools = tuple(cast("list[Json]", body.get("tools") or []))
            tokens = tokenize(render("", Chat(messages=messages, tools=tools)))
        else:
            tokens = tokenize(str(body["prompt"]))[0 if body.get("add_special_tokens", True) else 1 :]
        shifted = [token + (model.splitter != "tekken") for token in tokens]
        return await send.whole(200, {"count": len(tokens), "max_model_len": self.window, "tokens": shifted})

    async def chat(self, request: Request, send: Sender) -> web.StreamResponse:
        body = request.body
        unknown = sorted(set(body) - FIELDS)
        if unknown:
            raise Rejected(400, f"the double knows no field {unknown[0]!r} in {request.path}")
        try:
            self.engine.find(body.get("model"))
        except Rejected:
            raise Rejected(404, f"The model `{body.get('model')}` does not exist.") from None
        if body.get("stream") is not True:
            raise Rejected(400, "the double only streams")
        messages: list[ChatMessage] = []
        images: list[str] = []
        for entry in cast("list[Json]", body["messages"]):
            messages.append(_message(entry, images))
        tools = tuple(cast("list[Json]", body.get("tools") or []))
        prompt = render("", Chat(messages=tuple(messages), tools=tools))
        pictures = wire.pictures(images, vision=True)
        async with self.engine.slot():
            request.body = {**body, "truncate": False, "options": {"num_predict": body.get("max_tokens", -1)}}
            step = self.engine.next_step(request, prompt)
            if not isinstance(step, Reply):
                return await send.step(step)
            tokens = self.engine.accept(request, prompt, pictures, self.window)
            lines = self._events(request, step, tokens)
            async with aclosing(lines):
                return await send.stream(lines, request, content_type=EVENTS, end="\n\n")

    async def _events(self, request: Request, reply: Reply, tokens: Sequence[int]) -> AsyncGenerator[str]:
        yield self._event(request, {"role": "assistant", "content": None})
        prose = reply.text if reply.literal else reply.text.split(TOOL_CALLS)[0]
        calls = cast("list[Json]", json.loads(reply.text[len(prose) + len(TOOL_CALLS) :] or "[]"))
        totals = Totals()
        shown = 0
        async with aclosing(self.engine.say(request, reply, tokens, self.window, totals)) as words:
            try:
                async for word in words:
                    shown += len(word)
                    if word and shown <= len(prose):
                        yield self._event(request, {"content": word})
            except Broke as broke:
                if broke.mishap is Mishap.ERROR:
                    yield "data: " + compact(
                        {"error": {"message": "the worker died", "type": "server_error", "code": 500}}
                    )
                    return
                if broke.mishap is Mishap.GARBAGE:
                    yield 'data: {"choices": [not quite JSON'
                    return
                raise
        for index, call in enumerate(calls):
            text = json.dumps(call["arguments"])
            head = {"index": index, "id": f"call_{index}", "type": "function"}
            yield self._calling(request, head | {"function": {"name": call["name"], "arguments": text[:1]}})
            yield self._calling(request, {"index": index, "function": {"arguments": text[1:]}})
        reason = "tool_calls" if calls else totals.reason
        yield self._event(request, {}, reason=reason)
        if cast("Json", request.body.get("stream_options") or {}).get("include_usage"):
            usage = {
                "prompt_tokens": totals.prompt_tokens,
                "completion_tokens": totals.reply_tokens,
                "total_tokens": totals.prompt_tokens + totals.reply_tokens,
                "prompt_tokens_details": {"cached_tokens": request.reused},
            }
            yield "data: " + compact({"object": "chat.completion.chunk", "choices": [], "usage": usage})
        yield "data: [DONE]"

    def _calling(self, request: Request, call: Json) -> str:
        return self._event(request, {"tool_calls": [call]})

    def _event(self, request: Request, delta: Json, *, reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        chunk = {"object": "chat.completion.chunk", "model": request.body["model"], "choices": [choice]}
        return "data: " + compact(chunk)


def _message(entry: Json, images: list[str]) -> ChatMessage:
    """One message; its pictures are added to `images`. Raises Rejected."""
    content = entry.get("content")
    text = content if isinstance(content, str) else ""
    for block in cast("list[Json]", content if isinstance(content, list) else []):
        match block:
            case {"type": "text", "text": str(words)}:
                text += words
            case {"type": "image_url", "image_url": {"url": str(url)}} if ";base64," in url:
                text += f"[img-{len(images)}]"
                images.append(url.partition(";base64,")[2])
            case _:
                raise Rejected(400, "unknown kind of content")
    calls: list[tuple[str, Json]] = []
    for call in cast("list[Json]", entry.get("tool_calls") or []):
        function = cast("Json", call["function"])
        calls.append((str(function["name"]), json.loads(str(function["arguments"]))))
    return ChatMessage(role=str(entry["role"]), content=text, calls=tuple(calls))
