"""The trap that a life of the program ends in, and what goes wrong with requests to Discord besides."""

from __future__ import annotations

import asyncio
import re
from random import Random

from benchmarks.torture.journal import Journal
from benchmarks.torture.plan import Kill, Moment
from tests.discord_server.faults import Fault, Faults, Gate

SENDS_LOST = 0.01  # of the sends take effect and are not answered
LOST_AS: tuple[int | None, ...] = (500, 502, 503, None)
"""With which status; None: the connection is cut."""

_MESSAGES = re.compile(r"/channels/\d+/messages(?P<one>/\d+)?")
_AT = {
    Moment.READING: ("read", False),
    Moment.RECEIVED: ("send", False),
    Moment.NEVER: ("send", False),
    Moment.SENT: ("send", True),
    Moment.EDITING: ("edit", False),
    Moment.EDITED: ("edit", True),
    Moment.ASKED: ("ask", False),
    Moment.ANSWERING: ("ask", True),
}
"""What is counted, and whether the trap springs once it has taken effect."""


class Trap:
    """Armed for one kill at a time. What is caught in it is held until `let_go`."""

    def __init__(self) -> None:
        self.sprung = asyncio.Event()
        self._kill: Kill | None = None
        self._count = 0
        self._gate: Gate | None = None

    def arm(self, kill: Kill) -> None:
        self.sprung.clear()
        self._kill, self._count = kill, 0

    def catches(self, what: str) -> Moment | None:
        """Told of each send, edit, read and request to the engine: the moment, if this is the one."""
        kill = self._kill
        if kill is None or _AT.get(kill.moment, ("", False))[0] != what:
            return None
        self._count += 1
        if self._count < kill.count:
            return None
        self._kill = None
        return kill.moment

    def gate(self, moment: Moment) -> Gate:
        """Holds the request back, and springs when it is there."""
        self._gate = Gate(pattern="", after_commit=_AT[moment][1], reached=self.sprung)
        return self._gate

    def let_go(self) -> None:
        """The program is dead: what was held goes on without it."""
        self._kill = None
        self.sprung.clear()
        if self._gate is not None:
            self._gate.release()
            self._gate = None


class Rough(Faults):
    """In place of the double's own faults: asks the trap at every request, and loses the answers to some sends."""

    def __init__(self, trap: Trap, journal: Journal, seed: int) -> None:
        super().__init__()
        self.lost = 0
        self.rough = False
        self._trap = trap
        self._journal = journal
        self._random = Random(f"{seed}/sends")
        self._never = False

    def gate(self, method: str, path: str) -> Gate | None:
        what = _what(method, path)
        moment = None if what is None else self._trap.catches(what)
        if moment is None:
            return None
        self._never = moment is Moment.NEVER
        return self._trap.gate(moment)

    def take(self, method: str, path: str) -> Fault | None:
        if self._never:
            self._never = False
            return _fault(None, after_commit=False)
        if not self.rough or _what(method, path) != "send" or self._random.random() >= SENDS_LOST:
            return None
        self.lost += 1
        status = self._random.choice(LOST_AS)
        self._journal.life(f"the answer to a send is lost ({status}): {path}")
        return _fault(status, after_commit=True)

    def open_all(self) -> None:
        self._trap.let_go()


def _what(method: str, path: str) -> str | None:
    found = _MESSAGES.fullmatch(path)
    if found is None:
        return None
    return (
        {"POST": "send", "PATCH": "edit", "GET": "read"}.get(method)
        if found["one"] is None
        else ("edit" if method == "PATCH" else None)
    )


def _fault(status: int | None, *, after_commit: bool) -> Fault:
    return Fault(pattern="", status=status, times=1, after_commit=after_commit, body=None, retry_after=0.05)
