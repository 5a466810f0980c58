"""Which messages of a support channel the bot answers. Code decides, never the model.

In a thread it answers who asked, and whoever mentions it; in a channel what is asked, as far as that shows, there or in
a thread that it opens for it. Other bots, staff and people who help it leaves alone, and it is silent as soon as staff
have answered.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from bot.errors import CalanqueError
from bot.ports.support import SupportStore, TakesUp
from bot.support.admitting import Admitting
from bot.support.channels import Channels
from bot.support.judging import (
    OPEN,
    TALK,
    asks,
    helps_another,
    is_solved,
    older,
    only_greets,
    replied,
    says_something,
    silence_of,
)
from bot.support.opening import Opening
from bot.support.settling import Settling
from bot.support.silencing import Silencing, latest
from bot.support.staff import Staff
from bot.talk.event import ThreadChanged, Typing
from bot.talk.message import Addressed, Message, Place, PlaceKind
from bot.talk.support import Answers, Silence, SupportChannel, Talk, ThreadNow

log = logging.getLogger(__name__)


class Begins(Protocol):
    """What is needed of `answer`."""

    def begin(self, message: Message, *, patient: bool = False) -> None: ...


class Speaking:
    """`answering` and `settling` are set before anything is heard. `cases`: what a person was called for."""

    answering: Begins

    def __init__(
        self,
        store: SupportStore,
        channels: Channels,
        staff: Staff,
        *,
        silencing: Silencing,
        admitting: Admitting,
        opening: Opening,
        cases: TakesUp,
    ) -> None:
        self._store = store
        self._channels = channels
        self._staff = staff
        self._silencing = silencing
        self._admitting = admitting
        self._opening = opening
        self._cases = cases
        self.settling: Settling

    # what `hear` asks

    async def addressed(self, message: Message) -> Message:
        """The message as it is for us, or not. A replay is judged alike. Raises DatabaseUnusable."""
        channel = self._channels.of(message.place)
        if channel is None or message.author.bot or message.made:
            return message
        if channel.answers is Answers.MENTIONED and not self._asks_for_thread(channel, message):
            return message
        if message.place.kind is PlaceKind.THREAD:
            why = await self._in_thread(channel, message)
        elif channel.in_threads and (home := await self._store.home(message.place, message.id)) is not None:
            return replace(message, place=home[0], above=True, addressed=home[1])
        else:
            why = await self._in_channel(channel, message)
        return replace(message, addressed=why)

    def _asks_for_thread(self, channel: SupportChannel, message: Message) -> bool:
        """Where only mentions are answered: whether this one is, in a thread of its own."""
        return message.addressed is Addressed.MENTION and self._opening.opens(channel, message.place)

    def settle(self, message: Message, *, patient: bool) -> None:
        """It is written down, and is answered when its author has said all."""
        self.settling.said(message, patient=patient)

    def gone(self, place: Place, ids: Collection[str]) -> None:
        self.settling.gone(place, ids)

    async def homes(self, place: Place, ids: Collection[str]) -> Collection[Place]:
        """The threads that any of these messages of a channel belong to. Raises DatabaseUnusable."""
        channel = None if place.kind is PlaceKind.THREAD else self._channels.of(place)
        return () if channel is None else await self._store.homes(place, ids)

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
        if is_solved(event.now.tags, channel, talk):
            await self._cases.settled(talk)
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
            channel = self._channels.of(several[0].place)
            if channel is not None and self._opening.opens(channel, several[0].place):
                for message in several:  # a platform that is away holds up nothing else
                    self.settling.said(message, patient=True)
            else:
                await self.ripe(several, True)
        return left

    async def ripe(self, messages: Sequence[Message], patient: bool) -> None:
        """The question that these messages are is answered. Raises nothing."""
        try:
            if await self._is_left_to_others(messages[-1]):
                return
            channel = self._channels.of(messages[0].place)
            if channel is not None:
                messages, moved = await self._opening.moved(channel, messages)
                if not messages or (moved is not None and await self._is_left_to_others(messages[-1])):
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
        why = self._admitting.says(channel, talk)
        return why is not None and await self._silencing.silence(channel, talk, why)

    # in a thread

    async def _in_thread(self, channel: SupportChannel, message: Message) -> Addressed:
        place, author = message.place, message.author.key
        mentioned = message.addressed is Addressed.MENTION
        talk = await self._store.talk(place)
        opens = talk is None
        if talk is None:
            asker = await self._asker(channel, message, self._admitting.now(place))
            if asker is None:
                return Addressed.MENTION if mentioned else Addressed.NO
            talk = await self._store.open_talk(place, asker, at=message.sent_at)
        if talk.asker == author:
            title = place.name if opens else ""
            return await self._admitting.of_asker(channel, talk, message, title=title)
        if await self._staff.counts(channel, author, place):
            if mentioned:
                await self._silencing.call_back(talk, at=message.sent_at, by_staff=True)
                return Addressed.MENTION
            if talk.asker:
                await self._taken_up(channel, talk, message)
            return Addressed.NO
        if mentioned and await self._admitting.may(channel, talk, message):
            await self._store.count_answer(talk, message)
            return Addressed.MENTION
        return Addressed.NO

    async def _asker(self, channel: SupportChannel, message: Message, now: ThreadNow | None) -> str | None:
        """Whose question a thread is: who opened it, if that is no staff, else in a forum nobody's (""), and in a
        channel that of the first who writes. None: nobody has asked yet."""
        if older(now, channel):
            return ""
        opener = "" if now is None else now.opener
        if not opener and not (now is not None and now.forum):
            opener = await self._store.author_of(message.place, message.place.id) or ""
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
        others = [each for each in talks if each.asker != author and each.spoken_at > at - TALK]
        lately = [each for each in others if each.spoken_at > at - OPEN]
        # Who asks here is no staff; nobody is asked about at each of their messages.
        staff = own is None and not self._staff.are_all(place) and await self._staff.counts(channel, author, place)
        if staff and mentioned:
            return Addressed.MENTION
        if staff or (helps_another(message) and not mentioned):
            if staff or self._staff.are_all(place):
                await self._answered(channel, others, message)
            return Addressed.NO
        if own is None:
            # Where each question gets a thread, help stands in there.
            if not mentioned and lately and not asks(message) and not self._opening.opens(channel, place):
                if self._staff.are_all(place):
                    await self._answered(channel, others, message)
                return Addressed.NO
            if not mentioned and not says_something(message):
                return Addressed.NO
            # Thanks and greetings to everybody need no thread; a question that follows has its own.
            if not mentioned and only_greets(message) and self._opening.opens(channel, place):
                return Addressed.NO
            own = await self._store.open_talk(place, author, at=at)
        return await self._admitting.of_asker(channel, own, message)

    async def _answered(self, channel: SupportChannel, talks: Sequence[Talk], message: Message) -> None:
        """Staff have said something: to whom they reply to or mention, else to all who asked there lately."""
        place, at = message.place, message.sent_at
        if message.reply_to is not None:
            meant = frozenset({await self._store.author_of(place, message.reply_to) or replied(message) or ""})
        else:
            meant = message.named & {each.asker for each in talks}
        threads = await self._threads_of(channel, message)
        if meant:
            answered = [each for each in talks if each.asker in meant]
        else:
            answered = [] if threads else [each for each in talks if each.spoken_at > at - OPEN]
        for talk in (*answered, *threads):
            await self._taken_up(channel, talk, message)

    async def _taken_up(self, channel: SupportChannel, talk: Talk, message: Message) -> None:
        """By staff, who have written this message."""
        await self._silencing.silence(channel, talk, Silence.STAFF, at=message.sent_at)
        await self._cases.taken_up(talk, message.author, at=message.sent_at)

    async def _threads_of(self, channel: SupportChannel, message: Message) -> Sequence[Talk]:
        """The questions with threads of their own that staff speak of in the channel."""
        if not channel.in_threads:
            return ()
        if message.reply_to is not None:
            home = await self._store.home(message.place, message.reply_to)
            found = [] if home is None else [await self._store.talk(home[0])]
        else:
            since = message.sent_at - TALK
            found = [await self._store.latest_thread(message.place, each, since=since) for each in message.named]
        return [each for each in found if each is not None and each.asker]
