"""Counters and gauges in Prometheus' text format. Source: the exposition formats, prometheus.io/docs/instrumenting.

What is counted stays in `MemoryCounters`, which is cheap; it is turned into families only when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from bot.operate.metrics import OTHER, Labels, MemoryCounters, Series, Spread
from bot.operate.metrics_table import METRICS, PREFIX, Kind, Metric

Reading = float | Mapping[str, float] | Mapping[tuple[str, ...], float] | None
"""A gauge now: a number, or one for each value of its label (of its labels, as a tuple); None: not known."""

Gauges = Mapping[str, Callable[[], Reading]]


class Exposition:
    """Everything at once, as often as asked for. `gauges`: how each declared gauge is read, by its name."""

    def __init__(self, counters: MemoryCounters, gauges: Gauges) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Counted(counters, gauges))
        ProcessCollector(namespace=PREFIX.removesuffix("_"), registry=self._registry)  # only where there is /proc

    @property
    def content_type(self) -> str:
        return CONTENT_TYPE_LATEST

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Counted(Collector):
    def __init__(self, counters: MemoryCounters, gauges: Gauges) -> None:
        self._counters = counters
        self._gauges = gauges

    def describe(self) -> Iterator[Family]:
        """Nothing: else all would be collected once to find out its names."""
        return iter(())

    def collect(self) -> Iterator[Family]:
        counted: dict[str, list[Series]] = {}
        for series in self._counters.snapshot():
            counted.setdefault(series.name, []).append(series)
        for name in sorted(counted.keys() | _from_the_start()):
            yield _counter(name, counted.get(name, []))
        for spread in self._counters.spreads():
            yield _histogram(spread)
        for name, read in self._gauges.items():
            if (reading := read()) is not None:
                yield _gauge(METRICS[name], reading)


def _from_the_start() -> set[str]:
    """Counters that are 0 before anything happened: with labels nobody knows which ones there will be."""
    own = (each for each in METRICS.values() if not each.name.startswith("process_"))
    return {each.name for each in own if each.kind is Kind.COUNTER and not each.labels}


def _counter(name: str, counted: list[Series]) -> Family:
    metric = METRICS.get(name)
    means = "Not declared." if metric is None else metric.means
    labels = sorted({label for series in counted if series.labels != OTHER for label, _ in series.labels})
    family = CounterMetricFamily(PREFIX + name, means, labels=labels or (None if metric is None else metric.labels))
    for series in counted:
        family.add_metric([_value(series.labels, label) for label in labels], series.value)
    if not counted:
        family.add_metric([], 0)
    return family


def _value(labels: Labels, label: str) -> str:
    return "other" if labels == OTHER else dict(labels).get(label, "")


def _histogram(spread: Spread) -> Family:
    metric = METRICS.get(spread.name)
    family = HistogramMetricFamily(PREFIX + spread.name, "Not declared." if metric is None else metric.means)
    buckets: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip((*spread.bounds, float("inf")), spread.counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else f"{float(bound)}", total))
    family.add_metric([], buckets, spread.total)
    return family


def _gauge(metric: Metric, reading: float | Mapping[str, float] | Mapping[tuple[str, ...], float]) -> Family:
    family = GaugeMetricFamily(PREFIX + metric.name, metric.means, labels=metric.labels)
    if isinstance(reading, Mapping):
        for key, value in reading.items():
            family.add_metric([key] if isinstance(key, str) else list(key), value)
    else:
        family.add_metric([], reading)
    return family
