"""Since when it was perhaps not told what became of threads, by platform: a fact that outlives the process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.storage import facts
from bot.talk.mirror import Missed

_FACT = "threads-missed-since"


def note(connection: Connection, platform: str, since: datetime) -> None:
    before = load(connection, platform)
    missed = Missed(since=since)
    if before is not None:
        missed = Missed(since=min(since, before.since), times=before.times + 1)
    facts.save(connection, _name(platform), f"{missed.since.isoformat()} {missed.times}")


def load(connection: Connection, platform: str) -> Missed | None:
    since, _, times = (facts.load(connection, _name(platform)) or "").partition(" ")
    return Missed(since=datetime.fromisoformat(since), times=int(times)) if times else None


def forget(connection: Connection, platform: str, missed: Missed) -> None:
    """Unless it is otherwise by now."""
    if load(connection, platform) == missed:
        facts.save(connection, _name(platform), "")


def _name(platform: str) -> str:
    return f"{_FACT} {platform}"
