"""The seconds of one turn are a limit wherever it spends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from bot.settings import Agent, Settings
from bot.talk.message import Attachment
from tests.fakes import FakePlatform, said
from tests.rig import rig

SHORT = Settings().model_copy(update={"agent": Agent(max_seconds=0.2)})
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
