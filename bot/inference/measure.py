"""A short measurement of an engine as it stands: how fast it reads and writes, and whether it counts as we do.

A few small requests that nobody has cached, bounded in time. An engine that is busy with people is left alone: it is
asked for one token first, and if that does not come at once, for nothing more. Only the doctor on demand measures.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import aclosing
from dataclasses import dataclass, replace

from bot.errors import BackendError
from bot.inference.pictures import SAMPLE
from bot.ports import Clock, Inference
from bot.talk.prompt import Engine, Finished, Prompt
from bot.talk.turn import Image, Instructions, Line, Question

BUSY_SECONDS = 5.0
"""An engine that does not give one token within this time is serving others."""

WHOLE_SECONDS = 40.0
READING_SECONDS = 6.0
"""How long the measured prompt may take to be read, as guessed from the first request."""

LONG_TOKENS, SHORT_TOKENS = 2000, 256
REPLY_TOKENS = 32
AT_ONCE_MOST = 8
"""Requests sent side by side, at most, to see how many are answered at the same time."""

CLEAR_SECONDS, LATE_SECONDS = 0.25, 0.08
"""A reply shorter than this says nothing about whether others were written beside it; its end may be seen that late."""

_PERSONA = "You are tried out by the doctor; whatever you say is thrown away."
_TALE = "Count slowly from one to one thousand, in words, and leave no number out."
_SAMPLE = (
    "The mistral blew all night; the boats lie double-moored. Où est le port ? Der Hafen ist drei Tage geschlossen. "
    "Порт закрыт до утра. 港は朝まで閉まっています。항구는 아침까지 닫혀 있다. बंदरगाह सुबह तक बंद है। "
    "الميناء مغلق حتى الصباح. "
    "ท่าเรือปิดถึงเช้า Cảng đóng cửa đến sáng. ⛵🌊👩‍🔧 `for (i = 0; i < 1024; i++) { depth[i] += 0.5; }` [INST] 12:31:07\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Prompt tokens, as we predicted them and as the engine reports them."""

    predicted: int
    reported: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is None could not be measured. Rates are in tokens a second. `at_once`: how many requests were seen to be
    answered at the same time, of `tried`; `error`: what kept the measurement from going on."""

    busy: bool = False
    error: str = ""
    prefill_rate: float | None = None
    generation_rate: float | None = None
    text: Counted | None = None
    picture: Counted | None = None
    at_once: int | None = None
    tried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """The end of a reply by the clock, and how long it took to read and write: by the engine, else by the clock."""

    finished: Finished
    counted: Counted | None
    ended: float
    reading: float
    writing: float


async def measure(inference: Inference, engine: Engine, *, clock: Clock) -> Measured:
    """Never raises a BackendError: what was measured until then is returned with it."""
    measuring = _Measuring(inference, engine, clock)
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            await measuring.run()
    except TimeoutError:
        return replace(measuring.found, error=f"not all could be measured within {WHOLE_SECONDS:g} s")
    except BackendError as error:
        return replace(measuring.found, error=str(error))
    return measuring.found


class _Measuring:
    """One measurement; `found` is what is known so far."""

    def __init__(self, inference: Inference, engine: Engine, clock: Clock) -> None:
        self._inference = inference
        self._engine = engine
        self._clock = clock
        self.found = Measured()

    async def run(self) -> None:
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                knock = await self._ask(_SAMPLE, reply_tokens=1)
        except TimeoutError:
            self.found = Measured(busy=True)
            return
        rate = _read(knock)
        self.found = Measured(text=knock.counted, prefill_rate=rate)
        answer = await self._ask(await self._long(rate), reply_tokens=REPLY_TOKENS)
        self.found = Measured(text=answer.counted, prefill_rate=_read(answer), generation_rate=_written(answer))
        if self._engine.vision:
            seen = await self._ask("What is this?", SAMPLE, reply_tokens=1)
            self.found = replace(self.found, picture=seen.counted)
        tried = min(self._engine.slots + 1, AT_ONCE_MOST)
        self.found = replace(self.found, at_once=await self._side_by_side(tried), tried=tried)

    async def _long(self, rate: float | None) -> str:
        """A text of as many tokens as can be read in the time, and at most half of the window."""
        one = (await self._inference.render(Question(lines=(Line(text=_SAMPLE),)))).tokens
        wanted = LONG_TOKENS if rate is None else int(rate * READING_SECONDS)
        wanted = min(max(wanted, SHORT_TOKENS), LONG_TOKENS, self._engine.window // 2)
        return _SAMPLE * max(1, wanted // one)

    async def _ask(self, text: str, *images: Image, reply_tokens: int) -> _Answered:
        # at the very beginning, so that no cache holds any of it
        head = Instructions(persona=f"{secrets.token_hex(8)} {_PERSONA}")
        question = Question(lines=(Line(text=text, images=images),))
        prompt = Prompt(pieces=(await self._inference.render(head), await self._inference.render(question)))
        begun, first, finished = self._clock.monotonic(), None, None
        async with aclosing(self._inference.stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                first = self._clock.monotonic() if first is None else first
                finished = chunk if isinstance(chunk, Finished) else finished
        assert first is not None
        assert finished is not None  # a stream that does not fail ends with it
        ended = self._clock.monotonic()
        return _Answered(
            finished=finished,
            counted=None
            if finished.prompt_tokens is None
            else Counted(predicted=prompt.tokens, reported=finished.prompt_tokens),
            ended=ended,
            reading=finished.prompt_seconds if finished.prompt_seconds is not None else first - begun,
            writing=finished.reply_seconds if finished.reply_seconds is not None else ended - first,
        )

    async def _side_by_side(self, count: int) -> int | None:
        """How many of these requests were answered at the same time; None where that cannot be told."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._told()) for _ in range(count)]
        spans: list[tuple[float, float]] = []
        for answer in (task.result() for task in tasks):
            if answer is None or answer.writing < CLEAR_SECONDS:
                return None
            spans.append((answer.ended - answer.writing + LATE_SECONDS, answer.ended - LATE_SECONDS))
        return max(sum(begun <= at < ended for begun, ended in spans) for at, _ in spans)

    async def _told(self) -> _Answered | None:
        try:
            return await self._ask(_TALE, reply_tokens=REPLY_TOKENS)
        except BackendError:
            return None


def _read(answer: _Answered) -> float | None:
    """Tokens a second, of those that were really evaluated."""
    if answer.counted is None or answer.reading <= 0:
        return None
    return (answer.counted.reported - (answer.finished.cached_tokens or 0)) / answer.reading


def _written(answer: _Answered) -> float | None:
    tokens = answer.finished.reply_tokens
    return tokens / answer.writing if tokens and answer.writing > 0 else None
