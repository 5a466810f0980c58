"""What failed and need not be tried again yet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bot.knowledge.folder import Problem
from bot.ports import Clock

RETRY_SECONDS = 3600.0
"""A page that could not be fetched, or a file that broke its reader, is tried again after so long."""


@dataclass(slots=True)
class Spared:
    """By key: what it looked like then (`stamp`), until when it is left alone, and why. One that looks otherwise now is
    tried at once."""

    clock: Clock
    _held: dict[str, tuple[str, float, Problem]] = field(default_factory=dict[str, tuple[str, float, Problem]])

    def problem(self, key: str, stamp: str = "") -> Problem | None:
        """Why this is to be left alone now, if it is."""
        held, until, problem = self._held.get(key, ("", -math.inf, None))
        return problem if held == stamp and self.clock.monotonic() < until else None

    def for_a_while(self, key: str, problem: Problem, stamp: str = "") -> None:
        self._held[key] = (stamp, self.clock.monotonic() + RETRY_SECONDS, problem)

    def until_it_changes(self, key: str, problem: Problem, stamp: str) -> None:
        self._held[key] = (stamp, math.inf, problem)

    def forget(self, key: str) -> None:
        self._held.pop(key, None)
