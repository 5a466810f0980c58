"""Signals: the first asks the program to finish what it is doing, the second ends it on the spot."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


def _leave(number: int) -> None:
    logging.shutdown()
    os._exit(128 + number)


@contextmanager
def asked_to_stop(*, force: Callable[[int], None] = _leave) -> Generator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set while the context lasts; a second signal calls `force` with its number.

    To be entered where the event loop runs, in the main thread.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def on_signal(number: int) -> None:
        if stop.is_set():
            force(number)
        else:
            _log.info("%s: finishing what is running; once more ends at once", signal.Signals(number).name)
            stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            # remove_signal_handler sets the default action; whoever listened before us shall listen again.
            signal.signal(number, before[number])
