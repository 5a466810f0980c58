"""Tells systemd how the program is: started, alive, ending. Source: sd_notify(3), systemd 257.

One datagram each to the socket that it names; where that fails, the log says so once and the program goes on.
"""

from __future__ import annotations

import logging
import socket
from types import TracebackType
from typing import Self

from bot.ports import Clock
from bot.settings import Supervisor

_log = logging.getLogger(__name__)

OFTEN = 3
"""Signs of life in the time after which systemd would end the program."""


class Notifier:
    """A context manager. `supervisor` None: nobody is told anything."""

    def __init__(self, supervisor: Supervisor | None, *, clock: Clock) -> None:
        self._address = "" if supervisor is None else supervisor.socket
        self._pause = None if supervisor is None or supervisor.seconds is None else supervisor.seconds / OFTEN
        self._clock = clock
        self._lived = float("-inf")
        self._socket: socket.socket | None = None
        self._failed = False

    def __enter__(self) -> Self:
        if not self._address:
            return self
        if self._address[0] not in "/@":
            _log.warning("NOTIFY_SOCKET names a kind of socket that is not known here; nobody is told")
            return self
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def started(self) -> None:
        self._tell("READY=1")

    def alive(self) -> None:
        """To be called often while the loop turns; told as often as it is asked for."""
        now = self._clock.monotonic()
        if self._pause is not None and now - self._lived >= self._pause:
            self._lived = now
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, what: str) -> None:
        if self._socket is None:
            return
        # A name that begins with @ is abstract: it has no file, and begins with a zero byte.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            self._socket.sendto(what.encode(), address)
        except OSError as error:
            if not self._failed:
                _log.warning("systemd could not be told %s (%s)", what, error.strerror)
            self._failed = True
        else:
            self._failed = False
