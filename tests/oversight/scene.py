"""A support channel with its staff, and what oversight works with there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.overseeing import Siblings
from bot.ports.oversight import Oversees
from bot.settings import Settings
from bot.talk.delivery import Action, Delivery
from bot.talk.knowledge import Readers
from bot.talk.message import Message, Person, Place
from bot.talk.support import Case, SupportChannel
from tests.fakes import ANA, BEN, GENERAL, FakeClock, said
from tests.rig import Rig, rig
from tests.rights import FakeRights

CLEO = Person(platform="local", id="cleo", name="Cleo")
"""Of staff, by her role."""
MOD = Person(platform="local", id="mod", name="Mod")
OUTSIDER = Person(platform="local", id="out", name="Outsider")
ATTIC = Place(platform="local", id="attic", name="attic")
"""A support channel that only the moderator and Ben read."""
NOTES = Place(platform="local", id="notes", name="notes")
STAFF = "staff"


@dataclass(slots=True)
class Channels:
    """Behaves as the store of support channels does."""

    known: list[SupportChannel] = field(
        default_factory=lambda: [
            SupportChannel(place=GENERAL, languages=("eo", "en"), staff=frozenset({STAFF}), notes=NOTES),
            SupportChannel(place=ATTIC, languages=("de",), staff=frozenset({STAFF}), notes=NOTES, grounded=False),
        ]
    )

    async def support_channel(self, place: Place) -> SupportChannel | None:
        keys = {place.key} | ({place.channel.key} if place.channel else set())
        return next((each for each in self.known if each.place.key in keys), None)

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        return [each for each in self.known if (each.place.platform, each.place.guild) == (platform, guild)]

    async def save_support_channel(self, channel: SupportChannel) -> None:
        self.known = [*(each for each in self.known if each.place.key != channel.place.key), channel]

    async def drop_support_channel(self, place: Place) -> bool:
        before = len(self.known)
        self.known = [each for each in self.known if each.place.key != place.key]
        return len(self.known) < before


@dataclass(slots=True)
class Known:
    """A knowledge that takes right answers."""

    added: list[tuple[str, str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str, str]])

    async def add(self, question: str, answer: str, readers: Readers, by: str, link: str = "") -> int:
        self.added.append((question, answer, readers.room or "", by, link))
        return len(self.added)


@dataclass(slots=True)
class Called:
    """Cases by the question's id."""

    cases: dict[str, Case] = field(default_factory=dict[str, Case])

    async def case_of(self, place: Place, message: str) -> Case | None:
        case = self.cases.get(message)
        return case if case is not None and case.place.key == place.key else None


@dataclass(slots=True)
class Scene:
    rig: Rig
    rights: FakeRights
    channels: Channels
    known: Known
    called: Called
    oversees: list[Oversees]

    async def asks(self, text: str, *, place: Place = GENERAL, by: Person = ANA) -> tuple[Message, Delivery]:
        """A question, and its answer when it is whole and shown."""
        message = said(text, place=place, by=by)
        await self.rig.says(message)
        await self.rig.idle()
        shown = [each for each in self.rig.platform.shown.values() if each.reply_to == message.id and each.final]
        return message, shown[-1]

    def told(self, person: Person) -> Delivery:
        """What this person was last told privately."""
        return [each for each in self.rig.platform.revisions if each.conversation.only == person.key][-1]


def button(delivery: Delivery, label: str) -> Action:
    (found,) = [each for each in delivery.actions if each.label == label]
    return found


def labels(delivery: Delivery) -> list[str]:
    return [each.label for each in delivery.actions]


@asynccontextmanager
async def scene(
    folder: Path, *scripts: tuple[object, ...], keeps: bool = True, clock: FakeClock | None = None
) -> AsyncGenerator[Scene]:
    everybody = [each.key for each in (ANA, BEN, CLEO, MOD)]
    rights = FakeRights(
        readers={GENERAL.key: everybody, ATTIC.key: [MOD.key, BEN.key], NOTES.key: [MOD.key, CLEO.key]},
        moderators=[MOD.key],
        of_role={STAFF: [CLEO.key]},
    )
    channels, known, called, oversees = Channels(), Known(), Called(), list[Oversees]()
    siblings = Siblings(channels=channels, cases=called, adds=known if keeps else None, oversees=oversees.append)
    settings = Settings()
    settings = settings.model_copy(update={"knowledge": settings.knowledge.model_copy(update={"by_staff": keeps})})
    async with rig(folder, *scripts, rights=rights, oversight=siblings, clock=clock, settings=settings) as joined:
        yield Scene(rig=joined, rights=rights, channels=channels, known=known, called=called, oversees=oversees)
