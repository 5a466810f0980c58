"""Who goes next. Pure: turns in, a choice out; time is the engine's, in seconds that it spent on somebody.

Four rules, in this order (docs/decisions/0006):

1. A turn in the middle of its tool rounds goes on.
2. The person who had less of the engine lately goes first. Of those who had nothing, the ones in conversations that had
   much more than others go last; else whoever came first. What somebody had is forgotten when nobody is there, and
   fades slowly while somebody is.
3. Ahead of whoever is first by rule 2 goes a conversation that the engine still holds, which saves everybody's time.
   But nobody who is first is held up in this way for more than `warm_wait` seconds, nor by a person who had so much
   more than they, or who asks for several things at once.
4. One turn at a time in a conversation.

Nobody waits for ever: whatever goes ahead of a waiting turn uses up its person's part, and newcomers, who had nothing,
begin a little behind those before them (`LEAST_SHARE`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

LEAST_SHARE = 0.02
"""Of the engine's time that is left to whoever had the most, however many come who had nothing."""

CONVERSATION_SECONDS = 30.0
"""As much more of the engine than others a conversation has before its people go behind those of others."""

FIRST_SECONDS = 5.0
"""What a request takes, before one was seen."""

_NEW_WEIGHT = 0.2


@dataclass(slots=True, eq=False, kw_only=True)
class Ticket:
    """One turn's place in the order, while it waits and until it is over.

    `held_up`: seconds that the engine spent on turns that went ahead of it by rule 3. For estimates only:
    `unread`, tokens that the engine will have to read for it, `began`, when its request began, and `heard`, when that
    last showed progress (None where none is under way).
    """

    conversation: str
    person: str
    number: int
    waits: bool = True
    going_on: bool = False
    held_up: float = 0.0
    unread: int | None = None
    began: float = 0.0
    heard: float | None = None
    charged: float = 0.0
    overtook: Ticket | None = None


class Accounts:
    """What each of those who share an engine had of it lately, in seconds.

    Kept as in start-time fair queueing: a common level rises with whoever is served, and counts as what everybody had.
    """

    def __init__(self) -> None:
        self._had: dict[str, float] = {}
        self._level = 0.0

    def beyond(self, key: str) -> float:
        """Seconds that it had beyond the level; 0 for whoever had nothing lately."""
        return max(0.0, self._had.get(key, 0.0) - self._level)

    def charge(self, key: str, seconds: float) -> None:
        """It had so much more, or, below zero, less than was thought."""
        self._had[key] = max(self._had.get(key, 0.0), self._level) + seconds

    def raise_to(self, waiting: Iterable[str]) -> None:
        """Nobody who waits had less than the least of these."""
        self._level = min(max(self._had.get(key, 0.0), self._level) for key in waiting)

    def fade(self, seconds: float) -> None:
        self._level += seconds
        self._had = {key: had for key, had in self._had.items() if had > self._level}

    def clear(self) -> None:
        self._had.clear()
        self._level = 0.0


class Order:
    """`warm_wait` as in rule 3, in seconds. Every method takes time in the number of turns, and is exact."""

    def __init__(self, *, warm_wait: float) -> None:
        self._warm_wait = warm_wait
        self._waiting: list[Ticket] = []
        self._here: Counter[str] = Counter()
        self._people = Accounts()
        self._conversations = Accounts()
        self._numbers = 0
        self.typical = FIRST_SECONDS

    def __len__(self) -> int:
        """Turns that wait or are under way."""
        return self._here.total()

    @property
    def waiting(self) -> int:
        """Turns that wait."""
        return len(self._waiting)

    def enter(self, conversation: str, person: str) -> Ticket:
        """A new turn waits."""
        self._numbers += 1
        self._here[person] += 1
        ticket = Ticket(conversation=conversation, person=person, number=self._numbers)
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
        first = fair[0]
        self._people.raise_to(each.person for each in fair)
        self._conversations.raise_to(each.conversation for each in fair if not self._people.beyond(each.person))
        warm = first
        if first.held_up < self._warm_wait:
            warm = next((each for each in fair if self._may_overtake(each, first, is_warm)), first)
        if warm is not first:
            warm.overtook = first
        return self._chosen(warm)

    def spent(self, ticket: Ticket, seconds: float) -> None:
        """The engine spent so long on a request of the turn."""
        self._charge(ticket, seconds - ticket.charged)
        ticket.charged = 0.0
        if ticket.overtook is not None:
            ticket.overtook.held_up += seconds
        self._people.fade(seconds * LEAST_SHARE)
        self._conversations.fade(seconds * LEAST_SHARE)
        self.typical += (seconds - self.typical) * _NEW_WEIGHT

    def withdraw(self, ticket: Ticket) -> None:
        """It waits no more."""
        if ticket.waits:
            ticket.waits = False
            self._waiting.remove(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The turn is over."""
        self.withdraw(ticket)
        ticket.overtook = None
        self._here[ticket.person] -= 1
        if not self._here[ticket.person]:
            del self._here[ticket.person]
        if not self._here:
            self._people.clear()
            self._conversations.clear()

    def line(self, *, is_warm: Callable[[str], bool]) -> list[Ticket]:
        """Who waits, in the order in which they would go if nobody came any more."""
        line = [each for each in self._waiting if each.going_on]
        fair = sorted((each for each in self._waiting if not each.going_on), key=self._rank)
        while fair and fair[0].held_up >= self._warm_wait:
            line.append(fair.pop(0))
        return line + sorted(fair, key=lambda each: not self._may_overtake(each, fair[0], is_warm))

    def _rank(self, ticket: Ticket) -> tuple[float, int, int]:
        had = self._conversations.beyond(ticket.conversation)
        return self._people.beyond(ticket.person), int(had / CONVERSATION_SECONDS), ticket.number

    def _may_overtake(self, ticket: Ticket, first: Ticket, is_warm: Callable[[str], bool]) -> bool:
        ahead = self._people.beyond(ticket.person) - self._people.beyond(first.person)
        return ahead < self._warm_wait and self._here[ticket.person] == 1 and is_warm(ticket.conversation)

    def _chosen(self, ticket: Ticket) -> Ticket:
        self.withdraw(ticket)
        ticket.charged = self.typical
        self._charge(ticket, self.typical)
        return ticket

    def _charge(self, ticket: Ticket, seconds: float) -> None:
        self._people.charge(ticket.person, seconds)
        self._conversations.charge(ticket.conversation, seconds)
