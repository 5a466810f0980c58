"""Who goes next. Pure: turns in, a choice out; time is the engine's, in seconds that it spent on somebody.

Four rules, in this order (docs/decisions/0006):

1. A turn in the middle of its tool rounds goes on.
2. Whoever had less of the engine lately goes first, counted for the person and for the conversation; among equals,
   whoever came first. What somebody had is forgotten when nobody is there, and fades slowly while somebody is.
3. A conversation that the engine still holds may go ahead of others, which saves everybody's time, unless one of these
   has been held up in this way for `warm_wait` seconds, and unless its person has asked for more than one thing.
4. One turn at a time in a conversation.

Nobody waits for ever: whatever goes ahead of a waiting turn either uses up its person's and its conversation's part, or
the bound of rule 3; and newcomers, who had nothing, begin a little behind those before them (`LEAST_SHARE`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

LEAST_SHARE = 0.02
"""Of the engine's time that is left to whoever had the most, however many come who had nothing."""

FIRST_SECONDS = 5.0
"""What a request takes, before one was seen."""

_NEW_WEIGHT = 0.2


@dataclass(slots=True, eq=False, kw_only=True)
class Ticket:
    """One turn's place in the order, while it waits and until it is over.

    `held_up`: seconds that the engine spent on turns that went ahead because they were warm. For estimates only:
    `unread`, tokens that the engine will have to read for it, and `began`, when its request began.
    """

    conversation: str
    person: str
    number: int
    entered: float
    waits: bool = True
    going_on: bool = False
    held_up: float = 0.0
    unread: int | None = None
    began: float = 0.0
    charged: float = 0.0
    overtook: list[Ticket] = field(default_factory=list["Ticket"])


class Order:
    """`warm_wait` as in rule 3, in seconds. Every method takes time in the number of turns, and is exact."""

    def __init__(self, *, warm_wait: float) -> None:
        self._warm_wait = warm_wait
        self._waiting: list[Ticket] = []
        self._people: Counter[str] = Counter()
        self._had: dict[tuple[str, str], float] = {}
        self._now = 0.0
        self._numbers = 0
        self.typical = FIRST_SECONDS

    def __len__(self) -> int:
        """Turns that wait or are under way."""
        return self._people.total()

    @property
    def waiting(self) -> int:
        """Turns that wait."""
        return len(self._waiting)

    def enter(self, conversation: str, person: str) -> Ticket:
        """A new turn waits."""
        self._numbers += 1
        ticket = Ticket(conversation=conversation, person=person, number=self._numbers, entered=self._now)
        self._people[person] += 1
        self._waiting.append(ticket)
        return ticket

    def again(self, ticket: Ticket) -> None:
        """A turn under way wants the engine once more."""
        ticket.going_on = ticket.waits = True
        self._waiting.append(ticket)

    def choose(self, *, busy: Collection[str], is_warm: Callable[[str], bool]) -> Ticket | None:
        """Whose request the engine takes next; it then waits no more. `busy`: conversations with a turn under way."""
        going_on = next((each for each in self._waiting if each.going_on), None)
        if going_on is not None:
            return self._chosen(going_on)
        fair = sorted((each for each in self._waiting if each.conversation not in busy), key=self._rank)
        if not fair:
            return None
        self._now = max(self._now, self._rank(fair[0])[0])
        ahead: list[Ticket] = []
        for ticket in fair:
            if self._may_overtake(ticket, is_warm):
                ticket.overtook = ahead
                return self._chosen(ticket)
            if ticket.held_up >= self._warm_wait:
                break
            ahead.append(ticket)
        return self._chosen(fair[0])

    def spent(self, ticket: Ticket, seconds: float) -> None:
        """The engine spent so long on a request of the turn."""
        self._charge(ticket, seconds - ticket.charged)
        ticket.charged = 0.0
        for overtaken in ticket.overtook:
            overtaken.held_up += seconds
        self._now += seconds * LEAST_SHARE
        self._had = {key: had for key, had in self._had.items() if had > self._now}
        self.typical += (seconds - self.typical) * _NEW_WEIGHT

    def withdraw(self, ticket: Ticket) -> None:
        """It waits no more."""
        if ticket.waits:
            ticket.waits = False
            self._waiting.remove(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The turn is over."""
        self.withdraw(ticket)
        ticket.overtook = []
        self._people[ticket.person] -= 1
        if not self._people[ticket.person]:
            del self._people[ticket.person]
        if not self._people:
            self._had.clear()
            self._now = 0.0

    def line(self, *, is_warm: Callable[[str], bool]) -> list[Ticket]:
        """Who waits, in the order in which they would go if nobody came any more."""
        line = [each for each in self._waiting if each.going_on]
        behind: list[Ticket] = []
        for ticket in sorted((each for each in self._waiting if not each.going_on), key=self._rank):
            if self._may_overtake(ticket, is_warm):
                line.append(ticket)
                continue
            behind.append(ticket)
            if ticket.held_up >= self._warm_wait:
                line += behind
                behind = []
        return line + behind

    def _may_overtake(self, ticket: Ticket, is_warm: Callable[[str], bool]) -> bool:
        return self._people[ticket.person] == 1 and is_warm(ticket.conversation)

    def _chosen(self, ticket: Ticket) -> Ticket:
        self.withdraw(ticket)
        ticket.charged = self.typical
        self._charge(ticket, self.typical)
        return ticket

    def _rank(self, ticket: Ticket) -> tuple[float, int]:
        had = (self._had.get(key, 0.0) for key in _accounts(ticket))
        return max(ticket.entered, *had), ticket.number

    def _charge(self, ticket: Ticket, seconds: float) -> None:
        for key in _accounts(ticket):
            self._had[key] = max(self._had.get(key, 0.0), self._now) + seconds


def _accounts(ticket: Ticket) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("person", ticket.person), ("conversation", ticket.conversation)
