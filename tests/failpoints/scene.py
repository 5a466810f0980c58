"""What a scenario is: something that happens on Discord, and what must be true afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import monotonic
from typing import Protocol

from pydantic import SecretStr

from benchmarks.torture.journal import Journal
from benchmarks.torture.records import Records
from benchmarks.torture.town import Town
from bot.operate.clock import SystemClock
from bot.settings import Database
from bot.storage.store import SqlStore, open_store
from tests.discord_server import DiscordServer


class Scene(Protocol):
    @property
    def town(self) -> Town: ...

    @property
    def waiting(self) -> Sequence[str]:
        """What has not come yet, to be told where it never comes."""
        ...

    async def prepare(self, records: Records) -> None:
        """Before the program is started for the first time."""
        ...

    async def passes(self) -> None:
        """Everything that people do, each waiting for what they wait for. Raises TimeoutError where it never comes."""
        ...

    async def is_over(self) -> bool:
        """Whether nobody waits any more and nothing moves, soon."""
        ...

    async def violations(self, records: Records) -> list[str]:
        """What is not as it must be. The program has ended."""
        ...


def stored(records: Records) -> AbstractAsyncContextManager[SqlStore]:
    """What the program will find, or has left."""
    url = records.settings.get("DATABASE_URL")
    settings = Database() if url is None else Database(url=SecretStr(url))
    return open_store(settings, records.folder / "data", clock=SystemClock())


Opens = Callable[[Journal], AbstractAsyncContextManager[Scene]]
"""Nothing has happened yet within it."""


async def left_over(records: Records) -> list[str]:
    """Deliveries that nobody goes on with."""
    states = await records.deliveries()
    return [f"a delivery is left {state}" for state in ("open", "ready", "unknown") if states.get(state)]


async def at_rest(discord: DiscordServer, moved: Callable[[], float | None], *, quiet: float, within: float) -> bool:
    """Whether in so many seconds there is a time in which the program is on Discord and does nothing for so long.
    `moved`: when it did something last (`monotonic`); None: something is still to come."""
    since = monotonic()

    def over() -> bool:
        nonlocal since
        if not discord.gateway.live:
            since = monotonic()
        last = moved()
        return last is not None and monotonic() - max(since, last) > quiet

    try:
        await discord.wait_for(over, within)
    except TimeoutError:
        return False
    return True
