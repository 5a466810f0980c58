"""Whoever waits sees where they stand, in few words that change seldom, until the answer begins; Stop always works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from bot.answer.standing import EVERY_SECONDS, FIRST_SECONDS, TIME_ALONE_SECONDS, sentence, telling
from bot.errors import DatabaseUnusable
from bot.lanes.standing import Delay, Standing
from bot.languages.phrases import Phrases
from bot.talk.delivery import Delivery
from bot.talk.message import Message
from bot.talk.prompt import Chunk, Finished, Prompt, StopReason, TextChunk
from tests.fakes import ANA, BEN, GENERAL, FakeClock, FakeEngine, direct, said
from tests.rig import Rig, rig

WORDS_A_SECOND = 100.0
WRITING = 2.5
"""Seconds of every reply."""


TRIPS = 15
"""To the store's threads in a second of the clock."""


class Timed(FakeEngine):
    """Takes time for reading and writing; holds nothing."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        self.prompts.append(prompt)
        try:
            await self._clock.sleep(prompt.tokens / WORDS_A_SECOND)
            yield TextChunk(text="Yes")
            await self._clock.sleep(WRITING)
            yield TextChunk(text=".")
            yield Finished(
                reason=StopReason.STOP,
                prompt_tokens=prompt.tokens,
                cached_tokens=0,
                reply_tokens=20,
                prompt_seconds=prompt.tokens / WORDS_A_SECOND,
                reply_seconds=WRITING,
            )
        finally:
            self.closed += 1


async def passes(house: Rig, seconds: float) -> None:
    """Time goes by, with trips to the store's threads in between."""
    for _ in range(int(seconds)):
        await house.clock.advance(1)
        for _ in range(TRIPS):
            await house.store.fact("a trip to a thread")


async def until(house: Rig, reached: Callable[[], bool]) -> None:
    """However long that takes by the machine's clock; ours stands still."""
    async with asyncio.timeout(30):
        while not reached():
            await house.store.fact("a trip to a thread")


def leads(house: Rig, message: Message) -> list[str]:
    """What was told of the wait for an answer, in order."""
    shown = [each for each in house.platform.revisions if each.reply_to == message.id]
    return [each.lead for each in shown if not each.text]


async def told(house: Rig, message: Message) -> str:
    """The first that is told of it."""
    while not (lines := list(filter(None, leads(house, message)))):
        await passes(house, 1)
    return lines[0]


async def test_whoever_waits_sees_place_reading_and_time_until_the_answer_begins(tmp_path: Path) -> None:
    clock = FakeClock()
    async with rig(tmp_path, engine=Timed(clock), clock=clock) as house:
        await house.says(said("word " * 3000))
        await until(house, lambda: len(house.engine.prompts) == 1)
        await passes(house, 60)  # what was measured
        reading, waiting = said("word " * 4000, place=direct(ANA)), said("hello", by=BEN, place=direct(BEN))
        await house.says(reading)
        await until(house, lambda: len(house.engine.prompts) == 2)
        await house.says(waiting)
        await until(house, lambda: house.lanes.in_line == 1)
        assert await told(house, reading) == "reading 4k tokens · about 45 s"
        assert await told(house, waiting) == "number 1 in line · about 45 s"
        await passes(house, 60)
        assert "Yes" in [each.text for each in house.platform.revisions if each.reply_to == waiting.id]
        for message in (reading, waiting):
            answered = [each for each in house.platform.revisions if each.reply_to == message.id and each.text]
            assert answered
            assert not any(each.lead for each in answered)
        again = said("and?", by=BEN, place=direct(BEN))
        await house.says(again)
        await until(house, lambda: len(house.engine.prompts) == 4)
        await passes(house, 20)
        assert "in line" not in house.asked()
        await house.idle()


async def test_the_line_of_somebody_at_the_engine_with_little_to_read_is_taken_away(tmp_path: Path) -> None:
    clock = FakeClock()
    async with rig(tmp_path, engine=Timed(clock), clock=clock) as house:
        await house.says(said("word " * 3000))
        await until(house, lambda: len(house.engine.prompts) == 1)
        waiting = said("word " * 1500, by=BEN, place=direct(BEN))
        await house.says(waiting)
        await until(house, lambda: house.lanes.in_line == 1)
        await passes(house, 36)
        await until(house, lambda: len(house.engine.prompts) == 2)
        await passes(house, 9)
        assert leads(house, waiting)[-2:] == ["number 1 in line", ""]
        await passes(house, 30)
        await house.idle()


async def test_a_turn_that_need_not_wait_says_nothing_of_the_kind(tmp_path: Path) -> None:
    clock = FakeClock()
    async with rig(tmp_path, engine=Timed(clock), clock=clock) as house:
        await house.says(said("hello"))
        await until(house, lambda: len(house.engine.prompts) == 1)
        await passes(house, 20)
        await house.idle()
        assert not any(each.lead for each in house.platform.revisions)


async def sign_of(house: Rig, message: Message) -> Delivery:
    while not (shown := [each for each in house.platform.shown.values() if each.reply_to == message.id]):
        await passes(house, 1)
    return shown[0]


