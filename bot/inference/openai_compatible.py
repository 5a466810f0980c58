"""Any server with the OpenAI chat API: vLLM, llama-server and their like.

The server writes its own chat template, so prompts are messages here and counts are bounds (`Engine.exact` is False):
by the served model's own tokenizer where the server lends it, else estimated. Streams are server-sent events:
`data: {…}` lines, then `data: [DONE]`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Self

from bot.errors import BackendError, ContextOverflow, EngineBroke, EngineRefused
from bot.inference.measure import Measured, measure
from bot.inference.openai_counting import OwnCounting, estimated, own_counting
from bot.inference.openai_findings import findings, missing, tried
from bot.inference.openai_messages import FORMAT, assemble, images_of, text_of
from bot.inference.openai_server import Found, engine_of, look, parsed, server_of, tokenizer_of
from bot.inference.openai_wire import CallDelta, Event, mid_stream
from bot.inference.own_tokenizer import LlamaTokenizer, lacks
from bot.inference.pictures import pictures_of
from bot.inference.template_lint import Flaw, flaws
from bot.ports import Clock, Counters, ImageBytes
from bot.settings import EngineSettings
from bot.talk.finding import Finding
from bot.talk.prompt import CallChunk, Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Call, Part, Piece

ESTIMATING_SECONDS = 30.0
"""After a count that the server failed to give, so long nothing more is asked of its tokenizer."""


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
        self._own: OwnCounting | None = None
        self._counts_for = ""
        self._trusted_from = float("-inf")
        self._measured = Measured()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def probe(self) -> Engine:
        """Raises EngineUnreachable, EngineStalled, ModelMissing or EngineRefused."""
        found = await self._look()
        return self._engine(found)

    async def glance(self) -> Sequence[Finding]:
        """What can be said without trying anything out: nobody waits for it."""
        try:
            found = await self._look()
        except BackendError as error:
            return missing(error, self._settings)
        return findings(found, self._engine(found), self._settings, self._own)

    async def present(self) -> None:
        """See that it answers and serves the model. Raises BackendErrors."""
        await look(self._http, self._settings)

    async def examine(self) -> Sequence[Finding]:
        """With a short measurement, which takes some seconds of the server's time."""
        try:
            found = await self._look()
            self._measured = await measure(self, self._engine(found), clock=self._clock)
            lint = await self._lint(found)
        except BackendError as error:
            return missing(error, self._settings)
        engine = self._engine(found)
        return (
            *findings(found, engine, self._settings, self._own),
            *tried(found, engine, self._settings, self._measured, lint),
        )

    async def render(self, part: Part) -> Piece:
        """Counted with the served model's tokenizer where the last probe found that the server lends it."""
        text, images, own = text_of(part), images_of(part), self._own
        if own is not None and self._clock.monotonic() >= self._trusted_from:
            template = f"{self._template}/{own.name}"
            try:
                return Piece(text=text, tokens=await own.count(part), template=template, images=images)
            except BackendError as error:
                # What is estimated is enough in any case, so the piece is as good as one that was counted.
                self._counters.add("token_counts_estimated_total", error=type(error).__name__)
                self._trusted_from = self._clock.monotonic() + ESTIMATING_SECONDS
        template = self._template if own is None else f"{self._template}/{own.name}"
        return Piece(text=text, tokens=await asyncio.to_thread(estimated, part), template=template, images=images)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """Raises EngineUnreachable, EngineStalled, EngineBroke, EngineRefused, ModelMissing or ContextOverflow."""
        # however they were counted, they read alike
        if any(self._template not in (piece.template, piece.template.rpartition("/")[0]) for piece in prompt.pieces):
            raise EngineRefused(f"the prompt was not rendered as {self._template}")
        pictures = await pictures_of(prompt, self._images)
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
            if isinstance(error, ContextOverflow):  # perhaps the template is another one: measure it anew
                self._counts_for = ""
            self._counters.add("engine_failures_total", kind=type(error).__name__)
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
                event = parsed(Event, b'{"error":' + value + b"}" if field == b"error" else value)
                if event.error is not None:
                    raise mid_stream(event.error)
                if waiting and event.choices:
                    waiting = False
                    self._counters.observe("engine_first_token_seconds", self._clock.monotonic() - begun)
                yield event

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

    async def _look(self) -> Found:
        """And find out anew how to count, when another model is served than at the last look."""
        found = await look(self._http, self._settings)
        if found.identity == self._counts_for:
            return found
        try:
            own = await own_counting(tokenizer_of(found, self._http, self._settings))
        except BackendError as error:
            if not lacks(error):  # away for a moment: ask again at the next look
                self._own = None if self._counts_for else self._own
                return found
            own = None
        self._own, self._counts_for = own, found.identity
        return found

    def _engine(self, found: Found) -> Engine:
        measured = self._measured
        return replace(
            engine_of(found, self._settings),
            prefill_rate=measured.prefill_rate,
            generation_rate=measured.generation_rate,
        )

    async def _lint(self, found: Found) -> tuple[Flaw, ...] | None:
        tokenizer = tokenizer_of(found, self._http, self._settings)
        if not isinstance(tokenizer, LlamaTokenizer):
            return None
        try:
            return await flaws(tokenizer.render, arguments_as_text=True)
        except BackendError as error:
            if not lacks(error):
                raise
            return None


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
