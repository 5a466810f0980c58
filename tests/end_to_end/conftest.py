"""One program for all tests of a module where starting another would show nothing: a fresh channel for each test."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import count

import pytest
import pytest_asyncio

from tests.end_to_end.harness import Town, bot_in, town

_NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lively(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Town]:
    """A town with the bot in it."""
    async with town() as place, bot_in(place, tmp_path_factory.mktemp("lively")):
        yield place


@pytest.fixture
def place(lively: Town) -> Town:
    """A channel of its own in it, and an engine that has heard and been told nothing."""
    lively.ollama.requests.clear()
    lively.ollama.engine.steps.clear()
    return replace(lively, channel=lively.guild.add_text_channel(f"quay-{next(_NUMBERS)}"))
