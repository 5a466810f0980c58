"""A house whose model sets reminders without being asked twice, and whose plans are carried out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.agent.toolbox import Toolbox
from bot.languages.phrases import Phrases
from bot.services.reminders import Book, Own
from bot.settings import Community, Reminders, Settings
from bot.talk.delivery import Delivery
from bot.talk.message import Message, Person, Place
from bot.talk.turn import Call
from tests.agent.tooling import OpenGate
from tests.fakes import ANA, BEN, GENERAL, FakeClock, FakePlatform, said
from tests.rig import Rig, rig
from tests.rights import FakeRights
from tools import TOOLS

PARIS = Settings(community=Community(timezone="Europe/Paris"))
"""It is Monday 2026-11-23 19:00 there when everything starts."""


STEPS, FURTHER = 6, 4


@dataclass(slots=True)
class Quay:
    house: Rig
    rights: FakeRights
    limits: Reminders

    async def calls(
        self, tool: str, *, by: Person = ANA, place: Place = GENERAL, words: str = "please", **arguments: object
    ) -> str:
        """What the model is told of a call that it makes when somebody asks."""
        return await self.asks(said(words, by=by, place=place), tool, **arguments)

    async def asks(self, message: Message, tool: str, **arguments: object) -> str:
        engine = self.house.engine
        engine.scripts += [(Call(id="1", name=tool, arguments=json.dumps(arguments)),), ("Done.",)]
        await self.house.says(message)
        await self.house.idle()
        return self.house.asked().rpartition("<r> ")[2].partition(" </r>")[0]

    async def remind(
        self,
        text: str,
        when: str,
        repeat: str = "",
        *,
        by: Person = ANA,
        place: Place = GENERAL,
        words: str = "please",
    ) -> int:
        """The number of the new one."""
        told = await self.asks(said(words, by=by, place=place), "remind", text=text, when=when, repeat=repeat)
        assert told.startswith("Reminder "), told
        return int(told.split()[1])

    async def passes(self, seconds: float) -> None:
        """Time, and a few seconds more, in steps, each with a look, a claim, a run and its end, and what was shown."""
        for step in (*[seconds / STEPS] * STEPS, *[2.0] * FURTHER):
            await self.house.clock.advance(step)

    def own(self, message: Message) -> Own:
        """The service for whoever wrote it, as a tool would have it."""
        return Own(self.book, message)

    @property
    def book(self) -> Book:
        return Book(
            self.house.store,
            limits=self.limits,
            timezone="Europe/Paris",
            phrases=Phrases(),
            clock=self.house.clock,
            look=self.house.plans.look,
        )

    def told_privately(self, person: Person = ANA) -> list[str]:
        standing = self.house.platform.standing.values()
        return [each.text for each in standing if each.conversation.only == person.key]

    def reminders(self) -> list[Delivery]:
        """What stands there of them, in the order in which they came."""
        return [each for each in self.house.platform.standing.values() if "wanted to be reminded" in each.text]


@asynccontextmanager
async def quay(
    folder: Path,
    *,
    rights: FakeRights | None = None,
    present: Callable[[str], bool] = lambda _: True,
    settings: Settings = PARIS,
    clock: FakeClock | None = None,
    platform: FakePlatform | None = None,
    asked: bool = False,
) -> AsyncGenerator[Quay]:
    """One process. `asked`: calls that write wait for a person, as everywhere but here."""
    rights = rights or FakeRights(readers={GENERAL.key: [ANA.key, BEN.key]})
    names = ("reminders", "polls")
    toolbox = Toolbox(TOOLS, seconds=5, chars=3000, calls=4, gate=OpenGate(), has=names)
    async with rig(
        folder,
        settings=settings,
        toolbox=None if asked else toolbox,
        clock=clock,
        platform=platform,
        rights=rights,
        present=present,
    ) as house:
        task = asyncio.create_task(house.plans.run())
        try:
            yield Quay(house, rights, settings.reminders)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
