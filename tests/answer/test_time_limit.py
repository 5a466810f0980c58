"""The seconds of one turn are a limit wherever it spends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

from bot.errors import EngineUnreachable
from bot.ports.tool import AnyTool, CallContext, Effect, tool
from bot.settings import Agent, Settings
from bot.talk.message import Attachment
from bot.talk.turn import Call
from tests.answer.outage import answers, lined_up
from tests.fakes import BEN, FakeEngine, FakePlatform, direct, said
from tests.rig import BOUNDS, rig

SHORT = Settings().model_copy(update={"agent": Agent(max_seconds=0.2)})
SECONDS = 1.5
LONGER = Settings().model_copy(update={"agent": Agent(max_seconds=SECONDS)})
NOT_HELD = replace(BOUNDS, hold=0)  # the engine is not kept free for anybody whose tools are at work
SENTENCE = "did not get to the end of that within my limits"


async def test_an_answer_that_never_ends_is_ended_and_what_was_said_stays(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Once upon a time", asyncio.Event()), ("Bye.",), settings=SHORT) as house:
        await house.says(said("tell me a story"))
        shown = await house.platform.final(SENTENCE)
        assert shown.text.startswith("Once upon a time\n\n")
        await house.idle()
        assert house.engine.closed == 1
        assert house.counters.get("answers_failed_total", error="TooManySteps") == 1
        await house.says(said("thanks"))
        await house.platform.final("Bye.")


class Slow(FakePlatform):
    """Never gives a file's bytes."""

    async def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        await asyncio.Event().wait()
        yield b""


async def test_a_file_that_never_comes_is_waited_for_no_longer_than_that(tmp_path: Path) -> None:
    notes = Attachment(id="1", name="notes.txt", media_type="text/plain", size=5, source="notes")
    async with rig(tmp_path, platform=Slow(), settings=SHORT) as house:
        await house.says(said("what do they say?", attachments=(notes,)))
        await house.platform.final(SENTENCE)
        assert house.engine.prompts == []


def tides(gate: asyncio.Event) -> AnyTool:
    @tool(Effect.READS)
    async def tide(_context: CallContext, day: int) -> str:
        """When the tide is."""
        await gate.wait()
        return f"six on day {day}"

    return tide


CALLS = [(Call(id=f"{day}", name="tide", arguments=f'{{"day": {day}}}'),) for day in range(2)]


async def test_to_wait_for_an_engine_that_went_away_behind_a_tool_takes_nothing_of_it(tmp_path: Path) -> None:
    gate, engine = asyncio.Event(), FakeEngine(CALLS[0], CALLS[1], ("At six.",), ("Ben.",))
    async with rig(tmp_path, engine=engine, tools=(tides(gate),), settings=LONGER, bounds=NOT_HELD) as house:
        message, other = said("when?"), said("other?", by=BEN, place=direct(BEN))
        await house.says(message)
        await engine.asked.wait()
        engine.away = EngineUnreachable("refused")
        await house.says(other)  # finds out
        await lined_up(house, 1)
        gate.set()
        await lined_up(house, 2)
        await house.passes(60)
        await asyncio.sleep(SECONDS)  # what the limit counts
        assert house.lanes.door.held_up == 2
        engine.away = None
        await house.passes(20)
        await house.idle()
        assert answers(house, message) == ["At six."]
        assert house.counters.get("turns_bounded_total", bound="seconds") == 0


async def test_to_wait_in_line_behind_a_tool_takes_nothing_of_it(tmp_path: Path) -> None:
    gate, endless = asyncio.Event(), asyncio.Event()
    scripts = (CALLS[0], ("Ben, ", endless), CALLS[1], ("At six.",))
    async with rig(tmp_path, *scripts, tools=(tides(gate),), settings=LONGER, bounds=NOT_HELD) as house:
        message, other = said("when?"), said("other?", by=BEN, place=direct(BEN))
        await house.says(message)
        await house.engine.asked.wait()
        await house.says(other)
        await house.platform.until(lambda each: each.text.startswith("Ben"))
        gate.set()
        await lined_up(house, 1)
        await house.clock.advance(60)
        await house.platform.final(SENTENCE)  # of Ben's, who began after it
        await house.platform.final("At six.")
        await house.idle()
        assert answers(house, message) == ["At six."]
        assert house.counters.get("turns_bounded_total", bound="seconds") == 0
