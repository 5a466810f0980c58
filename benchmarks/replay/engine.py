"""An engine that evaluates nothing and takes as long as a real one: exact counts, llama.cpp's prefix cache, a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.replay.cache import PrefixCache
from benchmarks.replay.clock import VirtualClock
from bot.inference.tekken import Tekken
from bot.inference.template import piece
from bot.settings import ToolsPosition
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Part, Piece, Reply

BATCH = 512
"""Tokens that are evaluated before a request is looked at again, as llama-server does."""


@dataclass(slots=True)
class Evaluated:
    """What one kind of request cost in prompt tokens. `again`: of them, tokens that had been evaluated before."""

    requests: int = 0
    tokens: int = 0
    again: int = 0
    generated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that somebody waited for: tokens evaluated for it, of its last piece, and of the whole prompt."""

    read: int
    new: int
    whole: int


@dataclass(slots=True)
class Costs:
    """Of a whole replay. `kinds`: asker, summary, warming. `by_cause`: evaluated tokens that were new, that a summary
    took (its words included), or that were read again and why."""

    kinds: dict[str, Evaluated] = field(default_factory=dict[str, Evaluated])
    asked: list[Asked] = field(default_factory=list[Asked])
    by_cause: Counter[str] = field(default_factory=Counter[str])

    def of(self, kind: str) -> Evaluated:
        return self.kinds.setdefault(kind, Evaluated())


class ReplayEngine:
    """Implements `Inference`. `prefill` and `generation` in tokens a second; `replies` are said one after the other."""

    def __init__(
        self, tekken: Tekken, clock: VirtualClock, *, engine: Engine, prefill: float, generation: float
    ) -> None:
        self.engine = engine
        self.costs = Costs()
        self.reply = ""
        self.notes: list[str] = []
        self.breaks: Callable[[], Mapping[str, int]] = dict
        self._known_breaks: Mapping[str, int] = {}
        self._cause = "start"
        self._tekken = tekken
        self._clock = clock
        self._prefill = prefill
        self._generation = generation
        held = int(engine.host_cache_bytes / engine.kv_bytes) if engine.kv_bytes else 0
        self._cache = PrefixCache(held)
        self._seen: Counter[str] = Counter()

    async def probe(self) -> Engine:
        return self.engine

    async def render(self, part: Part) -> Piece:
        return piece(part, ToolsPosition.FIRST, self._tekken)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        pieces = prompt.pieces
        whole = prompt.tokens
        cached = self._cache.take(pieces)
        kind = "warming" if reply_tokens == 1 else "summary" if "(The older part" in pieces[-1].text else "asker"
        self._note_cause(kind)
        done = cached
        begun = self._clock.monotonic()
        try:
            while done < whole:
                step = min(BATCH, whole - done)
                await self._clock.sleep(step / self._prefill)
                done += step
        finally:
            self._cache.evaluated(pieces, done)
            self._account(kind, done - cached, self._read_again(pieces, cached, done))
        read_in = self._clock.monotonic() - begun
        if kind == "asker":
            self.costs.asked.append(Asked(read=whole - cached, new=pieces[-1].tokens, whole=whole))
        text = {"warming": "", "summary": "\n".join(self.notes), "asker": self.reply}[kind]
        answer = piece_of(text, self._tekken)
        await self._clock.sleep(answer.tokens / self._generation)
        self.costs.of(kind).generated += answer.tokens
        if kind == "summary":
            self.costs.by_cause["summary"] += answer.tokens
        if kind == "asker":
            # The token that ends a reply was said, not read.
            self._cache.evaluated((*pieces, answer), whole + answer.tokens - 1)
        if text:
            yield TextChunk(text=text)
        yield Finished(
            reason=StopReason.LENGTH if kind == "warming" else StopReason.STOP,
            prompt_tokens=whole,
            reply_tokens=answer.tokens,
            cached_tokens=cached,
            prompt_seconds=read_in,
            reply_seconds=answer.tokens / self._generation,
        )

    def _note_cause(self, kind: str) -> None:
        """Why what is read from now on has to be read again: the last break, or a cut that is being prepared."""
        now = self.breaks()
        causes = [cause for cause, count in now.items() if count > self._known_breaks.get(cause, 0)]
        self._known_breaks = now
        if causes:
            self._cause = causes[-1]
        elif kind == "summary":
            self._cause = "cut"

    def _account(self, kind: str, read: int, again: int) -> None:
        cost = self.costs.of(kind)
        cost.requests += 1
        cost.tokens += read
        cost.again += again
        if kind == "summary":
            self.costs.by_cause["summary"] += read
        else:
            self.costs.by_cause["new"] += read - again
            self.costs.by_cause[self._cause] += again

    def _read_again(self, pieces: Sequence[Piece], start: int, end: int) -> int:
        """Tokens between these that stand in pieces that were read whole before."""
        again = at = 0
        for one in pieces:
            begin, at = at, at + one.tokens
            read = min(at, end) - max(begin, start)
            if read <= 0:
                continue
            if self._seen[one.text]:
                again += read
            elif at <= end:
                self._seen[one.text] += 1
        return again


def piece_of(text: str, tekken: Tekken) -> Piece:
    """A reply as the next prompt will have it."""

    return piece(Reply(text=text), ToolsPosition.FIRST, tekken)
