"""Commands and presses: what people want done, and what they are told of it, privately."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar
from uuid import uuid4

from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.ports import Deliveries, OnCommand, OnPress
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import Commanded, Pressed
from bot.talk.message import Conversation
from bot.talk.response import Response

E = TypeVar("E", Commanded, Pressed)

log = logging.getLogger(__name__)


class Wishes:
    def __init__(
        self,
        deliveries: Deliveries,
        *,
        commands: Mapping[str, OnCommand],
        presses: Mapping[str, OnPress],
        phrases: Phrases,
    ) -> None:
        self._deliveries = deliveries
        self._commands = commands
        self._presses = presses
        self._phrases = phrases

    async def carry_out(self, event: Commanded | Pressed) -> None:
        """Raises nothing for what goes wrong: whoever wished for it is told."""
        await (self._commanded(event) if isinstance(event, Commanded) else self._pressed(event))

    async def _commanded(self, event: Commanded) -> None:
        handler = self._commands.get(event.name)
        if handler is None:
            log.warning("a platform sent a command that was never declared: %r", event.name[:40])
            return
        await self._done(handler, event, f"command {event.name}")

    async def _pressed(self, event: Pressed) -> None:
        kind = event.action.partition(":")[0]
        handler = self._presses.get(kind)
        if handler is None:
            log.warning("a platform sent a press of a button that was never made")
            return
        await self._done(handler, event, f"press of {kind}")

    async def _done(self, handler: Callable[[E], Awaitable[Response | None]], event: E, what: str) -> None:
        event, phrases = await self._spoken_to(event)
        try:
            response = await handler(event)
        except CalanqueError as error:
            log.info("%s: %s", what, error)
            response = Response(text=phrases.explain(error))
        except Exception:
            log.exception("%s failed", what)
            response = Response(text=phrases.say("error-unexpected"))
        if response is not None:
            await self._respond(event, response)

    async def _spoken_to(self, event: E) -> tuple[E, Phrases]:
        """The event with the language that its person is spoken to in as their locale: what comes of it is theirs."""
        alone = Conversation(place=event.place, only=event.person.key)
        tongue = await self._phrases.tongue(alone, event.person)
        phrases = self._phrases.to(tongue)
        if event.person.locale is None and phrases is self._phrases:
            return event, phrases  # nothing is known of theirs
        return replace(event, person=replace(event.person, locale=tongue)), phrases

    async def _respond(self, event: Commanded | Pressed, response: Response) -> None:
        delivery = Delivery(
            id=uuid4().hex,
            conversation=Conversation(place=event.place, only=event.person.key),
            text=response.text,
            actions=response.actions,
            handle=event.handle,
        )
        if response.fleeting:
            await self._deliveries.tell(delivery, Shown())
        else:
            await self._deliveries.post(delivery)
