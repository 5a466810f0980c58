"""A scheduled digest: what its plan says beside when it is due, as the words of a plan and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.ports.moments import News
from bot.talk.digest import Heard, Length, Period
from bot.talk.ground import Ground, GroundKind
from bot.talk.message import Place, PlaceKind
from bot.talk.plan import Plan, Run
from bot.talk.recurrence import Recurrence

KIND = "digest"
"""Of these plans."""
ARRIVING = timedelta(seconds=5)
"""What was said so shortly before the moment may still be on its way; the next one tells it."""
SET_BACK = 8
"""So often a clock may be set back before the moments of earlier digests without that one is told again."""


class Empty(StrEnum):
    """What is done where nothing was said."""

    SKIP = "skip"
    SAY = "say"


class Paused(StrEnum):
    """Why it waits. BY_HAND: somebody said so. GONE, BARRED: its target is not there, or we may not write there. BARE:
    nothing is left that it was to tell of. CLOSED: not everyone who reads it there may read any of that."""

    BY_HAND = "by-hand"
    GONE = "gone"
    BARRED = "barred"
    BARE = "bare"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`number` names it in its server. `target` None: whoever has subscribed, each alone. `posts`: the target is a
    forum, and each digest a post of it. `home`: where it was made. `when`: as its owner wrote it. `languages`: codes;
    "": what is mostly spoken. `since`: what was said before was told, or is not to be. `heard`: what earlier ones have
    told of, whatever our clock showed then: the last of them, and those before it that went to a later moment."""

    number: int
    grounds: tuple[Ground, ...]
    target: Place | None
    posts: bool = False
    home: Place
    when: str
    languages: tuple[str, ...] = ("",)
    empty: Empty = Empty.SKIP
    length: Length = Length.NORMAL
    since: datetime
    heard: tuple[Heard, ...] = ()
    paused: Paused | None = None

    @property
    def payload(self) -> Mapping[str, str]:
        """Its owner's words and ids, and nobody else's words: places go without their names."""
        kept = {
            "number": str(self.number),
            "of": _json([{"kind": each.kind.value, **_place(each.place)} for each in self.grounds]),
            "to": "" if self.target is None else _json(_place(self.target)),
            "posts": "yes" if self.posts else "",
            "home": _json(_place(self.home)),
            "when": self.when,
            "languages": " ".join(each or "-" for each in self.languages),
            "empty": self.empty.value,
            "length": self.length.value,
            "since": self.since.isoformat(),
            "heard": _json([[each.until.isoformat(), each.last] for each in self.heard]) if self.heard else "",
            "paused": "" if self.paused is None else self.paused.value,
        }
        return {name: value for name, value in kept.items() if value}

    @classmethod
    def of(cls, plan: Plan) -> Schedule:
        """Raises KeyError or ValueError for what `payload` did not give."""
        said = plan.payload
        paused, target = said.get("paused"), said.get("to")
        grounds = json.loads(said["of"])
        return cls(
            number=int(said["number"]),
            grounds=tuple(Ground(place=_placed(each), kind=GroundKind(each["kind"])) for each in grounds),
            target=None if target is None else _placed(json.loads(target)),
            posts=bool(said.get("posts")),
            home=_placed(json.loads(said["home"])),
            when=said["when"],
            languages=tuple("" if each == "-" else each for each in said["languages"].split()),
            empty=Empty(said["empty"]),
            length=Length(said["length"]),
            since=datetime.fromisoformat(said["since"]),
            heard=tuple(
                Heard(until=datetime.fromisoformat(until), last=last)
                for until, last in json.loads(said.get("heard", "[]"))
            ),
            paused=None if paused is None else Paused(paused),
        )

    def period(self, plan: Plan, until: datetime, *, first: datetime | None = None) -> Period:
        """As it is shown: from where the last one ended; where a clock was set back behind that, one step. `first`:
        when the first message was sent, which may have come late."""
        since = self.since if self.since < until else step_before(until, plan.recurrence, plan.timezone)
        late = first is not None and first < since - ARRIVING
        return Period(since=first if late and first is not None else since, until=until)

    def untold(self, plan: Plan, at: datetime, news: News, *, until: datetime) -> Period:
        """As it is read, by a run for the moment `at`: what was sent before `until` and no earlier one told, wherever
        in time these ended. `news`: behind `newest`, and read before anything else is."""
        since = self.period(plan, at).since - ARRIVING
        since = since if news.since is None else min(since, news.since)
        return Period(since=since, until=until, last=self._last(news), told=self.heard)

    @property
    def newest(self) -> int | None:
        """The number up to which what was written down may have been told of."""
        return self.heard[-1].last if self.heard else None

    def told(self, run: Run, news: News) -> Plan:
        """The plan behind a run that has told of all that was sent up to its moment, and heard."""
        plan = run.plan
        now = Heard(until=run.at - ARRIVING, last=self._last(news))
        heard = (*(each for each in self.heard if each.until > now.until), now)[-SET_BACK:]
        return replace(plan, due=plan.next_after(run.at), payload=replace(self, since=run.at, heard=heard).payload)

    def _last(self, news: News) -> int:
        """Numbers grow also where the newest message was deleted."""
        return max(news.last, self.newest or 0)

    def stopped(self, plan: Plan, why: Paused) -> Plan:
        """The plan as it waits until somebody has it go on; what is said meanwhile is told then."""
        return replace(plan, due=None, payload=replace(self, paused=why).payload)


def step_before(moment: datetime, recurrence: Recurrence, timezone: str) -> datetime:
    """The moment before this one of the recurrence; where there is none, as long before as the next one is behind."""
    zone = ZoneInfo(timezone)
    before = recurrence.last_until(moment - timedelta.resolution, zone)
    following = recurrence.next_after(moment, zone)
    step = timedelta(days=1) if following is None else following - moment
    return moment - step if before is None else before


def _place(place: Place) -> dict[str, Any]:
    kept = {
        "platform": place.platform,
        "id": place.id,
        "as": place.kind.value,
        "guild": place.guild,
        "parent": place.parent,
        "open": place.open or None,
    }
    return {name: value for name, value in kept.items() if value is not None}


def _placed(kept: Mapping[str, Any]) -> Place:
    return Place(
        platform=kept["platform"],
        id=kept["id"],
        kind=PlaceKind(kept["as"]),
        guild=kept.get("guild"),
        parent=kept.get("parent"),
        open=kept.get("open", False),
    )


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
