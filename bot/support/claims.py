"""A case is released when who has claimed it is staff no more: they left, or lost the role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnRun, Store
from bot.ports.support import KnownChannels
from bot.support.marks import Marks
from bot.support.notes import AWAY_SECONDS, CASE_HELD, buttons, held, line
from bot.support.team import Team, Within
from bot.talk.delivery import Delivery
from bot.talk.digest import Told, text_of
from bot.talk.message import Conversation, Place
from bot.talk.plan import NotYet, Plan, Run
from bot.talk.support import Case, CaseState, SupportChannel, released

LOOKS = 60
"""Days, at most, on which it is looked after a case that nobody says is solved."""


class Claims:
    """Looks after cases once a day until they are solved."""

    def __init__(
        self,
        store: Store,
        channels: KnownChannels,
        team: Team,
        deliveries: Deliveries,
        *,
        marks: Marks,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._channels = channels
        self._team = team
        self._deliveries = deliveries
        self._marks = marks
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return {CASE_HELD: self.look}

    async def look(self, run: Run) -> Sequence[Plan]:
        """Raises NotYet, DatabaseUnusable."""
        look = int(run.plan.payload["look"])
        case = await self._store.case(run.plan.payload["case"])
        channel = None if case is None else await self._channels.support_channel(case.place)
        if case is None or channel is None or channel.notes is None or case.state is CaseState.SOLVED:
            return ()
        if await self._marks.solved(case, channel):
            return ()
        if case.state is CaseState.CLAIMED:
            await self._release(case, channel, channel.notes, look=look)
        return (held(case, self._clock.now(), look=look + 1),) if look < LOOKS else ()

    async def _release(self, case: Case, channel: SupportChannel, notes: Place, *, look: int) -> None:
        """Where whoever has it is staff no more; nothing while that cannot be found out."""
        within = await self._team.within(channel, case.place)
        if within is Within.UNKNOWN:
            raise NotYet(AWAY_SECONDS)
        if within is Within.NO or not case.by or await self._team.includes(case.by, case.place, channel):
            return
        phrases = self._phrases.to(channel.staff_language)
        after = replace(case, state=CaseState.OPEN, by="", by_name="", changed_at=self._clock.now())
        rooms = frozenset({case.place.room})
        told = (
            Told(text=phrases.say("case-open"), rooms=rooms),
            Told(text=phrases.say("case-where", link=self._team.link(case.place, case.message)), rooms=rooms),
        )
        again = Delivery(
            id=released(case.id, look), conversation=Conversation(place=notes), text=text_of(told), told=told
        )
        shown = await self._store.change_case(
            case, after, line=line(after, phrases), actions=buttons(after, phrases), leaves=(again,)
        )
        if shown is None:
            return
        self._counters.add("cases_total", outcome="released")
        for outgoing in shown:
            await self._deliveries.finish(outgoing.delivery, outgoing.shown)
