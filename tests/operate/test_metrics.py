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


def test_observed_values_are_kept_by_the_bounds_they_are_within() -> None:
    counters = MemoryCounters(bounds={"wait_seconds": (1.0, 2.0)})
    for value in (0.5, 1.0, 1.5, 2.0, 2.5, 100.0):
        counters.observe("wait_seconds", value)
    (spread,) = counters.spreads()
    assert (spread.name, spread.bounds) == ("wait_seconds", (1.0, 2.0))
    assert spread.counts == (2, 2, 2)
    assert spread.total == 107.5


def test_what_is_observed_without_having_been_declared_has_bounds_too_and_is_bounded() -> None:
    counters = MemoryCounters(bounds={})
    for number in range(NAMES + 3):
        counters.observe(f"wait_{number}", 0.5)
    assert len(counters.spreads()) == NAMES
    assert counters.total(DROPPED) == 3
    assert sum(counters.spreads()[0].counts) == 1


def test_a_counter_is_summed_over_its_labels() -> None:
    counters = MemoryCounters()
    counters.add("sent", 2, to="a")
    counters.add("sent", to="b")
    counters.add("kept")
    assert counters.total("sent", "kept", "lost") == 4
