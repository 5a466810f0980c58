"""Hands a question over to a person: the case is a row before anybody is told of it.

The row and the plan that tells staff are written together, so that a crash loses neither and tells nobody twice. What
people read is a sentence of ours: nothing is promised in staff's name, whatever the model was talked into.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from uuid import uuid4

from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, Deliveries
from bot.ports.support import Cases, KnownChannels
from bot.ports.translation import Tongues
from bot.support.team import Team, Within
from bot.talk.delivery import Action
from bot.talk.digest import Told
from bot.talk.message import Conversation, Message
from bot.talk.plan import Plan
from bot.talk.recurrence import Once
from bot.talk.support import Case, Handed, SupportChannel, note_of

log = logging.getLogger(__name__)

CASE_NOTE = "case-note"
"""The kind of the plan that tells staff."""
DONE_PRESS = "case-done"
REASON_CHARS = 300

SAID, TOLD, NEEDED = "said", "told", "needed"
"""In the plan: what its place was told already. NEEDED: that staff could not be told."""
WHY, UNFOUND, MODEL, LIMIT = "why", "unfound", "model", "limit"
"""In the plan: because nothing was found, because the model asked for it, in words of its own, or because there were as
many answers as there may be."""


class HandingOver:
    """Implements `Helps`. `answers_in`: the language that a message is answered in, None where it cannot be told;
    `tongues` says then who is spoken to in which; `look`: something is due now."""

    def __init__(
        self,
        cases: Cases,
        channels: KnownChannels,
        team: Team,
        deliveries: Deliveries,
        *,
        tongues: Tongues,
        answers_in: Callable[[Message], Awaitable[str]] | None = None,
        look: Callable[[], None],
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._cases = cases
        self._channels = channels
        self._team = team
        self._deliveries = deliveries
        self._tongues = tongues
        self._answers_in = answers_in
        self._look = look
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    async def channel(self, message: Message) -> SupportChannel | None:
        return await self._channels.support_channel(message.place)

    async def hand_over(self, message: Message, *, channel: SupportChannel) -> None:
        await self._opened(message, channel, "", said="", why=LIMIT)

    async def call(self, message: Message, *, channel: SupportChannel, reason: str) -> None:
        """As `hand_over`, where `called` says so under the question afterwards."""
        await self._opened(message, channel, reason, said=await self._told(message, channel), why=MODEL)

    async def called(self, message: Message, *, channel: SupportChannel, unfound: bool) -> Handed:
        told = await self._told(message, channel)
        case = await self._opened(message, channel, "", said=told, why=UNFOUND if unfound else MODEL)
        words = self._phrases.to(case.language)
        keys = [*(["case-unfound"] if unfound else []), "case-told" if told == TOLD else "case-needed"]
        done = Action(id=f"{DONE_PRESS}:{case.id}", label=words.say("case-done"))
        return Handed(text=words.together(*keys), actions=(done,))

    async def unfound(self, message: Message) -> Handed:
        return Handed(text=(await self._words(message)).say("case-unfound"))

    async def thanked(self, message: Message) -> Handed:
        return Handed(text=(await self._words(message)).say("case-thanked"))

    async def _told(self, message: Message, channel: SupportChannel) -> str:
        """What can be said of it: that staff are told, only where they can be."""
        return TOLD if await self._team.within(channel, message.place) is Within.YES else NEEDED

    async def _words(self, message: Message) -> Phrases:
        return self._phrases.to(await self._language(message))

    async def _language(self, message: Message) -> str:
        author = message.author
        if self._answers_in is not None:
            return await self._answers_in(message)
        return await self._tongues.of(message.conversation, person=author.key, locale=author.locale)

    async def _opened(self, message: Message, channel: SupportChannel, reason: str, *, said: str, why: str) -> Case:
        """The case of its place, with this question. Raises DatabaseUnusable."""
        now, place = self._clock.now(), message.place
        question = message.reply_to if message.made and message.reply_to is not None else message.id
        new = Case(
            id=uuid4().hex,
            place=place,
            message=question,
            latest=question,
            asker=message.author.key,
            language=await self._language(message),
            reason=" ".join(reason.split())[:REASON_CHARS],
            opened_at=now,
        )
        plan = Plan(
            id=note_of(new.id),
            kind=CASE_NOTE,
            recurrence=Once(at=now),
            due=now,
            conversation=Conversation(place=place),
            payload={"case": new.id, SAID: said, WHY: why},
        )
        link = self._team.link(place, question)
        more = Told(
            text=self._phrases.to(channel.staff_language).say("case-more", link=link),
            messages=frozenset({question}),
            rooms=frozenset({place.room}),
        )
        case, note = await self._cases.open_case(new, plan=plan, more=more)
        if case.id == new.id:
            self._counters.add("cases_total", outcome="opened")
            self._look()
        if note is not None:
            await self._deliveries.finish(note.delivery, note.shown)
        return case


class Own:
    """Implements `bot.ports.human.Human` for whoever wrote a message."""

    def __init__(self, handing: HandingOver, message: Message) -> None:
        self._handing = handing
        self._message = message

    async def call(self, reason: str) -> None:
        message = self._message
        channel = None if message.only is not None else await self._handing.channel(message)
        if channel is None:
            raise ValueError(
                "nobody can be called from here: this is no support channel; answer with what you know, and say what "
                "you do not know"
            )
        await self._handing.call(message, channel=channel, reason=reason)
