"""What people write instead, as policies over the same messages: which messages make the next prompt.

Each message is a chat message of its own, the prompt is the system prompt and the newest messages, as bots built from
tutorials have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.replay.cache import PrefixCache

LAST = 25


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A message and its size; two are never the same."""

    tokens: int


@dataclass(slots=True)
class Peer:
    """One policy over a replay. `choose`: the messages of the next prompt, of all so far."""

    name: str
    choose: Callable[[Sequence[Said], int], Sequence[Said]]
    usable: int
    head: Said
    cache: PrefixCache
    heard: list[Said] = field(default_factory=list[Said])
    evaluated: int = 0
    asked: list[float] = field(default_factory=list[float])
    after_cut: list[float] = field(default_factory=list[float])
    prompts: list[int] = field(default_factory=list[int])
    first: Said | None = None
    cuts: int = 0

    def turn(self, new: Sequence[int], reply: int) -> None:
        """`new`: the tokens of each message since the last turn."""
        self.heard += map(Said, new)
        chosen = self.choose(self.heard, self.usable - self.head.tokens)
        cut = self.first is not None and chosen[0] is not self.first
        self.first = chosen[0]
        pieces = (self.head, *chosen)
        whole = sum(piece.tokens for piece in pieces)
        read = whole - self.cache.take(pieces)
        answer = Said(reply)
        self.cache.evaluated((*pieces, answer), whole + reply - 1)
        self.heard.append(answer)
        self.evaluated += read
        self.asked.append(read / sum(new))
        if cut:
            self.cuts += 1
            self.after_cut.append(read / sum(new))
        self.prompts.append(whole)


def newest_that_fit(heard: Sequence[Said], room: int) -> Sequence[Said]:
    """Messages are dropped from the front as soon as the window is full."""
    start = len(heard)
    while start and room >= heard[start - 1].tokens:
        start -= 1
        room -= heard[start].tokens
    return heard[start:]


def last_messages(heard: Sequence[Said], room: int) -> Sequence[Said]:
    """The newest 25, as most bots have it."""
    return newest_that_fit(heard[-LAST:], room)


class HalveWhenFull:
    """Nothing goes until the window is full, then the older half does, in front of whoever asks."""

    def __init__(self) -> None:
        self._start = 0

    def __call__(self, heard: Sequence[Said], room: int) -> Sequence[Said]:
        if sum(said.tokens for said in heard[self._start :]) > room:
            self._start = len(heard) - len(newest_that_fit(heard, room // 2))
        return heard[self._start :]
