"""What may be used in an answer: the places that the asker, and everyone who can read the answer, may read."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.message import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Keys of places, as `Place.room`. What is in neither may not be read; nothing is in them that is not known.

    `here`: what the asker and everyone who can read the answer may read. `alone`: what the asker may read, which holds
    all of `here`.
    """

    here: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()

    def covers(self, place: Place) -> bool:
        """Whether what was said there may stand in the answer."""
        return place.room in self.here

    @property
    def more_alone(self) -> bool:
        """Whether a private answer could use more. True of places, not of anything that was found in them."""
        return bool(self.alone - self.here)


NOWHERE = Reach()
