"""What people want to be reminded of, each their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """`number` names it for the asker; `due` is its next moment, in the asker's own zone; `repeats` in words, or ""."""

    number: int
    text: str
    due: datetime
    repeats: str = ""


class Reminders(Protocol):
    """The asker's own. Raises ValueError with what would be right."""

    @property
    def timezone(self) -> str:
        """The asker's, an IANA name."""
        ...

    async def add(self, text: str, *, when: str, repeat: str, call: str) -> Reminder:
        """`when` as clocks show it in the asker's zone. `call`: of this very call; the same again adds nothing."""
        ...

    async def listed(self) -> tuple[Reminder, ...]: ...
    async def cancel(self, number: int) -> Reminder: ...
