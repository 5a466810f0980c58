"""A process over a store that outlives it: it can be left at any await, as if it had been killed there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import cast

from bot.ports.rights import Rights
from bot.ports.shapes import Shapes
from bot.ports.translation import Tongues, Translates
from bot.settings import Limits as LimitSettings
from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.prompt import Chunk, Prompt
from tests.fakes import FakeClock, FakeEngine
from tests.hooks import Hooked
from tests.once.discord import FakeDiscord
from tests.rig import Rig, house
from tests.settling import turns

SETTINGS = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
SECONDS = 60.0  # of real time, for a process to begin or to end
WORD = re.compile(r"\bw\d+w\b")


class Engine(FakeEngine):
    """Answers every question with its own word."""

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        if reply_tokens > 1 and not self.scripts:
            words = WORD.findall(prompt.pieces[-1].text)
            self.scripts.append(("As to ", f"{words[-1]}: yes." if words else "it: yes."))
        async for chunk in super().stream(prompt, reply_tokens=reply_tokens):
            yield chunk


class Life:
    """One process. `ends_in`: after so many more awaits of the verbs it is dead; None: it goes on."""

    def __init__(
        self,
        store: SqlStore,
        platform: FakeDiscord,
        engine: Engine,
        clock: FakeClock,
        *,
        settings: Settings = SETTINGS,
        rights: Rights | None = None,
        translates: Translates | None = None,
        tongues: Tongues | None = None,
        shapes: Shapes | None = None,
    ) -> None:
        self.dead = False
        self.ends_in: int | None = None
        self.rig: Rig
        self._begun = asyncio.Event()
        self._leave = asyncio.Event()
        self._before = asyncio.all_tasks()
        process = house(
            store,
            engine=engine,
            platform=platform,
            settings=settings,
            clock=clock,
            around=self._around,
            rights=rights,
            translates=None if translates is None else cast("Translates", Hooked(translates, self._at)),
            tongues=tongues,
            shapes={} if shapes is None else {platform.name: cast("Shapes", Hooked(shapes, self._at))},
        )
        self._living = asyncio.create_task(self._lives(process, platform))

    async def _lives(self, process: AbstractAsyncContextManager[Rig], platform: FakeDiscord) -> None:
        platform.begins()
        async with process as self.rig:
            self._begun.set()
            await self._leave.wait()

    def _around(self, part: object) -> object:
        return Hooked(part, self._at)

    async def _at(self, _moment: str, _given: object) -> None:
        if self.ends_in is not None:
            self.ends_in -= 1
            self.dead = self.dead or self.ends_in < 0
        if self.dead:  # whatever the verbs still do reaches nobody
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    async def begun(self) -> None:
        """Returns when it is there, or dead."""
        ready = asyncio.create_task(self._begun.wait())
        await asyncio.wait({ready, self._living}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._living.done() and not self.dead:
            self._living.result()

    async def does(self, what: Coroutine[object, object, object]) -> None:
        """Something that the outside makes it do, until that is done or it is dead."""
        task = asyncio.create_task(what)
        await asyncio.wait({task}, timeout=SECONDS)
        if not task.done() or task.cancelled() or self.dead:
            task.cancel()
            assert self.dead, "it neither did it nor died"
            await asyncio.gather(task, return_exceptions=True)
        else:
            task.result()

    async def ends(self, *, killed: bool) -> None:
        """Nothing of it is left afterwards."""
        self.dead = self.dead or killed
        if self.dead:
            self._living.cancel()
        self._leave.set()
        own = asyncio.current_task()
        left = {task for task in asyncio.all_tasks() - self._before if task is not own}
        if left:
            _, left = await asyncio.wait(left, timeout=SECONDS)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, self._living, return_exceptions=True)


async def pause(store: SqlStore, rounds: int) -> None:
    """No time passes, but what can go on goes on, as far as so many trips to the store take it."""
    for _ in range(rounds):
        await asyncio.gather(store.fact("-"), store.save_fact("-", "-"))
        await turns()
