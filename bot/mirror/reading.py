"""“Translate for me”: a message in the language of whoever asks, told to them alone."""

from __future__ import annotations

import asyncio
import logging
from uuid import uuid4

from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.mirror.audience import Readers
from bot.ports import Deliveries
from bot.ports.mirrors import MirrorStore
from bot.ports.translation import Tongues, Translates
from bot.talk.command import MESSAGE, WORDS
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import Commanded
from bot.talk.message import Conversation
from bot.talk.response import Response

WAITING = 50
"""People who wait for a translation, at most."""
BESIDE = 4
"""Translations beside each other: how many are made at once is the engine's to say."""

log = logging.getLogger(__name__)


class Reading:
    """`run` is to be going on. Nothing is kept: neither the words nor their translation outlive the process."""

    def __init__(
        self,
        store: MirrorStore,
        deliveries: Deliveries,
        readers: Readers,
        translates: Translates,
        tongues: Tongues,
        *,
        phrases: Phrases,
        waiting: int = WAITING,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._readers = readers
        self._translates = translates
        self._tongues = tongues
        self._phrases = phrases
        self._asked: asyncio.Queue[tuple[Commanded, str]] = asyncio.Queue(waiting)

    async def asked(self, event: Commanded) -> Response | None:
        """The answer comes by itself, as soon as the engine has made it."""
        phrases = self._phrases.to(event.person.locale)
        words = await self._words(event)
        if not words.strip():
            return Response(text=phrases.say("translate-gone"))
        try:
            self._asked.put_nowait((event, words))
        except asyncio.QueueFull:
            return Response(text=phrases.say("translate-busy"))
        return None

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(BESIDE):
                group.create_task(self._answer_each())

    async def _words(self, event: Commanded) -> str:
        """What the platform shows them, else what is kept; nothing of what they cannot read."""
        if not await self._readers.reads(event.person, event.place):
            return ""
        shown = event.arguments.get(WORDS, "")
        return shown or await self._store.words_at(event.place, event.arguments.get(MESSAGE, "")) or ""

    async def _answer_each(self) -> None:
        while True:
            event, words = await self._asked.get()
            try:
                text = await self._answer(event, words)
            except CalanqueError as error:
                log.info("a translation for one person failed: %s", error)
                text = self._phrases.to(event.person.locale).explain(error)
            except Exception:
                log.exception("a translation for one person failed")
                text = self._phrases.to(event.person.locale).say("error-unexpected")
            alone = Conversation(place=event.place, only=event.person.key)
            delivery = Delivery(id=uuid4().hex, conversation=alone, text=text, handle=event.handle)
            await self._deliveries.tell(delivery, Shown())

    async def _answer(self, event: Commanded, words: str) -> str:
        alone, person = Conversation(place=event.place, only=event.person.key), event.person
        language = await self._tongues.of(alone, person=person.key, locale=person.locale)
        translated = await self._translates.translated(words, to=language, conversation=alone)
        return self._phrases.to(language).say("translate-same") if translated.same else translated.text