@pytest.mark.parametrize("where", ["in the conversation", "for the engine", "while it reads"])
async def test_stop_works_wherever_somebody_waits(tmp_path: Path, where: str) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, (gate, "One."), ("Two.",), ("Three.",)) as house:
        first = said("first")
        second = first
        await house.says(first)
        await house.engine.asked.wait()
        if where != "while it reads":
            second = said("second", by=BEN, place=GENERAL if where == "in the conversation" else direct(BEN))
            await house.says(second)
        (stop,) = (await sign_of(house, second)).actions
        await house.presses(stop.id, by=second.author)
        await house.platform.until(lambda each: each.final and each.reply_to == second.id)
        gate.set()
        await house.idle()
        replies = {each.reply_to: each.text for each in house.platform.standing.values() if each.reply_to}
        assert replies.pop(second.id) == "*(stopped)*"
        assert list(replies.values()) == ([] if second is first else ["One."])
        assert house.lanes.waiting == 0
        third = said("third")
        await house.says(third)
        await house.idle()
        assert next(each.text for each in house.platform.standing.values() if each.reply_to == third.id) in (
            "Two.",
            "Three.",
        )


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing(place=3, tokens=42_000, seconds=29.0), "number 3 in line · reading 42k tokens · about 30 s"),
        (Standing(place=1, tokens=0, seconds=None), "number 1 in line"),
        (Standing(place=2, tokens=700, seconds=200.0), "number 2 in line · about 4 min"),
        (Standing(place=0, tokens=42_000, seconds=31.0), "reading 42k tokens · about 45 s"),
        (Standing(place=0, tokens=42_000, seconds=None), "reading 42k tokens"),
        (Standing(place=0, tokens=42_000, seconds=1.0), ""),
        (Standing(place=0, tokens=300, seconds=None), ""),
        (Standing(place=0, tokens=0, seconds=0.0), ""),
        (Standing(place=0, tokens=0, seconds=None, delay=Delay.SLOW), "waiting for my AI engine"),
        (
            Standing(place=1, tokens=0, seconds=None, delay=Delay.AWAY),
            "my AI engine does not answer; I go on when it is back",
        ),
        (
            Standing(place=4, tokens=0, seconds=None, delay=Delay.MODEL_MISSING),
            "number 4 in line · my AI model is not installed; I go on when my operator has fetched it "
            "(`calanque pull`)",
        ),
    ],
)
def test_as_much_is_said_as_is_known_and_worth_a_word(standing: Standing, said: str) -> None:
    assert sentence(standing, Phrases()) == said


class Told:
    """What was said of a standing that changes, and when."""

    def __init__(self, *standings: tuple[float, Standing | None]) -> None:
        self.clock = FakeClock()
        self._standings = standings
        self.said: list[tuple[float, str]] = []

    def where(self) -> Standing | None:
        return [each for at, each in self._standings if at <= self.clock.monotonic()][-1]

    def show(self, said: str) -> None:
        self.said.append((self.clock.monotonic(), said))

    async def for_seconds(self, seconds: float) -> list[tuple[float, str]]:
        async def at_first() -> None:
            pass

        async with telling(self.where, self.show, at_first=at_first, phrases=Phrases(), clock=self.clock):
            await self.clock.advance(seconds)
        return self.said


def in_line(place: int, seconds: float | None = None) -> Standing:
    return Standing(place=place, tokens=0, seconds=seconds)


async def test_nothing_is_said_of_a_wait_that_is_over_soon() -> None:
    told = Told((0, in_line(5)), (FIRST_SECONDS - 0.1, None))
    assert await told.for_seconds(60) == []


async def test_however_often_the_line_moves_edits_are_seldom() -> None:
    told = Told(*((float(second), in_line(99 - second)) for second in range(99)))
    said = await told.for_seconds(50)
    assert len(said) > 5
    assert all(later - earlier >= EVERY_SECONDS for (earlier, _), (later, _) in pairwise(said))


async def test_time_that_merely_goes_by_is_told_still_more_seldom_and_a_standstill_not_at_all() -> None:
    told = Told(*((float(second), in_line(1, 100.0 - second)) for second in range(100)))
    said = await told.for_seconds(90)
    assert len(said) > 2
    assert all(later - earlier >= TIME_ALONE_SECONDS for (earlier, _), (later, _) in pairwise(said))
    still = Told((0, in_line(1, 100.0)))
    assert len(await still.for_seconds(300)) == 1


async def test_what_was_said_is_taken_back_when_it_is_true_no_more() -> None:
    told = Told((0, in_line(1)), (10, None))
    assert await told.for_seconds(60) == [(2.0, "number 1 in line"), (10.0, "")]


async def test_a_telling_that_fails_takes_nothing_along(caplog: pytest.LogCaptureFixture) -> None:
    told = Told((0, in_line(1)))

    async def at_first() -> None:
        raise DatabaseUnusable

    async with telling(told.where, told.show, at_first=at_first, phrases=Phrases(), clock=told.clock):
        await told.clock.advance(10)
    assert told.said == []
    assert "could not be told" in caplog.text
