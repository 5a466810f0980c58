"""Counters in memory. Bounded, so that a label that varies more than its author thought cannot eat the machine."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.operate.metrics_table import BOUNDS

NAMES = 500
"""Different names kept, at most; what comes after counts as `counters_dropped_total`."""

SERIES_PER_NAME = 100
"""Label sets kept of one name, at most; what comes after counts under the label `other`."""

DROPPED = "counters_dropped_total"

SECONDS = (0.1, 1.0, 10.0, 100.0)
"""Bounds of what is observed under a name that the table does not have."""

Labels = tuple[tuple[str, str], ...]

OTHER: Labels = (("other", "true"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One counter as it stands. `labels` are sorted by name."""

    name: str
    labels: Labels
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How observed values spread: `counts[i]` of them are at most `bounds[i]` and above the bound before; the last
    count is of those above all bounds. `total`: their sum."""

    name: str
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


@dataclass(slots=True)
class _Observed:
    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list[int])
    total: float = 0.0


class MemoryCounters:
    """Implements `bot.ports.Counters`. `bounds`: of what is observed, by name, growing."""

    def __init__(self, *, bounds: Mapping[str, tuple[float, ...]] = BOUNDS) -> None:
        self._bounds = bounds
        self._values: dict[str, dict[Labels, float]] = {}
        self._observed: dict[str, _Observed] = {}

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        if name not in self._values and len(self._values) >= NAMES:
            name, labels = DROPPED, {}
        series = self._values.setdefault(name, {})
        key: Labels = tuple(sorted(labels.items()))
        if key not in series and len(series) >= SERIES_PER_NAME:
            key = OTHER
        series[key] = series.get(key, 0) + amount

    def observe(self, name: str, value: float, /) -> None:
        observed = self._observed.get(name)
        if observed is None:
            if len(self._observed) >= NAMES:
                self.add(DROPPED)
                return
            bounds = self._bounds.get(name, SECONDS)
            observed = self._observed[name] = _Observed(bounds, [0] * (len(bounds) + 1))
        observed.counts[bisect_left(observed.bounds, value)] += 1
        observed.total += value

    def snapshot(self) -> tuple[Series, ...]:
        """All counters, by name and labels."""
        return tuple(
            Series(name=name, labels=labels, value=self._values[name][labels])
            for name in sorted(self._values)
            for labels in sorted(self._values[name])
        )

    def spreads(self) -> tuple[Spread, ...]:
        """All that was observed, by name."""
        return tuple(
            Spread(name=name, bounds=each.bounds, counts=tuple(each.counts), total=each.total)
            for name, each in sorted(self._observed.items())
        )

    def total(self, *names: str) -> float:
        """The sum of these counters over all their labels."""
        return sum(sum(self._values.get(name, {}).values()) for name in names)
