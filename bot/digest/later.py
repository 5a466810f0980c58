"""What a digest left for a subscriber of whom nothing could be found out then: it comes to them alone when that can be.

A plan of its own, so that nobody else waits for it, and it comes once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from bot.digest.schedule import Schedule
from bot.ports.moments import News
from bot.talk.message import Conversation
from bot.talk.plan import Plan, Run
from bot.talk.recurrence import Once

LATER = "digest-later"
"""The kind of these plans."""
LONGEST = timedelta(days=1)
"""After the digest's moment it is given up."""


def later(run: Run, says: Schedule, news: News, talk: Conversation) -> Plan:
    """Of a run that has told all others. It keeps nobody's words, and what it told the others of as that was then."""
    of = {name: value for name, value in says.payload.items() if name in ("since", "heard")}
    kept = {"of": run.plan.id, "at": run.at.isoformat(), "last": str(news.last), **of}
    if news.since is not None:
        kept["from"] = news.since.isoformat()
    return Plan(
        id=hashlib.sha256(f"{LATER}\n{run.key}\n{talk.key}".encode()).hexdigest()[:32],
        kind=LATER,
        recurrence=Once(at=run.claimed_at),
        due=run.claimed_at,
        timezone=run.plan.timezone,
        conversation=talk,
        owner=talk.only,
        payload=kept,
    )


def then(run: Run, plan: Plan) -> tuple[Run, Schedule, News]:
    """The run of `plan` that left it, as it was. Raises KeyError or ValueError for what `later` did not make."""
    kept = run.plan.payload
    before = {name: value for name, value in plan.payload.items() if name not in ("since", "heard")}
    before |= {name: kept[name] for name in ("since", "heard") if name in kept}
    says = Schedule.of(Plan(id=plan.id, kind=plan.kind, recurrence=plan.recurrence, due=plan.due, payload=before))
    since = kept.get("from")
    news = News(last=int(kept["last"]), since=None if since is None else datetime.fromisoformat(since))
    at = datetime.fromisoformat(kept["at"])
    return Run(plan=plan, at=at, claimed_at=run.claimed_at, attempt=run.attempt, token=run.token), says, news
