"""What is known of which language somebody speaks, and who has chosen one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pins(StrEnum):
    """For whom a language is pinned: one person wherever they are, a channel (or thread), or a whole server."""

    PERSON = "person"
    PLACE = "place"
    GUILD = "guild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """Tags that are pinned for a person, a place (a thread's own, else its channel's) and its server; "" where none is.
    `before`: the languages of the person's last messages, the latest last."""

    person: str = ""
    place: str = ""
    guild: str = ""
    before: tuple[str, ...] = ()

    @property
    def pinned(self) -> bool:
        return bool(self.person or self.place or self.guild)
