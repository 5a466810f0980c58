"""What we believe the engine holds of the prompts it has read, so that reading them again costs nothing.

The belief follows llama.cpp's server (`get_available_slot` and `server_prompt_cache`). Each slot holds the
sequence that it evaluated last, and a prompt reuses the longest common prefix with it. A slot is taken because it is
similar, else because it was not used for longest. A sequence that would lose more than half moves to a cache in the
host's memory first, from which the oldest are dropped when it is full, and whatever there suits the prompt better takes
its place. Where the belief errs it shall believe in too little; what the engine reports afterwards corrects it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from bot.talk.prompt import Prompt

SIMILAR = 0.1
"""Of the prompt that a slot must have already to be taken for that: llama.cpp's `--slot-prompt-similarity`."""

CONTINUED = 0.5
"""Of a sequence in a slot that a prompt must keep so that it is not moved to the host's memory."""

LOADED = 0.25
"""Of a sequence in the host's memory that a prompt must keep so that it is loaded from there."""

WORTH_REFRESHING = 1.5
"""As many times what would be lost must be wanted as what is lost instead."""

SURPRISE = 512
"""Tokens evaluated beyond what was believed that are taken for a sequence gone; less may be words split otherwise."""


def _numbers() -> array[int]:
    return array("q")


@dataclass(slots=True, eq=False, kw_only=True)
class _Sequence:
    """Evaluated tokens: a digest of each piece and the tokens up to its end, then `replied` tokens of a reply.

    `whole`: the conversation as it was last read, not only its beginning.
    """

    key: str = ""
    digests: array[int] = field(default_factory=_numbers)
    ends: array[int] = field(default_factory=_numbers)
    replied: int = 0
    whole: bool = False
    used: int = 0

    @property
    def tokens(self) -> int:
        return (self.ends[-1] if self.ends else 0) + self.replied


