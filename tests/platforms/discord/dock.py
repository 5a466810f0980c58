"""The outbox on the loopback Discord, over a store that outlives its processes, which may crash at any request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bot.deliver import Deliver
from bot.languages.phrases import Phrases
from bot.platforms.discord import DiscordPlatform
from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery
from bot.talk.message import Message, Place
from bot.talk.turn import TurnState
from tests.discord_server import Channel
from tests.discord_server.faults import Gate
from tests.fakes import FakeCounters, said
from tests.hooks import Hooked
from tests.platforms.discord.bench import Ears, QuickClock, settings
from tests.platforms.discord.conftest import Community
from tests.settling import settle
from tests.stores import open_store

WITHIN = 30.0
REQUESTS = ("POST /channels/*/messages", "PATCH /channels/*/messages/*", "DELETE /channels/*/messages/*")


@dataclass(slots=True, kw_only=True)
class Process:
    """One life of the program. After `crash` it does nothing any more, neither at Discord nor in the store."""

    deliver: Deliver
    platform: DiscordPlatform
    ears: Ears
    counters: FakeCounters
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def does(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self.tasks.append(task)
        return task

    async def crash(self) -> None:
        self.dead.set()
        self.deliver.break_off()
        await self.end()

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks, timeout=WITHIN)
        for task in self.tasks:
            assert task.done()
            if not task.cancelled() and not self.dead.is_set():
                task.result()


@dataclass(slots=True, kw_only=True)
class Dock:
    """`question` stands on Discord and in the store."""

    community: Community
    store: SqlStore
    clock: QuickClock
    asked: Message

    @property
    def channel(self) -> Channel:
        return self.community.channel

    @property
    def texts(self) -> list[str]:
        return [each.content for each in self.channel.bot_messages]

    @asynccontextmanager
    async def process(self) -> AsyncGenerator[Process]:
        server, counters, ears = self.community.server, FakeCounters(), Ears()
        dead = asyncio.Event()

        async def at(_: str, __: object) -> None:
            if dead.is_set():
                await asyncio.Event().wait()

        store = Hooked(self.store, at)
        platform = DiscordPlatform(
            settings(server),
            commands=(),
            phrases=Phrases("en"),
            clock=self.clock,
            facts=store,  # pyright: ignore[reportArgumentType] # passes for what it wraps
            counters=counters,
        )
        deliver = Deliver(
            store,  # pyright: ignore[reportArgumentType] # likewise
            {platform.name: platform},
            pace={platform.name: 0.0},
            clock=self.clock,
            counters=counters,
        )
        process = Process(deliver=deliver, platform=platform, ears=ears, counters=counters, dead=dead)
        await deliver.load()
        process.does(platform.run(ears.hear))
        async with asyncio.timeout(WITHIN):
            await platform.ready.wait()
        process.does(deliver.run())
        try:
            yield process
        finally:
            await process.end()

    async def answers(self, process: Process, views: Sequence[str], final: str) -> None:
        """As `answer` does it: the turn, its growing views, its end. Each view is seen, or fails, before the next."""
        opened = await self.store.open_turn(self.asked, at=self.clock.now())
        if opened is None:  # closed already: the outbox has it
            return
        view = Delivery(
            id=opened.delivery_id,
            conversation=self.asked.conversation,
            text="",
            reply_to=self.asked.id,
            actions=(Action(id=f"stop:{opened.id}", label="Stop"),),
            final=False,
        )
        async with process.deliver.draft(view, opened.shown) as draft:
            for text in views:
                before = len(self.community.server.requests)
                draft.show(replace(view, text=text))
                await self.channel.until(lambda _, text=text, before=before: self._was_tried(text, before))
        answer = replace(view, text=final, actions=(), final=True)
        if process.dead.is_set():
            return
        await self.store.close_turn(opened.id, state=TurnState.DONE, delivery=answer, at=self.clock.now())
        await process.deliver.finish(answer, draft.shown)

    def _was_tried(self, text: str, before: int) -> bool:
        failed = any(each.fault for each in self.community.server.requests[before:])
        return failed or any(text.rstrip()[-10:] in each.content for each in self.channel.bot_messages)

    async def all_shown(self) -> None:
        """Shown, written down, and counted."""
        async with asyncio.timeout(WITHIN):
            while await self.store.backlog(limit=1):
                await self.clock.sleep(0.01)
        await settle()

    def hold(self, number: int, *, after_commit: bool, what: str = "*") -> Gate:
        """The request with this number that writes a message is held; those before pass."""
        pattern = "* /channels/*/messages*" if what == "*" else what
        gate = self.community.server.hold_next(pattern, after_commit=after_commit)
        for _ in range(number - 1):
            gate.release()
            gate = self.community.server.hold_next(pattern, after_commit=after_commit)
        return gate


@asynccontextmanager
async def dock(community: Community, folder: Path) -> AsyncGenerator[Dock]:
    community.server.limits.enabled = False
    clock = QuickClock()
    question = await community.server.say(community.channel, community.ada, "<@BOT> tell me all about the sea")
    async with open_store(Settings().database, folder, clock=clock) as store:
        asked = said(
            "tell me all about the sea",
            place=Place(platform="discord", id=str(community.channel.id)),
            message_id=str(question.id),
            at=clock.now() - timedelta(seconds=1),
        )
        await store.record(asked, keep=True)
        yield Dock(community=community, store=store, clock=clock, asked=asked)


async def first_of(work: Awaitable[object], *others: Awaitable[object]) -> None:
    """Until one of these is done; the others are left."""
    tasks = [asyncio.ensure_future(each) for each in (work, *others)]
    async with asyncio.timeout(WITHIN):
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks[1:]:
        task.cancel()
