"""The agent loop: ask the model, carry out its calls, ask again, until it answers. Every bound has a name.

What comes next after a model call is a sum type: `Answered`, `UseTools` or `AskAgain`. What cannot go on raises a
`ModelError` or a `BackendError`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from bot.agent.compare import Comparison
from bot.agent.toolbox import Toolbox
from bot.errors import EmptyReply, EngineBroke, MessageTooLarge, TooManySteps
from bot.ports import Clock, Counters, Inference
from bot.talk.prompt import CallChunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.record import Usage
from bot.talk.tool import CallContext
from bot.talk.turn import Call, Line, Part, Piece, Question, Reply, Result, Results

EMPTY_RETRIES = 1
NUDGE = "(Your last step was empty. Answer in words, or call one of your tools.)"
LAST_STEP = "(This was your last tool call for this question. Answer now with what you know.)"
CLOSING_SHARE = 0.75  # of its seconds or tokens: a turn that has spent so much is told to answer
NO_ROOM = "Error: the result is too large for the room that is left"
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
class Answered:
    """The model has answered. `cut`: at the reply limit."""

    reply: Reply
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTools:
    """The model wants results before it goes on."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain:
    """The step gave nothing; the model is told so."""

    question: Question


Next = Answered | UseTools | AskAgain


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a turn is: all parts so far (the last may still be growing), the text to show, the tools at work.

    `pieces` are rendered for all but a growing part. `done` is the answer once there is one.
    """

    text: str
    working: tuple[str, ...] = ()
    parts: tuple[tuple[Part, Piece], ...] = ()
    growing: str = ""
    usage: Usage = field(default_factory=Usage)
    done: Answered | None = None


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
    ) -> AsyncGenerator[Progress]:
        """Yields progress until `done` is set. Raises ModelError, BackendError or MessageTooLarge.

        `begun`: go on after whole steps of an earlier run (`settled`), whose pieces the prompt does not hold; its tools
        are not called again. `waited`: seconds until now that were spent in line, which are not the turn's own.
        """
        now = self._own(waited)
        deadline = now() + limits.seconds
        progress = begun or Progress(text="")
        prompt = prompt.followed_by(*(piece for _, piece in progress.parts))
        comparison = Comparison(self._engine, self._counters)
        retries, closing = sum(isinstance(part, Question) for part, _ in progress.parts), False
        first = 1 + sum(isinstance(part, Reply) for part, _ in progress.parts)
        for step in range(first, limits.steps + 1):
            if now() > deadline:
                raise TooManySteps(f"turn took longer than {limits.seconds:g} s")
            room = limits.window - prompt.tokens
            if room < min(limits.reply_tokens, LEAST_REPLY):
                raise MessageTooLarge(f"{prompt.tokens} tokens leave no room for a reply in {limits.window}")
            shown, reply, finished = progress.text, Reply(text=""), None
            async with aclosing(self._inference.stream(prompt, reply_tokens=min(limits.reply_tokens, room))) as stream:
                async for chunk in stream:
                    match chunk:
                        case TextChunk(text=text):
                            reply = replace(reply, text=reply.text + text)
                            progress = replace(progress, text=_joined(shown, reply.text), growing=reply.text)
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
            match self._next(reply, finished, last=closing or step == limits.steps, retries=retries):
                case Answered() as answered:
                    yield replace(progress, done=answered)
                    return
                case UseTools(calls=calls):
                    progress = replace(progress, working=tuple(call.name for call in calls))
                    yield progress
                    results = await self._results(calls, context, progress)
                    bound = self._bound(progress, step, limits, left=deadline - now())
                    part: Part = _closing(results) if bound else results
                    if bound:
                        closing = True
                        self._counters.add("turns_bounded_total", bound=bound)
                case AskAgain(question=part):
                    retries += 1
            part, piece = await self._fitting(part, room=limits.window - LEAST_REPLY - prompt.tokens)
            progress = replace(progress, working=(), parts=(*progress.parts, (part, piece)))
            prompt = prompt.followed_by(piece)
            yield progress
        raise TooManySteps(f"still calling tools after {limits.steps} steps")

    def _own(self, waited: Callable[[], float]) -> Callable[[], float]:
        """The time by a clock that stands still while the turn waits in line."""
        return lambda: self._clock.monotonic() - waited()

    def _next(self, reply: Reply, finished: Finished, *, last: bool, retries: int) -> Next:
        if reply.calls:
            if last:
                raise TooManySteps("a call in the last step")
            return UseTools(calls=reply.calls)
        if reply.text.strip():
            return Answered(reply=reply, cut=finished.reason is StopReason.LENGTH)
        if retries >= EMPTY_RETRIES or last:
            raise EmptyReply(f"{finished.reply_tokens} tokens without text or call")
        self._counters.add("empty_replies_total")
        return AskAgain(question=Question(lines=(Line(text=NUDGE),)))

    async def _results(self, calls: tuple[Call, ...], context: CallContext, progress: Progress) -> Results:
        results = await self._toolbox.run(calls, context, earlier=_earlier(progress))
        known = {tool.name for tool in self._toolbox.specs}
        for result in results:
            tool = result.name if result.name in known else "unknown"
            self._counters.add("tool_calls_total", tool=tool, outcome="failed" if result.failed else "ok")
        return Results(results=results)

    def _bound(self, progress: Progress, step: int, limits: Limits, *, left: float) -> str:
        """Which bound leaves room for no more than an answer, if any. `left`: seconds."""
        if step + 1 >= limits.steps:
            return "steps"
        if sum(piece.tokens for _, piece in progress.parts) >= CLOSING_SHARE * limits.tokens:
            return "tokens"
        return "seconds" if left <= (1 - CLOSING_SHARE) * limits.seconds else ""

    async def _fitting(self, part: Part, *, room: int) -> tuple[Part, Piece]:
        """The part rendered; results that do not fit are replaced by an error that does."""
        piece = await self._inference.render(part)
        if piece.tokens <= room or not isinstance(part, Results):
            return part, piece
        self._counters.add("tool_results_too_large_total")
        small = Results(results=tuple(_too_large(result) for result in part.results))
        return small, await self._inference.render(small)


def settled(progress: Progress) -> Progress:
    """Its whole steps alone, without what was growing."""
    text = ""
    for part, _ in progress.parts:
        if isinstance(part, Reply):
            text = _joined(text, part.text)
    return replace(progress, text=text, working=(), growing="", done=None)


def unfinished(progress: Progress) -> tuple[Part, ...]:
    """What makes an answer that was stopped in the middle a whole turn: no call without its result, a last reply."""
    parts: list[Part] = []
    last = progress.parts[-1][0] if progress.parts else None
    if isinstance(last, Reply) and last.calls:
        parts.append(Results(results=tuple(_not_run(call) for call in last.calls)))
    parts.append(Reply(text=progress.growing))
    return tuple(parts)


def _not_run(call: Call) -> Result:
    return Result(call_id=call.id, name=call.name, content="Error: stopped by the person who asked", failed=True)


def _earlier(progress: Progress) -> tuple[tuple[Call, ...], ...]:
    """The calls of every step but the last."""
    return tuple(part.calls for part, _ in progress.parts if isinstance(part, Reply))[:-1]


def _closing(part: Results) -> Results:
    """The results, with the word that no more calls can follow."""
    *others, last = part.results
    return Results(results=(*others, replace(last, content=f"{last.content}\n{LAST_STEP}")))


def _joined(before: str, text: str) -> str:
    return f"{before}\n\n{text.lstrip()}" if before and text.strip() else before or text


def _too_large(result: Result) -> Result:
    told = f"\n{LAST_STEP}" if result.content.endswith(LAST_STEP) else ""
    return replace(result, content=NO_ROOM + told, failed=True)


def _usage(before: Usage, prompt: Prompt, finished: Finished) -> Usage:
    return Usage(
        steps=before.steps + 1,
        predicted=prompt.tokens,
        reported=finished.prompt_tokens,
        reply_tokens=before.reply_tokens + (finished.reply_tokens or 0),
        prompt_seconds=before.prompt_seconds + (finished.prompt_seconds or 0.0),
        reply_seconds=before.reply_seconds + (finished.reply_seconds or 0.0),
    )
