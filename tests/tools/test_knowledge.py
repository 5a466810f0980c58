"""The model cites the community's own documents by number, and has no such tool where there are none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.ports.knowledge import Passage, Passages
from bot.ports.services import Services
from bot.settings import GlossarySettings, KnowledgeSettings, Settings
from bot.talk.found import Found, Source
from bot.talk.turn import Call, Whose
from tests.fakes import said
from tests.rig import rig
from tests.tools.asking import context
from tools.knowledge import search_knowledge

SEARCH = Call(id="1", name="search_knowledge", arguments='{"words": "anchors"}')
TRANSLATE = Call(id="1", name="translate", arguments='{"text": "a channel in <#5>", "to": "de"}')


class Shelf:
    def __init__(self, *passages: Passage) -> None:
        self._passages = passages

    async def search(self, words: str, *, limit: int, labels: Collection[str] = ()) -> Passages:
        return Passages(passages=self._passages[:limit], privately=True)


async def searched(*passages: Passage) -> Found:
    asking = replace(context(), services=Services(knowledge=Shelf(*passages)))
    found = await search_knowledge(asking, "anchors")
    assert isinstance(found, Found)
    return found


async def test_passages_are_numbered_and_pages_tell_their_age() -> None:
    file = Passage(text="Anchors hold.", title="Boats", where="Mooring", source=Source(title="boats.md, Mooring"))
    page = Passage(
        text="Anchors rust.",
        title="Wiki",
        source=Source(title="Wiki", url="https://wiki.example/"),
        as_of=datetime(2026, 11, 2, tzinfo=UTC),
    )
    found = await searched(file, page)
    assert "[1] Boats, Mooring\nAnchors hold." in found.text
    assert "[2] Wiki (as fetched on 2026-11-02)\nAnchors rust." in found.text
    assert found.sources == (file.source, page.source)
    assert found.privately


async def test_what_is_given_of_peoples_words_says_whose_they_are_so_that_it_goes_with_them() -> None:
    ana, ben = Whose(message="1", author="discord:ana"), Whose(message="2", author="discord:ben")
    thread = Passage(text="Moor it.", title="Mooring", source=Source(title="Mooring"), of=(ana, ben))
    file = Passage(text="Anchors hold.", title="Boats", source=Source(title="boats.md"))
    assert (await searched(thread, file, thread)).of == (ana, ben)


async def test_nothing_found_is_told_as_that() -> None:
    found = await searched()
    assert found.text.startswith("nothing was found")
    assert not found.sources


async def test_a_whole_turn_finds_what_lies_in_the_folder(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "boats.md").write_text("# Mooring\nAnchors hold.")
    (docs / "@guild-5").mkdir()
    (docs / "@guild-5" / "secret.md").write_text("Anchors of the guild.")
    settings = Settings(knowledge=KnowledgeSettings(dir=docs))
    async with rig(tmp_path, (SEARCH,), ("They hold [1].",), settings=settings) as house:
        assert house.knowledge is not None
        await house.knowledge.look()
        await house.says(said("do anchors hold?"))
        await house.platform.final("They hold [1].")
        assert "[1] Mooring\n# Mooring\nAnchors hold." in house.asked()
        assert "guild" not in house.asked()
        assert str(tmp_path) not in house.asked()


async def test_without_files_and_glossary_the_model_is_told_of_no_such_tools(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Hello.",)) as house:
        await house.says(said("hello"))
        await house.platform.final("Hello.")
        assert "look_again" in house.asked()
        assert "search_knowledge" not in house.asked()
        assert "translate" not in house.asked()


async def test_a_whole_turn_translates_with_the_glossary(tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text("en,de\nchannel,Kanal\n")
    settings = Settings(glossary=GlossarySettings(file=file))
    async with rig(tmp_path, (TRANSLATE,), ("Ein Kanal in <#5>.",), settings=settings) as house:
        await house.says(said("translate this"))
        await house.platform.final("Ein Kanal in <#5>.")
        assert "channel → Kanal" in house.asked()
        assert "character by character:\n<#5>" in house.asked()
