"""A scheduled digest made now, for one person alone: as it would be if it were due. It changes nothing of the plan.

It is a plan of its own that is due at once, so that it comes, and once, whatever happens meanwhile.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from bot.digest.asked import Asked, Kind
from bot.talk.digest import Period
from bot.talk.message import Conversation, Person
from bot.talk.plan import Plan
from bot.talk.recurrence import Once

TRIAL = "digest-trial"
"""The kind of these plans."""


def trial(plan: Plan, person: Person, conversation: Conversation, *, now: datetime, handle: str | None = None) -> Plan:
    """One of a digest and a person at a time. `handle`: of the command that asked for it."""
    asked = Asked(kind=Kind.SUMMARY, person=person, at=now, period=Period(since=now, until=now), handle=handle)
    return Plan(
        id=hashlib.sha256(f"{TRIAL}\n{plan.id}\n{person.key}\n".encode()).hexdigest()[:32],
        kind=TRIAL,
        recurrence=Once(at=now),
        due=now,
        timezone=plan.timezone,
        conversation=conversation,
        owner=person.key,
        payload={**asked.payload, "of": plan.id},
    )
