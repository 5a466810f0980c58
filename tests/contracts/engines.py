"""Every engine adapter with something real or scripted behind it, for the one contract suite that all must pass."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image as Pictures

from bot.inference.embedded import EmbeddedInference
from bot.inference.ollama import OllamaInference
from bot.inference.openai_compatible import OpenAIInference
from bot.inference.tekken import Tekken
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.ports import Clock, Inference
from bot.settings import EngineSettings
from bot.talk.prompt import CallChunk, Chunk, Finished, Prompt, TextChunk
from bot.talk.turn import Image, Instructions, Line, Part, Question, ToolSpec
from tests.ollama_server import OllamaServer

WINDOW = 4096
CLOCK_CALL = '[TOOL_CALLS][{"name":"clock","arguments":{}}]'
CLOCK = ToolSpec(name="clock", description="The time", parameters={"type": "object", "properties": {}})
HEAD = Instructions(persona="You are a helpful bot in a chat channel.", tools=(CLOCK,))
NOON = "It is noon in Marseille."


@dataclass(slots=True)
class Bytes:
    """Pictures that a prompt needs."""

    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def images(self, digests: object) -> Mapping[str, bytes]:
        assert isinstance(digests, set | frozenset | tuple | list)
        return {digest: data for digest, data in self.kept.items() if digest in digests}

    def add(self, width: int, height: int) -> Image:
        buffer = BytesIO()
        Pictures.new("RGB", (width, height), (20, 90, 160)).save(buffer, "PNG")
        digest = f"{width:032x}{height:032x}"
        self.kept[digest] = buffer.getvalue()
        return Image(digest=digest, media_type="image/png", width=width, height=height)


@dataclass(slots=True, kw_only=True)
class Bench:
    """An adapter at work. `double`: what it talks to, where scripted. `control`: a control token of its model."""

    engine: Inference
    pictures: Bytes
    counters: MemoryCounters
    control: str = "[/INST]"
    double: OllamaServer | None = None

    def script(self, *steps: str) -> None:
        if self.double is not None:
            self.double.script(*steps)

    async def prompt(self, *parts: Part) -> Prompt:
        return Prompt(pieces=tuple([await self.engine.render(part) for part in parts]))

    async def ask(self, *parts: Part, reply_tokens: int = 60) -> Answer:
        return await collect(self.engine, await self.prompt(*parts), reply_tokens=reply_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    chunks: Sequence[Chunk]

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks if isinstance(chunk, TextChunk))

    @property
    def calls(self) -> list[CallChunk]:
        return [chunk for chunk in self.chunks if isinstance(chunk, CallChunk)]

    @property
    def finished(self) -> Finished:
        last = self.chunks[-1]
        assert isinstance(last, Finished)
        return last


async def collect(engine: Inference, prompt: Prompt, *, reply_tokens: int = 60) -> Answer:
    chunks: list[Chunk] = []
    async with aclosing(engine.stream(prompt, reply_tokens=reply_tokens)) as stream:
        async for chunk in stream:
            chunks.append(chunk)
    return Answer(chunks=chunks)


def question(text: str, *images: Image) -> Question:
    return Question(lines=(Line(text=text, images=images),))


def settings(url: str, **more: object) -> EngineSettings:
    return EngineSettings.model_validate({"url": url, "window": WINDOW, "stall_seconds": 20, "temperature": 0} | more)


@asynccontextmanager
async def ollama(tekken: Tekken, url: str = "", **more: object) -> AsyncGenerator[Bench]:
    """The native adapter; on the double, or on whatever is (not) at `url`."""
    async with AsyncExitStack() as stack:
        double = None if url else await stack.enter_async_context(OllamaServer(answer=NOON))
        pictures, counters = Bytes(), MemoryCounters()
        engine = OllamaInference(
            settings(double.url if double else url, **more),
            images=pictures,
            counters=counters,
            clock=SystemClock(),
            tekken=tekken,
        )
        await stack.enter_async_context(engine)
        yield Bench(engine=engine, pictures=pictures, counters=counters, double=double)


@asynccontextmanager
async def openai(url: str = "", *, clock: Clock | None = None, **more: object) -> AsyncGenerator[Bench]:
    """The OpenAI adapter; on the double's /v1, or on whatever is (not) at `url`."""
    async with AsyncExitStack() as stack:
        double = None if url else await stack.enter_async_context(OllamaServer(answer=NOON, window=WINDOW))
        pictures, counters = Bytes(), MemoryCounters()
        chosen = settings(double.url if double else url, **more)
        engine = OpenAIInference(chosen, images=pictures, counters=counters, clock=clock or SystemClock())
        await stack.enter_async_context(engine)
        yield Bench(engine=engine, pictures=pictures, counters=counters, double=double)


@asynccontextmanager
async def embedded(model: Path | None = None) -> AsyncGenerator[Bench]:
    """The demo model, really."""
    pictures, counters = Bytes(), MemoryCounters()
    engine = EmbeddedInference(
        settings("http://127.0.0.1:1"), images=pictures, counters=counters, clock=SystemClock(), model=model
    )
    async with engine:
        yield Bench(engine=engine, pictures=pictures, counters=counters, control="<|im_end|>")
