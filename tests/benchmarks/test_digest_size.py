"""A small slice of the benchmark of a digest's size: it runs, and reads nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.digest_size import digest_size


@pytest.mark.thorough
async def test_a_small_digest_is_measured(tmp_path: Path) -> None:
    report = await digest_size(300, tmp_path)
    found = {figure.key: figure.value for figure in report.figures}
    assert found["messages"] == 300
    assert found["window_exceeded"] == found["again_ratio"] == 0
    assert found["first_progress_s"] > 0
