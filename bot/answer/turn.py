"""One turn: find an engine, read what is attached, wait for the lane, compose the prompt, run the agent.

An engine that fails in a way that may pass ends no turn: it keeps its place, waits ahead of the others until the engine
is back, and goes on where it was. Whole steps stay, with the results of their tools, which are called once; the step
that broke off is asked for again, with a prompt that is composed anew: words may have been deleted or edited meanwhile,
and the engine may be another one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from bot.agent.progress import Progress, unfinished
from bot.answer.asking import Asking
from bot.answer.beside import with_files
from bot.answer.grounded import Grounded
from bot.answer.materials import Materials
from bot.answer.remembered import remembered
from bot.answer.showing import Showing
from bot.answer.spoken import spoken
from bot.answer.standing import telling
from bot.errors import (
    BackendError,
    BrokeTooOften,
    CalanqueError,
    EngineBroke,
    EngineStalled,
    TooManySteps,
)
from bot.lanes.door import PASSING
from bot.lanes.engines import Seat
from bot.lanes.passage import Passage
from bot.lanes.standing import Standing
from bot.ports import Draft
from bot.talk.delivery import Action, Delivery
from bot.talk.message import Conversation, Message
from bot.talk.prompt import Prompt
from bot.talk.record import OpenTurn
from bot.talk.turn import Part, Piece

log = logging.getLogger(__name__)

BREAKS = 3
"""Times in a row that one question may break a living engine, or be left without a word: it is not tried for ever."""


async def _nothing() -> None:
    """There is nothing to find out."""


class Turn:
    """Makes the answer to one message. However it ends, `progress`, `parts` and `lead` say how far it came."""

    def __init__(self, message: Message, materials: Materials, *, after: Turn | None = None) -> None:
        """`after`: the one before it in the conversation, which has its place in line first."""
        self._message = message
        self._with = materials
        self.phrases = materials.phrases
        """In the language of whoever reads the answer, once `spoken` is over."""
        self._after = after
        self._lined_up = asyncio.Event()
        self._patience = materials.engines.main.patience()
        self._seat: Seat | None = None
        self._grounded = Grounded(message, materials)
        self._asking = Asking(message, materials, prompted=self._grounded.recall)
        self._showing = Showing(message, materials)
        self._lead: tuple[str, ...] = ()
        self._lane = AsyncExitStack()
        self._standing = ""

    @property
    def progress(self) -> Progress:
        return self._asking.progress

    @property
    def parts(self) -> tuple[tuple[Part, Piece], ...]:
        """The question and what followed, as pieces to keep; empty before the question could be put together."""
        asked = self._asking.asked
        return () if asked is None else (asked, *self.progress.parts)

    @property
    def audience(self) -> str | None:
        """As `Store.close_turn` takes it."""
        return self._asking.audience

    @property
    def actions(self) -> tuple[Action, ...]:
        """Buttons under the answer."""
        return self._grounded.actions

    @property
    def supplied(self) -> Collection[int]:
        """The numbers of all that the answer may cite."""
        return self._grounded.supplied(self.progress)

    @property
    def handed(self) -> bool:
        """Whether a person is called instead of an answer."""
        return self._grounded.handed

    @property
    def instead(self) -> bool:
        """Whether what stands there is no answer, but a sentence of ours."""
        return self._grounded.instead

    @property
    def lead(self) -> str:
        """Lines of ours that stand apart from the answer: a demo label, attachments that could not be read."""
        return "\n".join(self._lead)

    @property
    def held_up(self) -> bool:
        """Whether it waits for an engine that is away."""
        return self._patience.held_up

    def step_aside(self) -> None:
        """Whoever comes after it in the conversation need not wait for it to line up."""
        self._lined_up.set()
        self._after = None

    def queue(self) -> None:
        """Before `run`: be counted among those who wait, until `leave`. Raises QueueFull at once when too many do."""
        self._lane.enter_context(self._with.engines.queued(self._message.author.key, self._message.conversation))

    async def spoken(self) -> None:
        """Find out in which language our own words stand around the answer."""
        self.phrases, self._asking.known = await spoken(self._message, self._with)

    async def run(self, opened: OpenTurn, view: Delivery, draft: Draft) -> str:
        """Raises CalanqueError. Returns a note of ours to stand under the answer, or nothing.

        The conversation's lane is held until `leave`, because the next turn builds on what this one stores.
        """
        tools, self._asking.opened = self._with, opened

        await self._grounded.begin()

        def show() -> None:
            draft.show(self._seen(view))

        seat = self._seat = await self._seated(show)
        if seat.engine.demo:
            self._lead = (self.phrases.say("demo-lead"),)
        begun = tools.clock.monotonic()
        async with self._limited(tools.settings.agent.max_seconds):
            self._asking.reading = await tools.reader.read(
                await with_files(tools.store, self._message), vision=seat.engine.vision
            )
        self._lead += self._asking.reading.problems
        left = tools.settings.agent.max_seconds - (tools.clock.monotonic() - begun)
        passage = seat.lanes.turn(
            self._message.conversation,
            person=self._message.author.key,
            remembered=None if seat.engine.demo else self._remembered,
            patience=self._patience,
            lined_up=self.step_aside,
        )
        if self._after is not None:
            await self._after._lined_up.wait()
        async with self._told(passage.standing, show, at_first=lambda: self._expect(seat, passage)):
            await self._lane.enter_async_context(passage)
            await self._lasting(seat, passage, show, seconds=left)
        self._asking.progress = await self._grounded.ended(self.progress, seat.lanes.render)
        await self._showing.recall(self.progress)
        done = self.progress.done
        return self.phrases.say("reply-cut") if done is not None and done.cut else ""

    async def _seated(self, show: Callable[[], None]) -> Seat:
        """The engine for its place, however long that is away."""
        engines, clock = self._with.engines, self._with.clock
        seat = engines.at_once(self._message.place)
        if seat is None:
            begun = clock.monotonic()
            async with self._told(lambda: engines.standing(begun), show):
                seat = await engines.awaited(self._message.place, self._patience)
            if self._standing:
                self._standing = ""
                show()
        return seat

    async def _lasting(self, seat: Seat, passage: Passage, show: Callable[[], None], *, seconds: float) -> None:
        """Until it is answered, over failures of the engine that pass. No time of the turn runs while that is away, or
        while others have it."""

        def now() -> float:
            return self._with.clock.monotonic() - passage.waited

        def grown() -> None:
            self._standing = ""
            if self.progress.text or self.progress.working:
                show()

        while True:
            begun = now()
            try:
                async with self._limited(seconds, passage):
                    await self._asking.answer(seat, passage, grown)
            except PASSING as error:
                if not passage.lasting:
                    raise
                seconds -= now() - begun
                seat = self._seat = await self._again(passage, error)
            else:
                return

    async def _again(self, passage: Passage, error: BackendError) -> Seat:
        """When the engine is back. Raises BrokeTooOften, EngineGone or ModelMissing."""
        self._with.counters.add("answers_held_up_total", error=type(error).__name__)
        if isinstance(error, EngineBroke | EngineStalled):
            self._asking.breaks += 1
            if self._asking.breaks >= BREAKS:
                raise BrokeTooOften(f"the engine broke {self._asking.breaks} times in a row at one question") from error
        log.info("an answer waits for the engine: %s: %s", type(error).__name__, error)
        await passage.again()
        return await self._with.engines.awaited(self._message.place, self._patience, main=True)

    @asynccontextmanager
    async def _limited(self, seconds: float, passage: Passage | None = None) -> AsyncGenerator[None]:
        """Raises TooManySteps. What is spent in line, in the `passage`, counts for nobody."""
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                if passage is not None:
                    passage.limit = limit
                try:
                    yield
                finally:
                    if passage is not None:
                        passage.limit = None
        except TimeoutError:
            if not limit.expired():
                raise
            most = self._with.settings.agent.max_seconds
            raise TooManySteps(f"turn took longer than {most:g} s") from None

    @asynccontextmanager
    async def _told(
        self,
        where: Callable[[], Standing | None],
        show: Callable[[], None],
        *,
        at_first: Callable[[], Awaitable[None]] = _nothing,
    ) -> AsyncGenerator[None]:
        """Whoever waits sees where they stand."""

        def say(said: str) -> None:
            self._standing = said
            show()

        def shown() -> str:
            return self._standing

        phrases, clock = self.phrases, self._with.clock
        async with telling(where, say, at_first=at_first, phrases=phrases, clock=clock, shown=shown):
            yield

    async def _expect(self, seat: Seat, passage: Passage) -> None:
        past = await self._remembered(self._message.conversation)
        if past is not None:
            passage.expect(min(seat.engine.window, past.tokens))

    async def _remembered(self, conversation: Conversation) -> Prompt | None:
        try:
            return await remembered(self._with.store, conversation)
        except CalanqueError as error:
            log.info("what a conversation begins with is not known: %s", error)
            return None

    async def give_back_attempt(self) -> None:
        """It was interrupted by a proper end of the program, which is not the question's fault."""
        await self._asking.give_back_attempt()

    async def leave(self) -> None:
        """Let the conversation's next turn begin: this one is stored, or nothing of it will be."""
        await self._lane.aclose()

    async def conclude(self) -> bool:
        """After a stop in the middle: make what was said so far a whole turn. Whether there is one."""
        if self._seat is None or self._asking.asked is None:
            return False
        self._asking.progress = await self._grounded.stopped(self.progress, self._seat.lanes.render)
        if self.progress.done is None:
            added = [(part, await self._seat.lanes.render(part)) for part in unfinished(self.progress)]
            self._asking.progress = replace(self.progress, growing="", parts=(*self.progress.parts, *added))
        return True

    @property
    def text(self) -> str:
        """The answer as people see it, as far as it came."""
        return self._showing.whole(self._grounded.seen(self.progress))

    def _seen(self, view: Delivery) -> Delivery:
        lead = filter(None, (*self._lead, self._showing.doing(self.progress, self.phrases), self._standing))
        text = self._showing.growing(self._grounded.seen(self.progress))
        return replace(view, text=text, lead="\n".join(lead))
