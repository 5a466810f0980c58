"""The people: they write at their own pace whether the program lives or not, change their minds, take things away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Self

from benchmarks.torture.journal import Journal
from benchmarks.torture.ledger import Entry, Ledger
from benchmarks.torture.plan import Fate, Planned
from benchmarks.torture.town import Town
from tests.discord_server import Message


class People:
    """An async context manager over whatever people are about to do. Nobody writes more than is allowed."""

    def __init__(self, town: Town, messages: Sequence[Planned], journal: Journal) -> None:
        self.ledger = Ledger(town.discord, journal, self._take_away)
        self._town = town
        self._messages = messages
        self._journal = journal
        self._said = 0
        self._allowed = 0
        self._more = asyncio.Event()
        self._about: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._talking = asyncio.create_task(self._talk())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [self._talking, *self._about]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def done(self) -> bool:
        """Whether everything that was allowed was said, and everything done that was to follow."""
        if self._talking.done():
            self._talking.result()  # raises what went wrong
        return self._said >= self._allowed and not self._about

    def allow(self, messages: int) -> None:
        """So many messages in all may be said by now."""
        self._allowed = max(self._allowed, min(messages, len(self._messages)))
        self._more.set()

    async def _talk(self) -> None:
        while True:
            self._more.clear()
            while self._said < self._allowed:
                planned = self._messages[self._said]
                await asyncio.sleep(planned.gap)
                await self._say(planned)
                self._said += 1
            await self._more.wait()

    async def _say(self, planned: Planned) -> None:
        room = self._town.rooms[planned.room]
        if planned.question:
            text = f"what of {planned.word}?" if room.recipient else f"<@BOT> what of {planned.word}?"
        else:
            text = f"nothing new about {planned.word}"
        message = await self._town.discord.say(room, self._town.author(room, planned.author), text)
        entry = self.ledger.said(planned, message)
        if planned.fate in (Fate.EDITED, Fate.DELETED):
            self._later(self._change(entry))

    def _take_away(self, entry: Entry, answer: Message) -> None:
        async def delete() -> None:
            await asyncio.sleep(entry.planned.fate_after)
            if not answer.deleted:
                self._journal.note(f"somebody deletes the answer {answer.id}", entry.planned.word)
                self.ledger.deleted(entry)
                await self._town.discord.delete(answer)

        self._later(delete())

    async def _change(self, entry: Entry) -> None:
        await asyncio.sleep(entry.planned.fate_after)
        planned, message = entry.planned, entry.message
        if planned.fate is Fate.DELETED:
            self._journal.note(f"{planned.word} is deleted by its author", planned.word)
            self.ledger.deleted(entry)
            await self._town.discord.delete(message)
        else:
            self._journal.note(f"{planned.word} becomes {planned.other}", planned.word)
            entry.edited = True
            await self._town.discord.edit(message, message.content.replace(planned.word, planned.other))

    def _later(self, what: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(what)
        self._about.add(task)
        task.add_done_callback(self._about.discard)
