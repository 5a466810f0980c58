"""Which messages of a support channel the bot answers. Code decides, never the model.

In a thread it answers who asked, and whoever mentions it; in a channel without threads what is asked, as far as that
shows. Other bots, staff and people who help it leaves alone, and it is silent as soon as staff have answered.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot.errors import CalanqueError
from bot.ports import Counters
from bot.ports.support import HandsOver, SupportStore
from bot.ports.threads import Threads
from bot.support.channels import Channels
from bot.support.judging import OPEN, TALK, asks, helps_another, older, replied, says_something, silence_of
from bot.support.settling import Settling
from bot.support.silencing import Silencing, latest
from bot.support.staff import Staff
from bot.talk.event import ThreadChanged, Typing
from bot.talk.message import Addressed, Message, Place, PlaceKind
from bot.talk.support import Answers, Silence, SupportChannel, Talk, ThreadNow

DAY = timedelta(days=1)
OVER = "The bot has answered here as often as it may."
"""To staff, as the reason why they are called."""

log = logging.getLogger(__name__)


class Begins(Protocol):
    """What is needed of `answer`."""

    def begin(self, message: Message, *, patient: bool = False) -> None: ...


class Speaking:
    """`hands`: calls a person; None: nobody can be called. `answering` is set before anything is heard."""

    answering: Begins

    def __init__(
        self,
        store: SupportStore,
        channels: Channels,
        staff: Staff,
        silencing: Silencing,
        *,
        threads: Mapping[str, Threads],
        hands: HandsOver | None,
        counters: Counters,
    ) -> None:
        self._store = store
        self._channels = channels
        self._staff = staff
        self._silencing = silencing
        self._threads = threads
        self._hands = hands
        self._counters = counters
        self.settling: Settling

    # what `hear` asks

    async def addressed(self, message: Message) -> Message:
        """The message as it is for us, or not. A replay is judged alike. Raises DatabaseUnusable."""
        channel = self._channels.of(message.place)
        if channel is None or channel.answers is Answers.MENTIONED or message.author.bot or message.made:
            return message
        if message.place.kind is PlaceKind.THREAD:
            why = await self._in_thread(channel, message)
        else:
            why = await self._in_channel(channel, message)
        return replace(message, addressed=why)

    def settle(self, message: Message, *, patient: bool) -> None:
        """It is written down, and is answered when its author has said all."""
        self.settling.said(message, patient=patient)

    def gone(self, place: Place, ids: Collection[str]) -> None:
        self.settling.gone(place, ids)

    async def noticed(self, event: Typing | ThreadChanged) -> None:
        """Raises DatabaseUnusable."""
        if isinstance(event, Typing):
            self.settling.typed(event.place, event.person)
        else:
            await self._changed(event)

    async def _changed(self, event: ThreadChanged) -> None:
        channel = self._channels.of(event.place)
        talk = None if channel is None else await self._store.talk(event.place)
        if channel is None or talk is None or not talk.asker:
            return
        why = silence_of(event.now, channel, talk)
        if why is not None:
            await self._silencing.silence(channel, talk, why)
        elif talk.silence is Silence.CLOSED:
            await self._silencing.call_back(talk, at=latest(talk), by_staff=False)

    async def take_up(self, messages: Sequence[Message]) -> Sequence[Message]:
        """What an earlier process left: of these the ones that are not asked in support channels; the others are begun
        here, unless somebody else has answered them."""
        left: list[Message] = []
        questions: dict[tuple[str, str], list[Message]] = {}
        for message in messages:
            if message.addressed is Addressed.SUPPORT:
                questions.setdefault((message.place.key, message.author.key), []).append(message)
            else:
                left.append(message)
        for several in questions.values():
            await self.ripe(several, True)
        return left

    async def ripe(self, messages: Sequence[Message], patient: bool) -> None:
        """The question that these messages are is answered. Raises nothing."""
        try:
            if await self._is_left_to_others(messages[-1]):
                return
            for count in range(len(messages), 0, -1):
                last, earlier = messages[count - 1], [each.id for each in messages[: count - 1]]
                joined = await self._store.join(last, earlier)
                if joined is not None:  # else it is gone, or answered
                    self._begin([each for each in messages[:count] if each.id not in joined], patient)
                    return
        except CalanqueError as error:
            log.error("the messages of a question could not be joined: %s", error)
            self._begin(messages, patient)

    def _begin(self, messages: Sequence[Message], patient: bool) -> None:
        for each in messages:
            self.answering.begin(each, patient=patient)

    async def _is_left_to_others(self, message: Message) -> bool:
        """Whether staff have answered meanwhile, or the thread says that there is nothing to answer."""
        channel = self._channels.of(message.place)
        talk = None if channel is None else await self._store.talk(message.place, message.author.key)
        if channel is None or talk is None:
            return False
        if talk.silence is not None:
            await self._silencing.let_go(talk)
            return True
        why = self._says(channel, talk)
        return why is not None and await self._silencing.silence(channel, talk, why)

    # in a thread

    async def _in_thread(self, channel: SupportChannel, message: Message) -> Addressed:
        place, author = message.place, message.author.key
        mentioned = message.addressed is Addressed.MENTION
        talk = await self._store.talk(place)
        opens = talk is None
        if talk is None:
            asker = await self._asker(channel, message, self._now(place))
            if asker is None:
                return Addressed.MENTION if mentioned else Addressed.NO
            talk = await self._store.open_talk(place, asker, at=message.sent_at)
        if talk.asker == author:
            title = place.name if opens else ""
            return await self._of_asker(channel, talk, message, title=title)
        if await self._staff.counts(channel, author, place):
            if mentioned:
                await self._silencing.call_back(talk, at=message.sent_at, by_staff=True)
                return Addressed.MENTION
            if talk.asker:
                await self._silencing.silence(channel, talk, Silence.STAFF, at=message.sent_at)
            return Addressed.NO
        if mentioned and await self._may(channel, talk, message):
            await self._store.count_answer(talk, message)
            return Addressed.MENTION
        return Addressed.NO

    async def _asker(self, channel: SupportChannel, message: Message, now: ThreadNow | None) -> str | None:
        """Whose question a thread is: who opened it, if that is no staff, else in a forum nobody's (""), and in a
        channel that of the first who writes. None: nobody has asked yet."""
        if older(now, channel):
            return ""
        opener = "" if now is None else now.opener
        if opener and not await self._staff.counts(channel, opener, message.place):
            return opener
        if opener and now is not None and now.forum:
            return ""
        if not self._staff.are_all(message.place) and await self._staff.counts(
            channel, message.author.key, message.place
        ):
            return None
        return message.author.key

    # in a channel without threads

    async def _in_channel(self, channel: SupportChannel, message: Message) -> Addressed:
        place, author, at = message.place, message.author.key, message.sent_at
        mentioned = message.addressed is Addressed.MENTION
        talks = await self._store.talks(place)
        own = next((each for each in talks if each.asker == author and each.spoken_at > at - TALK), None)
        others = [each for each in talks if each.asker != author and each.spoken_at > at - OPEN]
        # Who asks here is no staff; nobody is asked about at each of their messages.
        staff = own is None and not self._staff.are_all(place) and await self._staff.counts(channel, author, place)
        if staff and mentioned:
            return Addressed.MENTION
        if staff or (helps_another(message) and not mentioned):
            if staff or self._staff.are_all(place):
                await self._answered(channel, others, message)
            return Addressed.NO
        if own is None:
            if not mentioned and others and not asks(message):
                if self._staff.are_all(place):
                    await self._answered(channel, others, message)
                return Addressed.NO
            if not mentioned and not says_something(message):
                return Addressed.NO
            own = await self._store.open_talk(place, author, at=at)
        return await self._of_asker(channel, own, message)

    async def _answered(self, channel: SupportChannel, talks: Sequence[Talk], message: Message) -> None:
        """Staff have said something: to whom they reply to, else to all who ask there."""
        to = replied(message)
        for talk in talks:
            if to in (None, talk.asker):
                await self._silencing.silence(channel, talk, Silence.STAFF, at=message.sent_at)

    # of who asks

    async def _of_asker(self, channel: SupportChannel, talk: Talk, message: Message, *, title: str = "") -> Addressed:
        if message.addressed is Addressed.MENTION:
            if not await self._silencing.call_back(talk, at=message.sent_at, by_staff=False):
                return Addressed.NO
        elif not await self._speaks(channel, talk, message) or not says_something(message, title=title):
            return Addressed.NO
        await self._store.spoke(talk, at=message.sent_at)
        if not await self._may(channel, talk, message):
            return Addressed.NO
        await self._store.count_answer(talk, message)
        return Addressed.SUPPORT

    async def _speaks(self, channel: SupportChannel, talk: Talk, message: Message) -> bool:
        """Whether the bot is not silent; it falls silent where the thread says so."""
        why = self._says(channel, talk)
        if talk.silence is Silence.CLOSED and why is None:  # who writes in an archived thread opens it
            return await self._silencing.call_back(talk, at=max(latest(talk), message.sent_at), by_staff=False)
        if why is not None and talk.silence is None:
            await self._silencing.silence(channel, talk, why, at=max(latest(talk), message.sent_at))
        return why is None and talk.silence is None

    async def _may(self, channel: SupportChannel, talk: Talk, message: Message) -> bool:
        """Whether it has not answered as often as it may in the thread, and to the person in a day."""
        since = message.sent_at - DAY
        here, theirs = await self._store.answers_counted(
            message.place,
            message.author.key,
            since=since if talk.counted_from is None else max(since, talk.counted_from),
            of_thread=talk.counted_from,
            besides=message.id,
        )
        threaded = message.place.kind is PlaceKind.THREAD
        if theirs < channel.per_person and not (threaded and here >= channel.per_thread):
            return True
        if talk.asker and talk.silence is not Silence.LIMIT:
            if self._hands is not None:
                await self._hands.hand_over(message, channel=channel, reason=OVER)
            await self._silencing.silence(channel, talk, Silence.LIMIT, at=message.sent_at, about=message)
        return False

    def _now(self, place: Place) -> ThreadNow | None:
        threads = self._threads.get(place.platform)
        return None if threads is None else threads.thread(place)

    def _says(self, channel: SupportChannel, talk: Talk) -> Silence | None:
        """What the thread itself says, as of now."""
        now = self._now(talk.place) if talk.place.kind is PlaceKind.THREAD else None
        return None if now is None else silence_of(now, channel, talk)
