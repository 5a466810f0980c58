"""What was said in a while, as far as the asker and everyone who can read the answer may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.digest import Digest, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Recapped:
    """`links` lead to the first source of each point, in their order; "" where there is no such address. `privately`
    as in `Found`."""

    digest: Digest
    links: tuple[str, ...] = ()
    privately: bool = False

    @property
    def points(self) -> tuple[tuple[Point, str], ...]:
        return tuple(zip(self.digest.points, self.links, strict=True))


class Recap(Protocol):
    async def catch_up(self, *, where: str = "", since: datetime | None = None) -> Recapped:
        """`where`: a channel as people name it, "everywhere" for all that may be read, or "" for here. `since` None:
        since the asker's last words there. Raises ValueError with what would be right."""
        ...
