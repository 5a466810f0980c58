"""Falls silent in a support thread, says once how to be called back, and comes back when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from bot.languages.phrases import Phrases
from bot.ports import Counters, Deliveries, OnPress
from bot.ports.support import SupportStore
from bot.ports.threads import Threads
from bot.support.channels import Channels
from bot.support.staff import Staff
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.event import Pressed
from bot.talk.message import Conversation, Message, Place, PlaceKind
from bot.talk.response import Response
from bot.talk.support import Silence, SupportChannel, Talk

CALL_PRESS = "support-call"

NOTICES = {
    Silence.STAFF: "support-silent-staff",
    Silence.SOLVED: "support-silent-solved",
    Silence.PERSON: "support-silent-person",
    Silence.LIMIT: "support-limit",
}
"""What the asker is told; nothing where a thread is closed, which a message of ours would open again."""


class Answering(Protocol):
    """What is needed of `answer`."""

    def withdraw(self, place: Place, asker: str) -> frozenset[str]:
        """End what the person is being answered there, and show nothing of it; the ids of the questions whose
        turns it closes."""
        ...


class Waits(Protocol):
    """What is needed of `Settling`."""

    def drop(self, place: Place, asker: str) -> None: ...
    def last(self, place: Place, asker: str) -> Message | None:
        """What they said last, while it waits to be answered."""
        ...


class Hears(Protocol):
    """What is needed of `languages`. Raises DatabaseUnusable."""

    async def answers_in(self, message: Message) -> str: ...
    async def last_heard(self, conversation: Conversation, person: str) -> str: ...


class Silencing:
    """`answering` and `waits` are set by whoever joins them, before anything is heard."""

    answering: Answering
    waits: Waits

    def __init__(
        self,
        store: SupportStore,
        channels: Channels,
        staff: Staff,
        deliveries: Deliveries,
        *,
        threads: Mapping[str, Threads],
        hears: Hears,
        phrases: Phrases,
        counters: Counters,
    ) -> None:
        self._store = store
        self._channels = channels
        self._staff = staff
        self._deliveries = deliveries
        self._threads = threads
        self._hears = hears
        self._phrases = phrases
        self._counters = counters

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {CALL_PRESS: self._pressed}

    async def fall_silent(self, place: Place, why: Silence, *, asker: str) -> None:
        """See `bot.ports.support.FallsSilent`."""
        threaded = place.kind is PlaceKind.THREAD
        channel, talk = self._channels.of(place), await self._store.talk(place, None if threaded else asker)
        if channel is not None and talk is not None and talk.asker:
            await self.silence(channel, talk, why)

    async def silence(
        self,
        channel: SupportChannel,
        talk: Talk,
        why: Silence,
        *,
        at: datetime | None = None,
        about: Message | None = None,
    ) -> bool:
        """`at`: by the platform's time; None: after all that has been heard. `about`: the message of the asker that it
        is told under. Whether it has fallen silent with this. Raises DatabaseUnusable."""
        notice = await self._notice(talk, why, about)
        changed, told = await self._store.silence(
            talk, why, at=at or latest(talk), told=notice, once=why is not Silence.LIMIT
        )
        if not changed:
            return False
        self._counters.add("support_silences_total", why=why.value)
        await self.let_go(talk)
        if notice is not None and told:
            await self._deliveries.finish(notice, Shown())
        return True

    async def let_go(self, talk: Talk) -> None:
        """What the asker waits for is not answered any more; what stands half written goes."""
        self.waits.drop(talk.place, talk.asker)
        running = self.answering.withdraw(talk.place, talk.asker)
        let_go = await self._store.let_go(talk.place, talk.asker, besides=running)
        self.answering.withdraw(talk.place, talk.asker)  # what has begun meanwhile
        for left in let_go:
            gone = replace(left.delivery, text="", lead="", actions=(), final=True)
            # Whoever wrote before may have sent more than was written down.
            await self._deliveries.finish(gone, replace(left.shown, since=left.created_at))

    async def call_back(self, talk: Talk, *, at: datetime, by_staff: bool) -> bool:
        """Whether it answers there again. Only staff can have it answer more often than it may."""
        if talk.silence is None:
            return True
        if talk.silence is Silence.LIMIT and not by_staff:
            return False
        anew = by_staff and talk.silence is Silence.LIMIT
        done = await self._store.call_back(talk, at=at, overruled=self._tags(talk.place), anew=anew)
        if done:
            self._counters.add("support_calls_total")
        return done

    def _tags(self, place: Place) -> frozenset[str]:
        threads = self._threads.get(place.platform)
        now = None if threads is None else threads.thread(place)
        return frozenset() if now is None else now.tags

    async def _notice(self, talk: Talk, why: Silence, about: Message | None) -> Delivery | None:
        """In the language of whoever asked."""
        key = NOTICES.get(why)
        if key is None or talk.silence is Silence.CLOSED or (talk.told and why is not Silence.LIMIT):
            return None
        conversation = Conversation(place=talk.place)
        heard = about or self.waits.last(talk.place, talk.asker)
        language = self._hears.last_heard(conversation, talk.asker) if heard is None else self._hears.answers_in(heard)
        phrases = self._phrases.to(await language)
        button = Action(id=f"{CALL_PRESS}:{talk.asker}", label=phrases.say("support-call"))
        return Delivery(
            id=uuid4().hex,
            conversation=conversation,
            text=phrases.say(key),
            reply_to=None if about is None else about.id,
            actions=() if why is Silence.LIMIT else (button,),
        )

    async def _pressed(self, event: Pressed) -> Response:
        """For who asked, and for staff."""
        phrases = self._phrases.to(event.person.locale)
        asker = event.action.partition(":")[2]
        channel = self._channels.of(event.place)
        talk = None if channel is None else await self._store.talk(event.place, asker)
        if channel is None or talk is None:
            return Response(text=phrases.say("support-call-gone"))
        by_staff = await self._staff.counts(channel, event.person.key, event.place)
        if not (by_staff or event.person.key == talk.asker):
            return Response(text=phrases.say("support-call-not-yours"))
        if not await self.call_back(talk, at=event.at, by_staff=by_staff):
            return Response(text=phrases.say("support-call-limit"))
        return Response(text=phrases.say("support-called"))


def latest(talk: Talk) -> datetime:
    """Not before anything that is known of the talk: platforms do not tell when a tag was set."""
    return talk.spoken_at if talk.changed_at is None else max(talk.spoken_at, talk.changed_at)
