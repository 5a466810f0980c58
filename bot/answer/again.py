"""An answered question that is edited can be answered anew: its answer gets a button, and nothing is done without it.

The button is stored with the delivery and the new turn before anything is answered, so that a crash loses neither.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.answer.answers import Answers
from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.ports import Clock, Deliveries, Store
from bot.talk.delivery import Action
from bot.talk.event import Pressed
from bot.talk.record import Answered
from bot.talk.response import Response

log = logging.getLogger(__name__)

AGAIN_PRESS = "again"

OFFERED_WITHIN = timedelta(minutes=15)
"""After an answer: an edit that comes later is told to the next turn, and offers nothing."""


class Again:
    """Offers to answer anew, and does so."""

    def __init__(
        self, store: Store, answers: Answers, deliveries: Deliveries, *, phrases: Phrases, clock: Clock
    ) -> None:
        self._store = store
        self._answers = answers
        self._deliveries = deliveries
        self._phrases = phrases
        self._clock = clock

    async def offer(self, answered: Answered) -> None:
        """The words of an answered question have changed. They are written down already: nothing is raised here."""
        if self._clock.now() - answered.closed_at > OFFERED_WITHIN:
            return
        phrases = await self._phrases.heard(answered.outgoing.delivery.conversation)
        button = Action(id=f"{AGAIN_PRESS}:{answered.turn}", label=phrases.say("answer-again"))
        try:
            await self._show(answered.turn, button)
        except CalanqueError as error:
            log.error("to answer anew could not be offered for turn %s: %s", answered.turn, error)

    async def pressed(self, event: Pressed) -> Response | None:
        """For whoever asked, and for moderators. Pressing again changes nothing."""
        turn = event.action.partition(":")[2]
        message = await self._store.asked(turn)
        if message is None:
            return Response(text=self._phrases.to(event.person.locale).say("question-gone"))
        if not (event.moderator or event.person.key == message.author.key):
            return Response(text=self._phrases.to(event.person.locale).say("not-yours-to-ask"))
        opened = await self._store.open_turn(message, at=self._clock.now(), anew=turn)
        if opened is not None:
            # The button goes with this press: it waits where too many do, and is not refused without a word.
            self._answers.begin(message, opened=opened, patient=True)
        await self._show(turn)
        return None

    async def _show(self, turn: str, *buttons: Action) -> None:
        """The answer with these buttons, through the outbox."""
        outgoing = await self._store.save_actions(turn, buttons, kind=AGAIN_PRESS)
        if outgoing is not None:
            await self._deliveries.finish(outgoing.delivery, outgoing.shown)
