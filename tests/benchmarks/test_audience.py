"""A slice of the benchmark: nobody is told what they may not read; a bot that goes by other rights would tell it."""

from __future__ import annotations

from benchmarks.audience import batch


def test_no_world_leaks_and_the_judge_agrees_with_our_permissions() -> None:
    counts = batch((10_000_000, 400, 3))
    assert counts["worlds"] == 400
    assert counts["leaks"] == counts["leaks_grown"] == counts["disagreements"] == 0
    assert counts["comparisons"] == 1200
    assert counts["ordinary_given"] > 0.4 * counts["ordinary_allowed"] > 0
    assert counts["naive_asker_leaks"] > 100
    assert counts["naive_bot_leaks"] > 100


def test_a_place_that_stops_being_for_adults_while_discord_is_asked_is_told_nothing_of_such_places() -> None:
    assert batch((14_255, 1, 0))["leaks"] == 0
