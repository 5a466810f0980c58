"""A small slice of the search benchmark: it runs, finds, and leaks nothing."""

from __future__ import annotations

from pathlib import Path

from benchmarks.search import search


async def test_a_small_search_is_measured_on_sqlite(tmp_path: Path) -> None:
    report = await search(400, 20, 4, 1, ["sqlite"], tmp_path)
    found = {figure.key: figure.value for figure in report.figures}
    assert found["messages"] == 400
    assert found["p95_ms_sqlite"] > 0
    assert found["max_ms"] >= found["p95_ms_sqlite"]


async def test_what_was_built_once_is_asked_again(tmp_path: Path) -> None:
    for built in (True, False):
        report = await search(60, 8, 3, 1, ["sqlite"], tmp_path)
        keys = {figure.key for figure in report.figures}
        assert ("indexed_per_s_sqlite" in keys) == built
        assert "p95_ms_sqlite" in keys
