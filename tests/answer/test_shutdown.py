"""The end of the program waits for nobody for long."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.answer.answers import BROKEN_OFF_SECONDS, CLOSING_SECONDS
from bot.settings import Limits, Settings
from bot.talk.delivery import Delivery, Shown
from tests.fakes import FakePlatform, said
from tests.rig import rig

AT_ONCE = Settings().model_copy(update={"limits": Limits(shutdown_seconds=0)})
SERVICE = Path(__file__).parents[2] / "deploy" / "calanque.service"


class Hanging(FakePlatform):
    """From a text on, a call takes as long as anybody waits for it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.hanging = asyncio.Event()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        if self.text in delivery.text:
            self.hanging.set()
            await asyncio.Event().wait()
        return await super().deliver(delivery, shown)


@pytest.mark.parametrize("text", ["Half", "restarted"])
async def test_a_platform_that_hangs_holds_up_the_end_no_longer_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("bot.answer.answers.CLOSING_SECONDS", 1.0)
    question = said("tell me a story")
    platform, before = Hanging(text), asyncio.all_tasks()
    async with asyncio.timeout(30):
        async with rig(tmp_path, ("Half", asyncio.Event()), platform=platform, settings=AT_ONCE) as house:
            await house.says(question)
            await house.engine.asked.wait()
            if text == "Half":
                await platform.hanging.wait()
            else:
                await platform.until(lambda delivery: delivery.text == "Half")
        assert platform.hanging.is_set()
    assert asyncio.all_tasks() <= before
    async with rig(tmp_path, ("Whole.",), settings=AT_ONCE) as house:
        await house.take_up()
        await house.platform.final("Whole.")


def test_systemd_waits_longer_than_the_program_takes() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", SERVICE.read_text(), re.MULTILINE)
    assert found is not None
    assert int(found[1]) > Limits().shutdown_seconds + CLOSING_SECONDS + BROKEN_OFF_SECONDS
