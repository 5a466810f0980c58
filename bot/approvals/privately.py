"""Answers a question once more, to whoever asked it alone: with all that they may read, and nobody else here may."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.memory.rules import rules as kept_by
from bot.ports import Clock, Counters, OnPress, Store
from bot.talk.approval import PRIVATELY_PRESS
from bot.talk.delivery import Action
from bot.talk.event import Pressed
from bot.talk.message import Addressed, Message, PlaceKind
from bot.talk.record import Incoming, OpenTurn, Recorded
from bot.talk.response import Response

log = logging.getLogger(__name__)


class Privately:
    """Offers a private answer, and begins it."""

    def __init__(
        self,
        store: Store,
        *,
        begin: Callable[[Message, OpenTurn | None], None],
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._begin = begin
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {PRIVATELY_PRESS: self._pressed}

    def offers(self, message: Message, turn: str, *, phrases: Phrases) -> tuple[Action, ...]:
        """The button; none where the answer is private already, or nobody asked in words."""
        if message.made or message.place.kind is PlaceKind.DIRECT:
            return ()
        return (Action(id=f"{PRIVATELY_PRESS}:{turn}", label=phrases.say("answer-privately")),)

    async def _pressed(self, event: Pressed) -> Response | None:
        """For whoever asked, once for each answer; what they are told goes to them alone."""
        turn = event.action.partition(":")[2]
        question = await self._store.asked(turn)
        if question is None:
            return self._said(event, "question-gone")
        if event.person.key != question.author.key:
            return self._said(event, "privately-not-yours")
        message = replace(
            question,
            id=f"{PRIVATELY_PRESS}:{turn}",
            sent_at=self._clock.now(),
            edited_at=None,
            addressed=Addressed.PRIVATELY,
            reply_to=question.reply_to if question.made else question.id,
            only=question.author.key,
        )
        consent = await self._store.consent(question.author.key)
        keep = (await kept_by(self._store, question.place)).keeping and not consent.opted_out
        (recorded,) = await self._store.record_all([Incoming(message=message, keep=keep)])
        if recorded not in (Recorded.NEW, Recorded.OWED):
            gone = await self._store.asked(turn) is None  # meanwhile
            return self._said(event, "question-gone" if gone else "privately-answered")
        self._counters.add("private_answers_total")
        self._begin(message, await self._opened(message, event.handle))
        return None

    async def _opened(self, message: Message, handle: str | None) -> OpenTurn | None:
        """With the press as the way to the person; without it, the answer comes as a direct message."""
        try:
            return await self._store.open_turn(message, at=self._clock.now(), handle=handle)
        except CalanqueError as error:
            log.warning("the turn of a private answer could not be opened yet: %s", error)
            return None

    def _said(self, event: Pressed, key: str) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key))
