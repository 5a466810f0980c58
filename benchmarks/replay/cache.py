"""What llama.cpp keeps of prompts that it has evaluated, in tokens: one slot, and host memory for what left it.

After llama-server's own rules: a request continues the slot where the slot's tokens begin like it; otherwise, if less
than half of them would be kept, they go to host memory and the entry that begins most like the request comes back.
Entries leave host memory oldest first. Source: llama.cpp, tools/server (server-context.cpp, `server_prompt_cache`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

KEPT_SHARE = 0.5
"""Of the slot's tokens: with less kept than this they are saved before they are overwritten."""


LOADED_SHARE = 0.25
"""Of an entry's tokens that a request must keep for the entry to come back."""


class Counted(Protocol):
    """Whatever stands for some tokens and equals itself only: a stored piece, a message."""

    @property
    def tokens(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _State:
    pieces: tuple[Counted, ...] = ()
    tokens: int = 0

    def shared(self, pieces: Sequence[Counted]) -> int:
        """Tokens from the beginning that both have."""
        same = 0
        for mine, theirs in zip(self.pieces, pieces, strict=False):
            if mine != theirs:
                break
            same += mine.tokens
        return min(same, self.tokens)


class PrefixCache:
    """`host_tokens`: room in host memory; 0: none."""

    def __init__(self, host_tokens: int) -> None:
        self._host_tokens = host_tokens
        self._slot = _State()
        self._host: list[_State] = []

    def take(self, pieces: Sequence[Counted]) -> int:
        """Make the slot ready for a prompt; how many of its tokens need not be evaluated. At least one always is."""
        shared = self._slot.shared(pieces)
        if self._slot.tokens and shared < self._slot.tokens * KEPT_SHARE:
            self._save(self._slot)
            fit = [state for state in self._host if state.shared(pieces) >= state.tokens * LOADED_SHARE]
            best = max(fit, key=lambda state: state.shared(pieces), default=None)
            if best is not None and best.shared(pieces) > shared:
                self._host.remove(best)
                self._slot = best
                shared = best.shared(pieces)
            self._drop_oldest()
        whole = sum(piece.tokens for piece in pieces)
        return max(0, min(shared, whole - 1))

    def evaluated(self, pieces: Sequence[Counted], tokens: int) -> None:
        """The slot now holds this beginning of the pieces."""
        self._slot = _State(tuple(pieces), tokens)

    def _save(self, state: _State) -> None:
        if not self._host_tokens:
            return
        # An entry that is a beginning of the new one is of no more use.
        self._host = [one for one in self._host if one.shared(state.pieces) < one.tokens]
        self._host.append(state)

    def _drop_oldest(self) -> None:
        while len(self._host) > 1 and sum(one.tokens for one in self._host) > self._host_tokens:
            self._host.pop(0)
        if self._host and self._host[0].tokens > self._host_tokens:
            self._host.pop(0)
