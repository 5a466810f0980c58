"""Values of a test of which `make test` tries some, and `make thorough` all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def some(values: Iterable[Any], usual: Collection[Any]) -> list[Any]:
    """All values as parameters; those that are not among the usual ones are `thorough`."""
    return [each if each in usual else pytest.param(each, marks=pytest.mark.thorough) for each in values]
