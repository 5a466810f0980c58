"""Any server with the OpenAI chat API: vLLM, llama-server and their like.

The server writes its own chat template, so prompts are messages here and counts are over-estimates
(`Engine.exact` is False). Streams are server-sent events: `data: {…}` lines, then `data: [DONE]`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import BackendError, EngineBroke, EngineRefused, EngineUnreachable, ModelMissing
from bot.inference.estimate import MESSAGE_TOKENS, PROMPT_TOKENS, estimate, estimate_image
from bot.inference.openai_messages import FORMAT, assemble, images_of, text_of
from bot.inference.openai_server import server_of
from bot.inference.openai_wire import CallDelta, Event, ModelList, Props, Served, mid_stream
from bot.ports import Clock, Counters, ImageBytes
from bot.settings import EngineSettings
from bot.talk.finding import Finding, Level
from bot.talk.prompt import CallChunk, Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Call, Instructions, Part, Piece, Results, Summary

_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(slots=True)
class _Growing:
    """A call while its pieces come in."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    def take(self, delta: CallDelta) -> None:
        self.id = self.id or delta.id or ""
        self.name += delta.function.name or ""
        self.arguments += delta.function.arguments or ""

    def call(self) -> Call:
        return Call(id=self.id or secrets.token_hex(5)[:9], name=self.name, arguments=self.arguments or "{}")


