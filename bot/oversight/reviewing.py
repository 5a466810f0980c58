"""What staff do about answers, wherever they do it; who may is asked anew each time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, timedelta

from bot.languages.phrases import Phrases
from bot.oversight.showing import correction
from bot.oversight.staff import Staff
from bot.ports import Clock, Counters, Deliveries, Store
from bot.ports.knowledge import Adds
from bot.ports.oversight import Listed
from bot.ports.support import KnownCases
from bot.talk.delivery import Delivery, Shown
from bot.talk.knowledge import readers_of
from bot.talk.message import Conversation, Person, Place
from bot.talk.oversight import Cursor, Figures, Mended, Reviewed, ReviewState, Which

ROOMS = 1000
"""Rooms with reviews that are looked at for one person; each is asked for live."""
WEEKS = 53
"""The longest that figures are given for."""


class Reviewing:
    """Implements `bot.ports.oversight.Oversees`. `adds` None: there is no knowledge that takes right answers."""

    def __init__(
        self,
        store: Store,
        staff: Staff,
        deliveries: Deliveries,
        *,
        cases: KnownCases,
        adds: Adds | None,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._staff = staff
        self._deliveries = deliveries
        self._cases = cases
        self._adds = adds
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def keeps(self) -> bool:
        return self._adds is not None

    async def listed(
        self,
        person: Person,
        near: Place,
        *,
        which: Which,
        state: ReviewState,
        at: Cursor | None = None,
        newer: bool = False,
        limit: int,
    ) -> Sequence[Listed]:
        rooms = await self._store.review_rooms(state, platform=near.platform, guild=near.guild, limit=ROOMS)
        mine = await self._staff.overseen(person.key, rooms)
        if not mine:
            return ()
        found = await self._store.reviews(which, state, rooms=mine, at=at, newer=newer, limit=limit)
        # Its room is what was open to all when it was answered; a thread may be closed by now.
        return [await self._told(each) for each in found if await self._staff.oversees(person.key, each.place)]

    async def _told(self, review: Reviewed) -> Listed:
        case = await self._cases.case_of(review.place, review.question.id)
        shown = review.shown[0] if review.shown else review.question.id
        return Listed(review=review, case=case, link=self._staff.link(review.place, shown))

    async def _found(self, person: Person, turn: str) -> Reviewed | None:
        found = await self._store.reviewed(turn)
        return found if found is not None and await self._staff.oversees(person.key, found.place) else None

    async def settle(self, person: Person, turn: str, state: ReviewState) -> bool:
        if await self._found(person, turn) is None or not await self._store.settle_review(turn, state):
            return False
        self._counters.add("reviews_total", outcome=state.value)
        return True

    async def correct(self, person: Person, turn: str, *, question: str, answer: str, post: bool) -> Mended:
        found = await self._found(person, turn)
        if found is None:
            return Mended.GONE
        if (await self._store.consent(person.key)).opted_out:
            return Mended.SILENT
        if self._adds is not None:
            link = self._staff.link(found.place, found.question.id)
            await self._adds.add(question, answer, readers=readers_of(found.place), by=person.key, link=link)
        if not post:
            return Mended.DONE if await self.settle(person, turn, ReviewState.DONE) else Mended.GONE
        text = correction(answer, person.name, self._phrases.to(found.language))
        under = found.shown[-1] if found.shown else found.question.id
        # The same however often the form is sent.
        ident = hashlib.sha256(f"{turn}#{person.key}#{answer}".encode(errors="replace")).hexdigest()[:32]
        delivery = Delivery(id=ident, conversation=Conversation(place=found.place), text=text, reply_to=under)
        if not await self._store.save_correction(turn, delivery, by=person.key):
            known = await self._store.delivery_state(ident)
            return Mended.GONE if known is None else Mended.DONE
        self._counters.add("reviews_total", outcome=ReviewState.DONE.value)
        await self._deliveries.finish(delivery, Shown())
        return Mended.DONE

    async def figures(self, person: Person, near: Place, *, weeks: int) -> Figures:
        last = self._clock.now().astimezone(UTC).date()
        first = last - timedelta(days=7 * max(1, min(weeks, WEEKS)) - 1)
        counts = await self._store.support_counts(near.platform, near.guild, first=first, last=last)
        rooms = {each.room.key: each.room for each in counts}
        mine = await self._staff.overseen(person.key, rooms.values())
        return Figures.of(tuple(each for each in counts if each.room.key in mine), first=first, last=last)
