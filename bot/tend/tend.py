"""Whose conversation is kept ready next, in the pauses that people leave.

Due are conversations in which a turn ended or words changed, and those that the engine should hold and does not any
more. The latest come first, and no more than the engine can hold. An engine that nobody has used for a while is left
alone, so that it may unload its model.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import BackendError, CalanqueError
from bot.lanes.engines import Engines
from bot.lanes.lanes import GaveWay
from bot.memory.marks import budget_for
from bot.memory.preparations import Preparations
from bot.ports import Clock, Counters, Store
from bot.settings import Settings
from bot.talk.message import Conversation
from bot.talk.prompt import Engine
from bot.talk.turn import Instructions
from bot.tend.upkeep import Upkeep

log = logging.getLogger(__name__)

QUIET_SECONDS = 2.0
"""So long nobody has asked anything before idle work begins."""
WARM_FOR = timedelta(minutes=30)
"""So long after its last turn a conversation is kept ready."""
DUE = 256
"""Conversations that are due, at most; the oldest are left to their next turn."""
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 600.0
"""Seconds after a failure, doubling."""
RECHECK_SECONDS = 60.0
"""How often it is looked whether the engine still holds what it should."""
AGAIN = 3
"""Times that a conversation is read again because the engine has lost it, until somebody speaks in it: whatever takes
it away each time, we do not go on for ever."""


@dataclass(slots=True)
class _Recent:
    """A conversation that people may go on with soon; `tokens` of its prompt as last seen; `again`: times that it was
    found lost since they did."""

    conversation: Conversation
    at: float
    tokens: int = 0
    again: int = 0


class Tend:
    """Runs beside the answers. `instructions`: what heads a conversation on an engine, as a turn would have it."""

    def __init__(
        self,
        store: Store,
        engines: Engines,
        *,
        instructions: Callable[[Engine, Conversation], Instructions],
        preparations: Preparations,
        settings: Settings,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._engines = engines
        self._instructions = instructions
        self._preparations = preparations
        self._settings = settings
        self._clock = clock
        self._counters = counters
        self._due: OrderedDict[str, Conversation] = OrderedDict()
        self._recent: OrderedDict[str, _Recent] = OrderedDict()
        self._engine: Engine | None = None
        self._changed = asyncio.Event()

    def touched(self, conversation: Conversation) -> None:
        """A turn of it ended."""
        recent = self._recent.pop(conversation.key, None) or _Recent(conversation, 0.0)
        recent.at, recent.again = self._clock.monotonic(), 0
        self._recent[conversation.key] = recent
        self._is_due(conversation)

    def changed(self, conversation: Conversation) -> None:
        """Words of it went: what the engine holds of it is no longer how it begins."""
        if conversation.key in self._recent:
            self._is_due(conversation)

    async def run(self) -> None:
        """Until cancelled. Failures are told in the log and tried again with growing pauses."""
        await self._take_up()
        pause = FIRST_PAUSE
        while True:
            await self._until_due()
            try:
                await self._next()
            except GaveWay:
                self._counters.add("idle_work_total", outcome="gave-way")
            except Exception as error:
                if isinstance(error, BackendError):
                    self._engines.forget()
                self._counters.add("idle_work_total", outcome="failed")
                known = isinstance(error, CalanqueError)
                log.warning("idle work failed: %s", error if known else type(error).__name__, exc_info=not known)
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE

    async def _take_up(self) -> None:
        """After a start we do not know what the engine holds."""
        try:
            latest = await self._store.latest(since=self._clock.now() - WARM_FOR, limit=DUE)
        except CalanqueError as error:
            log.warning("which conversations to keep ready could not be read: %s", error)
            return
        for conversation in reversed(latest):
            self.touched(conversation)

    def _is_due(self, conversation: Conversation) -> None:
        self._due.pop(conversation.key, None)
        self._due[conversation.key] = conversation
        for queue in (self._due, self._recent):
            while len(queue) > DUE:
                queue.popitem(last=False)
        self._changed.set()

    async def _until_due(self) -> None:
        while not self._due:
            self._changed.clear()
            waits: list[asyncio.Task[object]] = [asyncio.create_task(self._changed.wait())]
            if self._recent:
                waits.append(asyncio.create_task(self._clock.sleep(RECHECK_SECONDS)))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
                await asyncio.gather(*waits, return_exceptions=True)
            if not self._due:
                self._look_again()

    def _look_again(self) -> None:
        """What the engine has lost meanwhile is due again: the latest, as many as it can hold."""
        now = self._clock.monotonic()
        warmth = self._engines.main.warmth
        for key, recent in reversed(list(self._recent.items())):
            if now - recent.at > WARM_FOR.total_seconds() or recent.tokens > self._room_of(key):
                del self._recent[key]
            elif not warmth.is_warm(key) and recent.again < AGAIN:
                recent.again += 1
                self._is_due(recent.conversation)

    def _room_of(self, key: str) -> int:
        """What the engine can hold besides the conversations that people spoke in later.

        A slot holds one of them, however short. More than there are slots take turns in the host's memory, which has to
        take them all.
        """
        later: list[int] = []
        for other, recent in reversed(self._recent.items()):
            if other == key:
                break
            later.append(recent.tokens)
        if self._engine is None:
            return 0
        return self._engine.window if len(later) < self._engine.slots else self._engine.host_tokens - sum(later)

    async def _next(self) -> None:
        await self._engines.main.quiet(QUIET_SECONDS)
        key, conversation = next(reversed(self._due.items()))
        seat = await self._engines.seat(conversation.place)
        if seat.lanes is not self._engines.main:
            self._due.pop(key, None)
            return
        self._engine = seat.engine
        window = min(seat.engine.window, self._settings.engine.window)
        reply = min(self._settings.engine.reply_tokens, window // 4)
        budget = budget_for(window, reply, prefill=seat.lanes.rates.prefill, memory=self._settings.memory)
        async with seat.lanes.idle(conversation) as engine:
            self._due.pop(key, None)
            upkeep = Upkeep(
                conversation,
                seat,
                engine,
                budget,
                room=self._room_of(key),
                store=self._store,
                instructions=self._instructions(seat.engine, conversation),
                preparations=self._preparations,
                counters=self._counters,
            )
            try:
                tokens = await upkeep.run()
            except GaveWay:
                self._due.setdefault(key, conversation)
                raise
        if recent := self._recent.get(key):
            recent.tokens = tokens
        self._counters.add("idle_work_total", outcome="done")
