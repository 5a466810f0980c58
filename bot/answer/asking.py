"""The asking in a turn: compose the prompt from what is stored, and run the agent on it, as often as need be."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace

from bot.agent.loop import Limits, Loop, never
from bot.agent.progress import Progress, settled
from bot.answer.allowed import asked_unseen, carried_out
from bot.answer.beside import Beside, beside
from bot.answer.materials import Materials
from bot.answer.wording import Wording
from bot.errors import BrokeTooOften, CalanqueError, ContextOverflow, MessageTooLarge, NotTheirs
from bot.lanes.engines import Seat
from bot.lanes.passage import Passage
from bot.languages.speaking import Answering
from bot.memory.compose import Budget
from bot.memory.marks import budget_for
from bot.memory.recollection import Recollection
from bot.memory.transcribe import plain_question, question
from bot.ports.tool import CallContext
from bot.talk.document import Reading
from bot.talk.language import Languages
from bot.talk.message import Addressed, Message
from bot.talk.prompt import Prompt
from bot.talk.record import OpenTurn
from bot.talk.turn import Part, Piece, Question
from bot.together import together

log = logging.getLogger(__name__)

OVERFLOW_RETRIES = 2
"""Times one turn is asked again with less of the past, after the engine counted more tokens than fit."""

MAX_ATTEMPTS = 16
"""Times that one question is brought before the engine by processes that do not live to see its answer. Most die of
something else (an update, the memory, the power), and whatever is asked just then is innocent."""

UNRENDERED = Piece(text="", tokens=0, template="")
"""No engine's: whoever reads it back renders the part anew."""


