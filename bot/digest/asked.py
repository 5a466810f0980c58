"""What somebody asked for: to be caught up, or a summary. Kept as the words of a plan until they have been told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.talk.digest import Length, Order, Period
from bot.talk.message import Person, Place, PlaceKind

JUST_NOW = timedelta(minutes=10)
"""What somebody wrote within it is no sign that they have read what was there: they may have said hello and asked."""
OTHERWISE = timedelta(days=1)
"""So far back where nothing of the asker is known, and for a summary of a channel."""
HANDLE_LIVES = timedelta(minutes=14)
"""So long an answer can go by a command's own way: Discord gives 15 minutes."""


class Kind(StrEnum):
    CATCH_UP = "catch-up"
    SUMMARY = "summarise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """By `person`, at a moment `at`. `handle`: of the command, by which a private answer goes while that lives."""

    kind: Kind
    person: Person
    at: datetime
    period: Period
    length: Length = Length.NORMAL
    focus: str = ""
    handle: str | None = field(default=None, repr=False)

    @property
    def payload(self) -> Mapping[str, str]:
        """Nobody's words but the asker's."""
        kept = {
            "kind": self.kind.value,
            "platform": self.person.platform,
            "person": self.person.id,
            "name": self.person.name,
            "locale": self.person.locale or "",
            "at": self.at.isoformat(),
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "length": self.length.value,
            "focus": self.focus,
            "handle": self.handle or "",
        }
        return {name: value for name, value in kept.items() if value}

    def handle_at(self, now: datetime) -> str | None:
        """None where it does not live any more."""
        return self.handle if now - self.at < HANDLE_LIVES else None

    @classmethod
    def of(cls, payload: Mapping[str, str]) -> Asked:
        """Raises KeyError or ValueError for what `payload` did not give."""
        return cls(
            kind=Kind(payload["kind"]),
            person=Person(
                platform=payload["platform"],
                id=payload["person"],
                name=payload.get("name", ""),
                locale=payload.get("locale"),
            ),
            at=datetime.fromisoformat(payload["at"]),
            period=Period(
                since=datetime.fromisoformat(payload["since"]), until=datetime.fromisoformat(payload["until"])
            ),
            length=Length(payload["length"]),
            focus=payload.get("focus", ""),
            handle=payload.get("handle"),
        )

    def order(self, place: Place) -> Order:
        """Of a channel also what was said in its open threads; in the asker's language."""
        return Order(
            platform=place.platform,
            rooms=frozenset({place.room}),
            places=frozenset({place.key}) if place.kind is PlaceKind.THREAD else frozenset(),
            period=self.period,
            language=(self.person.locale or "").partition("-")[0],
            length=self.length,
            focus=self.focus,
        )
