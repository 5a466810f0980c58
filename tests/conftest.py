"""Shared by all tests."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Whoever starts us may not keep what was compiled (images of containers often say so): then each of the hundreds of
# processes that tests start would compile the program and its libraries anew, for seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from bot.inference import embedded  # noqa: E402 (what it imports is to be kept, too)
from tests.compiled import compile_once  # noqa: E402 (likewise)
from tests.models.fixtures import llama, tiny_models  # noqa: E402 (likewise)

__all__ = ["llama", "tiny_models"]


THOROUGH = frozenset({"benchmarks"})
"""Folders of which everything is `thorough`."""

TOGETHER = frozenset({"launched", "lively", "llama", "scripted_engine"})
"""Fixtures of a session or a module that are dear to start: whoever uses one runs in the same process."""

MEMORY, ROOM = Path("/dev/shm"), 4 << 30

# A busy machine is no fault of what is tested.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """What is `thorough` runs where it is asked for: by file, folder, `-k` or `-m`."""
    _lie_in_memory()
    compile_once()
    embedded.THREADS = 1  # two wait for each other in a busy loop where tests fill the machine: four times the work
    gc.disable()  # until all is imported: nothing of it can be thrown away
    asked = config.option.keyword or config.option.markexpr
    if config.args_source is not pytest.Config.ArgsSource.ARGS and not asked:
        config.option.markexpr = "not thorough"


def _lie_in_memory() -> None:
    """Databases of tests lie in memory where there is room, for whoever starts no tests with a TMPDIR: else most of the
    time is spent waiting until the disk has written what is thrown away."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return
    folder = MEMORY / f"calanque-tests-{os.getuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)  # PostgreSQL runs as somebody else where we are root
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What does not run need not be imported."""
    folder = Path(__file__).parent
    ignored = config.option.markexpr == "not thorough" and collection_path.parent == folder
    return True if ignored and collection_path.name in THOROUGH else None


@pytest.hookimpl(tryfirst=True)  # before it is seen which of them run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] in THOROUGH:
            item.add_marker(pytest.mark.thorough)
        for dear in TOGETHER.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(dear))


@pytest.fixture(autouse=True)
def nobody_is_silenced() -> Iterator[None]:
    """A test that turns logging off for its process fails itself, rather than one that comes later."""
    yield
    off = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    assert off == logging.NOTSET


def pytest_collection_finish() -> None:
    """What was imported stays to the end: without it each collection of garbage has much less to look at."""
    gc.freeze()
    gc.enable()
