"""Ollama with a model of Mistral Small 3.1's kind, prompted raw in our own rendering (docs/decisions/0001)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Self, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from bot.errors import BackendError, EngineBroke, EngineRefused
from bot.inference.engine_http import EngineHttp
from bot.inference.ollama_findings import findings, missing
from bot.inference.ollama_wire import Processes, Running, Shown, Version, Word, complaint, mid_stream
from bot.inference.reply import ReplyReader
from bot.inference.tekken import Tekken
from bot.inference.template import assemble, offers_tools, piece, template_name
from bot.ports import Clock, Counters, ImageBytes
from bot.settings import EngineSettings
from bot.talk.finding import Finding
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason
from bot.talk.turn import Instructions, Part, Piece, Question, Reply, Results, Summary

INLINE_CHARS = 8_000
"""Text beyond this is rendered and counted in a thread: about 3 ms of work."""

_NANO = 1e-9
_Answer = TypeVar("_Answer", bound=BaseModel)


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
        self._template = template_name(settings.tools_position)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def probe(self) -> Engine:
        """Raises EngineUnreachable, EngineStalled, ModelMissing, EngineRefused (also for a model of another kind)."""
        version = await self._version()
        shown = await self._show()
        if not shown.spoken:
            raise EngineRefused(
                f"{self._settings.model} is a {shown.architecture or 'nameless'} model; this bot speaks the format of "
                "Mistral Small 3.1: set ENGINE_MODEL=mistral-small3.1, or serve other models by an OpenAI-compatible "
                "server and set ENGINE_KIND=openai"
            )
        await self._load()
        running = await self._running()
        window = running.context_length if running is not None else None
        return Engine(
            name="ollama",
            model=self._settings.model,
            window=window or self._settings.window,
            vision="vision" in shown.capabilities,
            tools=True,  # by our own template, whatever the model's own can do
            version=version,
            resident=None if running is None else running.resident,
            exact=shown.splitter in ("tekken", ""),
        )

    async def examine(self) -> Sequence[Finding]:
        try:
            engine = await self.probe()
        except BackendError as error:
            return missing(error, self._settings)
        return findings(engine, self._settings)

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
        pictures = await self._pictures(prompt)
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
                        yield _finished(word)
                        return
        except BackendError as error:
            self._counters.add("engine_failures", kind=type(error).__name__)
            raise
        # e.g. after 30 equal tokens in a row Ollama just ends the stream
        self._counters.add("engine_failures", kind="EndedEarly")
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
                    self._counters.add("engine_first_token_seconds", self._clock.monotonic() - begun)
                word = _parsed(Word, line)
                if word.error is not None:
                    raise mid_stream(word.error)
                yield word

    async def _pictures(self, prompt: Prompt) -> Mapping[str, bytes]:
        digests = {image.digest for part in prompt.pieces for image in part.images}
        if not digests:
            return {}
        found = await self._images.images(digests)
        if digests - found.keys():
            raise EngineRefused("a picture of this conversation is no longer kept; its piece must be rendered again")
        return found

    def _body(self, prompt: Prompt, pictures: Mapping[str, bytes], reply_tokens: int) -> bytes:
        text, images = assemble(prompt.pieces)
        request = self._request(reply_tokens) | {"prompt": text, "stream": True}
        if images:
            request["images"] = [base64.b64encode(pictures[image.digest]).decode() for image in images]
        return to_json(request)  # ten times as fast as json on a full window

    def _request(self, reply_tokens: int) -> dict[str, object]:
        """What every request says alike: another window or keep_alive would load the model anew or drop it."""
        return {
            "model": self._settings.model,
            "raw": True,
            "truncate": False,
            "keep_alive": _keep_alive(self._settings.keep_alive),
            "options": {
                "num_ctx": self._settings.window,
                "num_predict": max(1, reply_tokens),  # 0 would mean no limit
                "temperature": self._settings.temperature,
            },
        }

    async def _version(self) -> str:
        return _parsed(Version, await self._http.ask("/api/version")).version

    async def _show(self) -> Shown:
        return _parsed(Shown, await self._http.ask("/api/show", json.dumps({"model": self._settings.model}).encode()))

    async def _load(self) -> None:
        """An empty prompt loads the model with these options, at once if it is loaded with them already."""
        request = self._request(self._settings.reply_tokens) | {"prompt": "", "stream": False}
        if request["keep_alive"] == 0:  # that would unload it
            request["keep_alive"] = 10
        await self._http.ask("/api/generate", json.dumps(request).encode(), seconds=self._settings.first_token_seconds)

    async def _running(self) -> Running | None:
        names = {self._settings.model, f"{self._settings.model}:latest"}
        processes = _parsed(Processes, await self._http.ask("/api/ps"))
        return next((one for one in processes.models if names & {one.name, one.model}), None)


def _parsed(shape: type[_Answer], content: bytes) -> _Answer:
    try:
        return shape.model_validate_json(content)
    except ValidationError:  # its own message would quote what people and the model said
        raise EngineBroke(f"Ollama sent {len(content)} bytes that cannot be read as {shape.__name__}") from None


def _keep_alive(setting: str) -> str | int:
    """Seconds as a number, negative for ever; Ollama takes text only with a unit ("30m")."""
    try:
        return int(setting)
    except ValueError:
        return setting


def _finished(word: Word) -> Finished:
    return Finished(
        reason=StopReason.LENGTH if word.done_reason == StopReason.LENGTH.value else StopReason.STOP,
        prompt_tokens=word.prompt_eval_count,
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
