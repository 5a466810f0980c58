"""Counters: they add up, and they cannot grow without end."""

from __future__ import annotations

from bot.operate.metrics import DROPPED, NAMES, OTHER, SERIES_PER_NAME, MemoryCounters


def test_equal_labels_add_up_in_any_order() -> None:
    counters = MemoryCounters()
    counters.add("turns", state="done", platform="local")
    counters.add("turns", 2, platform="local", state="done")
    counters.add("turns", state="failed", platform="local")
    assert [(series.labels, series.value) for series in counters.snapshot()] == [
        ((("platform", "local"), ("state", "done")), 3),
        ((("platform", "local"), ("state", "failed")), 1),
    ]


def test_label_sets_beyond_the_limit_are_counted_together() -> None:
    counters = MemoryCounters()
    for number in range(SERIES_PER_NAME + 50):
        counters.add("requests", path=str(number))
    rows = {series.labels: series.value for series in counters.snapshot()}
    assert len(rows) == SERIES_PER_NAME + 1
    assert rows[OTHER] == 50
    counters.add("requests", path="0")
    assert {series.labels: series.value for series in counters.snapshot()}[(("path", "0"),)] == 2


def test_names_beyond_the_limit_are_counted_as_dropped() -> None:
    counters = MemoryCounters()
    for number in range(NAMES + 7):
        counters.add(f"name_{number}")
    rows = {series.name: series.value for series in counters.snapshot()}
    assert len(rows) == NAMES + 1
    assert rows[DROPPED] == 7
