"""The whole house from `hear` to `deliver` around a fake platform and a fake engine, over a real SQLite store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.agent.toolbox import Toolbox
from bot.answer.answers import STOP_PRESS, Answers
from bot.answer.turn import Materials
from bot.consent import Keeper
from bot.deliver import Deliver
from bot.errors import AttachmentUnreadable
from bot.hear import Hearing
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.read import Reader
from bot.settings import Settings
from bot.storage.store import SqlStore, open_store
from bot.talk.document import Document, ImageDocument, TextDocument
from bot.talk.event import Commanded, Pressed, Said
from bot.talk.message import Message, Person, Place
from bot.talk.turn import Image
from tests.fakes import ANA, GENERAL, FakeClock, FakeCounters, FakeEngine, FakePlatform
from tools import TOOLS


class FakeDocuments:
    """A file that begins with IMAGE is a picture, one that begins with BAD cannot be read, the rest is text."""

    async def read(self, name: str, media_type: str, data: bytes) -> Document:
        if data.startswith(b"BAD"):
            raise AttachmentUnreadable(name=name)
        if data.startswith(b"IMAGE"):
            image = Image(digest=f"digest-{data.decode()}", media_type=media_type, width=28, height=28)
            return ImageDocument(name=name, image=image, data=data)
        return TextDocument(name=name, text=data.decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    store: SqlStore
    platform: FakePlatform
    engine: FakeEngine
    clock: FakeClock
    counters: FakeCounters
    answers: Answers
    deliver: Deliver
    hearing: Hearing

    async def says(self, message: Message) -> None:
        await self.hearing.hear(Said(message=message))

    async def commands(
        self, name: str, *, by: Person = ANA, place: Place = GENERAL, moderator: bool = False, **arguments: str
    ) -> str:
        """What the person is told privately."""
        event = Commanded(
            name=name, person=by, place=place, at=self.clock.now(), arguments=arguments, moderator=moderator
        )
        before = len(self.platform.revisions)
        await self.hearing.hear(event)
        (told,) = self.platform.revisions[before:]
        assert told.conversation.only == by.key
        return told.text

    async def presses(self, action: str, *, by: Person = ANA, place: Place = GENERAL, moderator: bool = False) -> str:
        event = Pressed(action=action, person=by, place=place, at=self.clock.now(), moderator=moderator)
        before = len(self.platform.revisions)
        await self.hearing.hear(event)
        told = [each for each in self.platform.revisions[before:] if each.conversation.only == by.key]
        return told[0].text if told else ""

    def asked(self, turn: int = -1) -> str:
        """The whole prompt of a request, as the fake engine writes it."""
        return "\n".join(piece.text for piece in self.engine.prompts[turn].pieces)


@asynccontextmanager
async def rig(
    folder: Path,
    *scripts: tuple[object, ...],
    engine: FakeEngine | None = None,
    platform: FakePlatform | None = None,
    settings: Settings | None = None,
    clock: FakeClock | None = None,
) -> AsyncGenerator[Rig]:
    """Everything joined as `app` joins it; `scripts` are what the engine plays."""
    settings = settings or Settings()
    engine = engine or FakeEngine(*scripts)  # pyright: ignore[reportArgumentType] # scripts are checked where played
    platform, clock, counters = platform or FakePlatform(), clock or FakeClock(), FakeCounters()
    platforms = {platform.name: platform}
    phrases = Phrases()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.database, folder, clock=clock))
        lanes = Lanes(engine, Bounds(slots=1, queue=50, queue_per_person=50, seconds=600))
        engines = Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters)
        deliver = Deliver(store, platforms, pace={}, clock=clock, counters=counters)
        materials = Materials(
            store=store,
            engines=engines,
            reader=Reader(store, platforms, FakeDocuments(), attachments=3, mebibytes=1, phrases=phrases),
            toolbox=Toolbox(TOOLS, seconds=5, chars=3000, calls=4),
            persona="You are Calanque.",
            settings=settings,
            phrases=phrases,
            clock=clock,
            counters=counters,
        )
        answers = Answers(materials, deliver)
        keeper = Keeper(store, bot_name="Calanque", retention_days=90, phrases=phrases)
        hearing = Hearing(
            store,
            answers,
            deliver,
            commands=keeper.commands,
            presses={**keeper.presses, STOP_PRESS: answers.stop},
            retention_days=90,
            phrases=phrases,
            clock=clock,
            counters=counters,
        )
        await deliver.load()
        drain = asyncio.create_task(deliver.run())
        try:
            async with answers:
                yield Rig(
                    store=store,
                    platform=platform,
                    engine=engine,
                    clock=clock,
                    counters=counters,
                    answers=answers,
                    deliver=deliver,
                    hearing=hearing,
                )
        finally:
            drain.cancel()
            await asyncio.gather(drain, return_exceptions=True)
