"""The soak runs to its end in small; what may not grow at all does not grow there either."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak import soaked


@pytest.mark.thorough
async def test_a_short_soak_has_answers_reminders_and_a_night_and_leaves_no_task_or_descriptor_behind(
    tmp_path: Path,
) -> None:
    report = await soaked(0.12, 300, tmp_path)
    figures = {figure.key: figure.value for figure in report.figures}
    assert figures["messages"] == 300
    assert figures["answers"] > 5
    assert figures["reminders"] > 0
    assert figures["nights"] == 1
    assert figures["tasks_growth"] <= 0
    assert figures["fds_growth"] <= 0
