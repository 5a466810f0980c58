"""Logging of the whole process, put back behind whoever sets it up."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from bot.operate.logs import QUIET, SILENT


@contextmanager
def logging_as_it_was() -> Generator[None]:
    """Within it `bot.operate.logs.set_up` may be called; then handlers and levels are as they were before."""
    root = logging.getLogger()
    named = [root, *map(logging.getLogger, (*QUIET, *SILENT))]
    levels, handlers = [each.level for each in named], root.handlers[:]
    try:
        yield
    finally:
        for each, level in zip(named, levels, strict=True):
            each.setLevel(level)
        root.handlers[:] = handlers
        logging.captureWarnings(capture=False)
