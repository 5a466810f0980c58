"""The index follows the files and the pages: what changed is read anew, and what went is gone at once."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.documents.reader import DocumentReader
from bot.errors import DatabaseUnusable
from bot.knowledge.keeping import MOST_TOLD, SOON_SECONDS
from bot.knowledge.spared import RETRY_SECONDS
from bot.settings import Limits
from bot.storage.store import SqlStore
from bot.talk.document import Document
from tests.documents.samples import corners, pdf, saved
from tests.fakes import FakeClock
from tests.knowledge.house import PUBLIC, TEAM, CountingDocuments, House


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


async def test_it_is_reading_from_its_start_until_all_files_were_read(
    house: House, documents: CountingDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.lays("a.md", "# A\nanchors")
    seen: list[bool] = []
    read = documents.read

    async def noted(*given: Any, **more: Any) -> Document:
        seen.append(house.keeping.reading)
        return await read(*given, **more)

    monkeypatch.setattr(documents, "read", noted)
    assert house.keeping.reading
    await house.keeping.look()
    assert not house.keeping.reading
    house.lays("b.md", "# B\nbuoys")
    await house.keeping.look()
    assert seen == [True, True]
    assert not house.keeping.reading


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


async def test_a_folder_of_nothing_but_links_says_so_in_a_few_lines(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(300):
        (house.root / f"{number}.md").symlink_to(house.root)
    with caplog.at_level(logging.WARNING):
        problems = await house.keeping.look()
        await house.keeping.look()
    assert len(problems) == 300
    assert len(caplog.records) == MOST_TOLD + 1
    assert "and 250 more such problems" in caplog.text
