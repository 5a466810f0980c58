"""Ollama with a model of Mistral Small 3.1's kind, prompted raw in our own rendering (docs/decisions/0001)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Self

from pydantic_core import to_json

from bot.errors import BackendError, EngineBroke, EngineRefused
from bot.inference.engine_http import EngineHttp
from bot.inference.measure import Measured, measure
from bot.inference.ollama_daemon import Look, OllamaDaemon, common, engine_of, parsed
from bot.inference.ollama_findings import findings, missing, tried
from bot.inference.ollama_version import counts_whole_prompts
from bot.inference.ollama_wire import Word, complaint, mid_stream
from bot.inference.pictures import pictures_of
from bot.inference.reply import ReplyReader
from bot.inference.tekken import Tekken
from bot.inference.template import assemble, offers_tools, piece, template_name
from bot.inference.template_lint import flaws
from bot.ports import Clock, Counters, ImageBytes
from bot.settings import EngineSettings
from bot.talk.finding import Finding
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason
from bot.talk.turn import Instructions, Part, Piece, Question, Reply, Results, Summary

INLINE_CHARS = 8_000
"""Text beyond this is rendered and counted in a thread: about 3 ms of work."""

_NANO = 1e-9


class OllamaInference:
    """Implements `Inference` and `Examined`. Close it, or use it as a context manager."""

    def __init__(
        self, settings: EngineSettings, *, images: ImageBytes, counters: Counters, clock: Clock, tekken: Tekken
    ) -> None:
        self._settings = settings
        self._images = images
        self._counters = counters
        self._clock = clock
        self._tekken = tekken
        self._http = EngineHttp(
            settings, name="Ollama", complaint=lambda status, said: complaint(status, said, settings.model)
        )
        self._daemon = OllamaDaemon(self._http, settings)
        self._template = template_name(settings.tools_position)
        self._version = ""
        self._measured = Measured()
        self._loads = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def probe(self) -> Engine:
        """Raises EngineUnreachable, EngineStalled, ModelMissing, EngineRefused (also for a model of another kind)."""
        return self._engine(await self._look())

    async def glance(self) -> Sequence[Finding]:
        """What can be said without trying anything out: nobody waits for it."""
        try:
            look = await self._look()
        except BackendError as error:
            return missing(error, self._settings)
        return findings(look, self._engine(look), self._settings)

    async def present(self) -> None:
        """See that it answers and has the model, without loading anything. Raises BackendErrors."""
        await self._daemon.present()

    async def examine(self) -> Sequence[Finding]:
        """With a short measurement, which takes some seconds of the engine's time."""
        try:
            look = await self._look()
            self._measured = await measure(self, self._engine(look), clock=self._clock)
            lint = await flaws(self._daemon.rendered, arguments_as_text=False)
        except BackendError as error:
            return missing(error, self._settings)
        engine = self._engine(look)
        return (
            *findings(look, engine, self._settings),
            *tried(look, engine, self._settings, self._measured, lint),
        )

    async def _look(self) -> Look:
        look = await self._daemon.look()
        self._loads += look.loaded
        return look

    def _engine(self, look: Look) -> Engine:
        self._version = look.version
        measured = self._measured
        return replace(
            engine_of(look, self._settings),
            loads=self._loads,
            prefill_rate=measured.prefill_rate,
            generation_rate=measured.generation_rate,
        )

    async def render(self, part: Part) -> Piece:
        await self._tekken.load()
        if _chars(part) <= INLINE_CHARS:
            return piece(part, self._settings.tools_position, self._tekken)
        return await asyncio.to_thread(piece, part, self._settings.tools_position, self._tekken)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """Raises EngineUnreachable, EngineStalled, EngineBroke, EngineRefused, ModelMissing or ContextOverflow."""
        if any(part.template != self._template for part in prompt.pieces):
            raise EngineRefused(f"the prompt was not rendered as {self._template}")
        await self._tekken.load()
        pictures = await pictures_of(prompt, self._images)
        if pictures:  # megabytes of base64; text alone takes a millisecond, however long
            body = await asyncio.to_thread(self._body, prompt, pictures, reply_tokens)
        else:
            body = self._body(prompt, pictures, reply_tokens)
        reader = ReplyReader(tools=offers_tools(prompt.pieces), tekken=self._tekken)
        try:
            async with aclosing(self._words(body)) as words:
                async for word in words:
                    text = reader.feed(word.response)
                    if text is not None:
                        yield text
                    if word.done:
                        for chunk in reader.finish(
                            reply_tokens=word.eval_count, stopped=word.done_reason != StopReason.LENGTH.value
                        ):
                            yield chunk
                        yield _finished(word, whole=counts_whole_prompts(self._version))
                        return
        except BackendError as error:
            self._counters.add("engine_failures_total", kind=type(error).__name__)
            raise
        # e.g. after 30 equal tokens in a row Ollama just ends the stream
        self._counters.add("engine_failures_total", kind="EndedEarly")
        raise EngineBroke("Ollama ended the answer without saying that it was done")

    async def _words(self, body: bytes) -> AsyncGenerator[Word]:
        begun = self._clock.monotonic()
        waiting = True
        lines = self._http.lines(
            "/api/generate",
            body,
            first_seconds=self._settings.first_token_seconds,
            stall_seconds=self._settings.stall_seconds,
        )
        async with aclosing(lines):
            async for line in lines:
                if waiting:
                    waiting = False
                    self._counters.observe("engine_first_token_seconds", self._clock.monotonic() - begun)
                word = parsed(Word, line)
                if word.error is not None:
                    raise mid_stream(word.error)
                yield word

    def _body(self, prompt: Prompt, pictures: Mapping[str, bytes], reply_tokens: int) -> bytes:
        text, images = assemble(prompt.pieces)
        request = common(self._settings, reply_tokens) | {"raw": True, "prompt": text, "stream": True}
        if images:
            request["images"] = [base64.b64encode(pictures[image.digest]).decode() for image in images]
        return to_json(request)  # ten times as fast as json on a full window


def _finished(word: Word, *, whole: bool) -> Finished:
    """`whole`: the daemon counts the cached part of a prompt, too."""
    return Finished(
        reason=StopReason.LENGTH if word.done_reason == StopReason.LENGTH.value else StopReason.STOP,
        prompt_tokens=word.prompt_eval_count if whole else None,
        reply_tokens=word.eval_count,
        cached_tokens=word.prompt_eval_cached_count,
        prompt_seconds=None if word.prompt_eval_duration is None else word.prompt_eval_duration * _NANO,
        reply_seconds=None if word.eval_duration is None else word.eval_duration * _NANO,
    )


def _chars(part: Part) -> int:
    match part:
        case Instructions():
            return len(part.persona) + sum(len(tool.description) + len(str(tool.parameters)) for tool in part.tools)
        case Summary():
            return len(part.text)
        case Question():
            return sum(len(line.text) for line in part.lines)
        case Reply():
            return len(part.text) + sum(len(call.arguments) for call in part.calls)
        case Results():
            return sum(len(result.content) for result in part.results)
