"""Pages are fetched again when it is time, kept while they are away, and tell how old they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.errors import BadCall
from bot.knowledge.keeping import Keeping
from bot.knowledge.sources import Sources
from bot.ports.web import WebPage
from bot.services.knowledge import AskedKnowledge, Library
from bot.settings import KnowledgeSettings
from bot.storage.store import SqlStore
from tests.fakes import FakeClock, FakeCounters, said
from tests.knowledge.house import PUBLIC, CountingDocuments, House


async def test_a_page_is_fetched_again_when_it_is_time_and_kept_while_it_is_away(house: House) -> None:
    house.list.write_text("https://wiki.example/a\n@guild-6 https://wiki.example/b\n")
    house.web.pages["https://wiki.example/a"] = WebPage(
        url="https://wiki.example/a", title="Wiki A", text="# Moor\nanchors"
    )
    house.web.pages["https://wiki.example/b"] = WebPage(url="https://wiki.example/b", title="B", text="anchors")
    await house.keeping.look()
    await house.keeping.look()
    assert house.web.asked == ["https://wiki.example/a", "https://wiki.example/b"]
    assert await house.finds("anchors") == ["Wiki A, Moor"]
    house.web.pages["https://wiki.example/a"] = BadCall("away")
    await house.clock.advance(24 * 3600)
    (problem,) = await house.keeping.look()
    assert problem.found == "it cannot be read: away"
    assert await house.finds("anchors") == ["Wiki A, Moor"]
    house.list.write_text("")
    assert await house.finds("anchors") == []
    await house.keeping.look()
    assert await house.store.known() == {}


async def test_a_page_that_breaks_off_does_not_take_the_place_of_the_whole_one(house: House) -> None:
    house.list.write_text("https://wiki.example/a\n")
    whole = WebPage(url="https://wiki.example/a", title="Wiki A", text="# Moor\nanchors\n# Sail\nsheets")
    broken = replace(whole, text="# Moor\nropes", cut=True, broken=True)
    house.web.pages[whole.url] = broken
    (problem,) = await house.keeping.look()
    assert problem.found == "it broke off: only its beginning is read"
    assert await house.finds("ropes") == ["Wiki A, Moor"]
    house.web.pages[whole.url] = whole
    await house.clock.advance(24 * 3600)
    assert await house.keeping.look() == ()
    house.web.pages[whole.url] = broken
    await house.clock.advance(24 * 3600)
    (problem,) = await house.keeping.look()
    assert problem.found == "it cannot be read: it broke off"
    assert await house.finds("sheets") == ["Wiki A, Sail"]
    (known,) = (await house.store.known()).values()
    assert known.failing_since == house.clock.now()
    house.web.pages[whole.url] = replace(whole, cut=True)
    await house.clock.advance(3600)
    (problem,) = await house.keeping.look()
    assert problem.found == "it is too long: only its beginning is read"


async def test_a_page_tells_when_it_was_fetched(house: House) -> None:
    house.list.write_text("https://wiki.example/a\n")
    house.web.pages["https://wiki.example/a"] = WebPage(url="https://elsewhere.example/", title="A", text="anchors")
    await house.keeping.look()
    await house.clock.advance(25 * 3600)
    await house.keeping.look()
    library = Library(store=house.store, unchanged=house.keeping.unchanged, counters=house.counters, clock=house.clock)
    found = await AskedKnowledge(library, None, said("?", place=PUBLIC)).search("anchors", limit=5)
    (passage,) = found.passages
    assert passage.as_of == house.clock.now()
    assert passage.source.url == "https://wiki.example/a"
    assert not found.privately


async def test_without_a_way_to_the_web_pages_are_told_to_be_out_of_reach(
    tmp_path: Path, store: SqlStore, documents: CountingDocuments
) -> None:
    (tmp_path / "pages.txt").write_text("https://wiki.example/a")
    settings = KnowledgeSettings(pages=tmp_path / "pages.txt")
    sources = Sources(settings, platform="discord")
    keeping = Keeping(
        store, documents, None, settings=settings, sources=sources, clock=FakeClock(), counters=FakeCounters()
    )
    (problem,) = await keeping.look()
    assert "fetches no pages" in problem.found
