"""The buttons of a case: staff say that they have seen, claimed or solved it; whoever asked, that it is solved.

Everything is decided when a button is pressed, by who somebody is then. What is not known is not allowed. Staff who
answer where it was asked, and a tag that says that it is solved, count like a press.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, OnPress
from bot.ports.support import Cases, KnownChannels
from bot.support.handing import DONE_PRESS
from bot.support.notes import CLAIM_PRESS, SEE_PRESS, SOLVE_PRESS, buttons, line
from bot.support.team import Team
from bot.talk.delivery import Delivery
from bot.talk.event import Pressed
from bot.talk.message import Conversation, Person, PlaceKind
from bot.talk.response import Response
from bot.talk.support import Case, CaseState, Silence, SupportChannel, Talk

log = logging.getLogger(__name__)

_MEANT = {SEE_PRESS: CaseState.SEEN, CLAIM_PRESS: CaseState.CLAIMED, SOLVE_PRESS: CaseState.SOLVED}
NAME_CHARS = 60
CHANGES = 10
"""Times that others may change a case just while it is changed; so many presses at one moment nobody makes."""


class Pressing:
    """Implements `TakesUp`. `silenced` is told of a case of which the bot says no more until it is asked to."""

    def __init__(
        self,
        cases: Cases,
        channels: KnownChannels,
        team: Team,
        deliveries: Deliveries,
        *,
        silenced: Callable[[Case, Silence], Awaitable[None]],
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._cases = cases
        self._channels = channels
        self._team = team
        self._deliveries = deliveries
        self._silenced = silenced
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {**dict.fromkeys(_MEANT, self._by_staff), DONE_PRESS: self._by_asker}

    async def taken_up(self, talk: Talk, by: Person, *, at: datetime) -> None:
        case = await self._of(talk)
        if case is not None and case.opened_at <= at:
            await self.answered(case, by)

    async def settled(self, talk: Talk) -> None:
        for _ in range(CHANGES):
            case = await self._of(talk)
            if case is None:
                return
            channel = await self._channels.support_channel(case.place)
            if await self._change(case, replace(case, state=CaseState.SOLVED, by="", by_name=""), channel):
                return

    async def answered(self, known: Case, by: Person) -> None:
        """By staff: what is nobody's is theirs, however it stood when it was read. Raises DatabaseUnusable."""
        case: Case | None = known
        for _ in range(CHANGES):
            if case is None or case.state not in (CaseState.OPEN, CaseState.SEEN):
                return
            channel = await self._channels.support_channel(case.place)
            if await self.change(case, channel, CaseState.CLAIMED, by=by):
                return
            case = await self._cases.case(case.id)

    async def _of(self, talk: Talk) -> Case | None:
        return await self._cases.unsolved_case(talk.place, None if talk.place.kind is PlaceKind.THREAD else talk.asker)

    async def _by_staff(self, event: Pressed) -> Response | None:
        kind, _, case_id = event.action.partition(":")
        case = await self._cases.case(case_id)
        if case is None:
            return self._said(event, "case-gone")
        channel = await self._channels.support_channel(case.place)
        if not await self._team.includes(event.person.key, case.place, channel):
            return self._said(event, "case-not-yours")
        return await self._changed(event, case, channel, _MEANT[kind])

    async def _by_asker(self, event: Pressed) -> Response | None:
        case = await self._cases.case(event.action.partition(":")[2])
        if case is None:
            return self._said(event, "case-gone")
        channel = await self._channels.support_channel(case.place)
        allowed = event.person.key == case.asker or await self._team.includes(event.person.key, case.place, channel)
        if event.place.key != case.place.key or not allowed:
            return self._said(event, "case-not-asker")
        return await self._changed(event, case, channel, CaseState.SOLVED)

    async def _changed(
        self, event: Pressed, case: Case, channel: SupportChannel | None, state: CaseState
    ) -> Response | None:
        if case.state is CaseState.SOLVED:
            return self._said(event, "case-over")
        if state is CaseState.SEEN and case.state is not CaseState.OPEN:
            return self._said(event, "case-changed")
        if state is CaseState.CLAIMED and (case.state, case.by) == (state, event.person.key):
            return None
        done = await self.change(case, channel, state, by=event.person)
        if not done and state is CaseState.SOLVED:  # whoever claimed it at the same moment has not solved it
            now = await self._cases.case(case.id)
            if now is None or now.state is CaseState.SOLVED:
                return self._said(event, "case-gone" if now is None else "case-over")
            done = await self.change(now, channel, state, by=event.person)
        return None if done else self._said(event, "case-changed")

    async def change(self, case: Case, channel: SupportChannel | None, state: CaseState, *, by: Person) -> bool:
        """Whether it was as it is given, and is changed. Raises DatabaseUnusable."""
        after = replace(case, state=state, by=by.key, by_name=" ".join(by.name.split())[:NAME_CHARS])
        leaves: tuple[Delivery, ...] = ()
        if state is CaseState.SOLVED:
            text = self._phrases.to(case.language).say("case-solved")
            leaves = (Delivery(id=f"case-solved:{case.id}", conversation=Conversation(place=case.place), text=text),)
            await self._silenced(case, Silence.SOLVED)
        return await self._change(case, after, channel, leaves=leaves)

    async def _change(
        self, case: Case, after: Case, channel: SupportChannel | None, *, leaves: Sequence[Delivery] = ()
    ) -> bool:
        after = replace(after, changed_at=self._clock.now())
        staff = self._phrases.to(None if channel is None else channel.staff_language)
        shown = await self._cases.change_case(
            case, after, line=line(after, staff), actions=buttons(after, staff), leaves=leaves
        )
        if shown is None:
            return False
        self._counters.add("cases_total", outcome=after.state.value)
        for outgoing in shown:
            await self._deliveries.finish(outgoing.delivery, outgoing.shown)
        return True

    def _said(self, event: Pressed, key: str) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key))
