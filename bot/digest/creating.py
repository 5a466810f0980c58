"""What somebody wants as a scheduled digest, read and looked at: what of it can be told there, and what cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from bot.digest.book import scope_of
from bot.digest.choosing import Choosing, short
from bot.digest.commands import SUBSCRIBERS
from bot.digest.schedule import KIND, Empty, Schedule, step_before
from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.ports import Clock, Store
from bot.talk.cron import LEAST_MINUTES
from bot.talk.digest import Length
from bot.talk.event import Commanded
from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Conversation, Place
from bot.talk.plan import Plan, first_due
from bot.talk.policy import Keep
from bot.talk.recurrence import Recurrence
from bot.talk.refusal import Refused, Why
from bot.talk.response import Unfit
from bot.talk.rhythm import LINE, WORDS, rhythm

LANGUAGES = 4
"""Of one digest."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

C = TypeVar("C", bound=StrEnum)


class Creating:
    """`timezone`: the community's. `lacks_tag`: as in `bot.ports.shapes.Shapes`."""

    def __init__(
        self,
        store: Store,
        choosing: Choosing,
        *,
        lacks_tag: Callable[[Place], bool],
        timezone: str,
        phrases: Phrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._choosing = choosing
        self._lacks_tag = lacks_tag
        self._timezone = timezone
        self._phrases = phrases
        self._clock = clock

    async def read(self, event: Commanded) -> tuple[Schedule, Plan]:
        """The plan lacks its words, and both lack a number. Raises Unfit."""
        said, person, here = event.arguments, event.person, event.place
        await self._choosing.certain(here)
        recurrence = self._rhythm(said.get("when", ""), self._phrases.to(person.locale))
        grounds = await self._choosing.grounds(said.get("what", ""), person, here)
        where = said.get("where", "")
        target = None
        if where.strip().casefold() != SUBSCRIBERS:
            target = await self._choosing.target(where, person, here)
            await self._choosing.require_manager(person.key, target.place)
            await self._require_writable(target)
        now = self._clock.now()
        due = first_due(recurrence, self._timezone, now=now)
        if due is None:
            raise Unfit("digest-plan-never")
        says = Schedule(
            number=0,
            grounds=grounds,
            target=None if target is None else target.place,
            posts=target is not None and target.kind is GroundKind.FORUM,
            home=here,
            when=" ".join(said.get("when", "").split()),
            languages=_languages(said.get("languages", "")),
            empty=_choice(Empty, said, "empty", Empty.SKIP),
            length=_choice(Length, said, "length", Length.NORMAL),
            since=step_before(due, recurrence, self._timezone),
        )
        plan = Plan(
            id=uuid4().hex,
            kind=KIND,
            recurrence=recurrence,
            due=due,
            timezone=self._timezone,
            owner=person.key,
            scope=scope_of(here),
        )
        return says, plan

    async def warnings(self, says: Schedule, person: str, phrases: Phrases) -> list[str]:
        """What of it cannot be told, and how to mend that. Tells only of what `person` can read. Raises Unfit."""
        rights = self._choosing.rights(says.home)
        told: list[str] = []
        for ground in says.grounds:
            # What the others of a category keep would tell that they are there.
            seen = [place for place in rights.within(ground) if await rights.may_read(person, place)]
            keeps = [await self._keeps(place) for place in seen]
            if (key := keeps[0] if keeps else None) is not None and None not in keeps:
                told.append(phrases.say(key, place=await self._choosing.name(ground, says.home)))
        return told + ([] if says.target is None else await self._not_for_all(says, says.target, phrases))

    async def _keeps(self, place: Place) -> str | None:
        """The key of what is to be said; None where a transcript is kept."""
        policy = await rules(self._store, place)
        if policy.keeping:
            return None
        return "digest-plan-keeps-nothing" if policy.keep is Keep.NEVER else "digest-plan-keeps-later"

    async def _not_for_all(self, says: Schedule, target: Place, phrases: Phrases) -> list[str]:
        rights = self._choosing.rights(target)
        within = {ground: {place.room for place in rights.within(ground)} for ground in says.grounds}
        shown = await rights.open_to(frozenset().union(*within.values()), Conversation(place=target))
        if shown is None:
            raise Unfit("digest-plan-cannot-tell")
        where = await self._choosing.name(Ground(place=target), says.home)
        told: list[str] = []
        for ground, rooms in within.items():
            if rooms and shown.isdisjoint(rooms):
                name = await self._choosing.name(ground, says.home)
                told.append(phrases.say("digest-plan-not-for-all", target=where, place=name))
        return told if shown else [*told, phrases.say("digest-plan-nothing-for-all")]

    async def _require_writable(self, target: Ground) -> None:
        place, forum = target.place, target.kind is GroundKind.FORUM
        standing = await self._choosing.rights(place).standing(place, posts=forum)
        if standing is Standing.UNKNOWN:
            raise Unfit("digest-plan-cannot-tell")
        if standing is not Standing.OPEN:
            name = await self._choosing.name(Ground(place=place), place)
            if forum and self._lacks_tag(place):
                raise Unfit("forum-lacks-tag", place=name)
            raise Unfit("digest-plan-cannot-write", target=name)

    def _rhythm(self, words: str, phrases: Phrases) -> Recurrence:
        try:
            return rhythm(words, now=self._clock.now(), zone=ZoneInfo(self._timezone))
        except Refused as refused:
            raise Unfit("digest-plan-bad-when", reason=_reason(refused, phrases)) from None


def _reason(refused: Refused, phrases: Phrases) -> str:
    match refused.why:
        case Why.FORM:
            return phrases.say("rhythm-form", forms=phrases.listed(f"`{each}`" for each in (*WORDS, LINE)))
        case Why.RANGE:
            return phrases.say("rhythm-range", part=short(refused.part), low=refused.low, high=refused.high)
        case Why.NEVER:
            return phrases.say("digest-plan-never")
        case Why.OFTEN:
            return phrases.say("rhythm-often", minutes=LEAST_MINUTES)


def _languages(words: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(each for each in re.split(r"[,;\s]+", words.casefold()) if each))
    if len(codes) > LANGUAGES or not all(_LANGUAGE.fullmatch(each) for each in codes):
        raise Unfit("digest-plan-bad-languages", most=LANGUAGES)
    return codes or ("",)


def _choice(of: type[C], said: Mapping[str, str], name: str, otherwise: C) -> C:
    given = said.get(name, "").strip().casefold()
    if not given:
        return otherwise
    try:
        return of(given)
    except ValueError:
        raise Unfit("digest-plan-bad-choice", choices=", ".join(of)) from None
