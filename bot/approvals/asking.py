"""Asks people whether a call may be carried out, and hears what they decide.

A request is a row that is written with the end of its turn. To allow it is one transaction: it is claimed, its buttons
go, and a message of our own is written into the inbox, which the next turn answers like any question, over crashes too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from bot.approvals.gate import Gatekeeper
from bot.approvals.shown import ends_block, seen_whole, shown, whole
from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.memory.rules import rules as kept_by
from bot.ports import Clock, Counters, Deliveries, OnPress, Store
from bot.ports.approvals import Settled
from bot.ports.rights import Rights
from bot.talk.approval import ALLOW_PRESS, REFUSE_PRESS, SHOW_PRESS, Asking, Request, RequestState
from bot.talk.delivery import Action
from bot.talk.event import Pressed
from bot.talk.message import Addressed, Message
from bot.talk.record import Incoming
from bot.talk.response import Response
from bot.talk.turn import Call

log = logging.getLogger(__name__)

LAPSED_AT_ONCE = 50
"""Requests that one tick closes because their time is over."""


class Offered(Protocol):
    """What is to be known of a tool."""

    @property
    def server(self) -> str: ...
    @property
    def definition(self) -> str: ...


class Approvals:
    """`offers`: all tools, as of now; `begin` starts the answer to a message of our own."""

    def __init__(
        self,
        store: Store,
        deliveries: Deliveries,
        gate: Gatekeeper,
        *,
        offers: Callable[[], Mapping[str, Offered]],
        begin: Callable[[Message], None],
        rights: Mapping[str, Rights],
        stands: timedelta,
        timezone: str,
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._gate = gate
        self._offers = offers
        self._begin = begin
        self._rights = rights
        self._stands = stands
        self._timezone = timezone
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {ALLOW_PRESS: self._allowed, REFUSE_PRESS: self._refused, SHOW_PRESS: self._shown}

    def asks(self, message: Message, turn: str, calls: Sequence[Call], answer: str, *, phrases: Phrases) -> Asking:
        """What a turn that is about to be closed with this answer asks for; nothing where no call of it waits."""
        offers, until = self._offers(), self._clock.now() + self._stands
        requests: list[Request] = []
        for call in calls:
            offer = offers.get(call.name)
            if offer is not None:
                requests.append(
                    Request(
                        id=uuid4().hex,
                        turn=turn,
                        conversation=message.conversation,
                        asker=message.author.key,
                        call=call,
                        until=until,
                        server=offer.server,
                        definition=offer.definition,
                    )
                )
        if not requests:
            return Asking()
        self._counters.add("approvals_total", len(requests), outcome="asked")
        text = shown(requests, who=message.author.name, timezone=self._timezone, phrases=phrases)
        actions = self._buttons(requests, phrases)
        return Asking(requests=tuple(requests), text=ends_block(answer) + text, actions=actions)

    def _buttons(self, requests: Sequence[Request], phrases: Phrases) -> tuple[Action, ...]:
        actions: list[Action] = []
        for number, request in enumerate(requests, 1):
            mark = f" {number}" if len(requests) > 1 else ""
            allow, refuse = _decisions(request, phrases, mark)
            if not seen_whole(request.call):  # nobody allows what they have not been shown
                allow = Action(id=f"{SHOW_PRESS}:{request.id}", label=phrases.say("approval-show") + mark)
            actions += (allow, refuse)
        return tuple(actions)

    async def _shown(self, event: Pressed) -> Response:
        """The whole call, to whoever may decide on it, with the buttons to do so."""
        request, answer = await self._pressed(event)
        if request is None:
            return answer
        if not await self._gate.reads(event.person.key, request.conversation.place):
            return self._said(event, "approval-not-yours")
        phrases = self._phrases.to(event.person.locale)
        return Response(text=whole(request, phrases), actions=_decisions(request, phrases), fleeting=True)

    async def _refused(self, event: Pressed) -> Response:
        request, answer = await self._pressed(event)
        if request is None:
            return answer
        return await self._closed(event, request, RequestState.REFUSED, by=event.person.key)

    async def _allowed(self, event: Pressed) -> Response | None:
        """Everything is looked at again before it is claimed, and by the gate once more when it is carried out."""
        request, answer = await self._pressed(event)
        if request is None:
            return answer
        question = await self._store.asked(request.turn)
        if question is None:
            return self._said(event, "approval-gone")
        if hindered := await self._hindered(request):
            return await self._closed(event, request, RequestState.VOID, said=hindered)
        consent = await self._store.consent(request.asker)
        keep = (await kept_by(self._store, request.conversation.place)).keeping and not consent.opted_out
        message = self._made(request, question)
        settled = await self._store.settle_request(
            request.id,
            RequestState.ALLOWED,
            by=event.person.key,
            follows=Incoming(message=message, keep=keep),
        )
        if settled is None or not settled.ours:
            return self._stood(event, settled)
        await self._went(settled)
        self._begin(message)
        return None

    async def _hindered(self, request: Request) -> str:
        """Why it can no longer be allowed, as a sentence's key; "" where it can."""
        name, place = request.call.name, request.conversation.place
        offer = self._offers().get(name)
        if offer is None or (offer.server, offer.definition) != (request.server, request.definition):
            return "approval-changed"
        if await self._gate.obstacle(name, request.server, request.asker, request.conversation) is not None:
            return "approval-ruled-out"
        return "" if await self._gate.reads(request.asker, place) else "approval-no-right"

    def _made(self, request: Request, question: Message) -> Message:
        """The message of our own whose turn carries it out: nobody's words, in the asker's name."""
        return replace(
            question,
            id=f"{ALLOW_PRESS}:{request.id}",
            text="",
            sent_at=self._clock.now(),
            edited_at=None,
            addressed=Addressed.ALLOWED,
            reply_to=question.reply_to if question.made else question.id,
            attachments=(),
            quotes=(),
        )

    async def _pressed(self, event: Pressed) -> tuple[Request | None, Response]:
        """The request, where this person may decide and it still waits; else what they are told."""
        request = await self._store.request(event.action.partition(":")[2])
        if request is None:
            return None, self._said(event, "approval-gone")
        if not await self._may_decide(event, request):
            return None, self._said(event, "approval-not-yours")
        if request.state is not RequestState.WAITING:
            return None, self._stood(event, Settled(now=request.state))
        if self._clock.now() >= request.until:
            return None, await self._closed(event, request, RequestState.EXPIRED)
        return request, self._said(event, "approval-gone")

    async def _may_decide(self, event: Pressed, request: Request) -> bool:
        """The asker, and whoever moderates the place that it was asked in."""
        person, place = event.person.key, request.conversation.place
        if person == request.asker:
            return True
        if request.conversation.only is not None:
            return False
        if event.moderator and event.place.key == place.key:
            return True
        rights = self._rights.get(place.platform)
        return rights is not None and await rights.moderates(person, place)

    async def _closed(
        self, event: Pressed, request: Request, state: RequestState, *, by: str | None = None, said: str = ""
    ) -> Response:
        settled = await self._store.settle_request(request.id, state, by=by)
        if settled is None or not settled.ours:
            return self._stood(event, settled)
        await self._went(settled)
        return self._said(event, said) if said else self._stood(event, settled)

    async def _went(self, settled: Settled) -> None:
        """It is decided: its buttons go."""
        self._counters.add("approvals_total", outcome=settled.now.value)
        if settled.outgoing is not None:
            await self._deliveries.finish(settled.outgoing.delivery, settled.outgoing.shown)

    def _stood(self, event: Pressed, settled: Settled | None) -> Response:
        return self._said(event, "approval-gone" if settled is None else f"approval-{settled.now.value}")

    def _said(self, event: Pressed, key: str) -> Response:
        return Response(text=self._phrases.to(event.person.locale).say(key))

    async def lapse(self) -> None:
        """Close what nobody decided on in time; every minute, a bounded number. What fails is tried the next time."""
        try:
            for request_id in await self._store.lapsed_requests(now=self._clock.now(), limit=LAPSED_AT_ONCE):
                settled = await self._store.settle_request(request_id, RequestState.EXPIRED)
                if settled is not None and settled.ours:
                    await self._went(settled)
        except CalanqueError as error:
            log.error("requests whose time is over could not be closed: %s", error)


def _decisions(request: Request, phrases: Phrases, mark: str = "") -> tuple[Action, Action]:
    allow, refuse = request.action_ids
    return (
        Action(id=allow, label=phrases.say("approval-allow") + mark),
        Action(id=refuse, label=phrases.say("approval-refuse") + mark, danger=True),
    )
