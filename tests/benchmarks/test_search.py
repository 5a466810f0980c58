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
