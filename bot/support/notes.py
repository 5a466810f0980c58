"""The note to staff: who needs them where, in short what for, what was tried, and how it stands.

Each stretch of it goes with the messages that it tells of, and none leaves where those who read it may not read the
place. Where staff cannot be told so, the place itself says that a person is needed, and pings nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.languages.joining import after_another
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, OnRun, Store
from bot.ports.support import KnownChannels
from bot.support.handing import CASE_NOTE, LIMIT, MODEL, NEEDED, SAID, UNFOUND, WHY
from bot.support.marks import Marks
from bot.support.summing import Summing
from bot.support.team import Team, Within
from bot.support.words import Tried, own_words, tried
from bot.talk.delivery import Action, Delivery
from bot.talk.digest import Told, text_of
from bot.talk.message import Conversation, Message, PlaceKind
from bot.talk.plan import NotYet, Plan, Run
from bot.talk.quoting import inline
from bot.talk.recurrence import Once
from bot.talk.support import Case, CaseState, SupportChannel, note_of, told_again

CASE_AGAIN = "case-again"
"""The kind of the plan that tells staff again."""
CASE_HELD = "case-held"
"""The kind of the plan that looks whether who has claimed a case is still staff."""
LOOK_AFTER = timedelta(days=1)
ESCALATIONS = 1
"""Times that staff are told again of one case, at most."""
TALK = 40
"""Messages of the place that a note is made of, at most."""
LOOKED_BACK = 60
"""Parts of the conversation that are looked through for what was tried."""
AWAY_SECONDS = 30.0
"""Before a platform that is away is asked again."""
AWAY_FOR = timedelta(hours=24)
"""How long it is; then the place itself is told."""
SEE_PRESS, CLAIM_PRESS, SOLVE_PRESS = "case-see", "case-claim", "case-solve"

_END = 2**62
_LINES = {
    CaseState.OPEN: "case-open",
    CaseState.SEEN: "case-is-seen",
    CaseState.CLAIMED: "case-is-claimed",
    CaseState.SOLVED: "case-is-solved",
}
_NEXT = {
    CaseState.OPEN: (SEE_PRESS, CLAIM_PRESS, SOLVE_PRESS),
    CaseState.SEEN: (CLAIM_PRESS, SOLVE_PRESS),
    CaseState.CLAIMED: (CLAIM_PRESS, SOLVE_PRESS),
    CaseState.SOLVED: (),
}


def line(case: Case, phrases: Phrases) -> str:
    """How it stands; by a tag it is solved by nobody in particular."""
    nobody = case.state is CaseState.SOLVED and not case.by_name
    said = phrases.say("review-case-solved" if nobody else _LINES[case.state], name=inline(case.by_name))
    if case.state is CaseState.SOLVED:
        return f"-# {said}"
    return f"-# {after_another((said, phrases.say('case-reply')), phrases.locale)}"


def buttons(case: Case, phrases: Phrases) -> tuple[Action, ...]:
    return tuple(Action(id=f"{each}:{case.id}", label=phrases.say(each)) for each in _NEXT[case.state])


def held(case: Case, now: datetime, *, look: int) -> Plan:
    """To look after it for the `look`-th time."""
    due = now + LOOK_AFTER
    return Plan(
        id=f"{CASE_HELD}:{case.id}:{look}",
        kind=CASE_HELD,
        recurrence=Once(at=due),
        due=due,
        conversation=Conversation(place=case.place),
        payload={"case": case.id, "look": str(look)},
    )


class Notes:
    """Carries out the plans of a case."""

    def __init__(
        self,
        store: Store,
        channels: KnownChannels,
        team: Team,
        *,
        summing: Summing,
        marks: Marks,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
        escalations: int = ESCALATIONS,
    ) -> None:
        self._store = store
        self._channels = channels
        self._team = team
        self._summing = summing
        self._marks = marks
        self._phrases = phrases
        self._clock = clock
        self._counters = counters
        self._escalations = escalations

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return {CASE_NOTE: self.tell, CASE_AGAIN: self.tell_again}

    async def tell(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises NotYet, DatabaseUnusable."""
        case = await self._store.case(run.plan.payload["case"])
        channel = None if case is None else await self._channels.support_channel(case.place)
        if case is None or channel is None or case.state is CaseState.SOLVED:
            return ()
        notes = channel.notes
        if notes is None or not await self._can(channel, case):
            self._counters.add("cases_total", outcome="nowhere")
            return () if run.plan.payload.get(SAID) == NEEDED else (self._in_place(case),)
        phrases = self._phrases.to(channel.staff_language)
        told = await self._told(case, channel, phrases, why=run.plan.payload.get(WHY, ""))
        note = Delivery(
            id=note_of(case.id),
            conversation=Conversation(place=notes),
            text=text_of(told),
            told=told,
            actions=buttons(case, phrases),
        )
        self._counters.add("cases_total", outcome="noted")
        return (note, self._again(case, channel, times=1), held(case, self._clock.now(), look=1))

    async def tell_again(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises NotYet, DatabaseUnusable."""
        times = int(run.plan.payload["times"])
        case = await self._store.case(run.plan.payload["case"])
        channel = None if case is None else await self._channels.support_channel(case.place)
        if case is None or channel is None or case.state in (CaseState.CLAIMED, CaseState.SOLVED):
            return ()
        if await self._marks.solved(case, channel):
            return ()
        await self._store.note_escalation(case.id, times)
        notes = channel.notes
        if notes is None or not await self._can(channel, case):
            self._counters.add("cases_told_again_total", outcome="nowhere")
            return (self._in_place(case),)
        phrases = self._phrases.to(channel.staff_language)
        rooms = frozenset({case.place.room})
        link = self._team.link(case.place, case.message)
        told = (
            Told(text=phrases.say("case-again", count=channel.escalate_minutes * times), rooms=rooms),
            Told(text=phrases.say("case-where", link=link), rooms=rooms),
        )
        again = Delivery(
            id=f"{told_again(case.id)}:{times}",
            conversation=Conversation(place=notes),
            text=text_of(told),
            told=told,
        )
        self._counters.add("cases_told_again_total", outcome="told")
        more = (self._again(case, channel, times=times + 1),) if times < self._escalations else ()
        return (again, *more)

    async def _can(self, channel: SupportChannel, case: Case) -> bool:
        """Raises NotYet while the platform is away, not for ever."""
        within = await self._team.within(channel, case.place)
        if within is Within.UNKNOWN and self._clock.now() - case.opened_at < AWAY_FOR:
            raise NotYet(AWAY_SECONDS)
        return within is Within.YES

    def _in_place(self, case: Case) -> Delivery:
        text = self._phrases.to(case.language).say("case-needed")
        return Delivery(id=f"case-needed:{case.id}", conversation=Conversation(place=case.place), text=text)

    def _again(self, case: Case, channel: SupportChannel, *, times: int) -> Plan:
        due = self._clock.now() + timedelta(minutes=channel.escalate_minutes)
        return Plan(
            id=told_again(case.id),
            kind=CASE_AGAIN,
            recurrence=Once(at=due),
            due=due,
            conversation=Conversation(place=case.place),
            payload={"case": case.id, "times": str(times)},
        )

    async def _told(self, case: Case, channel: SupportChannel, phrases: Phrases, *, why: str) -> tuple[Told, ...]:
        talk = await self._store.case_talk(case, limit=TALK)
        past = await self._store.past(Conversation(place=case.place), before=_END, limit=LOOKED_BACK)
        alone = None if case.place.kind is PlaceKind.THREAD else case.asker
        made = tried((part for _, part in sorted(past.items())), grounded=channel.grounded, asker=alone)
        summary = await self._summing.summary(case, talk, channel.staff_language) if talk else ""
        link = self._team.link(case.place, case.message)
        return told_of(case, talk, made, summary=summary, why=why, link=link, phrases=phrases)


def told_of(
    case: Case, talk: Sequence[Message], made: Tried, *, summary: str, why: str, link: str, phrases: Phrases
) -> tuple[Told, ...]:
    """The stretches of a note; the last says how it stands. Pure."""
    rooms = frozenset({case.place.room})
    question = frozenset({case.message})
    asked = [each for each in talk if each.author.key == case.asker]

    def stretch(key: str, of: frozenset[str] = frozenset(), **values: str | int) -> Told:
        return Told(text=phrases.say(key, **values), messages=of, rooms=rooms)

    told: list[Told] = []
    if asked:
        told.append(stretch("case-note", question, name=inline(asked[-1].author.name)))
    else:
        told.append(stretch("case-note-plain"))
    told += [stretch("case-where", link=link), stretch("case-language", language=phrases.language(case.language))]
    if summary:
        told.append(stretch("case-summary", frozenset(each.id for each in talk), summary=inline(summary)))
    elif words := own_words(asked):
        told.append(stretch("case-words", frozenset(each.id for each in asked), words=inline(words)))
    if why == UNFOUND:
        told.append(stretch("case-unfound-note"))
    if why == LIMIT:
        told.append(stretch("case-reason", reason=phrases.say("support-limit")))
    if case.reason:
        key = "case-reason-model" if why == MODEL else "case-reason"
        told.append(stretch(key, question | {each.id for each in asked}, reason=inline(case.reason)))
    if made.answers:
        told.append(stretch("case-tried", count=made.answers))
        titles = "".join(f"\n> -# {inline(title)}" for title in made.titles)
        told.append(Told(text=f"> {inline(made.last)}{titles}", messages=made.messages, rooms=rooms))
    else:
        told.append(stretch("case-untried"))
    return (*told, Told(text=line(case, phrases)))
