"""What has been made for runs that are under way: one for many readers and languages takes longer than a slice of it,
and goes on in the next one where it was. Lost with the process, which makes it anew from the stages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.talk.digest import Digest, Order
from bot.talk.plan import Run

RUNS = 32
"""Of so many something is kept; of what fails or is removed on the way until others come."""


class Unfinished:
    def __init__(self) -> None:
        self._made: OrderedDict[str, dict[Order, Digest]] = OrderedDict()

    async def made(self, run: Run, order: Order, make: Callable[[], Awaitable[Digest]]) -> Digest:
        """Each order of a run once."""
        made = self._made.setdefault(run.key, {})
        self._made.move_to_end(run.key)
        while len(self._made) > RUNS:
            self._made.popitem(last=False)
        if order not in made:
            made[order] = await make()
        return made[order]

    def over(self, run: Run) -> None:
        """All of it was made."""
        self._made.pop(run.key, None)
