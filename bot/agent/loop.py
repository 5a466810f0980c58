"""The agent loop: ask the model, carry out its calls, ask again, until it answers. Every bound has a name.

What comes next after a model call is a sum type: `Answered`, `UseTools` or `AskAgain`. What cannot go on raises a
`ModelError` or a `BackendError`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bot.agent.compare import Comparison
from bot.agent.outcome import smaller, told
from bot.agent.progress import Answered, Progress, amendments, beside, earlier, joined
from bot.agent.toolbox import Ran, Toolbox
from bot.errors import EmptyReply, EngineBroke, MessageTooLarge, TooManySteps
from bot.ports import Clock, Counters, Inference
from bot.ports.tool import CallContext
from bot.talk.prompt import CallChunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.record import Usage
from bot.talk.turn import Call, Line, Part, Piece, Question, Reply

EMPTY_RETRIES = 1
NUDGE = "(Your last step was empty. Answer in words, or call one of your tools.)"
CLOSING_SHARE = 0.75  # of its seconds or tokens: a turn that has spent so much is told to answer
NUDGED = Question(lines=(Line(text=NUDGE),))
LEAST_REPLY = 256  # tokens a reply must have room for


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one turn; `window` and `reply_tokens` in tokens, `seconds` of wall clock. `tokens`: of its replies and
    results together."""

    steps: int
    seconds: float
    window: int
    reply_tokens: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTools:
    """The model wants results before it goes on."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain:
    """The step gave nothing, or an answer that does not stand; the model is told so."""

    question: Question


Next = Answered | UseTools | AskAgain


class Amends(Protocol):
    def __call__(self, text: str, /, *, before: int) -> Question | None:
        """Of an answer, and how many were taken back before it in this turn: what the model is asked instead of letting
        it stand, made by `amending`; None where it stands."""
        ...


def never(_text: str, /, *, before: int) -> None:
    """Every answer stands."""


class Loop:
    """Runs turns on one engine with one toolbox."""

    def __init__(
        self, inference: Inference, engine: Engine, toolbox: Toolbox, *, clock: Clock, counters: Counters
    ) -> None:
        self._inference = inference
        self._engine = engine
        self._toolbox = toolbox
        self._clock = clock
        self._counters = counters

    async def run(
        self,
        prompt: Prompt,
        *,
        context: CallContext,
        limits: Limits,
        begun: Progress | None = None,
        waited: Callable[[], float] = lambda: 0.0,
        amends: Amends = never,
    ) -> AsyncGenerator[Progress]:
        """Yields progress until `done` is set. Raises ModelError, BackendError or MessageTooLarge.

        `begun`: go on after whole steps of an earlier run (`settled`), whose pieces the prompt does not hold; its tools
        are not called again. `waited`: seconds until now that were spent in line, which are not the turn's own.
        `amends`: looks at an answer, and may ask for another one in its place while there is a step left.
        """
        now = self._own(waited)
        deadline = now() + limits.seconds
        progress = begun or Progress(text="")
        prompt = prompt.followed_by(*(piece for _, piece in progress.parts))
        comparison = Comparison(self._engine, self._counters)
        retries, closing = sum(part == NUDGED for part, _ in progress.parts), False
        first = 1 + sum(isinstance(part, Reply) for part, _ in progress.parts)
        for step in range(first, limits.steps + 1):
            if now() > deadline:
                raise TooManySteps(f"turn took longer than {limits.seconds:g} s")
            room = _room(prompt, limits)
            shown, reply, finished = progress.text, Reply(text=""), None
            async with aclosing(self._inference.stream(prompt, reply_tokens=room)) as stream:
                async for chunk in stream:
                    match chunk:
                        case TextChunk(text=text):
                            reply = replace(reply, text=reply.text + text)
                            progress = replace(progress, text=joined(shown, reply.text), growing=reply.text)
                            yield progress
                        case CallChunk(call=call):
                            reply = replace(reply, calls=(*reply.calls, call))
                        case Finished():
                            finished = chunk
            if finished is None:
                raise EngineBroke("the stream ended without a last chunk")
            comparison.check(prompt, finished)
            progress = replace(progress, usage=_usage(progress.usage, prompt, finished))
            piece = await self._inference.render(reply)
            progress = replace(progress, growing="", parts=(*progress.parts, (reply, piece)))
            prompt = prompt.followed_by(piece)
            instead = partial(amends, before=amendments(progress))
            match self._next(reply, finished, last=closing or step == limits.steps, retries=retries, amends=instead):
                case Answered() as answered:
                    yield replace(progress, done=answered)
                    return
                case UseTools(calls=calls):
                    progress = replace(progress, working=calls)
                    yield progress
                    ran = await self._ran(calls, context, progress)
                    progress = beside(progress, calls, ran)
                    bound = self._bound(progress, step, limits, left=deadline - now())
                    parts = told(ran, closing=bool(bound))
                    closing = closing or bool(bound)
                case AskAgain(question=question):
                    retries, parts = retries + (question == NUDGED), (question,)
                    progress = replace(progress, text=shown)
            added = await self._fitting(parts, room=limits.window - LEAST_REPLY - prompt.tokens)
            progress = replace(progress, working=(), parts=(*progress.parts, *added))
            prompt = prompt.followed_by(*(piece for _, piece in added))
            yield progress
        raise TooManySteps(f"still calling tools after {limits.steps} steps")

    def _own(self, waited: Callable[[], float]) -> Callable[[], float]:
        """The time by a clock that stands still while the turn waits in line."""
        return lambda: self._clock.monotonic() - waited()

    def _next(
        self,
        reply: Reply,
        finished: Finished,
        *,
        last: bool,
        retries: int,
        amends: Callable[[str], Question | None],
    ) -> Next:
        if reply.calls:
            if last:
                raise TooManySteps("a call in the last step")
            return UseTools(calls=reply.calls)
        if reply.text.strip():
            if not last and (question := amends(reply.text)) is not None:
                return AskAgain(question=question)
            return Answered(reply=reply, cut=finished.reason is StopReason.LENGTH)
        if retries >= EMPTY_RETRIES or last:
            raise EmptyReply(f"{finished.reply_tokens} tokens without text or call")
        self._counters.add("empty_replies_total")
        return AskAgain(question=NUDGED)

    async def _ran(self, calls: tuple[Call, ...], context: CallContext, progress: Progress) -> tuple[Ran, ...]:
        context = replace(context, parts=tuple(part for part, _ in progress.parts))
        results = await self._toolbox.run(calls, context, earlier=earlier(progress), sources=progress.sources)
        known = self._toolbox.offers
        for result in results:
            tool = result.name if result.name in known else "unknown"
            self._counters.add("tool_calls_total", tool=tool, outcome=result.outcome)
        return results

    def _bound(self, progress: Progress, step: int, limits: Limits, *, left: float) -> str:
        """What leaves room for no more than an answer, if anything does; it is counted. `left`: seconds."""
        spent = sum(piece.tokens for _, piece in progress.parts)
        reasons = {
            "asked": bool(progress.asked),
            "steps": step + 1 >= limits.steps,
            "tokens": spent >= CLOSING_SHARE * limits.tokens,
            "seconds": left <= (1 - CLOSING_SHARE) * limits.seconds,
        }
        bound = next((reason for reason, holds in reasons.items() if holds), "")
        if bound:
            self._counters.add("turns_bounded_total", bound=bound)
        return bound

    async def _fitting(self, parts: tuple[Part, ...], *, room: int) -> tuple[tuple[Part, Piece], ...]:
        """The parts rendered; results and pictures that do not fit are replaced by an error that does."""
        fitting: list[tuple[Part, Piece]] = []
        for part in parts:
            piece = await self._inference.render(part)
            small = None if piece.tokens <= room else smaller(part)
            if small is not None:
                self._counters.add("tool_results_too_large_total")
                piece = await self._inference.render(small)
            fitting.append((small or part, piece))
            room -= piece.tokens
        return tuple(fitting)


def _room(prompt: Prompt, limits: Limits) -> int:
    """Tokens that the reply may have. Raises MessageTooLarge."""
    room = limits.window - prompt.tokens
    if room < min(limits.reply_tokens, LEAST_REPLY):
        raise MessageTooLarge(f"{prompt.tokens} tokens leave no room for a reply in {limits.window}")
    return min(limits.reply_tokens, room)


def _usage(before: Usage, prompt: Prompt, finished: Finished) -> Usage:
    return replace(
        before,
        steps=before.steps + 1,
        predicted=prompt.tokens,
        reported=finished.prompt_tokens,
        reply_tokens=before.reply_tokens + (finished.reply_tokens or 0),
        prompt_seconds=before.prompt_seconds + (finished.prompt_seconds or 0.0),
        reply_seconds=before.reply_seconds + (finished.reply_seconds or 0.0),
    )
