"""Opens a thread for a question, where a channel is set up so, and has the question belong to it.

A thread that is opened from a message has that message's id, so that a process that died in between finds the same
thread again. Where none can be opened, the question is answered in the channel.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.errors import PlatformUnavailable
from bot.ports import Clock, Counters
from bot.ports.support_threads import QuestionThreads
from bot.ports.threads import MessageGone, Threads
from bot.support.judging import asks
from bot.talk.message import Message, Place, PlaceKind
from bot.talk.support import SupportChannel, Talk

GOES_ON = timedelta(minutes=1)
"""What somebody says in the channel so soon after their last words, and asks nothing, belongs to the same thread."""
PAUSES = (1.0, 5.0, 15.0)
"""Seconds before a platform that is away is asked again; then the question is answered in the channel."""

_SPOILER = re.compile(r"\|\|.+?\|\|", re.DOTALL)
_MARKUP = re.compile(r"`+|\*\*|~~|^[>#\s]+", re.MULTILINE)

log = logging.getLogger(__name__)


class Opening:
    """`threads` by platform."""

    def __init__(
        self, store: QuestionThreads, *, threads: Mapping[str, Threads], clock: Clock, counters: Counters
    ) -> None:
        self._store = store
        self._threads = threads
        self._clock = clock
        self._counters = counters

    def opens(self, channel: SupportChannel, place: Place) -> bool:
        """Whether what is asked in the place gets a thread, as far as is known now."""
        threads = self._threads.get(place.platform)
        if threads is None or not channel.in_threads or place.kind is not PlaceKind.CHANNEL:
            return False
        return threads.can_open(place) is not False

    async def moved(self, channel: SupportChannel, asked: Sequence[Message]) -> tuple[Sequence[Message], Talk | None]:
        """The messages of one question as parts of a thread, and the talk there; as they are, and None, where it is
        answered in the channel. Without those that turned out to be gone: none are left where all are. Raises
        DatabaseUnusable."""
        place, ids = asked[0].place, [each.id for each in asked]
        if not self.opens(channel, place) or await self._store.is_begun(place, ids):
            return asked, None
        thread = await self._earlier(asked)
        if thread is None:
            thread, asked = await self._opened(asked)
        talk = None if thread is None else await self._store.move(asked, thread)
        if thread is None or talk is None:
            return asked, None
        return [replace(each, place=thread, above=True) for each in asked], talk

    async def _earlier(self, asked: Sequence[Message]) -> Place | None:
        """The thread that the same person has just been asking in."""
        if any(map(asks, asked)):
            return None
        first = asked[0]
        talk = await self._store.latest_thread(first.place, first.author.key, since=first.sent_at - GOES_ON)
        return None if talk is None else talk.place

    async def _opened(self, asked: Sequence[Message]) -> tuple[Place | None, Sequence[Message]]:
        """The thread of the first of these that is still there, and what is left of them."""
        for count, first in enumerate(asked):
            try:
                return await self._opened_from(first), asked[count:]
            except MessageGone:  # that it was deleted is told soon, and what was heard of it goes then
                self._counters.add("support_threads_total", outcome="gone")
        return None, ()

    async def _opened_from(self, first: Message) -> Place | None:
        """Raises MessageGone."""
        threads = self._threads[first.place.platform]
        for pause in (*PAUSES, None):
            try:
                thread = await threads.open(first, name=name_of(first))
            except PlatformUnavailable as error:
                log.warning("a thread for message %s could not be opened: %s", first.id, error)
                if pause is not None:
                    await self._clock.sleep(pause)
            else:
                self._counters.add("support_threads_total", outcome="refused" if thread is None else "opened")
                return thread
        self._counters.add("support_threads_total", outcome="away")
        return None


def name_of(message: Message) -> str:
    """What a thread for the message is called: its words in one line, without markup and spoilers, of any length;
    without words the name of its first file."""
    words = " ".join(_MARKUP.sub(" ", _SPOILER.sub("…", message.text)).split())
    if not words and message.attachments:
        words = " ".join(message.attachments[0].name.split())
    return words or "…"
