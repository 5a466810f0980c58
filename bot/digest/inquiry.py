"""Asks the engine for a digest: in its idle time, or in line as whoever waits for it, one request at a time.

Idle requests give way as soon as somebody asks anything, and are made again when nobody is there: the engine goes on
where it was. Whoever waits takes their place in line for each request, so that nobody is held up by a whole digest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import BackendError, ContextOverflow, EngineGone, ModelMissing, QueueFull
from bot.lanes.door import Patience
from bot.lanes.engines import Engines, Seat
from bot.lanes.idle import GaveWay
from bot.lanes.written import written
from bot.ports import Clock, Inference
from bot.talk.message import Conversation, Person, Place
from bot.talk.prompt import Prompt
from bot.talk.turn import Image, Instructions, Line, Piece, Question

PATIENCE_SECONDS = 240.0
"""How long one digest waits in all for an engine that is away, or for a place in a full queue; people's own words are
cut out for what is left then."""
FULL_SECONDS = 5.0
"""Before a full queue is tried again."""
ATTEMPTS = 2
"""Times that one request is made, where the engine fails in its middle."""
FAILURES = 3
"""Requests in a row that fail in spite of that, after which the engine is not asked any more."""


class Tired(Exception):
    """The engine is not asked any more for this digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLong:
    """The request does not fit: `tokens` were counted where `most` may be. `always`: the engine takes less than it said
    that it does, so the next ones do not fit either."""

    tokens: int
    most: int
    always: bool = False


class Inquiry:
    """Of one digest. `window` and `reply`: tokens of the settings; `waits` is told whether the engine is waited for."""

    def __init__(
        self,
        engines: Engines,
        *,
        platform: str,
        waited_for: Person | None,
        window: int,
        reply: int,
        instructions: str,
        clock: Clock,
        waits: Callable[[bool], None],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._engines = engines
        self._person = waited_for
        self._place = Place(platform=platform, id="digest")
        self._talk = Conversation(place=self._place, only=None if waited_for is None else waited_for.key)
        self._window = window
        self._reply = reply
        self._instructions = Instructions(persona=instructions)
        self._clock = clock
        self._waits = waits
        self._patience = Patience(seconds=patience_seconds)
        self._queue_left = patience_seconds
        self._failures = 0
        self.tired = False

    async def seat(self) -> Seat:
        """The engine. Raises Tired."""
        if self.tired:
            raise Tired
        try:
            return await self._engines.awaited(self._place, self._patience)
        except BackendError as error:
            self.tired = True
            raise Tired from error

    async def head(self, seat: Seat) -> Piece:
        """What every request begins with."""
        return await seat.lanes.render(self._instructions)

    async def tokens(self, seat: Seat, text: str) -> int:
        """As a question by itself."""
        return (await _rendered(seat, text)).tokens

    def room(self, seat: Seat, head: Piece) -> int:
        """Tokens that a question may have."""
        return self._window_of(seat) - head.tokens - self._reply_of(seat) - 1

    async def ask(self, text: str, *, images: tuple[Image, ...] = ()) -> str | TooLong | None:
        """What the engine says; None where it fails at this. Raises Tired."""
        for attempt in range(ATTEMPTS):
            seat = await self.seat()
            head, question = await self.head(seat), await _rendered(seat, text, images)
            most = self.room(seat, head)
            if question.tokens > most:
                return TooLong(tokens=question.tokens, most=most)
            try:
                said = await self._heard(seat, Prompt(pieces=(head, question)))
            except ContextOverflow as error:
                self._engines.forget()
                return TooLong(
                    tokens=question.tokens, most=min(error.window or most, question.tokens) // 2, always=True
                )
            except (EngineGone, ModelMissing) as error:
                self.tired = True
                raise Tired from error
            except BackendError:
                if attempt == ATTEMPTS - 1:
                    break
            else:
                self._failures = 0
                return said
        self._failures += 1
        self.tired = self._failures >= FAILURES
        return None

    def _window_of(self, seat: Seat) -> int:
        return min(seat.engine.window, self._window)

    def _reply_of(self, seat: Seat) -> int:
        return min(self._reply, self._window_of(seat) // 4)

    async def _heard(self, seat: Seat, prompt: Prompt) -> str:
        reply = self._reply_of(seat)
        while True:
            began = self._clock.monotonic()
            self._waits(True)
            try:
                if self._person is None:
                    async with seat.lanes.idle(self._talk) as engine:
                        return await self._words(engine, prompt, reply)
                return await self._in_line(self._person, seat, prompt, reply)
            except GaveWay:
                continue
            except QueueFull as error:
                await self._full(error, waited=self._clock.monotonic() - began)
            finally:
                self._waits(False)

    async def _in_line(self, person: Person, seat: Seat, prompt: Prompt, reply: int) -> str:
        with self._engines.queued(person.key, self._talk):
            async with seat.lanes.turn(self._talk, person=person.key, patience=self._patience) as engine:
                return await self._words(engine, prompt, reply)

    async def _full(self, error: QueueFull, *, waited: float) -> None:
        self._queue_left -= waited + FULL_SECONDS
        if self._queue_left <= 0:
            self.tired = True
            raise Tired from error
        await self._clock.sleep(FULL_SECONDS)

    async def _words(self, engine: Inference, prompt: Prompt, reply: int) -> str:
        """Whole lines: one that is broken off at the limit is left out."""
        self._waits(False)
        whole = await written(engine, prompt, reply_tokens=reply)
        if whole.broken_off and "\n" in whole.text:
            return whole.text[: whole.text.rindex("\n")]
        return whole.text


async def _rendered(seat: Seat, text: str, images: tuple[Image, ...] = ()) -> Piece:
    return await seat.lanes.render(Question(lines=(Line(text=text, images=images),)))
