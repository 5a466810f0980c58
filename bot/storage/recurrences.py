"""Recurrences as compact JSON text, and back."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

from bot.storage import codec
from bot.talk.recurrence import Cron, Every, EveryDays, Monthly, Once, OnDays, Recurrence


def dump(recurrence: Recurrence) -> str:
    match recurrence:
        case Once(at=at):
            return codec.dump({"once": at.isoformat()})
        case OnDays(at=at, days=days):
            return codec.dump({"days": sorted(days), "at": at.isoformat()})
        case Monthly(at=at, day=day):
            return codec.dump({"month": day, "at": at.isoformat()})
        case Every(minutes=minutes, since=since):
            return codec.dump({"minutes": minutes, "since": since.isoformat()})
        case EveryDays(at=at, days=days, since=since):
            return codec.dump({"every": days, "at": at.isoformat(), "since": since.isoformat()})
        case Cron(times=times, months=months, days=days, weekdays=weekdays, either=either):
            at = [each.isoformat() for each in times]
            named = {"months": sorted(months), "of_month": sorted(days), "of_week": sorted(weekdays)}
            return codec.dump({"times": at, "either": either, **named})


def load(text: str) -> Recurrence:
    """Raises ValueError or KeyError for what none of ours has written."""
    fields: dict[str, Any] = json.loads(text)
    if "once" in fields:
        return Once(at=datetime.fromisoformat(fields["once"]))
    if "days" in fields:
        return OnDays(at=time.fromisoformat(fields["at"]), days=frozenset(fields["days"]))
    if "times" in fields:
        return Cron(
            times=tuple(map(time.fromisoformat, fields["times"])),
            months=frozenset(fields["months"]),
            days=frozenset(fields["of_month"]),
            weekdays=frozenset(fields["of_week"]),
            either=fields["either"],
        )
    if "month" in fields:
        return Monthly(at=time.fromisoformat(fields["at"]), day=fields["month"])
    if "every" in fields:
        since = date.fromisoformat(fields["since"])
        return EveryDays(at=time.fromisoformat(fields["at"]), days=fields["every"], since=since)
    return Every(minutes=fields["minutes"], since=datetime.fromisoformat(fields["since"]))
