"""Carries out what somebody asked for: shows how far it is, tells it to them alone, and once.

A short one goes where it was asked for, seen by the asker alone; a long one as a direct message; and where none is
taken, a button stands where it was asked for (`ready`). A process that dies on the way leaves the plan, and the next
one goes on with what the stages have kept.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.digest import showing
from bot.digest.asked import Asked
from bot.digest.makes import Makes
from bot.digest.ready import ready_plan
from bot.errors import CalanqueError, NotAllowed
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries, Draft
from bot.ports.rights import Rights
from bot.talk.delivery import Delivery, Shown
from bot.talk.digest import Digest, Progress, text_of
from bot.talk.message import Conversation, PlaceKind
from bot.talk.plan import NotYet, Plan, Run
from bot.talk.quoting import inline

TRIES = 4
"""Times that it is tried, also by processes that died of it; then the asker is told that it failed."""
UNSURE, UNSURE_SECONDS = 12, 5.0
"""Looks at which somebody could not read the place before that is believed, and seconds between two: rights may not be
known for a moment."""
REMEMBERED = 1000
"""Plans of which these are counted."""
SLICE_SECONDS = 540.0
"""The longest that it is worked at in one go; then it makes room, and goes on with what was made by then."""
LONGEST = timedelta(hours=2)
"""After it was asked for, it is not gone on with."""
AWAY_SECONDS = 5.0
"""Between two looks whether a platform that is away is there again."""
LONG = 3800
"""Characters, about two messages of Discord. More is sent as a direct message."""


class CatchingUp:
    """`rights` by platform; `present`: whether a platform is there, so that it can be asked. `redraws`: platforms that
    show a delivery anew in its own place whatever is known of what stands there. Elsewhere only the answer to a command
    is certain to take the place of what was shown on the way, also after a restart.
    """

    def __init__(
        self,
        makes: Makes,
        deliveries: Deliveries,
        *,
        rights: Mapping[str, Rights],
        present: Callable[[str], bool],
        redraws: Collection[str],
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._makes = makes
        self._deliveries = deliveries
        self._rights = rights
        self._present = present
        self._redraws = redraws
        self._unsure: OrderedDict[str, int] = OrderedDict()
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    async def run(self, run: Run) -> Sequence[Delivery | Plan]:
        """Raises NotYet, and CalanqueError to be tried again."""
        talk = run.plan.conversation
        if talk is None or talk.only is None:
            return ()
        asked = Asked.of(run.plan.payload)
        phrases = await self._phrases.heard(talk, asked.person)
        telling = _Telling(plan=run.plan, talk=talk, asked=asked, phrases=phrases)
        if run.attempt > TRIES or run.claimed_at - asked.at > LONGEST:
            return self._ended(telling, "catch-up-failed", "failed")
        if not self._present(talk.place.platform):
            raise NotYet(AWAY_SECONDS)
        try:
            await self._require(telling)
            return await self._carried_out(telling)
        except NotAllowed:
            return self._ended(telling, "catch-up-unreadable", "unreadable")
        except CalanqueError:
            if run.attempt < TRIES:
                raise
            return self._ended(telling, "catch-up-failed", "failed")

    async def _require(self, telling: _Telling) -> None:
        """Raises NotYet, and then NotAllowed, where it is not known that whoever asked can read the place."""
        talk = telling.talk
        rights = self._rights.get(talk.place.platform)
        if rights is not None and talk.only is not None and await rights.may_read(talk.only, talk.place):
            self._unsure.pop(telling.plan.id, None)
            return
        looks = self._unsure[telling.plan.id] = self._unsure.pop(telling.plan.id, 0) + 1
        while len(self._unsure) > REMEMBERED:
            self._unsure.popitem(last=False)
        if looks < UNSURE:
            raise NotYet(UNSURE_SECONDS)
        raise NotAllowed(f"it is not known that {talk.only} can read {talk.place.key}")

    async def _carried_out(self, telling: _Telling) -> Sequence[Delivery | Plan]:
        limit = asyncio.timeout(SLICE_SECONDS)
        try:
            async with limit:
                digest = await self._made(telling)
        except TimeoutError:
            if not limit.expired():
                raise
            raise NotYet(0) from None
        await self._require(telling)  # it may have taken long
        return self._told(telling, digest)

    async def _made(self, telling: _Telling) -> Digest:
        asked = telling.asked
        order = asked.order(telling.talk.place)
        if not self._shows(telling):
            return await self._makes.make(order, waited_for=asked.person)
        begun = telling.view(telling.phrases.say("catch-up-begins"))
        async with self._deliveries.draft(begun, Shown()) as draft:
            draft.show(begun)
            return await self._makes.make(
                order, waited_for=asked.person, progress=lambda progress: self._show(draft, telling, progress)
            )

    def _shows(self, telling: _Telling) -> bool:
        """Whether what is shown on the way can be taken away again."""
        lives = telling.asked.handle_at(self._clock.now()) is not None
        return lives or telling.talk.place.platform in self._redraws

    def _show(self, draft: Draft, telling: _Telling, progress: Progress) -> None:
        if progress.of and self._shows(telling):
            key = "catch-up-waits" if progress.waits else "catch-up-reads"
            draft.show(telling.view(telling.phrases.say(key, read=f"{progress.read:,}", of=f"{progress.of:,}")))

    def _told(self, telling: _Telling, digest: Digest) -> Sequence[Delivery | Plan]:
        place = telling.talk.place
        told = showing.told(
            digest,
            link=self._rights[place.platform].link,
            phrases=telling.phrases,
            heading=telling.heading if digest.messages else "",
            rooms=telling.asked.order(place).rooms,
        )
        text = text_of(told)
        self._counters.add("catch_ups_total", outcome=digest.made.value if digest.messages else "empty")
        now = self._clock.now()
        way = telling.asked.handle_at(now)
        whole = replace(telling.view(text), final=True, handle=way, told=told)
        if way is None or len(text) <= LONG:
            return (whole, ready_plan(whole, telling.asked, now=now))
        letter = replace(whole, id=telling.id("letter"), handle=None)
        notice = replace(whole, text=telling.phrases.say("catch-up-elsewhere"), told=())
        return (notice, letter, ready_plan(letter, telling.asked, now=now))

    def _ended(self, telling: _Telling, key: str, outcome: str) -> Sequence[Delivery | Plan]:
        self._counters.add("catch_ups_total", outcome=outcome)
        said = replace(telling.view(telling.phrases.say(key)), final=True)
        return (said, ready_plan(said, telling.asked, now=self._clock.now()))


class _Telling:
    """What the asker sees of one plan: always the same delivery, whichever run shows it."""

    def __init__(self, *, plan: Plan, talk: Conversation, asked: Asked, phrases: Phrases) -> None:
        self.plan = plan
        self.talk = talk
        self.asked = asked
        self.phrases = phrases

    def id(self, part: str) -> str:
        return hashlib.sha256(f"{self.plan.id}#{part}".encode()).hexdigest()[:32]

    def view(self, text: str) -> Delivery:
        return Delivery(id=self.id("answer"), conversation=self.talk, text=text, handle=self.asked.handle, final=False)

    @property
    def heading(self) -> str:
        place = self.talk.place
        name = inline(place.name) or place.id
        shown = name if place.kind is PlaceKind.THREAD else f"\\#{name}"
        return self.phrases.say(f"{self.asked.kind.value}-heading", place=shown)
