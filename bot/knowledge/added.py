"""Documents made of what moderators and staff added: answers, solved threads, pinned messages."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.errors import BackendError
from bot.knowledge import chunks
from bot.knowledge.folder import Problem
from bot.ports import Clock, Counters
from bot.ports.knowledge import KnowledgeStore, Pins
from bot.talk.added import Added, AddedKind, SaidIn
from bot.talk.knowledge import Known
from bot.talk.message import Message, Place

MOST_SAID = 200
"""Messages of one thread, the first ones."""

MOST_TITLE = 120
"""Characters of the name of a document."""

LOOKS_AGAIN = 2
"""Times, as long as something new was made of one: words may have gone while they were read."""

RULES = b"1"
"""Of making documents: with other ones each is made anew."""


class Made:
    """`pins`: who can say what is pinned, by platform. `link`: where a message can be seen. `language`: of a text; not
    for the event loop."""

    def __init__(
        self,
        store: KnowledgeStore,
        *,
        pins: Mapping[str, Pins],
        link: Callable[[Place, str], str],
        language: Callable[[str], str],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._pins = pins
        self._link = link
        self._language = language
        self._clock = clock
        self._counters = counters

    async def look(self, sources: Sequence[Added], known: Mapping[str, Known]) -> list[Problem]:
        """Bring their documents up to date. Raises DatabaseUnusable."""
        problems: list[Problem] = []
        there = dict(known)
        for each in sources:
            new, found = await self._look(each, there)
            for _ in range(LOOKS_AGAIN if new else 0):
                new, found = await self._look(each, there)
                if not new:
                    break
            problems += found
        return problems

    async def _look(self, each: Added, known: dict[str, Known]) -> tuple[bool, list[Problem]]:
        """Whether a new document was made of what may be taken back, which `known` has then; and what is wrong."""
        match each.source.kind:
            case AddedKind.ANSWER:
                text = f"{each.source.title}\n\n{each.source.text}"
                await self._keep(each, each.key, each.source.title, text, known, url=each.source.url)
            case AddedKind.THREAD:
                return await self._thread(each, known), []
            case AddedKind.PINS:
                return await self._pinned(each, known)
            case AddedKind.PAGE:
                pass  # is fetched as those are that the operator lists
        return False, []

    async def _thread(self, each: Added, known: dict[str, Known]) -> bool:
        place = _place(each)
        said = await self._store.said_in(place, limit=MOST_SAID)
        lines = [message for message in said if message.text.strip() and _approved(message, each.source.at)]
        if not lines:
            await self._store.drop_known([each.key])
            return False
        asker = said[0].author.key
        text = "\n\n".join(f"{'Q' if line.author.key == asker else 'A'}: {line.text}" for line in lines)
        url = self._link(place, lines[0].id)
        return await self._keep(each, each.key, each.source.title or lines[0].text, text, known, url=url, said=lines)

    async def _pinned(self, each: Added, known: dict[str, Known]) -> tuple[bool, list[Problem]]:
        place = _place(each)
        reads = self._pins.get(place.platform)
        if reads is None:
            return False, [Problem(at=each.key, found="nobody can say what is pinned there")]
        try:
            pinned = await reads.pinned(place)
        except BackendError as error:
            return False, [Problem(at=each.key, found=f"what is pinned there cannot be read: {error}")]
        wanted = (message for message in pinned if message.text.strip() and message.id not in each.taken_back)
        keys = {f"{each.key} {message.id}": message for message in wanted}
        gone = [key for key in known if key.startswith(f"{each.key} ") and key not in keys]
        if gone:
            await self._store.drop_known(gone)
            self._counters.add("knowledge_documents_total", len(gone), outcome="gone")
            for key in gone:
                del known[key]
        new = False
        for key, message in keys.items():
            url = self._link(place, message.id)
            title = f"{each.source.title}: {message.text}" if each.source.title else message.text
            new |= await self._keep(each, key, title, message.text, known, url=url, said=[message])
        return new, []

    async def _keep(
        self,
        each: Added,
        key: str,
        title: str,
        text: str,
        known: dict[str, Known],
        *,
        url: str,
        said: Sequence[Message] = (),
    ) -> bool:
        """Whether its words are new."""
        short = _short(title)
        now = self._clock.now()
        digest = hashlib.sha256(b"\0".join((RULES, short.encode(errors="replace"), text.encode(errors="replace"))))
        before = known.get(key)
        if before is not None and before.digest == digest.hexdigest():
            if each.source.kind is not AddedKind.ANSWER:
                await self._store.touch_known(key, stamp="", read_at=now)
            return False
        document = Known(
            key=key,
            name=short,
            title=short,
            readers=each.source.readers,
            digest=digest.hexdigest(),
            read_at=now,
            url=url,
            language=await asyncio.to_thread(self._language, text),
            labels=frozenset({each.source.kind.value}),
        )
        parts = await asyncio.to_thread(chunks.of_text, text)
        made_of = [_said(message) for message in said]
        if await self._store.save_known(document, parts, made_of):
            self._counters.add("knowledge_documents_total", outcome="read")
            known[key] = document
            return True
        # Something of it was taken back meanwhile; what is left is seen at the next look.
        await self._store.drop_known([key])
        return False


def _said(message: Message) -> SaidIn:
    return SaidIn(
        platform=message.place.platform,
        message=message.id,
        author=message.author.key,
        place=message.place.key,
    )


def _approved(message: Message, at: datetime) -> bool:
    """Whether staff can have seen it so: else anybody could add to what they approved."""
    return message.sent_at <= at and (message.edited_at is None or message.edited_at <= at)


def _place(each: Added) -> Place:
    platform, _, number = each.source.place.partition(":")
    guild = (each.source.guild or "").partition(":")[2] or None
    return Place(platform=platform, id=number, guild=guild)


def _short(title: str) -> str:
    tidy = " ".join(title.split())
    return tidy if len(tidy) <= MOST_TITLE else f"{tidy[: MOST_TITLE - 1]}…"
