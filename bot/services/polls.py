"""Polls: posted once for each call, where the platform has them as its own, else as a text with numbers."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from typing import Protocol

from bot.languages.phrases import Phrases
from bot.ports import Deliveries
from bot.ports.rights import Rights
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Message, PlaceKind
from bot.talk.poll import Poll
from bot.talk.quoting import inline

log = logging.getLogger(__name__)


class Outbox(Protocol):
    """The part of the store that knows what became of a delivery."""

    async def delivery_state(self, delivery_id: str) -> DeliveryState | None: ...


class Posting:
    """Everybody's polls."""

    def __init__(self, outbox: Outbox, deliveries: Deliveries, *, phrases: Phrases) -> None:
        self._outbox = outbox
        self._deliveries = deliveries
        self._phrases = phrases
        self._under_way: set[asyncio.Task[None]] = set()

    async def open(self, message: Message, poll: Poll, *, call: str) -> bool:
        """Whether it stands there; False: it will, when the platform is there again. Raises ValueError."""
        delivery_id = hashlib.sha256(f"poll\n{call}".encode()).hexdigest()[:32]
        state = await self._outbox.delivery_state(delivery_id)
        if state is None:
            delivery = Delivery(
                id=delivery_id,
                conversation=message.conversation,
                text=_text(poll, await self._phrases.heard(message.conversation, message.author)),
                reply_to=message.replies_to,
                poll=poll,
            )
            # A call that is broken off does not leave the poll half sent.
            await asyncio.shield(self._posted(delivery))
            state = await self._outbox.delivery_state(delivery_id)
        if state in (DeliveryState.FAILED, DeliveryState.BARRED):
            raise ValueError("the poll could not be posted: the bot may not send polls there, or the place is gone")
        if state is DeliveryState.UNKNOWN:
            raise ValueError("whether the poll was posted is not known, so do not post it again; people can look")
        return state is DeliveryState.SENT

    def _posted(self, delivery: Delivery) -> asyncio.Task[None]:
        task = asyncio.create_task(self._deliveries.post(delivery), name=f"poll {delivery.id}")
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a poll could not be posted", exc_info=error)


class Here:
    """Implements `bot.ports.polls.Polls` where somebody wrote a message who may post polls there."""

    def __init__(self, posting: Posting, message: Message, *, rights: Rights | None) -> None:
        self._posting = posting
        self._message = message
        self._rights = rights

    async def open(self, question: str, answers: Sequence[str], *, hours: int, several: bool, call: str) -> bool:
        talk = self._message.conversation
        if talk.only is not None or talk.place.kind is PlaceKind.DIRECT:
            raise ValueError("nobody else is here to answer a poll: ask for it in a channel")
        if self._rights is None or not await self._rights.may_poll(self._message.author.key, talk.place):
            raise ValueError("the person who asks may not post polls here, so neither may you for them")
        plain = tuple(" ".join(answer.split()) for answer in answers)
        poll = Poll(question=" ".join(question.split()), answers=plain, hours=hours, several=several)
        return await self._posting.open(self._message, poll, call=call)


def _text(poll: Poll, phrases: Phrases) -> str:
    answers = [f"{number}\\. {inline(answer)}" for number, answer in enumerate(poll.answers, 1)]
    how = phrases.say("poll-answer-several" if poll.several else "poll-answer-one", count=poll.hours)
    return "\n".join((f"**{inline(poll.question)}**", *answers, how))
