"""Shared by all tests."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.fixtures import tiny_models

__all__ = ["tiny_models"]


MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def pytest_configure() -> None:
    """Databases of tests lie in memory where there is room, for whoever starts no tests with a TMPDIR: else most of the
    time is spent waiting until the disk has written what is thrown away."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return
    folder = MEMORY / f"calanque-tests-{os.getuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)  # PostgreSQL runs as somebody else where we are root
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


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
