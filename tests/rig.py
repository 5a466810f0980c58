"""The whole house from `hear` to `deliver` around a fake platform and a fake engine, over a real SQLite store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, Unpack

from bot.agent.toolbox import Toolbox
from bot.answer.answers import Answers
from bot.answer.late import Late
from bot.app.ground import Ground
from bot.app.house import build
from bot.app.overseeing import Siblings
from bot.app.supporting import Supporting
from bot.deliver import Deliver
from bot.errors import AttachmentUnreadable, DatabaseUnusable
from bot.hear import Hearing
from bot.knowledge.keeping import Keeping
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.plans import Plans
from bot.ports import Platform
from bot.ports.support import Helps
from bot.read import Reader
from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.document import Document, ImageDocument, PageRange, TextDocument
from bot.talk.event import Commanded, Pressed, Said
from bot.talk.message import Message, Person, Place
from bot.talk.turn import Image
from tests.agent.tooling import FakeServers
from tests.fakes import ANA, GENERAL, FakeClock, FakeCounters, FakeEngine, FakePlatform
from tests.outfit import Outfit
from tests.stores import open_store
from tools import TOOLS

T = TypeVar("T")

STEPS = 60
"""In how many steps time passes, at most."""

BOUNDS = Bounds(slots=1, queue=50, queue_per_person=50, seconds=600)


def as_it_is(part: T) -> T:
    return part


class FakeDocuments:
    """A file that begins with IMAGE is a picture, one that begins with BAD cannot be read, the rest is text."""

    async def read(self, name: str, media_type: str, data: bytes, *, pages: PageRange | None = None) -> Document:
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
    lanes: Lanes
    engines: Engines
    answers: Answers
    deliver: Deliver
    hearing: Hearing
    late: Late
    plans: Plans
    helps: Helps
    handled: frozenset[str]
    knowledge: Keeping | None
    minute: Callable[[], Awaitable[None]]
    support: Supporting

    async def says(self, message: Message) -> None:
        with suppress(DatabaseUnusable):  # whoever asks is told so
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

    async def presses(
        self, action: str, *, by: Person = ANA, place: Place = GENERAL, moderator: bool = False, **filled: str
    ) -> str:
        """What the person is told privately. `filled`: what they wrote into the form that the button opened."""
        event = Pressed(action=action, person=by, place=place, at=self.clock.now(), moderator=moderator, filled=filled)
        before = len(self.platform.revisions)
        await self.hearing.hear(event)
        told = [each for each in self.platform.revisions[before:] if each.conversation.only == by.key]
        return told[0].text if told else ""

    async def take_up(self) -> None:
        """Answer what an earlier process left, as `app` does at start."""
        await self.late.load()
        for message in await self.support.speaking.take_up(await self.answers.unanswered()):
            self.answers.begin(message, patient=True)

    async def passes(self, seconds: float) -> None:
        """Time, in steps of a second and more, with everything that it brings."""
        steps = min(int(seconds), STEPS)
        for _ in range(steps):
            await self.clock.advance(seconds / steps)

    async def idle(self) -> None:
        """Every answer has come to its end, or waits for the clock until it is tried again."""
        while under_way := [task for task in asyncio.all_tasks() if task.get_name().startswith("answer to")]:
            await asyncio.wait(under_way, timeout=0.05)  # one that waits is called otherwise

    def asked(self, turn: int = -1) -> str:
        """The whole prompt of a request, as the fake engine writes it."""
        return "\n".join(piece.text for piece in self.engine.prompts[turn].pieces)

    def announcements(self) -> list[str]:
        """The places where people were told that a transcript is kept, as often as they were told."""
        told = ("I am now keeping a transcript", "I keep what we say here")
        standing = self.platform.standing.values()
        return [each.conversation.place.id for each in standing if each.text.startswith(told)]


@asynccontextmanager
async def rig(
    folder: Path,
    *scripts: tuple[object, ...],
    engine: FakeEngine | None = None,
    platform: FakePlatform | None = None,
    settings: Settings | None = None,
    clock: FakeClock | None = None,
    **outfit: Unpack[Outfit],
) -> AsyncGenerator[Rig]:
    """Everything joined as `app` joins it; `scripts` are what the engine plays."""
    settings, clock = settings or Settings(), clock or FakeClock()
    async with (
        open_store(settings.database, folder, clock=clock) as store,
        house(
            store,
            engine=engine or FakeEngine(*scripts),  # pyright: ignore[reportArgumentType] # checked where played
            platform=platform or FakePlatform(),
            settings=settings,
            clock=clock,
            **outfit,
        ) as joined,
    ):
        yield joined


@asynccontextmanager
async def house(
    store: SqlStore,
    *,
    engine: FakeEngine,
    platform: FakePlatform,
    settings: Settings,
    clock: FakeClock,
    **outfit: Unpack[Outfit],
) -> AsyncGenerator[Rig]:
    """One process over a store that outlives it."""
    around, bounds = outfit.get("around", as_it_is), outfit.get("bounds", BOUNDS)
    demo, toolbox, rights = outfit.get("demo"), outfit.get("toolbox"), outfit.get("rights")

    def wrapped(part: T) -> T:
        return around(part)  # pyright: ignore[reportReturnType] # a wrapper passes for what it wraps

    counters, phrases = FakeCounters(), outfit.get("phrases") or Phrases()
    servers = outfit.get("servers") or FakeServers(outfit.get("foreign", tuple))
    seen = wrapped(store)
    platforms: Mapping[str, Platform] = {platform.name: wrapped(platform)}
    lanes = Lanes(wrapped(engine), bounds, clock=clock, counters=counters)
    engines = Engines(
        lanes,
        None if demo is None else Lanes(demo, bounds, clock=clock, counters=counters),
        demo_platforms=(platform.name,),
        clock=clock,
        counters=counters,
    )
    reader = Reader(seen, platforms, wrapped(FakeDocuments()), attachments=3, mebibytes=1, phrases=phrases)
    built = build(
        Ground(
            store=seen,
            platforms=platforms,
            engines=engines,
            reader=reader,
            opens=reader,
            toolbox=lambda gate, has, redact: (
                toolbox
                or Toolbox(
                    outfit.get("tools", TOOLS),
                    seconds=30,
                    chars=3000,
                    calls=4,
                    gate=gate,
                    has=has,
                    redact=redact,
                    foreign=servers.tools,
                )
            ),
            persona=outfit.get("persona", "You are Calanque."),
            settings=settings,
            phrases=phrases,
            clock=clock,
            counters=counters,
            pace={},
            rights={} if rights is None else {platform.name: rights},
            present=outfit.get("present", lambda _: True),
            threads=outfit.get("threads", {}),
            shapes=outfit.get("shapes", {}),
            documents=FakeDocuments(),
            pages=outfit.get("pages"),
            web=outfit.get("web"),
            web_search=outfit.get("web_search"),
            servers=servers,
            identifies=outfit.get("identifies"),
            calls=outfit.get("calls"),
            translates=outfit.get("translates"),
            tongues=outfit.get("tongues"),
            oversight=outfit.get("oversight") or Siblings(),
        )
    )
    deliver, answers = built.deliver, built.answers
    await built.minute()
    await deliver.load()
    tasks = [asyncio.create_task(each) for each in (deliver.run(), engines.run(), built.mirrored.run())]
    if outfit.get("tending"):
        tasks.append(asyncio.create_task(built.tend.run()))
    try:
        async with built.hearing, answers, built.support.settling:
            yield Rig(
                store=store,
                platform=platform,
                engine=engine,
                clock=clock,
                counters=counters,
                lanes=lanes,
                engines=engines,
                answers=answers,
                deliver=deliver,
                hearing=built.hearing,
                late=built.late,
                plans=built.plans,
                helps=built.helps,
                handled=built.commands,
                knowledge=built.knowledge,
                minute=built.minute,
                support=built.support,
            )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
