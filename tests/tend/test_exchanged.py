"""An engine that is another one than a moment ago: what it held is forgotten, and what is asked next fits it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.lanes.engines import GOOD_FOR_SECONDS
from bot.talk.message import Conversation, Place
from bot.talk.prompt import Engine
from tests.fakes import BEN, said
from tests.rig import Rig
from tests.tend.talking import REPLY, TALK, WINDOW, ask, pause, small, talking

ELSEWHERE = Conversation(place=Place(platform="local", id="elsewhere", name="elsewhere"))
BELIEVED = GOOD_FOR_SECONDS + 1
ANOTHER = replace(small(), digest="sha256:another")


async def exchanged(house: Rig, engine: Engine) -> None:
    house.engine.engine = engine
    await house.clock.advance(BELIEVED)


async def asked_elsewhere(house: Rig) -> None:
    await house.says(said("and here " + "word " * 400, by=BEN, place=ELSEWHERE.place))
    await house.idle()


async def test_a_model_that_was_exchanged_under_its_name_holds_nothing_and_reads_the_same_prompt_anew(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path, ("Yes.",), ("No.",), tending=False) as house:
        await ask(house, 0)
        await exchanged(house, ANOTHER)
        assert house.lanes.warmth.is_warm(TALK.key)  # nobody has looked yet
        await house.lanes.probe()
        assert not house.lanes.warmth.holds(TALK.key)
        await ask(house, 1)
        first, second = house.engine.prompts
        assert second.pieces[: len(first.pieces)] == first.pieces
        assert house.lanes.warmth.is_warm(TALK.key)


async def test_what_the_exchanged_model_has_not_read_is_read_ahead_once_somebody_noticed(tmp_path: Path) -> None:
    async with talking(tmp_path, ("Yes.",), ("Yes.",), ("No.",)) as house:
        await asked_elsewhere(house)
        await ask(house, 0)
        await exchanged(house, ANOTHER)
        assert house.engine.warmed == []
        await ask(house, 1)
        await pause(house, 120)
        assert ["and here" in prompt.pieces[1].text for prompt in house.engine.warmed] == [True]
        assert house.lanes.warmth.is_warm(ELSEWHERE.key)


@pytest.mark.parametrize("window", [1000, 500])
async def test_an_exchanged_model_with_a_smaller_window_is_asked_only_what_fits_it(tmp_path: Path, window: int) -> None:
    async with talking(tmp_path, tending=False) as house:
        for number in range(11):
            await ask(house, number)
        before = house.engine.prompts[-1].tokens
        await exchanged(house, replace(ANOTHER, window=window, host_cache_bytes=0))
        await ask(house, 11)
        tokens = house.engine.prompts[-1].tokens
        assert window < before <= WINDOW - REPLY
        assert tokens <= window - min(REPLY, window // 4)
        assert "question 11" in house.asked()
        assert house.lanes.warmth.tokens(TALK.key) == tokens + 2  # "Yes." and its end


@pytest.mark.parametrize(
    ("engine", "held"),
    [
        (replace(small(), prefill_rate=1300.0, generation_rate=40.0), True),
        (replace(small(), slots=2), False),
        (replace(small(), window=WINDOW - 1), False),
        (replace(small(), resident=0.5), False),
        (small(host_words=0), False),
    ],
    ids=["measured", "other slots", "another window", "partly off the card", "less main memory"],
)
async def test_whatever_loads_an_engine_anew_lets_it_forget_and_a_measurement_does_not(
    tmp_path: Path, engine: Engine, held: bool
) -> None:
    async with talking(tmp_path, tending=False) as house:
        await ask(house, 0)
        house.engine.engine = engine
        await house.lanes.probe()
        assert house.lanes.warmth.is_warm(TALK.key) is held
