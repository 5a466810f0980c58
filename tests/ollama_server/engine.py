"""The engine behind the double's endpoints: models, loading, one slot with its cached prefix, and what is said next."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from tests.ollama_server import wire
from tests.ollama_server.counting import TOOL_CALLS_ID, UntaggedImages, split, tokenize
from tests.ollama_server.model import Model
from tests.ollama_server.script import Answer, Gate, Mishap, Reply, Step
from tests.ollama_server.wire import Json, Picture, Rejected, from_llama

TOOL_CALLS = "[TOOL_CALLS]"


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """One request as the double saw it. `prompt` is what the model saw, without BOS; `tokens` is its exact count.

    `reused`: how many leading tokens the slot still had from its last request. `disconnected`: the client left before
    the end. `ended`: the double is through with it, whatever the outcome. `came` and `whole`: when head and body
    had been read, in seconds of the monotonic clock.
    """

    path: str
    body: Json
    came: float = field(default_factory=time.monotonic)
    whole: float = 0.0
    prompt: str = ""
    images: tuple[bytes, ...] = ()
    tokens: int = 0
    reused: int = 0
    said: int = 0
    status: int = 0
    streaming: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    model: str
    digest: str
    window: int
    options: Mapping[str, object]
    until: float


@dataclass(slots=True, kw_only=True)
class Totals:
    reason: str = "stop"
    prompt_tokens: int = 0
    reply_tokens: int = 0
    load_ns: int = 1_000_000
    prompt_ns: int = 1_000_000
    reply_ns: int = 1_000_000


class Broke(Exception):
    """The stream goes wrong in this way."""

    def __init__(self, mishap: Mishap) -> None:
        super().__init__(mishap)
        self.mishap = mishap


class Engine:
    """State of the double; the endpoints are written on top of it."""

    def __init__(self, models: Sequence[Model], *, answer: Answer | str, slots: int, token_seconds: float) -> None:
        self.models = {model.full_name: model for model in models}
        self.answer = answer
        self.steps: deque[str | Step | Answer] = deque()
        self.loads: list[Loaded] = []
        self.loaded: Loaded | None = None
        self.load_gate: Gate | None = None
        self.token_seconds = token_seconds
        self.slots = slots
        self._slots = asyncio.Semaphore(slots)
        self._loading = asyncio.Lock()
        self._cached: list[int] = []

    def find(self, name: object) -> Model:
        """Raises Rejected with Ollama's 404."""
        full = str(name) if ":" in str(name) else f"{name}:latest"
        if full not in self.models:
            raise Rejected(404, f"model '{name}' not found")
        return self.models[full]

    async def load(self, model: Model, body: Json) -> Loaded:
        """As in /api/ps; again only if a load option changed."""
        options = {**model.parameters, **wire.options(body)}
        keep = wire.keep_alive(body)
        chosen = {name: options[name] for name in wire.LOAD_OPTIONS if name in options}
        window = min(int(str(chosen.get("num_ctx", 4096))), model.context_length)
        async with self._loading:
            until = time.time() + min(keep, 1e9)
            wanted = Loaded(model=model.full_name, digest=model.digest, window=window, options=chosen, until=until)
            here = self.loaded
            if here is None or (here.digest, here.options) != (wanted.digest, wanted.options):
                if self.load_gate is not None:
                    await self.load_gate.pass_one()
                self.loads.append(wanted)
                self._cached = []
            self.loaded = wanted
        return wanted

    def unload(self) -> None:
        self.loaded = None
        self._cached = []

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Requests wait here without bound, as they do in Ollama once the model is loaded."""
        async with self._slots:
            yield

    def accept(self, request: Request, prompt: str, pictures: Sequence[Picture], window: int) -> list[int]:
        """Count the prompt, refuse or cut what does not fit, and see how much of it the slot remembers."""
        try:
            tokens = tokenize(prompt, [picture.size for picture in pictures])
        except UntaggedImages:
            raise from_llama("Failed to tokenize prompt") from None
        request.prompt = prompt
        request.images = tuple(picture.data for picture in pictures)
        request.tokens = len(tokens)
        if len(tokens) >= window:
            if request.body.get("truncate") is False:
                raise from_llama(
                    f"request ({len(tokens)} tokens) exceeds the available context size ({window} tokens), "
                    "try increasing it",
                    "exceed_context_size_error",
                    n_prompt_tokens=len(tokens),
                    n_ctx=window,
                )
            tokens = tokens[:5] + tokens[-(window // 2 - 2) :]
        request.reused = next(
            (at for at, (old, new) in enumerate(zip(self._cached, tokens, strict=False)) if old != new),
            min(len(self._cached), len(tokens)),
        )
        self._cached = list(tokens)
        return tokens

    def next_step(self, request: Request, prompt: str) -> Step:
        """What the script says next, else what `answer` says.

        Whoever wants a single token has a prompt read ahead, in whichever pause: words of the script are not for them.
        """
        if self.steps and _wanted(request) == 1 and _only_says(self.steps[0]):
            return Reply(text="Yes.")
        step = self.steps.popleft() if self.steps else self.answer
        if callable(step):
            step = step(prompt)
        return Reply(text=step) if isinstance(step, str) else step

    async def say(
        self, request: Request, reply: Reply, tokens: Sequence[int], window: int, totals: Totals
    ) -> AsyncGenerator[str]:
        """The reply token by token as it shows (perhaps empty), `totals` filled in. Raises Broke for a mishap."""
        wanted = _wanted(request)
        limit = min(wanted if wanted > 0 else window, window - len(tokens))
        words = _words(reply)
        totals.prompt_tokens = len(tokens)
        totals.prompt_ns = 1_000_000 + 100_000 * (len(tokens) - request.reused)
        began = time.perf_counter_ns()
        for at in range(len(words) + 1):
            if reply.mishap is not None and at == reply.after:
                raise Broke(reply.mishap)
            if reply.gate is not None:
                await reply.gate.pass_one()
            elif self.token_seconds:
                await asyncio.sleep(self.token_seconds)
            totals.reply_tokens = request.said = at + 1
            if at == len(words):
                break  # the token that ends the reply
            token, visible = words[at]
            self._cached.append(token)
            yield visible
            if at + 1 == limit:
                totals.reason = "length"
                break
        totals.reply_ns = time.perf_counter_ns() - began


def _wanted(request: Request) -> int:
    """So many tokens at most; -1 without a limit."""
    return int(str(wire.options(request.body).get("num_predict", -1))) if "options" in request.body else -1


def _only_says(step: str | Step | Answer) -> bool:
    return isinstance(step, str) or (isinstance(step, Reply) and step.mishap is None and step.gate is None)


def _words(reply: Reply) -> list[tuple[int, str]]:
    """Tokens and how they show; a control token shows as nothing."""
    if reply.literal:
        return split(reply.text)
    words: list[tuple[int, str]] = []
    for at, stretch in enumerate(reply.text.split(TOOL_CALLS)):
        if at:
            words.append((TOOL_CALLS_ID, ""))
        words += split(stretch)
    return words


def derive(model: Model, name: str, body: Json) -> Model:
    """What /api/create makes of a model."""
    parameters = body.get("parameters")
    return replace(
        model,
        name=name,
        template=str(body.get("template") or model.template),
        parameters={**model.parameters, **(parameters if isinstance(parameters, dict) else {})},
    )
