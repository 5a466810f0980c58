"""One turn: find an engine, read what is attached, wait for the lane, compose the prompt, run the agent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.agent.loop import Limits, Loop, Progress, unfinished
from bot.agent.toolbox import Toolbox
from bot.answer.beside import Beside, beside
from bot.answer.remembered import remembered
from bot.answer.standing import telling
from bot.errors import CalanqueError, ContextOverflow, MessageTooLarge, TooManySteps
from bot.lanes.engines import Engines, Seat
from bot.lanes.passage import Passage
from bot.languages.phrases import Phrases
from bot.memory.compose import Budget
from bot.memory.marks import budget_for
from bot.memory.preparations import Preparations
from bot.memory.recollection import Recollection
from bot.memory.transcribe import plain_question, question
from bot.ports import Clock, Counters, Draft, Store
from bot.settings import Settings
from bot.talk.delivery import Delivery
from bot.talk.document import Reading
from bot.talk.message import Conversation, Message
from bot.talk.prompt import Engine, Prompt
from bot.talk.record import OpenTurn
from bot.talk.tool import CallContext
from bot.talk.turn import Instructions, Part, Piece, Question

log = logging.getLogger(__name__)

OVERFLOW_RETRIES = 2
"""Times one turn is asked again with less of the past, after the engine counted more tokens than fit."""

UNRENDERED = Piece(text="", tokens=0, template="")
"""No engine's: whoever reads it back renders the part anew."""


