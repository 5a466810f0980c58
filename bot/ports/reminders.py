"""What people want to be reminded of, each their own, and the zone of each person's clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """`name` is an IANA name; `own`: the person has chosen it. Otherwise it is the community's."""

    name: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """`number` names it for the asker; `due` is its next moment, in `timezone`, the zone that it was made in (an IANA
    name); `repeats` in words, or ""; `note`: what is odd about the time, or ""."""

    number: int
    text: str
    due: datetime
    timezone: str
    repeats: str = ""
    note: str = ""


class Reminders(Protocol):
    """The asker's own, and of these only what everyone who can read the answer may know. Raises ValueError with what
    would be right."""

    async def zone(self) -> Zone:
        """The asker's."""
        ...

    async def add(self, text: str, *, when: str, repeat: str, call: str) -> Reminder:
        """`when` as clocks show it in the asker's zone. `call`: of this very call; the same again adds nothing."""
        ...

    async def listed(self) -> tuple[Reminder, ...]:
        """The next one first. Where others read the answer, only those that were made there."""
        ...

    @property
    def more_alone(self) -> bool:
        """Whether others read the answer, so that a private one could list more. True of places, not of reminders."""
        ...

    async def cancel(self, number: int) -> Reminder:
        """One of those that are `listed`."""
        ...


class ZoneStore(Protocol):
    """A part of the store. Raises DatabaseUnusable."""

    async def timezone(self, person: str) -> str | None:
        """The IANA name that the person (as `Person.key`) has chosen."""
        ...

    async def save_timezone(self, person: str, zone: str | None) -> None: ...
