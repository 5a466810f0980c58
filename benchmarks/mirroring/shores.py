"""The threads of the harbour as people see and change them: titles, and whether they are closed or locked."""

from __future__ import annotations

import itertools
from random import Random

from bot.talk.event import ThreadChanged
from bot.talk.message import Place
from bot.talk.shape import Change, Part, Shape
from tests.mirror.scene import FakeShapes, changed


class Shores(FakeShapes):
    """What became of threads while nobody listened is told by nobody, and can be looked up."""

    def __init__(self, draw: Random) -> None:
        super().__init__()
        self.changes = 0
        self.titled: dict[str, str] = {}  # what somebody has called a thread last
        self._draw = draw
        self._numbers = itertools.count(1)

    def begun(self, place: Place, title: str, *, opener: str = "") -> None:
        """Unless it is there already."""
        self.now.setdefault(place.id, (place, Shape(title=title, ours=not opener, opener=opener)))

    def wakes(self, thread: str) -> None:
        """A message does that."""
        place, shape = self.now[thread]
        if shape.archived:
            self._becomes(place, shape.having({Part.ARCHIVED: False}))

    def drawn(self) -> ThreadChanged:
        """Somebody changes a thread; of a closed one nothing but that."""
        place, shape = self._draw.choice(list(self.now.values()))
        changes: list[Change] = [{Part.ARCHIVED: not shape.archived}]
        if not shape.archived:
            changes += [{Part.LOCKED: not shape.locked}, {Part.TITLE: f"n{next(self._numbers)}"}]
        self.changes += 1
        change = self._draw.choice(changes)
        if Part.TITLE in change:
            self.titled[place.id] = str(change[Part.TITLE])
        self._becomes(place, shape.having(change))
        return self.echoes.pop()

    def _becomes(self, place: Place, shape: Shape) -> None:
        self.now[place.id] = place, shape
        self.echoes.append(changed(place, shape))
