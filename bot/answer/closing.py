"""Writes down how a turn ended. An answer that is there already is not lost because the disk was full just then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.agent.progress import amendments
from bot.answer.materials import Materials
from bot.answer.sources import cited_in
from bot.answer.under_way import Running
from bot.errors import CalanqueError, DatabaseUnusable
from bot.ports import Deliveries
from bot.talk.approval import Asking, Request
from bot.talk.delivery import Delivery, Shown
from bot.talk.oversight import Signals
from bot.talk.turn import TurnState

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0  # seconds before a turn that could not be opened or closed is tried again; doubles each time
LONGEST_PAUSE = 60.0


class Closing:
    def __init__(self, materials: Materials, deliveries: Deliveries) -> None:
        self._with = materials
        self._deliveries = deliveries
        self._store = materials.store
        self._limits = materials.settings.limits
        self._clock = materials.clock

    async def oversee(self, running: Running) -> None:
        """Finds out what oversight adds to an answer that is whole, while it can still be stopped: nothing to what we
        say to thanks and the like."""
        if running.turn.instead and not running.turn.handed:
            return
        progress = running.turn.progress
        supplied = running.turn.supplied
        signals = Signals(
            sources=len(supplied),
            cited=sum(number in supplied for number in cited_in(progress.text)),
            handed=running.turn.handed,
            remade=amendments(progress) > 0,
        )
        running.overseen = await self._with.overseen(running.message, running.id, signals)

    def asking(self, running: Running, state: TurnState) -> Asking:
        """What a whole answer asks people for: to allow calls, whether they want it privately, and what they think of
        it."""
        if state is not TurnState.DONE:
            return Asking()
        progress, message, phrases = running.turn.progress, running.message, running.turn.phrases
        asking = (
            self._with.asks(message, running.id, progress.asked, progress.text, phrases=phrases)
            if progress.asked
            else Asking()
        )
        privately = self._with.privately(message, running.id, phrases=phrases) if progress.privately else ()
        actions = (*asking.actions, *privately, *running.turn.actions, *running.overseen.actions)
        return replace(asking, actions=actions)

    async def closed(
        self,
        running: Running,
        final: Delivery,
        shown: Shown,
        state: TurnState,
        *,
        requests: Sequence[Request] = (),
        leaving: Callable[[], bool],
    ) -> Shown | None:
        """What stands there once the turn is closed; None where it is not: the next start answers anew.

        While the store fails it is tried again with growing pauses, until the program is `leaving`: the answer exists.
        To do so twice changes nothing.
        """
        pause, until = FIRST_PAUSE, self._clock.monotonic() + self._limits.answer_after_minutes * 60
        while True:
            try:
                await self._store.close_turn(
                    running.id,
                    state=state,
                    delivery=final,
                    parts=running.turn.parts,
                    usage=running.turn.progress.usage,
                    audience=running.turn.audience,
                    requests=requests,
                    assessed=running.overseen.assessed if state is TurnState.DONE else None,
                    at=self._clock.now(),
                )
            except DatabaseUnusable as error:
                log.error("turn %s could not be closed: %s", running.id, error)
                if not running.postponed:
                    await self._deliveries.tell(
                        replace(final, text=running.turn.phrases.say("answer-later"), actions=()), shown
                    )
                    # It stands in the same messages: all of them are to be edited again.
                    shown = replace(shown, messages=tuple(replace(each, digest="") for each in shown.messages))
                if leaving() or self._clock.monotonic() >= until:
                    return None
            except Exception as error:
                known = error if isinstance(error, CalanqueError) else CalanqueError()
                log.error("turn %s could not be closed: %s", running.id, error, exc_info=known is not error)
                await self._deliveries.tell(replace(final, text=running.turn.phrases.explain(known), actions=()), shown)
                return None
            else:
                return shown
            running.postponed = True
            assert running.task is not None
            running.task.set_name(f"postponed answer to {running.message.id}")
            await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
