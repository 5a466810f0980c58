"""JSON as strict as its standard, and a way into all of its strings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast


def parse(text: str) -> object:
    """Raises ValueError, also for NaN and infinities, or RecursionError when nested too deeply."""
    return json.loads(text, parse_constant=_refuse)


def in_strings(value: object, change: Callable[[str], str]) -> object:
    """The same value with every string in it changed, keys too. Raises RecursionError when nested too deeply."""
    match value:
        case str():
            return change(value)
        case Mapping():
            pairs = cast("Mapping[object, object]", value).items()
            return {in_strings(key, change): in_strings(inner, change) for key, inner in pairs}
        case Sequence():
            return [in_strings(inner, change) for inner in cast("Sequence[object]", value)]
        case _:
            return value


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
