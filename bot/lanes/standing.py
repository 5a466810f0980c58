"""Where somebody who waits stands: their place in line, what will be read for them, about how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import BackendError, ModelMissing
from bot.lanes.order import Order, Ticket
from bot.lanes.rates import Rates
from bot.lanes.slots import Slots
from bot.ports import Clock

GOOD_FOR_SECONDS = 1.0
"""The line is looked at this often at most, however many ask about their place in it."""

SLOW_SECONDS = 3.0
"""An engine that says nothing for so long, beyond what was expected of it, is worth a word."""

SLOW_READING = 2.0
"""As many times what a reading was expected to take."""

SLOW_TOKENS = 10
"""As long as it takes to write so many: somebody who writes slowly is not silent."""

UNMEASURED_TOKENS = 1000
"""Nobody is surprised that more than these take a while, as long as the engine's speed was not measured."""


class Delay(Enum):
    """What somebody waits for besides their turn. SLOW: the engine says nothing, for whatever reason."""

    NONE = auto()
    SLOW = auto()
    AWAY = auto()
    MODEL_MISSING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`place`: in line, 0 at the engine. `tokens`: that the engine will have to read, 0 where that is not known yet.
    `seconds`: about how long until the answer begins, None as long as the engine's speed was not measured."""

    place: int
    tokens: int
    seconds: float | None
    delay: Delay = Delay.NONE


def held_up(error: BackendError, *, place: int = 0) -> Standing:
    """Of somebody who waits for an engine that is away."""
    delay = Delay.MODEL_MISSING if isinstance(error, ModelMissing) else Delay.AWAY
    return Standing(place=place, tokens=0, seconds=None, delay=delay)


def slow() -> Standing:
    """Of somebody who waits for an engine that says nothing."""
    return Standing(place=0, tokens=0, seconds=None, delay=Delay.SLOW)


class Foresight:
    """Estimates for everybody in line, from measured rates."""

    def __init__(
        self, order: Order, slots: Slots, rates: Rates, *, is_warm: Callable[[str], bool], clock: Clock
    ) -> None:
        self._order = order
        self._slots = slots
        self._rates = rates
        self._is_warm = is_warm
        self._clock = clock
        self._looked = float("-inf")
        self._before: dict[Ticket, tuple[int, float | None]] = {}

    def of(self, ticket: Ticket) -> Standing | None:
        """None for one that is not in line any more."""
        now = self._clock.monotonic()
        tokens = ticket.unread or 0
        own = self._rates.seconds(tokens)
        error = self._slots.door.error
        if ticket in self._slots.taken:
            if self._takes_long(ticket, own, now):
                return slow()
            left = None if own is None else max(0.0, own - (now - ticket.began))
            return Standing(place=0, tokens=tokens, seconds=left)
        if ticket not in self._before or now - self._looked >= GOOD_FOR_SECONDS:
            self._look(now)
        if ticket not in self._before:
            return None
        place, before = self._before[ticket]
        if error is not None:
            return held_up(error, place=place)
        return Standing(place=place, tokens=tokens, seconds=None if own is None or before is None else before + own)

    def silent(self, ticket: Ticket) -> Standing | None:
        """Of one whose answer is being written; None where it is."""
        if ticket.heard is None:
            return None
        rate = self._rates.generation
        usual = SLOW_TOKENS / rate if rate else 0.0
        return slow() if self._clock.monotonic() - ticket.heard >= max(SLOW_SECONDS, usual) else None

    @property
    def silence(self) -> float | None:
        """Seconds since the request that has shown no progress for longest did; None where none is under way."""
        heard = [each.heard for each in self._slots.taken if each.heard is not None]
        return self._clock.monotonic() - min(heard) if heard else None

    def _takes_long(self, ticket: Ticket, expected: float | None, now: float) -> bool:
        """At the engine, which has not begun to answer."""
        if ticket.heard is None or (expected is None and (ticket.unread or 0) >= UNMEASURED_TOKENS):
            return False
        return now - ticket.began >= SLOW_SECONDS + (expected or 0.0) * SLOW_READING

    def _look(self, now: float) -> None:
        """Each request takes its reading and a typical reply; with several slots as many go at a time."""
        self._looked = now
        self._before.clear()
        before: float | None = 0.0
        for ticket in self._slots.taken:
            before = _plus(before, self._takes(ticket), less=now - ticket.began)
        for place, ticket in enumerate(self._order.line(is_warm=self._is_warm), start=1):
            self._before[ticket] = (place, None if before is None else before / self._slots.number)
            before = _plus(before, self._takes(ticket))

    def _takes(self, ticket: Ticket) -> float | None:
        if ticket.unread is None:
            return self._order.typical
        return self._rates.seconds(ticket.unread, self._rates.reply)


def _plus(total: float | None, seconds: float | None, *, less: float = 0.0) -> float | None:
    return None if total is None or seconds is None else total + max(0.0, seconds - less)
