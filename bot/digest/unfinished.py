"""What has been made for runs that are under way: one for many readers and languages takes longer than a slice of it,
and goes on in the next one where it was. Lost with the process, which makes it anew from the stages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.ports.moments import News
from bot.talk.digest import Digest, Order
from bot.talk.plan import Run

RUNS = 64
"""Of so many something is kept; of what fails or is removed on the way until others come."""


@dataclass(slots=True)
class _Under:
    """One run under way. `open`: of which rooms what somebody is sent may be made, by their key."""

    news: News | None = None
    open: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    made: dict[Order, Digest] = field(default_factory=dict[Order, Digest])


class Unfinished:
    def __init__(self) -> None:
        self._runs: OrderedDict[str, _Under] = OrderedDict()

    async def news(self, run: Run, read: Callable[[], Awaitable[News]]) -> News:
        """As they were when it began: all its readers are told up to the same message."""
        under = self._under(run)
        if under.news is None:
            under.news = await read()
        return under.news

    def open(self, run: Run) -> dict[str, frozenset[str]]:
        """To be added to."""
        return self._under(run).open

    async def made(self, run: Run, order: Order, make: Callable[[], Awaitable[Digest]]) -> Digest:
        """Each order of a run once."""
        made = self._under(run).made
        if order not in made:
            made[order] = await make()
        return made[order]

    def over(self, run: Run) -> None:
        """All of it was made."""
        self._runs.pop(run.key, None)

    def _under(self, run: Run) -> _Under:
        under = self._runs.setdefault(run.key, _Under())
        self._runs.move_to_end(run.key)
        while len(self._runs) > RUNS:
            self._runs.popitem(last=False)
        return under
