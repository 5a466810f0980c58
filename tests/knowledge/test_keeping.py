"""The index follows the files and the pages: what changed is read anew, and what went is gone at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.documents.reader import DocumentReader
from bot.errors import BadCall, DatabaseUnusable, DocumentWorkerDied
from bot.knowledge.keeping import SOON_SECONDS, Keeping
from bot.knowledge.sources import Sources
from bot.knowledge.spared import RETRY_SECONDS
from bot.ports import Documents
from bot.ports.web import WebPage
from bot.services.knowledge import AskedKnowledge, Library
from bot.settings import Database, KnowledgeSettings, Limits
from bot.storage.store import SqlStore, open_store
from bot.talk.document import Document, PageRange
from bot.talk.message import Person, Place
from tests.documents.samples import corners, pdf, saved
from tests.fakes import FakeClock, FakeCounters, said
from tests.rig import FakeDocuments
from tests.rights import FakeRights

PUBLIC = Place(platform="discord", id="7", guild="5", name="public")
TEAM = Place(platform="discord", id="8", guild="5", name="team")
ABROAD = Place(platform="discord", id="9", guild="6", name="abroad")
ASKER = Person(platform="discord", id="ana", name="Ana")


class FakeWeb:
    """Pages by address; one that is not there, or is an error, cannot be read."""

    def __init__(self) -> None:
        self.pages: dict[str, WebPage | BadCall] = {}
        self.asked: list[str] = []

    async def read(self, url: str) -> WebPage:
        self.asked.append(url)
        found = self.pages.get(url, BadCall("there is no such page"))
        if isinstance(found, BadCall):
            raise found
        return found


class CountingDocuments(FakeDocuments):
    def __init__(self) -> None:
        self.opened: list[str] = []
        self.dies = False

    async def read(self, name: str, media_type: str, data: bytes, *, pages: PageRange | None = None) -> Document:
        self.opened.append(name)
        if self.dies:
            raise DocumentWorkerDied("killed")
        return await super().read(name, media_type, data, pages=pages)


class House:
    """A folder, a list of pages, and what keeps the index of them."""

    def __init__(self, root: Path, store: SqlStore, documents: Documents, clock: FakeClock) -> None:
        self.root = root / "docs"
        self.root.mkdir()
        self.list = root / "pages.txt"
        self.list.write_text("")
        self.web = FakeWeb()
        self.clock = clock
        self.store = store
        self.counters = FakeCounters()
        settings = KnowledgeSettings(dir=self.root, pages=self.list, file_mib=1)
        self.keeping = Keeping(
            store,
            documents,
            self.web,
            settings=settings,
            sources=Sources(settings, platform="discord"),
            clock=clock,
            counters=self.counters,
        )
        self.rights = FakeRights(
            readers={
                PUBLIC.key: {"discord:ana", "discord:ben"},
                TEAM.key: {"discord:ana"},
                ABROAD.key: {"discord:ana"},
            }
        )

    def lays(self, path: str, content: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    async def finds(self, words: str, *, place: Place = PUBLIC) -> list[str]:
        library = Library(store=self.store, unchanged=self.keeping.unchanged, counters=self.counters)
        await self.store.save_place(place)
        asking = said("?", by=ASKER, place=place)
        found = await AskedKnowledge(library, self.rights, asking).search(words, limit=5)
        return [passage.source.title for passage in found.passages]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqlStore]:
    async with open_store(Database(), tmp_path / "data", clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
def documents() -> CountingDocuments:
    return CountingDocuments()


@pytest.fixture
def house(tmp_path: Path, store: SqlStore, documents: CountingDocuments) -> House:
    return House(tmp_path, store, documents, FakeClock())


async def test_files_are_read_once_and_again_only_when_they_change(house: House, documents: CountingDocuments) -> None:
    file = house.lays("a.md", "# Boats\nAnchors hold.")
    await house.keeping.look()
    await house.keeping.look()
    assert await house.finds("anchors") == ["a.md, Boats"]
    file.write_text("# Boats\nSails pull.")
    await house.keeping.look()
    assert await house.finds("anchors") == []
    assert await house.finds("sails") == ["a.md, Boats"]
    assert documents.opened == ["a.md", "a.md"]


async def test_a_file_that_was_only_touched_is_not_cut_anew(house: House, documents: CountingDocuments) -> None:
    file = house.lays("a.md", "Anchors hold.")
    await house.keeping.look()
    file.write_text("Anchors hold.")
    await house.keeping.look()
    assert documents.opened == ["a.md"]
    assert await house.finds("anchors") == ["a.md"]


async def test_what_was_removed_moved_or_changed_is_gone_before_the_next_look(house: House) -> None:
    removed, moved, changed = (house.lays(name, "Anchors hold.") for name in ("a.md", "b.md", "c.md"))
    await house.keeping.look()
    assert len(await house.finds("anchors")) == 3
    removed.unlink()
    (house.root / "@guild-5" / "@channel-8").mkdir(parents=True)
    moved.rename(house.root / "@guild-5" / "@channel-8" / "b.md")
    changed.write_text("Rudders steer.")
    assert await house.finds("anchors") == []
    await house.keeping.look()
    assert await house.finds("anchors") == []
    assert await house.finds("anchors", place=TEAM) == ["b.md"]


async def test_a_search_that_meets_a_change_has_it_looked_at_soon(house: House) -> None:
    file = house.lays("a.md", "Anchors hold.")
    task = asyncio.create_task(house.keeping.run())
    try:
        await _until(house, "anchors")
        file.write_text("Anchors rust.")
        assert await house.finds("anchors") == []
        await house.clock.advance(SOON_SECONDS)
        await _until(house, "rust")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until(house: House, words: str) -> None:
    """What is done in threads is waited for by doing something in one."""
    for _ in range(200):
        if await house.finds(words):
            return
        await house.clock.advance(0)
    raise AssertionError("it was never found")


async def test_who_may_read_is_decided_by_the_folder_and_the_rights_of_now(house: House) -> None:
    house.lays("all.md", "anchors")
    house.lays("@guild-5/guild.md", "anchors")
    house.lays("@guild-5/@channel-8/team.md", "anchors")
    house.lays("@guild-6/abroad.md", "anchors")
    await house.keeping.look()
    assert await house.finds("anchors", place=PUBLIC) == ["all.md", "guild.md"]
    assert sorted(await house.finds("anchors", place=TEAM)) == ["all.md", "guild.md", "team.md"]
    house.rights.readers = {}
    assert await house.finds("anchors", place=TEAM) == ["all.md"]


async def test_a_folder_that_is_away_hides_all_and_needs_no_reading_when_it_is_back(
    house: House, documents: CountingDocuments
) -> None:
    house.lays("a.md", "anchors")
    await house.keeping.look()
    away = house.root.rename(house.root.with_name("away"))
    problems = await house.keeping.look()
    assert "cannot be read" in problems[0].found
    assert await house.finds("anchors") == []
    away.rename(house.root)
    await house.keeping.look()
    assert await house.finds("anchors") == ["a.md"]
    assert documents.opened == ["a.md"]


async def test_what_cannot_be_opened_is_told_once_and_left_alone_until_it_changes(
    house: House, documents: CountingDocuments, caplog: pytest.LogCaptureFixture
) -> None:
    house.lays("good.md", "anchors")
    bad = house.lays("bad.md", "anchors")
    await house.keeping.look()
    bad.write_text("BAD anchors")
    with caplog.at_level(logging.WARNING):
        problems = [await house.keeping.look() for _ in range(3)]
    assert [problem.at for each in problems for problem in each] == ["bad.md"] * 3
    assert [record.message.startswith("knowledge: bad.md: ") for record in caplog.records] == [True]
    assert documents.opened == ["bad.md", "good.md", "bad.md"]
    assert await house.finds("anchors") == ["good.md"]
    bad.write_text("anchors again")
    assert await house.keeping.look() == ()
    assert len(await house.finds("anchors")) == 2


async def test_pictures_and_empty_files_are_told_to_hold_no_words(house: House) -> None:
    house.lays("a.png", "IMAGE a")
    house.lays("b.md", "  \n")
    problems = await house.keeping.look()
    assert {problem.at: problem.found.split(",")[0] for problem in problems} == {
        "a.png": "it is a picture",
        "b.md": "there are no words in it (a scan",
    }


async def test_a_file_that_breaks_its_reader_is_tried_again_after_a_while(
    house: House, documents: CountingDocuments
) -> None:
    house.lays("a.md", "anchors")
    documents.dies = True
    for _ in range(3):
        assert len(await house.keeping.look()) == 1
    assert documents.opened == ["a.md"]
    documents.dies = False
    await house.clock.advance(RETRY_SECONDS)
    assert await house.keeping.look() == ()
    assert await house.finds("anchors") == ["a.md"]


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


async def test_a_page_tells_when_it_was_fetched(house: House) -> None:
    house.list.write_text("https://wiki.example/a\n")
    house.web.pages["https://wiki.example/a"] = WebPage(url="https://elsewhere.example/", title="A", text="anchors")
    await house.keeping.look()
    await house.clock.advance(25 * 3600)
    await house.keeping.look()
    library = Library(store=house.store, unchanged=house.keeping.unchanged, counters=house.counters)
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


async def test_a_database_that_is_away_is_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.lays("a.md", "anchors")
    asked = 0

    async def away() -> None:
        nonlocal asked
        asked += 1
        raise DatabaseUnusable("locked")

    with monkeypatch.context() as broken:
        broken.setattr(house.store, "known", away)
        task = asyncio.create_task(house.keeping.run())
        await house.clock.advance(0)
        assert asked == 1
    try:
        await house.clock.advance(5 * 60)
        await _until(house, "anchors")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_real_files_of_every_kind_are_found_where_they_say_it(tmp_path: Path, store: SqlStore) -> None:
    clock = FakeClock()
    async with DocumentReader(Limits(), clock=clock) as reader:
        house = House(tmp_path, store, reader, clock)
        house.lays("manual.pdf", pdf(["Anchors hold", "Sails pull"]))
        house.lays("page.html", "<title>T</title><h1>Knots</h1><p>Bowline <script>rudder()</script></p>")
        house.lays("prices.csv", "berth,price\nnorth quay,12\nsouth quay,14\n")
        house.lays("notes.txt", "Tides turn.".encode("utf-16"))
        house.lays("hostile.pdf", b"%PDF-1.4 nothing")
        house.lays("picture.png", saved(corners(), "PNG"))
        house.lays("archive.md", b"PK\x03\x04" + bytes(range(256)))
        problems = await house.keeping.look()
        assert sorted(problem.at for problem in problems) == ["archive.md", "hostile.pdf", "picture.png"]
        assert await house.finds("sails") == ["manual.pdf, page 2"]
        assert await house.finds("bowline") == ["page.html, Knots"]
        assert await house.finds("south price 14") == ["prices.csv, rows 2-3"]
        assert await house.finds("tide") == ["notes.txt"]
        assert await house.finds("rudder") == []
