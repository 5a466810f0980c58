"""What a test may do to the next requests: refuse them, lose their answer, or hold them back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.discord_server.things import Json


@dataclass(eq=False, slots=True, kw_only=True)
class Fault:
    """Matches `METHOD /path` with `*` wildcards, e.g. `POST /channels/*/messages`; paths start behind /api/v10."""

    pattern: str
    status: int | None
    """None cuts the connection without an answer."""
    times: int
    after_commit: bool
    """The request takes effect, and only the answer is lost."""
    body: Json | None
    retry_after: float
    via: bool = True
    """Whether a 429 comes from Discord itself, or from the gatekeeper before it."""
    hit: int = 0


@dataclass(eq=False, slots=True, kw_only=True)
class Gate:
    """Holds back one request until released; `after_commit` holds back its answer."""

    pattern: str
    after_commit: bool
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    taken: bool = False

    def release(self) -> None:
        self.released.set()

    async def until_reached(self, within: float = 30.0) -> None:
        """Wait until a request stands at the gate. Raises TimeoutError."""
        async with asyncio.timeout(within):
            await self.reached.wait()


@dataclass(slots=True)
class Faults:
    faults: list[Fault] = field(default_factory=list[Fault])
    gates: list[Gate] = field(default_factory=list[Gate])

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request runs into, counted."""
        for fault in self.faults:
            if fault.hit < fault.times and fnmatchcase(f"{method} {path}", fault.pattern):
                fault.hit += 1
                return fault
        return None

    def gate(self, method: str, path: str) -> Gate | None:
        for gate in self.gates:
            if not gate.taken and fnmatchcase(f"{method} {path}", gate.pattern):
                gate.taken = True
                return gate
        return None

    def open_all(self) -> None:
        """Let everything through that is held back."""
        for gate in self.gates:
            gate.release()
