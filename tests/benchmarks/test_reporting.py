"""Figures are told to people in lines and to programs in one object."""

from __future__ import annotations

import io
import json
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reporting import Report, arguments, percentile

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile(range(101), 0.99) == 99
    assert percentile([7], 0.99) == 7


@given(numbers)
def test_percentiles_agree_with_the_extremes_and_the_median(values: list[float]) -> None:
    assert percentile(values, 0) == min(values)
    assert percentile(values, 1) == max(values)
    assert percentile(values, 0.5) == pytest.approx(statistics.median(values), abs=1e-6)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_a_percentile_of_nothing_or_beyond_the_ends_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match=r"values|share"):
        percentile(values, share)


def shown(report: Report, *, as_json: bool) -> list[str]:
    out = io.StringIO()
    report.show(as_json=as_json, out=out)
    return out.getvalue().splitlines()


def report_of_two() -> Report:
    report = Report()
    report.add("ready_s", 2.51239, "s", at_most=3)
    report.add("rss_mib", 400, "MiB", at_most=350)
    return report


def test_people_read_a_line_a_figure_with_its_goal() -> None:
    lines = shown(report_of_two(), as_json=False)
    assert lines[:2] == ["ready_s = 2.5124 s (within 3)", "rss_mib = 400 MiB (OVER 350)"]
    assert lines[2].startswith("on ")
    assert len(lines) == 3


def test_a_goal_may_be_the_least_as_well() -> None:
    report = Report()
    report.add("warm_ratio", 0.94, at_least=0.9)
    report.add("warm_ratio_worst", 0.85, at_least=0.9)
    assert shown(report, as_json=False)[:2] == [
        "warm_ratio = 0.94 (at least 0.9)",
        "warm_ratio_worst = 0.85 (BELOW 0.9)",
    ]


def test_programs_read_one_object_on_the_last_line() -> None:
    lines = shown(report_of_two(), as_json=True)
    assert len(lines) == 4
    assert json.loads(lines[-1]) == {"ready_s": 2.5124, "rss_mib": 400}


def test_percentiles_are_reported_under_one_stem_with_their_goals() -> None:
    report = Report()
    report.add_percentiles("event_to_request_ms", [float(n) for n in range(101)], "ms", at_most={50: 15, 90: 95})
    assert [(figure.key, figure.value, figure.missed) for figure in report.figures] == [
        ("event_to_request_ms_p50", 50, True),
        ("event_to_request_ms_p90", 90, False),
        ("event_to_request_ms_p99", 99, False),
    ]


@pytest.mark.parametrize(("key", "value"), [("ready_s", 1.0), ("new", math.nan), ("new", math.inf)])
def test_a_figure_reported_twice_or_not_a_number_is_refused(key: str, value: float) -> None:
    report = report_of_two()
    with pytest.raises(ValueError, match=key):
        report.add(key, value)


def test_the_flag_is_known_to_every_benchmark() -> None:
    assert arguments("x").parse_args(["--json"]).json is True
    assert arguments("x").parse_args([]).json is False