class ReadsAttachments(Protocol):
    async def read(self, message: Message, *, vision: bool) -> Reading: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What every turn is made with. `touched` is told of every conversation in which a turn was closed."""

    store: Store
    engines: Engines
    reader: ReadsAttachments
    toolbox: Toolbox
    instructions: Callable[[Engine], Instructions]
    settings: Settings
    phrases: Phrases
    clock: Clock
    counters: Counters
    preparations: Preparations = field(default_factory=Preparations)
    touched: Callable[[Conversation], None] = lambda _: None


class Turn:
    """Makes the answer to one message. However it ends, `progress`, `parts` and `lead` say how far it came."""

    def __init__(self, message: Message, materials: Materials) -> None:
        self._message = message
        self._with = materials
        self._seat: Seat | None = None
        self._asked: tuple[Part, Piece] | None = None
        self._lead: tuple[str, ...] = ()
        self._reading = Reading()
        self._beside = Beside()
        self._opened: OpenTurn | None = None
        self._lane = AsyncExitStack()
        self._standing = ""
        self.progress = Progress(text="")

    @property
    def parts(self) -> tuple[tuple[Part, Piece], ...]:
        """The question and what followed, as pieces to keep; empty before the question could be put together."""
        return () if self._asked is None else (self._asked, *self.progress.parts)

    @property
    def lead(self) -> str:
        """Lines of ours that stand apart from the answer: a demo label, attachments that could not be read."""
        return "\n".join(self._lead)

    def queue(self) -> None:
        """Before `run`: be counted among those who wait, until `leave`. Raises QueueFull at once when too many do."""
        self._lane.enter_context(self._with.engines.queued(self._message.author.key, self._message.conversation))

    async def run(self, opened: OpenTurn, view: Delivery, draft: Draft) -> str:
        """Raises CalanqueError. Returns a note of ours to stand under the answer, or nothing.

        The conversation's lane is held until `leave`, because the next turn builds on what this one stores.
        """
        tools, self._opened = self._with, opened
        seat = self._seat = await tools.engines.seat(self._message.place)
        if seat.engine.demo:
            self._lead = (tools.phrases.say("demo-lead"),)
        begun = tools.clock.monotonic()
        async with self._limited(tools.settings.agent.max_seconds):
            self._reading = await tools.reader.read(self._message, vision=seat.engine.vision)
        self._lead += self._reading.problems
        left = tools.settings.agent.max_seconds - (tools.clock.monotonic() - begun)
        passage = seat.lanes.turn(
            self._message.conversation,
            person=self._message.author.key,
            remembered=None if seat.engine.demo else self._remembered,
        )

        def show() -> None:
            draft.show(self._seen(view))

        async with self._told(seat, passage, show):
            await self._lane.enter_async_context(passage)
            async with self._limited(left):
                await self._answer(seat, passage, show)
        done = self.progress.done
        return tools.phrases.say("reply-cut") if done is not None and done.cut else ""

    @asynccontextmanager
    async def _limited(self, seconds: float) -> AsyncGenerator[None]:
        """Raises TooManySteps. What is spent in line counts for nobody."""
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
            most = self._with.settings.agent.max_seconds
            raise TooManySteps(f"turn took longer than {most:g} s") from None

    @asynccontextmanager
    async def _told(self, seat: Seat, passage: Passage, show: Callable[[], None]) -> AsyncGenerator[None]:
        """Whoever waits sees where they stand."""

        def say(said: str) -> None:
            self._standing = said
            show()

        async def expect() -> None:
            past = await self._remembered(self._message.conversation)
            if past is not None:
                passage.expect(min(seat.engine.window, past.tokens))

        phrases, clock = self._with.phrases, self._with.clock
        async with telling(passage.standing, say, at_first=expect, phrases=phrases, clock=clock):
            yield

    async def _remembered(self, conversation: Conversation) -> Prompt | None:
        try:
            return await remembered(self._with.store, conversation)
        except CalanqueError as error:
            log.info("what a conversation begins with is not known: %s", error)
            return None

    async def _answer(self, seat: Seat, passage: Passage, show: Callable[[], None]) -> None:
        settings = self._with.settings
        window = min(seat.engine.window, settings.engine.window)
        reply_tokens = min(settings.engine.reply_tokens, window // 4)
        budget = budget_for(window, reply_tokens, prefill=seat.lanes.rates.prefill, memory=settings.memory)
        if not seat.engine.demo:
            turn = "" if self._opened is None else self._opened.id
            self._beside = await beside(self._with.store, self._message, turn=turn, memory=settings.memory)
            self._message = self._beside.reread(self._message)
        prompt = await self._prompt(seat, passage, budget, cause="cut")
        for left in reversed(range(OVERFLOW_RETRIES + 1)):
            try:
                await self._ask(seat, passage, prompt, budget, show)
            except ContextOverflow as error:
                budget = budget.overflown(prompt.tokens, counted=error.prompt_tokens, window=error.window)
                spoken = bool(self.progress.parts or self.progress.text)
                # Cut in any case: whoever asks again must not meet the same prompt again.
                with suppress(*((MessageTooLarge,) if spoken else ())):
                    prompt = await self._prompt(seat, passage, budget, cause="overflow")
                if spoken or not left:
                    raise
            else:
                break

    async def _ask(
        self, seat: Seat, passage: Passage, prompt: Prompt, budget: Budget, show: Callable[[], None]
    ) -> None:
        tools = self._with
        loop = Loop(passage, seat.engine, tools.toolbox, clock=tools.clock, counters=tools.counters)
        limits = Limits(
            steps=tools.settings.agent.max_steps,
            seconds=tools.settings.agent.max_seconds,
            window=budget.window,
            reply_tokens=budget.reply,
            tokens=tools.settings.agent.max_tokens,
        )
        async with aclosing(loop.run(prompt, context=self._context(), limits=limits)) as steps:
            async for progress in steps:
                self.progress, self._standing = progress, ""
                if progress.text or progress.working:
                    show()

    async def leave(self) -> None:
        """Let the conversation's next turn begin: this one is stored, or nothing of it will be."""
        await self._lane.aclose()

    async def conclude(self) -> bool:
        """After a stop in the middle: make what was said so far a whole turn. Whether there is one."""
        if self._seat is None or self._asked is None:
            return False
        if self.progress.done is None:
            added = [(part, await self._seat.lanes.render(part)) for part in unfinished(self.progress)]
            self.progress = replace(self.progress, growing="", parts=(*self.progress.parts, *added))
        return True

    async def _prompt(self, seat: Seat, passage: Passage, budget: Budget, *, cause: str) -> Prompt:
        """Raises MessageTooLarge where the question does not fit even without anything overheard."""
        message, tools = self._message, self._with
        recollection = Recollection(
            tools.store,
            passage,
            budget,
            counters=tools.counters,
            preparations=tools.preparations,
            lasting=not seat.engine.demo,
            is_warm=seat.lanes.warmth.is_warm(message.conversation.key),
            cause=cause,
        )
        instructions = tools.instructions(seat.engine)
        while True:
            asked = await self._question(seat, passage, budget.usable)
            self._asked = (asked, UNRENDERED)
            try:
                prepared = await recollection.prepare(message.conversation, instructions, asked)
            except MessageTooLarge:
                if (fewer := self._beside.fewer) is None:
                    raise
                self._beside = fewer
            else:
                self._asked = (asked, prepared.question)
                return prepared.prompt

    async def _question(self, seat: Seat, passage: Passage, usable: int) -> Question:
        tools = self._with
        if seat.engine.demo:
            return plain_question(self._message)
        timezone = tools.settings.community.timezone
        self._beside = await self._beside.within(usable, timezone=timezone, inference=passage)
        return question(
            self._message,
            overheard=self._beside.overheard,
            corrected=self._beside.corrected(usable),
            documents=self._reading.documents,
            notes=self._reading.problems,
            now=tools.clock.now(),
            timezone=timezone,
            anew=self._opened is not None and self._opened.anew,
        )

    def _context(self) -> CallContext:
        return CallContext(
            asker=self._message.author,
            conversation=self._message.conversation,
            now=self._with.clock.now(),
            timezone=self._with.settings.community.timezone,
        )

    def _seen(self, view: Delivery) -> Delivery:
        lead = self._lead
        known = {tool.name for tool in self._with.toolbox.specs}
        names = ", ".join(sorted(known.intersection(self.progress.working)))
        if names:
            lead = (*lead, self._with.phrases.say("using-tools", tools=names))
        if self._standing:
            lead = (*lead, self._standing)
        return replace(view, text=self.progress.text, lead="\n".join(lead))