class OpenAIInference:
    """Implements `Inference` and `Examined`. Close it, or use it as a context manager."""

    def __init__(
        self,
        settings: EngineSettings,
        *,
        images: ImageBytes,
        counters: Counters,
        clock: Clock,
        template: str = FORMAT,
    ) -> None:
        self._settings = settings
        self._images = images
        self._counters = counters
        self._clock = clock
        self._template = template
        self._http = server_of(settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def probe(self) -> Engine:
        """Raises EngineUnreachable, EngineStalled, ModelMissing or EngineRefused.

        Where the server does not say whether the model reads pictures, it is taken to: a refusal is loud.
        """
        served = self._find(_parsed(ModelList, await self._http.ask("/v1/models")).data)
        props = await self._props() if served.owned_by == "llamacpp" else Props()
        slot = props.default_generation_settings.n_ctx
        known = served.architecture.input_modalities if served.architecture else None
        return Engine(
            name="openai",
            model=self._settings.model,
            window=slot or served.max_model_len or (served.meta and served.meta.n_ctx) or self._settings.window,
            vision=known is None or "image" in known,
            tools=True,
            version=props.build_info,
            exact=False,
        )

    async def examine(self) -> Sequence[Finding]:
        where = f"{self._settings.url}"
        try:
            engine = await self.probe()
        except ModelMissing as error:
            mend = "set ENGINE_MODEL to a model that the server lists under /v1/models"
            return (
                Finding(level=Level.OK, topic="engine", found=f"a server answers at {where}"),
                Finding(level=Level.PROBLEM, topic="model", found=str(error), mend=mend),
            )
        except EngineUnreachable as error:
            mend = f"start the server, or set ENGINE_URL (now {where})"
            return (Finding(level=Level.PROBLEM, topic="engine", found=str(error), mend=mend),)
        except BackendError as error:
            mend = "check ENGINE_URL, ENGINE_API_KEY and the server's log"
            return (Finding(level=Level.PROBLEM, topic="engine", found=str(error), mend=mend),)
        return (
            Finding(level=Level.OK, topic="engine", found=f"an OpenAI-compatible server at {where}"),
            Finding(level=Level.OK, topic="model", found=engine.model),
            _window(engine, self._settings),
            _vision(engine),
            Finding(level=Level.OK, topic="tools", found="offered; the server must be started with tool calls enabled"),
        )

    async def render(self, part: Part) -> Piece:
        return await asyncio.to_thread(_piece, part)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """Raises EngineUnreachable, EngineStalled, EngineBroke, EngineRefused, ModelMissing or ContextOverflow."""
        if any(piece.template != self._template for piece in prompt.pieces):
            raise EngineRefused(f"the prompt was not rendered as {self._template}")
        pictures = await self._pictures(prompt)
        body = await asyncio.to_thread(self._body, prompt, pictures, reply_tokens)
        calls: dict[int, _Growing] = {}
        last = Event()
        reason: str | None = None
        try:
            async with aclosing(self._events(body)) as events:
                async for event in events:
                    last = event if event.usage or event.timings else last
                    for choice in event.choices[:1]:
                        reason = choice.finish_reason or reason
                        for delta in choice.delta.tool_calls or ():
                            calls.setdefault(delta.index, _Growing()).take(delta)
                        if choice.delta.content:
                            yield TextChunk(text=choice.delta.content)
            if reason is None:
                raise EngineBroke("the server ended the answer without saying that it was done")
        except BackendError as error:
            self._counters.add("engine_failures", kind=type(error).__name__)
            raise
        for index in sorted(calls):
            yield CallChunk(call=calls[index].call())
        yield _finished(reason, last)

    async def _events(self, body: bytes) -> AsyncGenerator[Event]:
        begun = self._clock.monotonic()
        waiting = True
        lines = self._http.lines(
            "/v1/chat/completions",
            body,
            first_seconds=self._settings.first_token_seconds,
            stall_seconds=self._settings.stall_seconds,
        )
        async with aclosing(lines):
            async for line in lines:
                field, _, value = line.partition(b":")
                if field in (b"", b"event", b"id", b"retry"):  # a comment keeps the connection open
                    continue
                if field not in (b"data", b"error"):
                    raise EngineBroke("the server sent a line that is no event")
                if value.strip() == b"[DONE]":
                    return
                event = _parsed(Event, b'{"error":' + value + b"}" if field == b"error" else value)
                if event.error is not None:
                    raise mid_stream(event.error)
                if waiting and event.choices:
                    waiting = False
                    self._counters.add("engine_first_token_seconds", self._clock.monotonic() - begun)
                yield event

    async def _pictures(self, prompt: Prompt) -> Mapping[str, bytes]:
        digests = {image.digest for piece in prompt.pieces for image in piece.images}
        found = await self._images.images(digests) if digests else {}
        if digests - found.keys():
            raise EngineRefused("a picture of this conversation is no longer kept; its piece must be rendered again")
        return found

    def _body(self, prompt: Prompt, pictures: Mapping[str, bytes], reply_tokens: int) -> bytes:
        messages, tools = assemble(prompt, pictures)
        request: dict[str, object] = {
            "model": self._settings.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": max(1, reply_tokens),
            "temperature": self._settings.temperature,
        }
        if tools:
            request |= {"tools": tools, "parallel_tool_calls": True}
        return json.dumps(request, ensure_ascii=False).encode()

    def _find(self, served: Sequence[Served]) -> Served:
        for one in served:
            if one.id == self._settings.model:
                return one
        if len(served) == 1 and served[0].owned_by == "llamacpp":  # serves one model, by any name
            return served[0]
        listed = ", ".join(one.id for one in served[:10]) or "nothing"
        raise ModelMissing(f"{self._settings.url} does not serve {self._settings.model}; it lists {listed}")

    async def _props(self) -> Props:
        try:
            return _parsed(Props, await self._http.ask("/props"))
        except EngineRefused:  # may be switched off
            return Props()


def _parsed(shape: type[_Answer], content: bytes) -> _Answer:
    try:
        return shape.model_validate_json(content)
    except ValidationError:  # its own message would quote what people and the model said
        raise EngineBroke(f"the server sent {len(content)} bytes that cannot be read as {shape.__name__}") from None


def _piece(part: Part) -> Piece:
    text = text_of(part)
    images = images_of(part)
    match part:
        case Results(results=results):
            count = len(results)
        case Summary():
            count = 2
        case _:
            count = 1
    tokens = estimate(text) + MESSAGE_TOKENS * count + sum(map(estimate_image, images))
    if isinstance(part, Instructions):
        tokens += PROMPT_TOKENS
    return Piece(text=text, tokens=tokens, template=FORMAT, images=images)


def _finished(reason: str, last: Event) -> Finished:
    usage, timings = last.usage, last.timings
    details = usage.prompt_tokens_details if usage else None
    return Finished(
        reason=StopReason.LENGTH if reason == "length" else StopReason.STOP,
        prompt_tokens=usage.prompt_tokens if usage else None,
        reply_tokens=usage.completion_tokens if usage else None,
        cached_tokens=details.cached_tokens if details else None,
        prompt_seconds=timings.prompt_ms / 1000 if timings and timings.prompt_ms is not None else None,
        reply_seconds=timings.predicted_ms / 1000 if timings and timings.predicted_ms is not None else None,
    )


def _window(engine: Engine, settings: EngineSettings) -> Finding:
    if engine.window >= settings.window:
        return Finding(level=Level.OK, topic="window", found=f"{engine.window} tokens")
    found = f"{engine.window} tokens, {settings.window} were asked for"
    mend = f"set ENGINE_WINDOW={engine.window}, or start the server with a larger window"
    return Finding(level=Level.WARNING, topic="window", found=found, mend=mend)


def _vision(engine: Engine) -> Finding:
    if engine.vision:
        return Finding(level=Level.OK, topic="vision", found="reads pictures, unless the server refuses them")
    mend = "serve the model with its vision part (mmproj), if it has one"
    return Finding(level=Level.WARNING, topic="vision", found=f"{engine.model} does not read pictures", mend=mend)