@dataclass(slots=True, eq=False, kw_only=True)
class _Slot:
    holds: _Sequence = field(default_factory=_Sequence)
    used: int = 0
    busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Where a prompt will go: `source` is what it goes on from, in the slot or in the host's memory.

    `host`: what that memory holds then; None where it stays as it is.
    """

    slot: _Slot
    source: _Sequence
    reused: int
    host: list[_Sequence] | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Reading:
    """A prompt on its way through the engine. `uncached`: tokens believed to be evaluated for it. `since`: when what
    it goes on from was used before."""

    uncached: int
    prompt: _Sequence
    slot: _Slot
    since: int


class Warmth:
    """`slots`: sequences held whatever their length; `host_tokens`: what fits beside them in the host's memory.

    A conversation that is not held costs nothing; one that is, 16 bytes a piece.
    """

    def __init__(self, *, slots: int = 1, host_tokens: int = 0) -> None:
        self._slots = [_Slot() for _ in range(slots)]
        self._host: list[_Sequence] = []  # the oldest first
        self._host_tokens = host_tokens
        self._uses = 0
        self._last: tuple[Prompt, _Sequence] | None = None

    def resize(self, *, slots: int, host_tokens: int) -> None:
        """Other slots forget everything: the engine was loaded anew."""
        if slots != len(self._slots):
            self._slots = [_Slot() for _ in range(slots)]
            self._host.clear()
        self._host_tokens = host_tokens
        self._host = self._fitting(self._host)

    def is_warm(self, key: str) -> bool:
        """Whether the engine holds the conversation as it last read it."""
        return any(held.key == key and held.whole for held in self._held())

    def holds(self, key: str) -> bool:
        """Whether it holds anything of the conversation."""
        return any(held.key == key for held in self._held())

    def tokens(self, key: str) -> int:
        """How much it holds of the conversation; 0 if nothing."""
        return max((held.tokens for held in self._held() if held.key == key and held.whole), default=0)

    def uncached(self, key: str, prompt: Prompt) -> int:
        """Tokens of the prompt that it would have to evaluate; `key` is its conversation's."""
        read = self._digested(key, prompt)
        return read.tokens - self._choice(read).reused

    def to_refresh(self, key: str, prompt: Prompt, wanted: Callable[[str], float]) -> list[str]:
        """Conversations that the engine should be shown once more, in this order, before it reads the prompt.

        When the prompt leaves its slot again, it will push out what was not used for longest; shown again, what is
        `wanted` more stays, and something that is wanted less goes.
        """
        read = self._digested(key, prompt)
        choice = self._choice(read)
        if choice.host is None:
            return []
        staying = [held for held in choice.host if held is not choice.source or held is choice.slot.holds]

        def worth(held: _Sequence) -> float:
            return wanted(held.key) if held.whole and held.key != key else 0.0

        lost = self._lost([*staying, read])
        instead = self._lost([*sorted(staying, key=worth), read])
        if sum(map(worth, lost)) <= WORTH_REFRESHING * sum(map(worth, instead)):
            return []
        last = max(number for number, held in enumerate(staying) if held in instead)
        again = [held for held in staying[:last] if held not in instead]
        return [held.key for held in sorted(again, key=worth) if worth(held)]

    def begins(self, key: str, prompt: Prompt) -> Reading:
        """A request for the prompt goes to the engine. Until `has_read` only what was there already is held of it."""
        read = self._digested(key, prompt)
        self._last = None
        choice = self._choice(read)
        slot, source = choice.slot, choice.source
        since = source.used
        if choice.host is not None:
            self._host = [held for held in choice.host if held is not source or held is slot.holds]
        for other in self._slots:  # newer ones also keep a copy of what waits in a slot
            if other is not slot and not other.busy:
                self._host = self._fitting(self._with(other.holds))
        self._uses += 1
        slot.used, slot.busy = self._uses, True
        slot.holds = _beginning(read, choice.reused)
        slot.holds.used = self._uses
        slot.holds.whole = source.whole and source.key == key and choice.reused >= source.tokens * CONTINUED
        return Reading(uncached=read.tokens - choice.reused, prompt=read, slot=slot, since=since)

    def has_read(self, reading: Reading, *, replied: int = 0) -> None:
        """All of the prompt is evaluated, and so many tokens of a reply were written."""
        if reading.slot.busy:
            reading.prompt.used = reading.slot.holds.used
            reading.prompt.replied, reading.prompt.whole = replied, True
            reading.slot.holds = reading.prompt

    def ends(self, reading: Reading) -> None:
        """The request is over, however it ended."""
        reading.slot.busy = False

    def missed(self, reading: Reading, *, evaluated: int) -> bool:
        """Whether much more was evaluated than was believed. Whatever was last used before this is gone then, too."""
        if evaluated <= reading.uncached + SURPRISE:
            return False
        self._host = [held for held in self._host if held.used > reading.since]
        for slot in self._slots:
            if slot.holds.used <= reading.since:
                slot.holds = _Sequence()
        return True

    def forget(self) -> None:
        """The engine was loaded anew, or may have been."""
        self._host.clear()
        for slot in self._slots:
            slot.holds, slot.busy = _Sequence(), False

    def _held(self) -> Iterator[_Sequence]:
        yield from (slot.holds for slot in self._slots)
        yield from self._host

    def _choice(self, read: _Sequence) -> _Choice:
        idle = [slot for slot in self._slots if not slot.busy] or self._slots
        shared, _, slot = max(
            ((_shared(slot.holds, read), -number, slot) for number, slot in enumerate(idle)), key=lambda each: each[:2]
        )
        if shared <= read.tokens * SIMILAR:
            slot = min(idle, key=lambda each: each.used)
            shared = _shared(slot.holds, read)
        elif shared >= slot.holds.tokens * CONTINUED:
            return _Choice(slot=slot, source=slot.holds, reused=shared)
        best, source = (_share(shared, slot.holds), shared), slot.holds
        host = self._fitting(self._with(source))
        for held in host:
            shared = _shared(held, read)
            kept = _share(shared, held)
            if kept >= LOADED and kept > best[0] and shared > best[1]:
                best, source = (kept, shared), held
        return _Choice(slot=slot, source=source, reused=best[1], host=host)

    def _with(self, saved: _Sequence) -> list[_Sequence]:
        """The host's memory with one more sequence, which makes its own beginnings useless."""
        if not saved.tokens or saved in self._host:
            return list(self._host)
        return [held for held in self._host if _shared(held, saved) < held.tokens - 1] + [saved]

    def _fitting(self, ordered: list[_Sequence]) -> list[_Sequence]:
        return ordered[len(self._lost(ordered)) :]

    def _lost(self, ordered: list[_Sequence]) -> list[_Sequence]:
        """Of sequences in the host's memory, those first in this order that have to go."""
        room = self._host_tokens
        for number in range(len(ordered) - 1, -1, -1):
            room -= ordered[number].tokens
            if room < 0:
                return ordered[: number + 1]
        return []

    def _digested(self, key: str, prompt: Prompt) -> _Sequence:
        if self._last is not None and self._last[0] is prompt and self._last[1].key == key:
            return self._last[1]
        digests = [hash((each.text, each.images)) if each.images else hash(each.text) for each in prompt.pieces]
        ends = accumulate([each.tokens for each in prompt.pieces])
        read = _Sequence(key=key, digests=array("q", digests), ends=array("q", ends))
        self._last = prompt, read
        return read


def _share(tokens: int, held: _Sequence) -> float:
    return tokens / held.tokens if held.tokens else 0.0


def _shared(held: _Sequence, read: _Sequence) -> int:
    """Tokens at the beginning that both have."""
    length = min(len(held.digests), len(read.digests))
    same = length
    if held.digests[:length] != read.digests[:length]:
        same = next(number for number in range(length) if held.digests[number] != read.digests[number])
    tokens = read.ends[same - 1] if same else 0
    if same == len(held.digests) < len(read.digests) and held.replied:
        reply = read.ends[same] - tokens
        if abs(reply - held.replied) <= 1:  # the reply as it was rendered; its last token was not evaluated
            tokens += min(reply, held.replied) - 1
    return tokens


def _beginning(read: _Sequence, tokens: int) -> _Sequence:
    """As many whole pieces as lie within so many tokens."""
    pieces = bisect_right(read.ends, tokens)
    return _Sequence(key=read.key, digests=read.digests[:pieces], ends=read.ends[:pieces])
