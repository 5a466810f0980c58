"""Whether what somebody asks in a support channel is answered: not where the bot is silent, or has answered as often as
it may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.ports.support import HandsOver, SupportStore
from bot.ports.threads import Threads
from bot.support.judging import says_something, silence_of
from bot.support.silencing import Silencing, latest
from bot.talk.message import Addressed, Message, Place, PlaceKind
from bot.talk.support import Silence, SupportChannel, Talk, ThreadNow

DAY = timedelta(days=1)


class Admitting:
    """`threads` by platform; `hands`: calls a person; None: nobody can be called."""

    def __init__(
        self,
        store: SupportStore,
        silencing: Silencing,
        *,
        threads: Mapping[str, Threads],
        hands: HandsOver | None,
    ) -> None:
        self._store = store
        self._silencing = silencing
        self._threads = threads
        self._hands = hands

    async def of_asker(self, channel: SupportChannel, talk: Talk, message: Message, *, title: str = "") -> Addressed:
        if message.addressed is Addressed.MENTION:
            if not await self._silencing.call_back(talk, at=message.sent_at, by_staff=False):
                return Addressed.NO
        elif not await self._speaks(channel, talk, message) or not says_something(message, title=title):
            return Addressed.NO
        await self._store.spoke(talk, at=message.sent_at)
        if not await self.may(channel, talk, message):
            return Addressed.NO
        await self._store.count_answer(talk, message)
        return Addressed.SUPPORT

    async def _speaks(self, channel: SupportChannel, talk: Talk, message: Message) -> bool:
        """Whether the bot is not silent; it falls silent where the thread says so."""
        why = self.says(channel, talk)
        if talk.silence is Silence.CLOSED and why is None:  # who writes in an archived thread opens it
            return await self._silencing.call_back(talk, at=max(latest(talk), message.sent_at), by_staff=False)
        if why is not None and talk.silence is None:
            await self._silencing.silence(channel, talk, why, at=max(latest(talk), message.sent_at))
        return why is None and talk.silence is None

    async def may(self, channel: SupportChannel, talk: Talk, message: Message) -> bool:
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
                await self._hands.hand_over(message, channel=channel)
            await self._silencing.silence(channel, talk, Silence.LIMIT, at=message.sent_at, about=message)
        return False

    def now(self, place: Place) -> ThreadNow | None:
        threads = self._threads.get(place.platform)
        return None if threads is None else threads.thread(place)

    def says(self, channel: SupportChannel, talk: Talk) -> Silence | None:
        """What the thread itself says, as of now."""
        now = self.now(talk.place) if talk.place.kind is PlaceKind.THREAD else None
        return None if now is None else silence_of(now, channel, talk)
