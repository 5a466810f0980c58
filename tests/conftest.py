"""Shared by all tests."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest

from tests.models.fixtures import tiny_models

__all__ = ["tiny_models"]


@pytest.fixture(autouse=True)
def nobody_is_silenced() -> Iterator[None]:
    """A test that turns logging off for its process fails itself, rather than one that comes later."""
    yield
    off = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    assert off == logging.NOTSET


def pytest_collection_finish() -> None:
    """What was imported stays to the end: without it each collection of garbage has much less to look at."""
    gc.collect()
    gc.freeze()
