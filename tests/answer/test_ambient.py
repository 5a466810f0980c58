"""What a turn takes up of what was not said to the bot: by the operator's setting, and by the channel's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.settings import Ambient, Memory, Settings
from bot.talk.event import Deleted
from bot.talk.message import Addressed, Place, PlaceKind
from tests.fakes import BEN, GENERAL, said
from tests.rig import Rig, rig

THREAD = Place(platform="local", id="thread", kind=PlaceKind.THREAD, name="a thread", parent=GENERAL.id)


def remembering(**memory: object) -> Settings:
    return Settings().model_copy(update={"memory": Memory.model_validate(memory)})


async def chats(joined: Rig, *texts: str, place: Place = GENERAL) -> None:
    for text in texts:
        await joined.says(said(text, by=BEN, addressed=Addressed.NO, place=place))


async def asks(joined: Rig, text: str = "well?", *, place: Place = GENERAL) -> str:
    """What the question of the turn says to the model."""
    await joined.says(said(text, place=place))
    await joined.idle()
    return joined.engine.prompts[-1].pieces[-1].text


@pytest.mark.parametrize(
    ("ambient", "first", "second"),
    [(Ambient.ON, True, True), (Ambient.SINCE, False, True), (Ambient.OFF, False, False)],
)
async def test_the_operators_setting_says_what_a_question_takes_up(
    tmp_path: Path, ambient: Ambient, first: bool, second: bool
) -> None:
    async with rig(tmp_path, settings=remembering(ambient=ambient)) as joined:
        await joined.commands("keep", when="always", moderator=True)
        await chats(joined, "a dolphin swims by")
        assert ("dolphin" in await asks(joined)) is first
        await chats(joined, "a narwhal swims by")
        asked = await asks(joined)
        assert ("narwhal" in asked) is second
        assert "dolphin" not in asked


async def test_a_channels_own_rule_comes_before_the_operators_and_can_be_changed_at_any_time(tmp_path: Path) -> None:
    async with rig(tmp_path, settings=remembering(ambient="off")) as joined:
        await asks(joined)
        await chats(joined, "a dolphin swims by")
        assert "dolphin" not in await asks(joined)
        await joined.commands("overhear", when="on", moderator=True)
        await chats(joined, "a narwhal swims by")
        assert "narwhal" in await asks(joined)
        await joined.commands("overhear", when="off", moderator=True)
        await chats(joined, "an octopus swims by")
        assert "octopus" not in await asks(joined)


async def test_a_thread_follows_its_channel_until_it_has_a_rule_of_its_own(tmp_path: Path) -> None:
    async with rig(tmp_path) as joined:
        await joined.commands("overhear", when="off", moderator=True)
        await asks(joined, place=THREAD)
        await chats(joined, "a dolphin swims by", place=THREAD)
        assert "dolphin" not in await asks(joined, place=THREAD)
        await joined.commands("overhear", when="on", moderator=True, place=THREAD)
        await chats(joined, "a narwhal swims by", place=THREAD)
        assert "narwhal" in await asks(joined, place=THREAD)


@pytest.mark.parametrize("by_channel", [False, True])
async def test_of_more_than_the_budget_the_newest_are_taken_up_and_the_others_never(
    tmp_path: Path, by_channel: bool
) -> None:
    async with rig(tmp_path, settings=remembering(overheard_tokens=4096 if by_channel else 60)) as joined:
        await asks(joined)
        if by_channel:
            await joined.commands("overhear", when="on", tokens="60", moderator=True)
        await chats(joined, *(f"fish{number} swims by" for number in range(20)))
        asked = await asks(joined)
        # The fake engine counts words: five a line, and its end.
        assert [number for number in range(20) if f"fish{number} " in asked] == list(range(10, 20))
        assert "fish9 " not in await asks(joined)


async def test_no_tokens_at_all_are_as_good_as_off(tmp_path: Path) -> None:
    async with rig(tmp_path, settings=remembering(overheard_tokens=0)) as joined:
        await asks(joined)
        await chats(joined, "a dolphin swims by")
        assert "dolphin" not in await asks(joined)


async def test_what_is_deleted_while_the_question_waits_does_not_reach_its_prompt(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with rig(tmp_path, ("One", gate)) as joined:
        await joined.commands("keep", when="always", moderator=True)
        await joined.says(said("first"))
        await joined.platform.until(lambda each: each.text == "One")
        aside = said("a dolphin swims by", by=BEN, addressed=Addressed.NO)
        await joined.says(aside)
        await joined.says(said("what swims?"))
        await joined.hearing.hear(Deleted(place=GENERAL, message_ids=(aside.id,)))
        gate.set()
        await joined.idle()
        assert len(joined.engine.prompts) == 2
        assert "dolphin" not in joined.asked()
