"""How a benchmark tells its figures: lines for people, and with `--json` one object as the last line for programs."""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

DIGITS = 4  # after the point


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share (0..1) of the values lies, interpolated between the two nearest.

    Raises ValueError without values or for another share.
    """
    if not values:
        raise ValueError("no values to take a percentile of")
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number. `key` names it in the JSON; `at_most` or `at_least` is the goal, in the same unit."""

    key: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def missed(self) -> bool:
        over = self.at_most is not None and self.value > self.at_most
        return over or (self.at_least is not None and self.value < self.at_least)

    def __str__(self) -> str:
        shown = f"{self.key} = {_short(self.value)} {self.unit}".rstrip()
        if self.at_most is not None:
            return f"{shown} ({'OVER' if self.missed else 'within'} {_short(self.at_most)})"
        if self.at_least is not None:
            return f"{shown} ({'BELOW' if self.missed else 'at least'} {_short(self.at_least)})"
        return shown


@dataclass(slots=True)
class Report:
    """The figures of one run, in the order in which they were found."""

    figures: list[Figure] = field(default_factory=list[Figure])

    def add(
        self, key: str, value: float, unit: str = "", *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Raises ValueError for a key that is there already and for a value that is not finite."""
        if any(figure.key == key for figure in self.figures):
            raise ValueError(f"{key} is reported twice")
        if not math.isfinite(value):
            raise ValueError(f"{key} is not a finite number")
        self.figures.append(Figure(key=key, value=value, unit=unit, at_most=at_most, at_least=at_least))

    def add_percentiles(
        self, stem: str, values: Sequence[float], unit: str = "", *, at_most: dict[int, float] | None = None
    ) -> None:
        """`stem_p50` and `stem_p99` of the values, and any other percentile that has a goal in `at_most`."""
        goals = at_most or {}
        for percent in sorted({50, 99} | set(goals)):
            self.add(f"{stem}_p{percent}", percentile(values, percent / 100), unit, at_most=goals.get(percent))

    def show(self, *, as_json: bool, out: TextIO | None = None) -> None:
        """Print a line a figure, the machine, and where asked for the JSON object."""
        stream = out or sys.stdout
        for figure in self.figures:
            print(figure, file=stream)
        print(f"on {platform.system()} {platform.machine()}, Python {platform.python_version()}", file=stream)
        if as_json:
            print(json.dumps({figure.key: round(figure.value, DIGITS) for figure in self.figures}), file=stream)
        stream.flush()


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser that knows `--json` (as `.json`); a benchmark adds its own options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="end with one JSON object on the last line")
    return parser


def _short(value: float) -> str:
    return f"{round(value, DIGITS):.10g}"
