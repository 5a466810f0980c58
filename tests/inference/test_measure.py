"""The measurement tells what an engine really does, and spares one that has no time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import pytest

from bot.errors import EngineBroke
from bot.inference import engine_findings
from bot.inference.measure import Counted, Measured, measure
from bot.settings import EngineSettings
from bot.talk.finding import Level
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Part, Piece, Question
from tests.fakes import START

ENGINE = Engine(name="fake", model="fake", window=8192)
SETTINGS = EngineSettings()


class Watch:
    """Time as the engine under test lets it pass."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return START

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")

    def until(self, moment: float) -> None:
        self.at = max(self.at, moment)


class Pace:
    """An engine that reads and writes at a pace, so many requests at a time, by a clock of its own."""

    def __init__(
        self, *, slots: int = 1, reads: float = 1000, writes: float = 20, says_seconds: bool = True, broken: int = 99
    ) -> None:
        self.clock = Watch()
        self.called = asyncio.Event()
        self.room = asyncio.Semaphore(slots)
        self.reads, self.writes, self.says_seconds, self.broken = reads, writes, says_seconds, broken
        self.asked: list[tuple[int, int]] = []

    async def probe(self) -> Engine:
        return ENGINE

    async def render(self, part: Part) -> Piece:
        words = " ".join(line.text for line in part.lines).split() if isinstance(part, Question) else ["head"]
        return Piece(text="", tokens=len(words), template="fake/1")

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        self.asked.append((prompt.tokens, reply_tokens))
        self.called.set()
        if len(self.asked) == self.broken:
            raise EngineBroke("gone")
        reading, writing = prompt.tokens / self.reads, reply_tokens / self.writes
        async with self.room:
            began = self.clock.monotonic()
            await asyncio.sleep(0)  # whoever else has room begins here, too
            self.clock.until(began + reading)
            yield TextChunk(text="one ")
            await asyncio.sleep(0)
            self.clock.until(began + reading + writing)
        yield Finished(
            reason=StopReason.LENGTH,
            prompt_tokens=prompt.tokens,
            reply_tokens=reply_tokens,
            prompt_seconds=reading if self.says_seconds else None,
            reply_seconds=writing if self.says_seconds else None,
        )


@pytest.mark.parametrize("says_seconds", [True, False])
async def test_rates_are_the_engines_own_or_else_the_clocks(says_seconds: bool) -> None:
    measured = await measure(engine := Pace(says_seconds=says_seconds), ENGINE, clock=engine.clock)
    assert measured.prefill_rate == pytest.approx(1000)
    assert measured.generation_rate == pytest.approx(20)
    assert measured.text is not None
    assert measured.text.predicted == measured.text.reported


async def test_a_fast_engine_reads_two_thousand_tokens_and_a_slow_one_no_more_than_it_can() -> None:
    fast, slow = Pace(reads=100_000), Pace(reads=50)
    await measure(fast, ENGINE, clock=fast.clock)
    await measure(slow, ENGINE, clock=slow.clock)
    assert 1900 <= max(tokens for tokens, _ in fast.asked) <= 2010
    assert 200 <= max(tokens for tokens, _ in slow.asked) <= 310


async def test_a_small_window_is_never_filled() -> None:
    engine, small = Pace(), Engine(name="fake", model="fake", window=512)
    await measure(engine, small, clock=engine.clock)
    assert max(tokens for tokens, _ in engine.asked) <= 260


@pytest.mark.parametrize(("slots", "said", "seen"), [(1, 1, 1), (1, 3, 1), (4, 1, 2), (2, 2, 2), (3, 3, 3)])
async def test_requests_sent_side_by_side_show_how_many_are_answered_at_a_time(
    slots: int, said: int, seen: int
) -> None:
    engine = Pace(slots=slots)
    asked = Engine(name="fake", model="fake", window=8192, slots=said)
    assert (await measure(engine, asked, clock=engine.clock)).at_once == seen


async def test_replies_too_short_to_overlap_say_nothing_about_slots() -> None:
    engine = Pace(slots=2, writes=1000)
    measured = await measure(engine, ENGINE, clock=engine.clock)
    assert (measured.at_once, measured.tried) == (None, 2)


async def test_a_failure_on_the_way_keeps_what_was_measured_before_it() -> None:
    engine = Pace(broken=3)
    measured = await measure(engine, Engine(name="f", model="f", window=8192, vision=True), clock=engine.clock)
    assert (measured.error, measured.picture) == ("gone", None)
    assert measured.prefill_rate is not None


async def test_a_failure_among_those_side_by_side_says_nothing_about_slots() -> None:
    engine = Pace(broken=4)
    measured = await measure(engine, ENGINE, clock=engine.clock)
    assert (measured.error, measured.at_once) == ("", None)


async def test_whoever_stops_the_measurement_leaves_no_request_behind() -> None:
    engine = Pace(slots=0)  # nothing is ever answered
    task = asyncio.create_task(measure(engine, ENGINE, clock=engine.clock))
    await engine.called.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("slots", "seen", "mends"),
    [(2, 1, ("OLLAMA_NUM_PARALLEL=2", "ENGINE_SLOTS=1")), (1, 2, ("ENGINE_SLOTS=2", "OLLAMA_NUM_PARALLEL=1"))],
)
def test_slots_that_are_missing_or_idle_are_told_with_both_ways_out(
    slots: int, seen: int, mends: tuple[str, ...]
) -> None:
    engine = Engine(name="f", model="f", window=8192, slots=slots)
    finding = engine_findings.slots(Measured(at_once=seen, tried=slots + 1), engine, parallel="OLLAMA_NUM_PARALLEL")
    assert finding.level is Level.WARNING
    assert all(mend in finding.mend for mend in mends)


def test_slots_that_are_right_or_could_not_be_seen_are_no_gap() -> None:
    for seen in (1, None):
        finding = engine_findings.slots(Measured(at_once=seen, tried=2), ENGINE, parallel="-np")
        assert (finding.level, finding.mend) == (Level.OK, "")


@pytest.mark.parametrize(
    ("exact", "reported", "level"),
    [
        (True, 100, Level.OK),
        (True, 99, Level.WARNING),
        (True, 101, Level.WARNING),
        (False, 99, Level.OK),
        (False, 101, Level.WARNING),
    ],
)
def test_counts_must_be_equal_where_they_are_exact_and_enough_where_they_are_a_bound(
    exact: bool, reported: int, level: Level
) -> None:
    measured = Measured(text=Counted(predicted=100, reported=reported))
    engine = Engine(name="f", model="f", window=8192, exact=exact)
    (finding,) = engine_findings.counts(measured, engine, way="counted", mend="update it")
    assert (finding.level, bool(finding.mend)) == (level, level is not Level.OK)


def test_writing_that_is_slower_than_reading_along_is_a_gap() -> None:
    slow, fast = (Measured(prefill_rate=1000, generation_rate=rate) for rate in (2, 30))
    assert engine_findings.rates(slow, ENGINE, SETTINGS, mend="a larger card").mend == "a larger card"
    assert engine_findings.rates(fast, ENGINE, SETTINGS, mend="a larger card").level is Level.OK


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.42, "0.4 s"), (50, "50 s"), (125.4, "2 min 5 s"), (59.7, "1 min 0 s")]
)
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert engine_findings.lasting(seconds) == said
