"""The platform on the loopback Discord, with a store of facts and ears that remember what they heard."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import SecretStr

from bot.languages.phrases import Phrases
from bot.platforms.discord import DiscordPlatform
from bot.platforms.discord.forms import Forms
from bot.settings import Discord, Streaming
from bot.talk.command import Command
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.event import Event, Said
from bot.talk.message import Conversation, Message, Place
from bot.talk.record import Recent
from tests.discord_server import DiscordServer

WITHIN = 30.0
E = TypeVar("E")


@dataclass(slots=True)
class Facts:
    kept: dict[str, str] = field(default_factory=dict[str, str])
    known: tuple[Place, ...] = ()
    claims: dict[str, str] = field(default_factory=dict[str, str])
    recorded: tuple[Recent, ...] = ()
    told: Callable[[str], None] = lambda _: None

    async def fact(self, name: str) -> str | None:
        return self.kept.get(name)

    async def save_fact(self, name: str, value: str) -> None:
        self.kept[name] = value
        self.told(value)

    async def places(self, platform: str) -> tuple[Place, ...]:
        return self.known

    async def claimed(self, place: Place | None, message_ids: Collection[str]) -> Mapping[str, str]:
        return {each: self.claims[each] for each in message_ids if each in self.claims}

    async def recent(self, platform: str, *, since: datetime, limit: int) -> tuple[Recent, ...]:
        return self.recorded


class QuickClock:
    """Real time, `ahead` seconds further; its sleeps are short but really let others run. `wrong`: on the wall only."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.wrong = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.ahead + self.wrong, UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, 0.01))


class Counts:
    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self._news = asyncio.Event()

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        self.of[name] += int(amount)
        self._news.set()

    def observe(self, name: str, value: float, /) -> None:
        self.of[name] += 1

    async def until(self, name: str) -> None:
        """Wait until something was counted."""
        async with asyncio.timeout(WITHIN):
            while not self.of[name]:
                self._news.clear()
                await self._news.wait()


class Ears:
    """A `hear` that remembers, and that can be made to wait."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self._news = asyncio.Condition()
        self.fails: Callable[[Event], Exception | None] = lambda _: None
        """What hearing an event raises."""

    async def hear(self, event: Event) -> None:
        self.asked.set()
        failure = self.fails(event)
        if failure is not None:
            raise failure
        await self.open.wait()
        async with self._news:
            self.heard.append(event)
            self._news.notify_all()

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.heard if isinstance(event, kind)]

    async def one(self, kind: type[E], where: Callable[[E], bool] = lambda _: True) -> E:
        """The first such event, as soon as it was heard."""
        async with asyncio.timeout(WITHIN), self._news:
            while True:
                for event in self.all(kind):
                    if where(event):
                        return event
                await self._news.wait()

    async def said(self, text: str) -> Message:
        return (await self.one(Said, lambda event: event.message.text == text)).message


@dataclass(slots=True, kw_only=True)
class Bench:
    server: DiscordServer
    platform: DiscordPlatform
    ears: Ears
    facts: Facts
    clock: QuickClock
    counts: Counts
    running: asyncio.Task[None]


def settings(server: DiscordServer, **changes: object) -> Discord:
    values: dict[str, object] = {
        "token": SecretStr(server.token),
        "api_url": server.api_url,
        "gateway_url": server.gateway_url,
        "shards": 1,
    }
    return Discord.model_validate(values | changes)


@asynccontextmanager
async def bench(
    server: DiscordServer,
    *,
    commands: Sequence[Command] = (),
    facts: Facts | None = None,
    connected: bool = True,
    forms: Forms = lambda _: {},
    **changes: object,
) -> AsyncGenerator[Bench]:
    """The platform runs while this is open; leaving it cancels the run and waits for its end."""
    ears, clock, counts, kept = Ears(), QuickClock(), Counts(), facts or Facts()
    platform = DiscordPlatform(
        settings(server, **changes),
        commands=commands,
        forms=forms,
        phrases=Phrases("en"),
        clock=clock,
        facts=kept,
        counters=counts,
    )
    running = asyncio.create_task(platform.run(ears.hear))
    try:
        if connected:
            await server.until_connected()
            ready = asyncio.create_task(platform.ready.wait())
            await asyncio.wait({ready, running}, timeout=WITHIN, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                ready.cancel()
                running.result()
            assert platform.ready.is_set()
        yield Bench(
            server=server, platform=platform, ears=ears, facts=kept, clock=clock, counts=counts, running=running
        )
    finally:
        running.cancel()
        await asyncio.wait({running}, timeout=WITHIN)
        assert running.done()


def delivery(
    place: Place,
    text: str,
    *,
    reply_to: str | None = None,
    final: bool = True,
    actions: tuple[Action, ...] = (),
    lead: str = "",
    only: str | None = None,
    handle: str | None = None,
) -> Delivery:
    return Delivery(
        id="d1",
        conversation=Conversation(place=place, only=only),
        text=text,
        reply_to=reply_to,
        final=final,
        actions=actions,
        lead=lead,
        handle=handle,
    )


NOTHING = Shown()
FINAL_ONLY = Streaming.FINAL_ONLY
