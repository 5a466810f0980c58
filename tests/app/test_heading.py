"""What the model is told of where a conversation begins."""

from __future__ import annotations

from pathlib import Path

from bot.settings import KnowledgeSettings, Settings
from bot.support.settling import SETTLE_SECONDS
from bot.talk.knowledge import EVERYONE, Chunk, Known, Readers
from bot.talk.message import Place
from bot.talk.support import SupportChannel
from tests.fakes import ANA, GENERAL, START, direct, said
from tests.rig import Rig, rig

HARBOUR = Place(platform="local", id="7", guild="marseille", name="harbour")
HILLS = Place(platform="local", id="8", guild="cassis", name="hills")
SEARCH = "search_knowledge"


async def asks(house: Rig, place: Place, of: str) -> str:
    """The whole prompt."""
    await house.says(said("hello", place=place, message_id=of))
    await house.idle()
    return house.asked()


async def learns(house: Rig, readers: Readers) -> None:
    known = Known(key="k", name="rules.md", title="Rules", readers=readers, digest="1", read_at=START)
    await house.store.save_known(known, [Chunk(text="No wake.", where="")])
    await house.minute()


async def test_where_there_is_no_knowledge_no_tokens_are_spent_on_a_search_for_it(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Hello.",)) as house:
        assert SEARCH not in await asks(house, HARBOUR, "m1")


async def test_it_is_offered_once_there_is_some_and_a_conversation_under_way_begins_as_before(tmp_path: Path) -> None:
    async with rig(tmp_path, *[("Hello.",)] * 3) as house:
        before = await asks(house, HARBOUR, "m1")
        await learns(house, EVERYONE)
        assert (await asks(house, HARBOUR, "m2")).startswith(before)
        assert SEARCH in await asks(house, GENERAL, "m3")


async def test_in_a_support_channel_it_is_offered_before_there_is_any_so_that_what_is_added_counts_at_once(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, *[("Hello.",)] * 3) as house:
        assert SEARCH not in await asks(house, HARBOUR, "m0")
        await house.store.save_support_channel(SupportChannel(place=HARBOUR))
        await house.minute()
        assert SEARCH not in await asks(house, HILLS, "m1")
        await house.says(said("hello", place=HARBOUR, message_id="m2"))
        await house.passes(SETTLE_SECONDS)
        await house.idle()
        assert SEARCH in house.asked()


async def test_knowledge_of_one_guild_is_offered_in_no_other_and_to_whoever_asks_alone(tmp_path: Path) -> None:
    async with rig(tmp_path, *[("Hello.",)] * 3) as house:
        await learns(house, Readers(guild="local:marseille"))
        assert SEARCH not in await asks(house, HILLS, "m1")
        assert SEARCH in await asks(house, HARBOUR, "m2")
        assert SEARCH in await asks(house, direct(ANA), "m3")


async def test_without_any_knowledge_by_settings_there_is_no_search_for_it(tmp_path: Path) -> None:
    settings = Settings(knowledge=KnowledgeSettings(by_staff=False))
    async with rig(tmp_path, ("Hello.",), settings=settings) as house:
        await learns(house, EVERYONE)
        assert SEARCH not in await asks(house, HARBOUR, "m1")
