"""What Prometheus reads: parsed by its own client, every name declared, and nothing lost or made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client.parser import text_string_to_metric_families as parsed

from bot.operate.exposition import Exposition, Gauges
from bot.operate.metrics import SERIES_PER_NAME, MemoryCounters
from bot.operate.metrics_table import METRICS, PREFIX, Kind

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def families(counters: MemoryCounters, gauges: Gauges | None = None) -> Mapping[str, Any]:
    text = Exposition(counters, gauges or {}).text().decode()
    return {family.name: family for family in parsed(text)}


def samples(counters: MemoryCounters, gauges: Gauges | None = None) -> Samples:
    return {
        (sample.name.removeprefix(PREFIX), tuple(sorted(sample.labels.items()))): sample.value
        for family in families(counters, gauges).values()
        for sample in family.samples
    }


def test_counters_stand_under_our_name_with_their_labels_and_their_meaning() -> None:
    counters = MemoryCounters()
    counters.add("prompt_miscounts_total", 3, result="under", cause="text")
    counters.add("prompt_miscounts_total", result="over", cause='a "quoted"\nword \\')
    found = samples(counters)
    assert found["prompt_miscounts_total", (("cause", "text"), ("result", "under"))] == 3
    assert found["prompt_miscounts_total", (("cause", 'a "quoted"\nword \\'), ("result", "over"))] == 1
    family = families(counters)["calanque_prompt_miscounts"]
    assert (family.type, family.documentation) == ("counter", METRICS["prompt_miscounts_total"].means)


def test_what_has_no_labels_is_nought_before_it_happens_and_what_has_some_is_not_made_up() -> None:
    found = samples(MemoryCounters())
    assert found["discord_inbox_full_total", ()] == 0
    assert not [name for name, _ in found if name == "events_total"]


def test_series_beyond_the_bound_stand_under_other() -> None:
    counters = MemoryCounters()
    for number in range(SERIES_PER_NAME + 7):
        counters.add("tool_calls_total", tool=str(number), outcome="ok")
    found = samples(counters)
    assert found["tool_calls_total", (("outcome", "other"), ("tool", "other"))] == 7
    assert len([name for name, _ in found if name == "tool_calls_total"]) == SERIES_PER_NAME + 1


def test_a_histogram_is_cumulative_and_ends_with_everything() -> None:
    counters = MemoryCounters(bounds={"answer_seconds": (1.0, 2.5)})
    for value in (0.5, 1.0, 2.0, 9.0):
        counters.observe("answer_seconds", value)
    found = samples(counters)
    assert [found["answer_seconds_bucket", (("le", bound),)] for bound in ("1.0", "2.5", "+Inf")] == [2, 3, 4]
    assert (found["answer_seconds_count", ()], found["answer_seconds_sum", ()]) == (4, 12.5)
    assert families(counters)["calanque_answer_seconds"].type == "histogram"


def test_gauges_are_read_when_asked_for_and_what_is_not_known_is_left_out() -> None:
    waiting = 3
    gauges: Gauges = {
        "turns_waiting": lambda: waiting,
        "deliveries_unfinished": lambda: {"open": 1, "unknown": 2},
        "build_info": lambda: {("0.1.0", "3.11"): 1.0},
        "engine_read_tokens_per_second": lambda: None,
    }
    found = samples(MemoryCounters(), gauges)
    assert found["turns_waiting", ()] == 3
    assert found["deliveries_unfinished", (("state", "unknown"),)] == 2
    assert found["build_info", (("python", "3.11"), ("version", "0.1.0"))] == 1
    assert not [name for name, _ in found if name.startswith("engine_read")]


def test_what_nobody_declared_is_told_all_the_same() -> None:
    counters = MemoryCounters()
    counters.add("surprises_total", kind="odd")
    counters.observe("surprise_seconds", 2)
    found = samples(counters)
    assert found["surprises_total", (("kind", "odd"),)] == 1
    assert found["surprise_seconds_count", ()] == 1


def test_all_that_is_declared_can_be_told_and_all_that_is_told_is_declared() -> None:
    counters = MemoryCounters()
    for metric in METRICS.values():
        if metric.kind is Kind.COUNTER and not metric.name.startswith("process_"):
            counters.add(metric.name, **dict.fromkeys(metric.labels, "x"))
        elif metric.kind is Kind.HISTOGRAM:
            counters.observe(metric.name, 1)
    gauges: Gauges = {
        metric.name: (lambda labels=metric.labels: {("x",) * len(labels): 1.0} if labels else 1.0)
        for metric in METRICS.values()
        if metric.kind is Kind.GAUGE and not metric.name.startswith("process_")
    }
    told = families(counters, gauges)
    names = {name + ("_total" if family.type == "counter" else "") for name, family in told.items()}
    missing = {PREFIX + name for name in METRICS} - names
    assert not [name for name in missing if not name.startswith(f"{PREFIX}process_")]
    assert names - {PREFIX + name for name in METRICS} == set()
    for name, family in told.items():
        kind = METRICS[(name + ("_total" if family.type == "counter" else "")).removeprefix(PREFIX)].kind
        assert family.type == kind.value