class Asking:
    """Of one question. However it ends, `progress` and `asked` say how far it came; `breaks` counts how often in a row
    a step of it was not finished. `known`: what is kept of the languages there, where it has been read. `prompted`:
    told whenever the past was made a prompt."""

    def __init__(self, message: Message, materials: Materials, *, prompted: Callable[[], Awaitable[None]]) -> None:
        self._message = message
        self._with = materials
        self._prompted = prompted
        self._beside = Beside()
        self._attempted = False
        self.opened: OpenTurn | None = None
        self.reading = Reading()
        self.asked: tuple[Part, Piece] | None = None
        self.progress = Progress(text="")
        self.breaks = 0
        self.known: Languages | None = None
        self._audience: str | None = None
        self._answering: Answering | None = None
        self._heard: str | None = None

    @property
    def audience(self) -> str | None:
        """Who could read the answer when it was begun; "", nobody that is known, where that changed before tools gave
        what was said elsewhere. None where nothing in it was."""
        return self._audience if self.progress.across else None

    def _look_who_reads(self) -> None:
        """What was asked before was for others than what came now: no later audience is that of both."""
        if self.progress.across and self._audience != self._with.audience(self._message.conversation):
            self._audience = ""

    async def answer(self, seat: Seat, passage: Passage, grown: Callable[[], None]) -> None:
        """Raises CalanqueError. After one that passes it may be called again, and goes on; `grown` is called whenever
        `progress` has."""
        if not await self._with.reads(self._message):
            raise NotTheirs(f"{self._message.author.key} cannot read {self._message.place.key}")
        settings = self._with.settings
        window = min(seat.engine.window, settings.engine.window)
        reply_tokens = min(settings.engine.reply_tokens, window // 4)
        budget = budget_for(window, reply_tokens, prefill=seat.lanes.rates.prefill, memory=settings.memory)
        prompt, _ = await together(self._first_prompt(seat, passage, budget), self._attempt())
        if self._message.addressed is Addressed.ALLOWED and not self.progress.parts:
            self.progress = await carried_out(
                self._message, self._with, passage, self._context(), window=budget.window, asked=prompt.tokens
            )
            if await asked_unseen(self._message, self._with.store):
                # Its arguments may hold what was found for fewer, and the model was turned away from that since.
                self._audience, self.progress = "", replace(self.progress, across=True)
            self._look_who_reads()
            grown()
        before = self.progress
        for left in reversed(range(OVERFLOW_RETRIES + 1)):
            try:
                await self._ask(seat, passage, prompt, budget, grown)
            except ContextOverflow as error:
                budget = budget.overflown(prompt.tokens, counted=error.prompt_tokens, window=error.window)
                spoken = self.progress is not before or bool(before.parts)
                # Cut in any case: whoever asks again must not meet the same prompt again.
                with suppress(*((MessageTooLarge,) if spoken else ())):
                    prompt = await self._prompt(seat, passage, budget, cause="overflow")
                if spoken or not left:
                    raise
            else:
                break

    async def _first_prompt(self, seat: Seat, passage: Passage, budget: Budget) -> Prompt:
        if not seat.engine.demo:
            turn = "" if self.opened is None else self.opened.id
            memory = self._with.settings.memory
            self._beside = await beside(self._with.store, self._message, turn=turn, memory=memory)
            self._message = self._beside.reread(self._message)
            if self._with.speaks is not None and self._heard != self._message.text:
                self._answering = await self._with.speaks.answering(self._message, self.known)
                self._heard = self._message.text
        return await self._prompt(seat, passage, budget, cause="cut")

    async def _attempt(self) -> None:
        """Written down before the engine is asked: a question that is the end of this process is not tried for ever.

        Raises BrokeTooOften.
        """
        if not self._attempted and self.opened is not None:
            attempts = await self._with.store.count_attempt(self.opened.id)
            self._attempted = True
            if attempts > MAX_ATTEMPTS:
                raise BrokeTooOften(f"{attempts - 1} processes ended while they answered this")

    async def give_back_attempt(self) -> None:
        """The process ends, and not because of the question."""
        if self._attempted and self.opened is not None:
            self._attempted = False
            try:
                await self._with.store.count_attempt(self.opened.id, by=-1)
            except CalanqueError as error:
                log.warning("that turn %s was interrupted by us could not be written down: %s", self.opened.id, error)

    async def _ask(
        self, seat: Seat, passage: Passage, prompt: Prompt, budget: Budget, grown: Callable[[], None]
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
        begun = settled(self.progress)
        again = [(part, await passage.render(part)) for part, _ in begun.parts]  # perhaps it is another engine now
        begun = replace(begun, parts=tuple(again))
        running = loop.run(
            prompt,
            context=self._context(),
            limits=limits,
            begun=begun,
            waited=lambda: passage.waited,
            amends=never if self._answering is None else Wording(self._answering, tools.counters).amends,
        )
        async with aclosing(running) as steps:
            async for progress in steps:
                more = len(progress.parts) > len(self.progress.parts)
                self.progress = progress
                if more:
                    self.breaks = 0
                    self._look_who_reads()
                grown()

    async def _prompt(self, seat: Seat, passage: Passage, budget: Budget, *, cause: str) -> Prompt:
        """Raises MessageTooLarge where the question does not fit even without anything overheard."""
        message, tools = self._message, self._with
        audience = tools.audience(message.conversation)
        if self._audience is None:
            self._audience = audience
        recollection = Recollection(
            tools.store,
            passage,
            budget,
            counters=tools.counters,
            preparations=tools.preparations,
            lasting=not seat.engine.demo,
            is_warm=seat.lanes.warmth.is_warm(message.conversation.key),
            cause=cause,
            audience=audience,
        )
        instructions = tools.instructions(seat.engine, message.conversation)
        while True:
            asked = await self._question(seat, passage, budget.usable)
            self.asked = (asked, UNRENDERED)
            try:
                prepared = await recollection.prepare(message.conversation, instructions, asked)
            except MessageTooLarge:
                if (fewer := self._beside.fewer) is None:
                    raise
                self._beside = fewer
            else:
                self.asked = (asked, prepared.question)
                await self._prompted()
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
            earlier=self._beside.parts,
            corrected=self._beside.corrected(usable),
            documents=self.reading.documents,
            notes=self.reading.problems,
            now=tools.clock.now(),
            timezone=timezone,
            anew=self.opened is not None and self.opened.anew,
            language="" if self._answering is None else self._answering.told,
        )

    def _context(self) -> CallContext:
        return CallContext(
            asker=self._message.author,
            conversation=self._message.conversation,
            now=self._with.clock.now(),
            timezone=self._with.settings.community.timezone,
            message=self._message.id,
            call="" if self.opened is None else self.opened.id,
            services=self._with.services(self._message),
            words=self._message.text,
            across=self.progress.across,
        )
