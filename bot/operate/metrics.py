"""Counters in memory. Bounded, so that a label that varies more than its author thought cannot eat the machine."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = 500
"""Different names kept, at most; what comes after counts as `counters_dropped`."""

SERIES_PER_NAME = 100
"""Label sets kept of one name, at most; what comes after counts under the label `other`."""

DROPPED = "counters_dropped"

Labels = tuple[tuple[str, str], ...]

OTHER: Labels = (("other", "true"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One counter as it stands. `labels` are sorted by name."""

    name: str
    labels: Labels
    value: float


class MemoryCounters:
    """Implements `bot.ports.Counters`."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Labels, float]] = {}

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        if name not in self._values and len(self._values) >= NAMES:
            name, labels = DROPPED, {}
        series = self._values.setdefault(name, {})
        key: Labels = tuple(sorted(labels.items()))
        if key not in series and len(series) >= SERIES_PER_NAME:
            key = OTHER
        series[key] = series.get(key, 0) + amount

    def snapshot(self) -> tuple[Series, ...]:
        """All counters, by name and labels."""
        return tuple(
            Series(name=name, labels=labels, value=self._values[name][labels])
            for name in sorted(self._values)
            for labels in sorted(self._values[name])
        )
