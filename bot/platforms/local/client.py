"""One browser window that listens: a bounded queue in which newer news replaces older news of the same thing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable

from pydantic import BaseModel

from bot.ports import Clock
from bot.talk.message import Person, Place

PENDING = 256
"""Different things a window may be behind by before it is let go; it comes back and reads the history instead."""
SEND_SECONDS = 15
PAUSE_SECONDS = 0.06
PAUSE_SHARE = 20
"""Rendering a growing answer takes at most one part in this many of the time."""
THREAD_CHARS = 4000

GOING_AWAY = 1001
HELLO_EXPECTED = 4000
LOGGED_OUT = 4401
TOO_SLOW = 4408
TOO_MANY = 4429


class Frame:
    """One thing to send to many windows; made into text once, and only if somebody listens."""

    def __init__(self, make: Callable[[], BaseModel], *, chars: int = 0, streaming: bool = False) -> None:
        self._make = make
        self._chars = chars
        self._made: BaseModel | None = None
        self._text: str | None = None
        self._lock = asyncio.Lock()
        self.streaming = streaming
        self.cost = 0.0
        """Seconds that making it took."""

    async def model(self) -> BaseModel:
        async with self._lock:
            if self._made is None:
                began = time.thread_time()
                long = self._chars > THREAD_CHARS
                self._made = await asyncio.to_thread(self._make) if long else self._make()
                self.cost = self._chars * 2e-6 if long else time.thread_time() - began
            return self._made

    async def text(self) -> str:
        model = await self.model()
        if self._text is None:
            self._text = model.model_dump_json()
        return self._text


class Client:
    """A window: who looks through it, and what it has yet to be told."""

    def __init__(self, *, person: Person, channel: str | None, session: str, clock: Clock) -> None:
        self.person = person
        self.channel = channel
        self.session = session
        self._clock = clock
        self._pending: dict[Hashable, Frame] = {}
        self._news = asyncio.Event()
        self._left: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def sees(self, place: Place, only: str | None) -> bool:
        if self.channel is not None and self.channel != place.id:
            return False
        return only is None or only == self.person.key

    def tell(self, key: Hashable, frame: Frame) -> None:
        """Queue something; a newer frame takes the place of an older one with the same key."""
        if key not in self._pending and len(self._pending) >= PENDING:
            self.leave(TOO_SLOW)
            return
        self._pending[key] = frame
        self._news.set()

    def leave(self, code: int) -> None:
        """Let the window go, with a close code of WebSocket."""
        if not self._left.done():
            self._left.set_result(code)

    async def left(self) -> int:
        return await asyncio.shield(self._left)

    async def pump(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send what is queued until cancelled; a window that does not take it in time is let go."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                batch, self._pending = self._pending, {}
                for frame in batch.values():
                    text = await frame.text()
                    async with asyncio.timeout(SEND_SECONDS):
                        await send(text)
                cost = max((frame.cost for frame in batch.values() if frame.streaming), default=None)
                if cost is not None:
                    await self._clock.sleep(max(PAUSE_SECONDS, cost * PAUSE_SHARE))
        except TimeoutError:
            self.leave(TOO_SLOW)
        except (ConnectionError, RuntimeError):
            self.leave(GOING_AWAY)
