"""What the doctor finds: one line about one thing, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`topic`: token, intents, database, engine, model, window, vision, tools, disk …; `mend` empty if OK."""

    level: Level
    topic: str
    found: str
    mend: str = ""
