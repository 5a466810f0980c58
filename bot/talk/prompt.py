"""What goes to an engine and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.talk.turn import Call, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Joined pieces; all of one template. `tokens` of all of them: asked for often, and a full window has 1,500."""

    pieces: tuple[Piece, ...]
    tokens: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", sum([piece.tokens for piece in self.pieces]))

    def followed_by(self, *pieces: Piece) -> Prompt:
        return Prompt(pieces=self.pieces + pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What an engine turned out to be able to do.

    `window` is in tokens and is the real one, as loaded. `resident`: how much of the model is on the GPU, 0..1,
    None where the engine does not say. `exact`: counts of pieces equal the engine's own. `demo`: the embedded model.
    `slots`: requests at a time, each with a window of its own. `kv_bytes`: what a token of evaluated prompt takes up,
    None where it is not known; `host_cache_bytes`: memory for prompts that have left the slots. `digest`: what the
    engine calls this very model, weights, template and settings; empty where it does not say. `loads`: times that it
    was found to have to load the model, which empties its cache. The rates are tokens a second, reading a prompt and
    writing a reply, as last measured; two engines that differ only there are equal.
    """

    name: str
    model: str
    window: int
    vision: bool = False
    tools: bool = False
    version: str = ""
    resident: float | None = None
    exact: bool = True
    demo: bool = False
    slots: int = 1
    kv_bytes: float | None = None
    host_cache_bytes: int = 0
    digest: str = ""
    loads: int = 0
    prefill_rate: float | None = field(default=None, compare=False)
    generation_rate: float | None = field(default=None, compare=False)

    @property
    def host_tokens(self) -> int:
        """Tokens of evaluated prompts that the host's memory takes."""
        return int(self.host_cache_bytes / self.kv_bytes) if self.kv_bytes else 0

    @property
    def warm_tokens(self) -> int:
        """Tokens of evaluated prompts that stay warm however they take turns.

        Not the slots and the host's memory together: llama.cpp copies what is in a slot to that memory, for which the
        oldest there go, before it looks there for what comes (seen: 2, 3 and 4 prompts that together just fit the
        memory beside one slot are warm in every round; a little more, and each is cold in every round).
        """
        return max(self.slots * self.window, self.host_tokens)


class StopReason(StrEnum):
    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChunk:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChunk:
    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last chunk of every stream that did not fail.

    `prompt_tokens` is the engine's own count of the whole prompt, cached part included; None where it does not say.
    Durations are in seconds.
    """

    reason: StopReason
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    cached_tokens: int | None = None
    prompt_seconds: float | None = None
    reply_seconds: float | None = None


Chunk = TextChunk | CallChunk | Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far the download of a model is; bytes, 0 where the engine does not say (yet)."""

    status: str
    completed: int = 0
    total: int = 0
