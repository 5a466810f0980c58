"""What threads are like besides what is said in them, and who can change that. A platform without threads has no such
port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.talk.message import Place
from bot.talk.shape import Change, Shape, Tag


class Shapes(Protocol):
    """What raises nothing knows nothing of a platform that is away."""

    def shape(self, thread: Place) -> Shape | None:
        """None where it is not known, as of threads that are archived."""
        ...

    def active(self, channel: Place) -> Mapping[Place, Shape]:
        """The open threads of a channel or forum that are not archived, as far as they are known."""
        ...

    async def archived(self, channel: Place, *, since: datetime) -> Mapping[Place, Shape]:
        """Its open threads that were archived since, the latest of them, as far as we may see them. Raises PlaceGone,
        PlatformUnavailable."""
        ...

    def tags(self, forum: Place) -> Sequence[Tag]:
        """None of a channel that is no forum."""
        ...

    def fitting(self, forum: Place, tags: Sequence[str]) -> Sequence[str]:
        """Of these tags (ids) those that we may put on a new post there, in their order; where it needs one, and there
        is none of them, another."""
        ...

    def lacks_tag(self, forum: Place) -> bool:
        """Whether posts need a tag there, and we may put on none."""
        ...

    def may_shape(self, channel: Place) -> bool | None:
        """Whether we may change the threads of others there, and lock threads; None where that is not known."""
        ...

    async def reshape(self, thread: Place, change: Change) -> Change:
        """What of it was made: what we may. Raises PlaceGone where nothing was, PlatformUnavailable where it may have
        been made or not; to ask again is harmless."""
        ...


def lacks_tag(shapes: Mapping[str, Shapes], forum: Place) -> bool:
    """As `Shapes.lacks_tag`, of any platform."""
    known = shapes.get(forum.platform)
    return known is not None and known.lacks_tag(forum)
