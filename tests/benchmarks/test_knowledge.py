"""A slice: sections are found by their titles, and a title that reads the same in both languages is not asked."""

from __future__ import annotations

from pathlib import Path

from benchmarks.knowledge import recall
from benchmarks.knowledge_manual import Manual
from benchmarks.knowledge_speed import speed
from benchmarks.reporting import Report
from bot.talk.knowledge import EVERYONE, Chunk, Known
from tests.fakes import START
from tests.knowledge.test_embedding import FakeEmbeds


def book(language: str, *titles: str) -> Manual:
    known = Known(key=language, name=language, title=language, readers=EVERYONE, digest="1", read_at=START)
    numbered = {f"1.{at}": title for at, title in enumerate(titles, 1)}
    parts = [Chunk(text=f"{title} is told here.", where=f"Book › {at}. {title}") for at, title in numbered.items()]
    return Manual(language=language, chapters=[(known, parts)], titles=numbered, sentences={}, whole=len(parts))


async def test_what_is_found_is_counted_in_the_same_language_and_across() -> None:
    report = Report()
    await recall("words", [book("en", "Anchors", "GNU"), book("de", "Anker", "GNU")], None, report, main=False)
    told = {figure.key: figure.value for figure in report.figures}
    assert told == {"recall5_same_words": 1.0, "recall5_cross_words": 0.0}


async def test_the_big_index_is_searched_the_whole_way(tmp_path: Path) -> None:
    report = Report()
    await speed("sqlite", 100, book("en", "anchor", "gull"), FakeEmbeds(), tmp_path, report)
    told = {figure.key: figure.value for figure in report.figures}
    assert told["searched_chunks"] == 100
    assert told["search_ms_p95"] > 0
